"""What pages are made from: plain data, small enough that the pages of a fleet can be made one host at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from converter.model.conversion import DecisionNeeded, PlatformNote, SecretNeeded
from converter.model.findings import Finding
from converter.model.fleet import State
from converter.model.ledger import Row
from converter.model.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Whole lines of a source file, from line `first` on. A file may come in several, in their order."""

    file: str
    first: int
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A section of its own on a page, such as a drift or a conflict: paragraphs between empty lines, and a text shown as it is."""

    title: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A decision that is needed, and the entry of the decisions file that gives it. hosts: the names that wait for it, where known."""

    needed: DecisionNeeded
    yaml: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostPage:
    """All that the page of one host shows.

    facts:     label and text, such as `ports` and `80, 443`.
    machines:  whose configuration it is, in a fleet.
    excerpts:  the source as far as it concerns the host.
    manifests: path in the output folder -> text.
    rows:      the host's part of the ledger, in source order.
    """

    name: str
    state: State
    facts: tuple[tuple[str, str], ...] = ()
    machines: tuple[str, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    manifests: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A line of the index.

    link:       path of the page in the output folder (`paths.page_path`); empty where the host has none.
    counts:     directives by outcome.
    directives: names of those that are not settled.
    decisions:  keys of the decisions that it waits for.
    """

    name: str
    link: str
    state: State
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    directives: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    machines: int = 1


@dataclass(frozen=True, slots=True)
class Index:
    """All that the index shows. source: what was converted; counts: of all directives, those of no host included.

    shared: the line of what concerns all hosts, or None.  notes: further sections, such as the conflicts of a fleet.
    """

    source: str
    counts: Mapping[Outcome, int]
    entries: tuple[IndexEntry, ...] = ()
    shared: IndexEntry | None = None
    questions: tuple[Question, ...] = ()
    platform: tuple[PlatformNote, ...] = ()
    secrets: tuple[SecretNeeded, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
