"""Directives whose outcome is another one, known by what they say and where they stand, not by the number of their line."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from converter.model.changes import LedgerChange, Turn
from converter.model.ledger import Row

_LINES = re.compile(r"\bline \d+|:\d+\b")
Path = tuple[str, ...]  # the blocks around a directive, each as it is written, outermost first


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row with the blocks around it."""

    row: Row
    path: Path

    @property
    def written(self) -> str:
        return " ".join((self.row.entry.directive, *self.row.entry.args))

    @property
    def anonymous(self) -> Path:
        """The blocks around, servers without their names."""
        return tuple("server" if block.startswith("server ") else block for block in self.path)

    @property
    def state(self) -> tuple[object, str]:
        """Outcome and reason, without the lines that the reason names."""
        return self.row.outcome, _LINES.sub("", self.row.reason)


def ledger(old: Sequence[Row], new: Sequence[Row]) -> tuple[LedgerChange, ...]:
    """What changed, in the order of the new configuration; what is gone stands at the end."""
    before, after = _by_identity(_placed(old)), _by_identity(_placed(new))
    pairs: list[tuple[_Placed | None, _Placed | None]] = []
    for key, rows in after.items():
        mates, rows = _without_equals(before.pop(key, []), rows)
        pairs += zip(mates, rows, strict=False)
        pairs += ((None, row) for row in rows[len(mates) :])
        pairs += ((row, None) for row in mates[len(rows) :])
    pairs += ((row, None) for rows in before.values() for row in rows)
    return tuple(change for one, other in _matched(pairs) if (change := _change(one, other)) is not None)


def _without_equals(old: list[_Placed], new: list[_Placed]) -> tuple[list[_Placed], list[_Placed]]:
    """What is left of both where each takes one with the same outcome away."""
    left = Counter(row.state for row in old) & Counter(row.state for row in new)
    return _less(old, left.copy()), _less(new, left)


def _less(rows: list[_Placed], equals: "Counter[tuple[object, str]]") -> list[_Placed]:
    kept = []
    for row in rows:
        if equals[row.state]:
            equals[row.state] -= 1
        else:
            kept.append(row)
    return kept


def _matched(pairs: list[tuple[_Placed | None, _Placed | None]]) -> Iterator[tuple[_Placed | None, _Placed | None]]:
    """What has no mate with the same arguments gets one in the same place with others, or in a server of another name."""
    for key in (lambda row: (row.path, row.row.entry.directive), lambda row: (row.anonymous, row.written)):
        pairs = _remated(pairs, key)
    return (pair for pair in pairs if pair != (None, None))


def _remated(
    pairs: list[tuple[_Placed | None, _Placed | None]], key: Callable[[_Placed], object]
) -> list[tuple[_Placed | None, _Placed | None]]:
    lonely: dict[object, list[int]] = {}
    for at, (one, other) in enumerate(pairs):
        if one is not None and other is None:
            lonely.setdefault(key(one), []).append(at)
    out = list(pairs)
    for at, (one, other) in enumerate(pairs):
        if one is None and other is not None and (mates := lonely.get(key(other))):
            mate = mates.pop(0)
            out[at], out[mate] = (pairs[mate][0], other), (None, None)
    return out


def _change(old: _Placed | None, new: _Placed | None) -> LedgerChange | None:
    placed = new or old
    assert placed is not None
    if old is not None and new is not None:
        if old.state == new.state or (old.row.outcome is new.row.outcome and new.row.outcome.settled):
            return None
    elif placed.row.outcome.settled:
        return None
    turn = Turn.ADDED if old is None else Turn.REMOVED if new is None else Turn.CHANGED
    row = placed.row
    outcomes = (old.row.outcome if old else None, new.row.outcome if new else None)
    return LedgerChange(turn, placed.written, placed.path, str(row.entry.position), *outcomes, row.reason)


def _by_identity(rows: list[_Placed]) -> dict[tuple[Path, str], list[_Placed]]:
    found: dict[tuple[Path, str], list[_Placed]] = {}
    for row in rows:
        found.setdefault((row.path, row.written), []).append(row)
    return found


def _placed(rows: Sequence[Row]) -> list[_Placed]:
    """Each row with the blocks around it, which stand before it; those around an included file only by their names."""
    names = _server_names(rows)
    above: list[str] = []
    placed = []
    file = ""
    for number, row in enumerate(rows):
        above, file = above if row.entry.position.file == file else [], row.entry.position.file
        depth = len(row.entry.context)
        above = [*above[:depth], *row.entry.context[len(above) : depth]]
        placed.append(_Placed(row, tuple(above)))
        above.append(names.get(number) or " ".join((row.entry.directive, *row.entry.args)))
    return placed


def _server_names(rows: Sequence[Row]) -> dict[int, str]:
    """How servers are called, by the number of their row: `server shop.example.com`, or by where they listen."""
    names_of: dict[str, dict[int, str]] = {"server_name": {}, "listen": {}}
    opened: dict[int, int] = {}
    for number, row in enumerate(rows):
        entry = row.entry
        opened = {depth: at for depth, at in opened.items() if depth < len(entry.context)}
        opened[len(entry.context)] = number
        around = opened.get(len(entry.context) - 1)
        if around is not None and rows[around].entry.directive == "server" and entry.directive in names_of:
            names_of[entry.directive].setdefault(around, f"server {' '.join(entry.args[:1])}")
    return names_of["listen"] | names_of["server_name"]
