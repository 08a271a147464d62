"""What a reader must do, grouped: the same reason is told once, with all its places."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.report.codes import MEANINGS
from converter.report.decisions_file import waiver_for
from converter.report.review import HEADINGS, TASKS, baseline_mark, shown, task
from converter.report.style import printable

ORDER = ("decide", "correct", "replace", "accept")
_MOST_PLACES = 24  # shown of one reason: the source marks all of them


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place, its directive, and the id of its line on the page."""

    text: str
    directive: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Item:
    """One reason, its places, and how many more there are."""

    outcome: Outcome
    reason: str
    places: tuple[Place, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Task:
    """What to do, with the waivers to paste for those who accept it all; a question is to be answered, and gets none."""

    name: str
    heading: str
    count: int
    items: tuple[Item, ...]
    waivers: str


def reason(row: Row) -> str:
    return (row.reason or MEANINGS[row.outcome]) + baseline_mark(row)


def to_do(rows: Sequence[Row], anchors: Mapping[str, str]) -> tuple[Task, ...]:
    """The tasks of some rows, most pressing first. anchors: place -> id of its line."""
    return tuple(_task(name, own, anchors) for name in ORDER if (own := [row for row in rows if task(row) == name]))


def _task(name: str, rows: Sequence[Row], anchors: Mapping[str, str]) -> Task:
    groups: dict[tuple[Outcome, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.outcome, reason(row)), []).append(row)
    items = tuple(_item(outcome, text, own, anchors) for (outcome, text), own in groups.items())
    return Task(name, HEADINGS[name], len(rows), items, "" if name == "decide" else "".join(waivers(rows)))


def _item(outcome: Outcome, text: str, rows: Sequence[Row], anchors: Mapping[str, str]) -> Item:
    places = tuple(Place(str(row.entry.position), shown(row), anchors.get(str(row.entry.position), "")) for row in rows[:_MOST_PLACES])
    return Item(outcome, printable(text), places, max(len(rows) - _MOST_PLACES, 0))


def waivers(rows: Iterable[Row]) -> Iterator[str]:
    """The text of `waive` entries that let the rows go; nothing where none can be waived."""
    lines = dict.fromkeys(line for row in rows if (line := waiver_for(row)))
    if lines:
        yield "waive:\n"
    for line in lines:
        yield f"  - {line}\n"


def tasks_of(counts: Mapping[Outcome, int]) -> dict[str, int]:
    """Directives by what a reader must do, only what occurs, most pressing first."""
    numbers = {name: sum(count for outcome, count in counts.items() if TASKS.get(outcome) == name) for name in ORDER}
    return {name: number for name, number in numbers.items() if number}
