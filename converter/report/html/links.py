"""Which lines of the source became which lines of the manifests."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.model.ledger import Row
from converter.report.html.manifest import Block, Line, blocks

_PLACE_END = re.compile(r":\d+(?=, | \(|$)")


@dataclass(frozen=True, slots=True)
class Target:
    """Lines of a manifest, by its path."""

    path: str
    block: Block


def places(comment: str, known: Collection[str]) -> list[str]:
    """The places that a comment begins with, as far as they are known: `shop.conf:12, shop.conf:3 (note)` names two."""
    found: list[str] = []
    rest = comment
    while place := next((rest[: end.end()] for end in _PLACE_END.finditer(rest) if rest[: end.end()] in known), ""):
        found.append(place)
        rest = rest[len(place) :]
        if not rest.startswith(", "):
            break
        rest = rest[2:]
    return found


def targets(manifests: Mapping[str, Sequence[Line]], rows: Sequence[Row]) -> dict[str, list[Target]]:
    """For a place (`file:line`) the lines that came of it: those that a comment gives to it, and the objects that its rows ended in.

    An object is left out where a comment inside of it names the place already.
    """
    known = {str(row.entry.position) for row in rows}
    found: dict[str, dict[Target, None]] = {place: {} for place in known}
    named: dict[str, Target] = {}
    told: dict[str, set[str]] = {place: set() for place in known}  # objects that a comment inside of them gives to the place
    for path, lines in manifests.items():
        there = blocks(lines)
        named |= {block.name: Target(path, block) for block in there if block.name}
        for block in there:
            for place in places(block.comment, known):
                found[place][Target(path, block)] = None
                told[place].update(block.within)
    for row in rows:
        place = str(row.entry.position)
        found[place] |= {target: None for name, target in _objects(row, named) if name not in told[place]}
    return {place: list(own) for place, own in found.items() if own}


def _objects(row: Row, named: Mapping[str, Target]) -> Iterator[tuple[str, Target]]:
    for name in row.objects:
        found = name if name in named else name.partition("#")[0]
        if found in named:
            yield found, named[found]
