"""Routes whose place in the order of a VirtualService is another one, as far as it matters."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from converter.difference.disjoint import disjoint
from converter.difference.routes import routes
from converter.model.guards import Guard


def moved_routes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on routes that are on both sides and have passed others that may take some of the same requests."""
    if old.get("kind") != "VirtualService" or new.get("kind") != "VirtualService":
        return
    one, other = (_guards(side) for side in (old, new))
    before, after = [name for name in one if name in other], [name for name in other if name in one]
    kept: set[str] = set()
    for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks():
        kept |= set(before[block.a : block.a + block.size])
    places = {name: at for at, name in enumerate(before)}
    for at, name in enumerate(after):
        if name not in kept:
            passed = [x for n, x in enumerate(after) if (places[x] < places[name]) != (n < at) and _meet(other[name], other[x])]
            if passed:
                way = "before" if after.index(passed[0]) > at else "behind"
                yield f"route {name} has moved {way} {', '.join(passed)}: some requests may meet both"


def _guards(document: Mapping[str, Any]) -> dict[str, list[Guard]]:
    """The guards of each route, by its name, in order."""
    found: dict[str, list[Guard]] = {}
    for route in routes(document):
        found.setdefault(route.rule.name, []).append(route.rule.guard)
    return found


def _meet(one: list[Guard], other: list[Guard]) -> bool:
    return not all(disjoint(first, second) for first in one for second in other)
