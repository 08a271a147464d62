"""One text becomes a tree of directives. Its includes are not followed here."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.model.findings import Finding, Severity
from converter.model.places import Position
from converter.sources import Text
from converter.syntax.faults import Fault
from converter.syntax.lexer import CODE, Statement, location, statements
from converter.syntax.tree import Directive

DEEPEST = 64  # blocks within blocks; readers of the tree may recurse
_SMALL = 65_536  # characters of a text whose tree is kept for the next one that is the same


@dataclass(frozen=True, slots=True)
class TextTree:
    """What one text holds. After a fault: what stands before it, the blocks that were open (`incomplete`) closed there."""

    path: str
    directives: tuple[Directive, ...] = ()
    count: int = 0
    code: tuple[Position, ...] = ()
    fault: Finding | None = None
    incomplete: tuple[Position, ...] = ()


@dataclass(slots=True)
class _Growth:
    """The blocks that are open, outermost first, each with the statement that opened it (none for the text itself)."""

    path: str
    text: str
    bound: int
    line: int = 1
    line_start: int = 0
    seen: int = 0  # offset up to which lines were counted
    count: int = 0
    blocks: list[list[Directive]] = field(default_factory=lambda: [[]])
    openers: list[tuple[Statement, Position]] = field(default_factory=list)
    code: list[Position] = field(default_factory=list)


def grow(text: Text, bound: int) -> TextTree:
    """Builds the tree of a text of at most `bound` directives. Never raises: a fault becomes a finding.

    Files that many machines have alike are read once.
    """
    return _remembered(text.path, text.text, bound) if len(text.text) <= _SMALL else _grown(text.path, text.text, bound)


@functools.lru_cache(maxsize=64)
def _remembered(path: str, text: str, bound: int) -> TextTree:
    return _grown(path, text, bound)


def _grown(path: str, text: str, bound: int) -> TextTree:
    growth = _Growth(path, text, bound)
    fault: Finding | None = None
    try:
        for statement in statements(text):
            _take(growth, statement)
        _complain_of_open_block(growth)
    except Fault as problem:
        line, column = location(text, problem.offset)
        fault = Finding(problem.code, Severity.ERROR, problem.message, Position(path, line, column), problem.help)
    incomplete = tuple(position for _, position in growth.openers)
    while growth.openers:
        _close(growth)
    return TextTree(path, tuple(growth.blocks[0]), growth.count, tuple(growth.code), fault, incomplete)


def walk(directives: tuple[Directive, ...]) -> Iterator[Directive]:
    """All directives of some blocks and below."""
    for directive in directives:
        yield from directive.walk()


def _take(growth: _Growth, statement: Statement) -> None:
    if statement.end == "}":
        if not growth.openers:
            raise Fault("NGX002", statement.start, 'unexpected "}": no block is open here', "Remove the `}`, or add the block's beginning.")
        _close(growth)
        return
    growth.count += 1
    if growth.count > growth.bound:
        raise Fault("NGX009", statement.start, f"more than {growth.bound} directives: the rest is not read", "Convert parts of it.")
    lines = growth.text.count("\n", growth.seen, statement.start)
    if lines:
        growth.line += lines
        growth.line_start = growth.text.rfind("\n", growth.seen, statement.start) + 1
    growth.seen = statement.start
    position = Position(growth.path, growth.line, statement.start - growth.line_start + 1)
    if statement.end == "{":
        if len(growth.openers) >= DEEPEST:
            raise Fault("NGX008", statement.start, f"blocks are nested deeper than {DEEPEST}", "Nest them less deeply.")
        growth.openers.append((statement, position))
        growth.blocks.append([])
        return
    if statement.end == CODE:
        growth.code.append(position)
    words = statement.words
    growth.blocks[-1].append(Directive(words[0], words[1:], position, None, statement.quoted[1:]))


def _close(growth: _Growth) -> None:
    statement, position = growth.openers.pop()
    block = tuple(growth.blocks.pop())
    growth.blocks[-1].append(Directive(statement.words[0], statement.words[1:], position, block, statement.quoted[1:]))


def _complain_of_open_block(growth: _Growth) -> None:
    if growth.openers:
        statement, _ = growth.openers[-1]
        raise Fault("NGX003", statement.start, f"the block `{statement.words[0]}` that opens here is not closed", "Close it with a `}`.")
