"""What is verified."""

from dataclasses import dataclass

from converter.conversion import Whole
from converter.model.decisions import Decisions
from converter.sources import Source
from converter.verify.manifests import Manifests


@dataclass(frozen=True, slots=True)
class Subject:
    """What is verified: a source with its conversion, and the manifests that claim to do the same."""

    source: Source
    whole: Whole
    decisions: Decisions
    manifests: Manifests
