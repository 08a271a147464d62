"""One of the two things that are compared, as plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from converter.difference.lists import Lists
from converter.model.applications import Application
from converter.model.ledger import Row
from converter.model.upstreams import Upstream


@dataclass(frozen=True, slots=True)
class Side:
    """A configuration, or a part of one: what belongs to a single host is enough to compare that host.

    label: for people.  files: manifests by their path.  rows: the ledger; None where it is not known.
    lists: the decision lists; None where only the manifests are there: they are read back then, on both sides.
    notes: what could not be looked into, as sentences.
    """

    label: str
    files: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] | None = ()
    lists: Lists | None = None
    notes: tuple[str, ...] = ()


def lists_of(applications: Iterable[Application], upstreams: Iterable[Upstream]) -> Lists:
    """The decision lists of a conversion, or of some of its applications."""
    return Lists.of(tuple(applications), upstreams)
