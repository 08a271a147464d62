"""What is kept of the configurations when they come back one by one: small, whatever their number."""

from collections import Counter
from dataclasses import dataclass, field

from converter.fleet.rendering import Rendered
from converter.model.conversion import DecisionNeeded, PlatformNote
from converter.model.findings import Finding
from converter.model.fleet import Failed, Progress
from converter.model.outcomes import PlatformDifference
from converter.output import Writing
from converter.report.html import IndexEntry


@dataclass(slots=True)
class Told:
    """What is gathered while the configurations come back."""

    failed: list[Failed] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)
    stale: Counter[Finding] = field(default_factory=Counter)
    questions: dict[DecisionNeeded, None] = field(default_factory=dict)
    scripted: set[tuple[str, str]] = field(default_factory=set)
    entries: list[IndexEntry] = field(default_factory=list)
    platform: dict[PlatformDifference, PlatformNote] = field(default_factory=dict)
    accounts: int = 0


def gather(came: Rendered, told: Told, writing: Writing) -> None:
    """Writes the files of a configuration, and notes the rest."""
    for path, text in came.files.items():
        writing.put(path, text)
    told.progress += came.progress
    told.totals.update(came.totals)
    told.stale.update(came.stale)
    told.questions |= dict.fromkeys(came.decisions_needed)
    told.scripted |= came.scripted
    told.entries += came.entries
    told.platform |= {note.difference: note for note in came.platform}
    told.accounts += 1


def stale(told: Told) -> tuple[Finding, ...]:
    """Waivers that meet nothing in any configuration."""
    counts = Counter(finding.message for finding in told.stale.elements())
    first = {finding.message: finding for finding in told.stale}
    return tuple(first[message] for message, count in counts.items() if count == told.accounts)
