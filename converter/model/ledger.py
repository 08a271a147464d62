"""The ledger: one row for each directive of the source, and what became of it."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from converter.model.outcomes import Outcome
from converter.model.places import Position


class Entry(Struct, frozen=True, gc=False):
    """A directive as it stands in the source. `context`: the names of the blocks around it, outermost first."""

    position: Position
    directive: str
    args: tuple[str, ...]
    context: tuple[str, ...]


class Row(Struct, frozen=True, gc=False):
    """An entry with its outcome. objects: `Kind/namespace/name` or `Kind/namespace/name#part` of the manifests that it is in.

    reason: for people; reasons: the same, one by one, where there are several.
    accepted: whether the baseline has it; None without a baseline, and for a row that is settled.
    """

    entry: Entry
    outcome: Outcome
    reason: str = ""
    objects: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    accepted: bool | None = None

    @property
    def code(self) -> str:
        """`NGX1` and two digits, by outcome; `nginx2istio explain` knows it."""
        return f"NGX1{self.outcome.rank + 1:02}"


class Ledger:
    """Collects what the passes say about directives. The worst outcome stands, with its reasons."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = {entry.position: entry for entry in entries}
        self._outcomes: dict[Position, Outcome] = {}
        self._reasons: dict[Position, dict[str, None]] = {}

    def record(self, position: Position, outcome: Outcome, reason: str = "") -> None:
        """Notes one effect of the directive at `position`."""
        known = self._outcomes.get(position)
        if known is None:
            self._outcomes[position] = outcome
        elif known is not outcome:
            if known.rank > outcome.rank:
                return
            self._outcomes[position] = outcome
            self._reasons.pop(position, None)
        if reason:
            self._reasons.setdefault(position, {})[reason] = None

    def settled(self, position: Position) -> bool:
        """Whether anything was recorded for the directive."""
        return position in self._outcomes

    def outcome(self, position: Position) -> Outcome | None:
        """What was recorded for the directive so far; None where nothing was."""
        return self._outcomes.get(position)

    def lost(self, let_go: Callable[[Entry], bool]) -> dict[Position, Outcome]:
        """What was recorded so far of directives that are lost, or that wait for a decision, and that nobody lets go."""
        least, entries = Outcome.DECISION.rank, self._entries
        found = [(position, outcome) for position, outcome in self._outcomes.items() if outcome.rank >= least and position in entries]
        return {position: outcome for position, outcome in found if not let_go(entries[position])}

    def unrecorded(self) -> list[Entry]:
        return [entry for position, entry in self._entries.items() if position not in self._outcomes]

    def rows(self, placed: Mapping[Position, Iterable[str]]) -> list[Row]:
        """All rows, in source order. Every entry must have been recorded. placed: for a directive the objects that it ended in.

        Raises KeyError for an entry that no pass accounted for.
        """
        rows = []
        for position, entry in self._entries.items():
            reasons = tuple(self._reasons.get(position, ()))
            rows.append(Row(entry, self._outcomes[position], "; ".join(reasons), tuple(placed.get(position, ())), reasons))
        return rows
