"""Routes whose place in the order of a VirtualService is another one."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any


def moved_routes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Sentences on routes that are on both sides and stand before, or behind, others than they did."""
    names = [_names(side) for side in (old, new)]
    common = set(names[0]) & set(names[1])
    before, after = ([name for name in side if name in common] for side in names)
    kept: set[str] = set()
    for block in SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks():
        kept |= set(before[block.a : block.a + block.size])
    for name in (name for name in after if name not in kept):
        at = after.index(name)
        place = f"before {after[at + 1]}" if at + 1 < len(after) else f"behind {after[at - 1]}"
        yield f"route {name} has moved {place}"


def _names(document: Mapping[str, Any]) -> list[str]:
    if document.get("kind") != "VirtualService":
        return []
    spec = document.get("spec")
    routes = spec.get("http") if isinstance(spec, dict) else None
    return [str(route["name"]) for route in routes or [] if isinstance(route, dict) and "name" in route]
