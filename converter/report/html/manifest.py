"""The lines of a manifest, and which of them belong together: a comment `# file:line` speaks for the item that it stands at.

It reads what `converter.istio.yaml` writes, not YAML at large: strings are plain words or stand in double quotes, blocks are indented by spaces.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"(?:^|(?<= ))#")
_LITERAL = re.compile(r"(?:^|[ :])\|-?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a manifest. code: what stands before the comment; literal: it is part of a text block, and no comment is looked for."""

    text: str
    code: str
    comment: str = ""
    literal: bool = False

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, numbered from 1: an object (with a name), a part of one, or what a comment speaks for.

    name: `Kind/namespace/name`, with `#part` for a route.  within: the names of the object and the part that a comment stands in.
    """

    first: int
    last: int
    name: str = ""
    comment: str = ""
    within: tuple[str, ...] = ()

    def holds(self, other: "Block") -> bool:
        return self.first <= other.first and other.last <= self.last


def lines(text: str) -> tuple[Line, ...]:
    """The lines of a manifest, comments apart."""
    out: list[Line] = []
    least: int | None = None  # indent of the text block that the line may stand in; 0: of one that has only begun
    for line in text.removesuffix("\n").split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        if least is not None and (not line.strip() or indent >= max(least, 1)):
            least = least or (indent if line.strip() else 0)
            out.append(Line(line, line, literal=True))
            continue
        out.append(_line(line))
        least = 0 if _LITERAL.search(out[-1].code) else None
    return tuple(out)


def _line(text: str) -> Line:
    blanked = _QUOTED.sub(lambda found: "_" * len(found[0]), text)
    found = _COMMENT.search(blanked)
    if found is None:
        return Line(text, text)
    return Line(text, text[: found.start()].rstrip(), text[found.end() :].strip())


def blocks(found: Sequence[Line]) -> tuple[Block, ...]:
    """What the comments and the names of objects account for."""
    return tuple(block for first, last in _documents(found) for block in _of_document(found, first, last))


def _documents(found: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Number of the first and last line of each document."""
    first = 1
    for number, line in enumerate(found, 1):
        if line.text == "---" and not line.literal:
            yield first, number - 1
            first = number + 1
    yield first, len(found)


def _of_document(found: Sequence[Line], first: int, last: int) -> Iterator[Block]:
    name = _name(found[first - 1 : last])
    parts = list(_parts(found, first, last, name)) if name.startswith("VirtualService/") else []
    yield from [Block(first, last, name), *parts] if name else []
    starts = [part.first for part in parts]
    for number in range(first, last + 1):
        if found[number - 1].comment:
            end = _spoken_for(found, number, first, last)
            part = parts[index] if (index := bisect_right(starts, number) - 1) >= 0 else None
            around = (name, part.name) if part and number <= end <= part.last else (name,)
            yield Block(number, end, comment=found[number - 1].comment, within=around)


def _parts(found: Sequence[Line], first: int, last: int, name: str) -> Iterator[Block]:
    """The routes of a VirtualService, each with the comment above it."""
    start = f"{name.rpartition('/')[2]}."
    for number in range(first, last + 1):
        line = found[number - 1]
        route = "" if line.literal else _value(line.code, "  - name:")
        if route.startswith(start):
            yield Block(_commented_from(found, number), _end(found, number, last), f"{name}#{route.removeprefix(start)}")


def _spoken_for(found: Sequence[Line], number: int, first: int, last: int) -> int:
    """The last line of what a comment speaks for: its own line, the item below it, or the whole document below one at its top."""
    line = found[number - 1]
    if line.code:
        return number
    if number == first and line.indent == 0:
        return last
    item = next((below for below in range(number, last + 1) if found[below - 1].code), number)
    return _end(found, item, last)


def _commented_from(found: Sequence[Line], item: int) -> int:
    """The first line of the comment above an item, or the item's own."""
    while item > 1 and found[item - 2].comment and not found[item - 2].code:
        item -= 1
    return item


def _end(found: Sequence[Line], item: int, last: int) -> int:
    """The last line of the item that begins in a line."""
    indent = found[item - 1].indent
    number = item
    while number < last and (found[number].literal or found[number].indent > indent):
        number += 1
    return number


def _name(found: Sequence[Line]) -> str:
    """`Kind/namespace/name` of a document; empty where it says none."""
    values = {}
    for line in found:
        for key, start in (("kind", "kind:"), ("name", "  name:"), ("namespace", "  namespace:")):
            if not line.literal and key not in values and (value := _value(line.code, start)):
                values[key] = value
    return "/".join(values[key] for key in ("kind", "namespace", "name")) if len(values) == 3 else ""


def _value(code: str, start: str) -> str:
    """The string behind a key, where the line begins with it."""
    if not code.startswith(f"{start} "):
        return ""
    text = code[len(start) + 1 :]
    try:
        return str(json.loads(text)) if text.startswith('"') else text
    except ValueError:  # somebody else's way to write a string
        return text
