"""Plain data held against plain data: each difference by its path, items of lists by their names where they have any."""

import json
from collections.abc import Hashable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from converter.model.changes import Changed

_NONE = "none"
_LONGEST = 200  # characters of a value
_NAMES = ("name", "address", "credentialName")  # what an item of a list is known by, the first that all items have, each its own


def differing(old: object, new: object, path: str = "") -> Iterator[Changed]:
    """The differences, in the order of the new data. The order of a list's named items is none of them."""
    if type(old) is type(new) is dict:
        yield from _mappings(_mapping(old), _mapping(new), path)
    elif type(old) is type(new) is list:
        yield from _lists(list(old), list(new), path)
    elif old != new or type(old) is not type(new):
        yield Changed(path, written(old), written(new))


def _mapping(value: object) -> Mapping[str, Any]:
    assert isinstance(value, dict)
    return value


def _mappings(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Changed]:
    for key in dict.fromkeys((*new, *old)):
        place = f"{path}.{key}" if path else str(key)
        if key not in old:
            yield Changed(place, _NONE, written(new[key]))
        elif key not in new:
            yield Changed(place, written(old[key]), _NONE)
        else:
            yield from differing(old[key], new[key], place)


def _lists(old: list[Any], new: list[Any], path: str) -> Iterator[Changed]:
    if old == new:
        return
    if (name := _named(old, new)) is not None:
        before, after = ({item[name]: item for item in items} for items in (old, new))
        for key in dict.fromkeys((*after, *before)):
            place = f"{path}[{key}]"
            if key not in before:
                yield Changed(place, _NONE, written(after[key]))
            elif key not in after:
                yield Changed(place, written(before[key]), _NONE)
            else:
                yield from differing(before[key], after[key], place)
    elif all(isinstance(item, str | int) for item in (*old, *new)):
        yield from _scalars(old, new, path)
    else:
        yield from _by_number(old, new, path)


def _named(old: list[Any], new: list[Any]) -> str | None:
    """The key by whose value the items of two lists are known."""
    for name in _NAMES:
        values = [[item.get(name) if isinstance(item, dict) else None for item in items] for items in (old, new)]
        if all(all(isinstance(value, Hashable) and value is not None for value in row) and len(set(row)) == len(row) for row in values):
            return name
    return None


def _scalars(old: list[Any], new: list[Any], path: str) -> Iterator[Changed]:
    gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
    if gone or come:
        yield Changed(path, ", ".join(map(str, gone)) or _NONE, ", ".join(map(str, come)) or _NONE)
    else:
        yield Changed(path, written(old), written(new))


def _by_number(old: list[Any], new: list[Any], path: str) -> Iterator[Changed]:
    """Items without names: equal ones are found again, those between take each other's place."""
    texts = [[json.dumps(item, sort_keys=True, default=str) for item in items] for items in (old, new)]
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=texts[0], b=texts[1], autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for i, j in zip(range(i1, i2), range(j1, j2), strict=False):
            yield from differing(old[i], new[j], f"{path}[{j}]")
        both = min(i2 - i1, j2 - j1)
        yield from (Changed(f"{path}[{i}]", written(old[i]), _NONE) for i in range(i1 + both, i2))
        yield from (Changed(f"{path}[{j}]", _NONE, written(new[j])) for j in range(j1 + both, j2))


def written(value: object) -> str:
    """A value on one line, as JSON, plain texts as they are."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
