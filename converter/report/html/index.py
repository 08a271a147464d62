"""The index: all hosts, grouped by what a reader must do about them, and what is asked once for all of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from converter.model.fleet import State
from converter.model.outcomes import Outcome
from converter.report.codes import MEANINGS
from converter.report.html import paths
from converter.report.html.data import Index, IndexEntry
from converter.report.html.rendering import render
from converter.report.html.work import tasks_of
from converter.report.style import printable

GROUPS = {
    "decide": ("Decide", "the answer belongs in the decisions file"),
    "correct": ("Correct", "nginx would refuse a directive"),
    "replace": ("Replace", "the gateway does not do something that nginx did"),
    "accept": ("Accept", "the gateway does nearly the same"),
    "stays": ("Leave on nginx", "nothing of it can move yet"),
    "nothing": ("Nothing to do", "the gateway does the same"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with what is derived from it."""

    given: IndexEntry
    tasks: dict[str, int]
    directives: tuple[str, ...]
    open: int

    @property
    def outcomes(self) -> str:
        return " ".join(outcome.value for outcome, count in self.given.counts.items() if count)


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    meaning: str
    entries: tuple[Entry, ...]


def index(data: Index) -> str:
    """The text of the index."""
    entries = [_entry(entry) for entry in data.entries]
    values = {
        "data": data,
        "source": data.source,
        "groups": _groups(entries),
        "shared": _entry(data.shared) if data.shared else None,
        "counts": [(outcome, data.counts[outcome]) for outcome in Outcome if data.counts.get(outcome)],
        "total": sum(data.counts.values()),
        "settled": sum(count for outcome, count in data.counts.items() if outcome.settled),
        "meanings": MEANINGS,
        "outcomes": [outcome for outcome in Outcome if any(entry.counts.get(outcome) for entry in data.entries)],
        "states": [state for state in State if any(entry.state is state for entry in data.entries)],
        "directives": sorted(Counter(name for entry in entries for name in entry.directives).items()),
        "fleet": any(entry.machines != 1 for entry in data.entries),
    }
    return render("index.html.j2", paths.INDEX, values)


def _entry(entry: IndexEntry) -> Entry:
    directives = tuple(printable(name) for name in sorted(set(entry.directives)))
    return Entry(entry, tasks_of(entry.counts), directives, sum(count for outcome, count in entry.counts.items() if not outcome.settled))


def _groups(entries: Iterable[Entry]) -> tuple[Group, ...]:
    grouped: dict[str, list[Entry]] = {name: [] for name in GROUPS}
    for entry in entries:
        grouped[_group(entry)].append(entry)
    return tuple(Group(name, *GROUPS[name], tuple(own)) for name, own in grouped.items() if own)


def _group(entry: Entry) -> str:
    if entry.given.state is State.STAY:
        return "stays"
    if entry.given.state is State.DECIDE:
        return "decide"
    return next(iter(entry.tasks), "nothing")
