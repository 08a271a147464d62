"""Paths of which a rewrite leaves nothing: nginx answers 500 ("the rewritten URI has a zero length").

Source: ngx_http_script_regex_end_code in nginx's src/http/ngx_http_script.c.
"""

import re
from dataclasses import dataclass

from converter.model.guards import PATH, Condition, Test
from converter.model.records import replace
from converter.nginx.pcre_tree import Border, Chars, Choice, End, Group, Node, Repeat, Row, Start
from converter.nginx.pruning import consistent
from converter.nginx.regex import Pattern, Untranslatable, parse
from converter.nginx.state import CannotFollow, Path, State

_CAPTURES = re.compile(r"(?:\\\d)+")
_SLASH = frozenset(b"/")


@dataclass(frozen=True, slots=True)
class Emptied:
    """The client's paths that a rewrite makes empty: those that meet the condition; only some of them where it is not `certain`."""

    condition: Condition
    certain: bool

    def within(self, state: State, path: Path) -> State | None:
        """The state of these paths, where it can have any: what the condition implies need not be asked. path: as the rewrite leaves it."""
        if not consistent((*state.guard, self.condition)):
            return None
        implied: tuple[Condition, ...] = (Condition(PATH, Test.REGEX, path.pattern),)
        if self.condition.test is Test.EXACT:
            implied = tuple(c for c in state.guard if isinstance(c, Condition) and c.subject == PATH)
        return replace(state, guard=(*(c for c in state.guard if c not in implied), self.condition))


def emptied(path: Path) -> Emptied | None:
    """The paths that a rewrite by regex makes empty, as all that is left of them are captures; None where there are none.

    Raises CannotFollow.
    """
    if path.literal is not None or not _CAPTURES.fullmatch(path.replacement):
        return None
    try:
        return _emptied(parse(path.pattern, ignore_case=False), {int(digit) for digit in path.replacement if digit.isdigit()})
    except Untranslatable as problem:
        raise CannotFollow(path.directive, f"for which paths nothing is left cannot be told: {problem}") from None


def _emptied(pattern: Pattern, numbers: set[int]) -> Emptied | None:
    """Where the other parts of the pattern are of one length, its groups hold nothing in every text of that length, and in no other."""
    nodes = _row(pattern.tree)
    kept = tuple(node for node in nodes if _number(node) not in numbers)
    gone = [node for node in nodes if _number(node) in numbers]
    if len(gone) < len(numbers):
        return Emptied(Condition(PATH, Test.REGEX, pattern.full(spelled=False)), certain=False)
    if any(_extent(node)[0] for node in gone) or not _may_be_path(kept):
        return None
    return Emptied(_path(pattern, kept), all(least == most for least, most in map(_extent, kept)))


def _path(pattern: Pattern, nodes: tuple[Node, ...]) -> Condition:
    if all(isinstance(node, Chars) and len(node.members) == 1 for node in nodes):
        return Condition(PATH, Test.EXACT, "".join(chr(octet) for node in nodes if isinstance(node, Chars) for octet in node.members))
    tree = Row((Start(), *nodes, End()))
    return Condition(PATH, Test.REGEX, replace(pattern, source=repr(tree), tree=tree, groups=0).full(spelled=False))


def _row(node: Node) -> tuple[Node, ...]:
    """The parts of a pattern in a row, groups without a number opened."""
    if isinstance(node, Group) and node.number is None:
        return _row(node.node)
    return tuple(part for inner in node.nodes for part in _row(inner)) if isinstance(node, Row) else (node,)


def _number(node: Node) -> int | None:
    """The number of a group, or of one that may be left out."""
    if isinstance(node, Repeat) and node.most == 1:
        return _number(node.node) if node.least == 0 else None
    return node.number if isinstance(node, Group) else None


def _may_be_path(nodes: tuple[Node, ...]) -> bool:
    """Whether a path, which begins with a slash, may consist of these parts."""
    first = next((node for node in nodes if _extent(node) != (0, 0)), None)
    if first is None:
        return False
    return not isinstance(first, Chars) or first.members >= _SLASH


def _extent(node: Node) -> tuple[int, int | None]:
    """The least and the greatest number of characters that a node takes; None for no limit."""
    match node:
        case Chars():
            return 1, 1
        case Start() | End() | Border():
            return 0, 0
        case Group():
            return _extent(node.node)
        case Repeat():
            least, most = _extent(node.node)
            return least * node.least, None if most is None or node.most is None else most * node.most
        case Row():
            return _sum([_extent(part) for part in node.nodes])
        case Choice():
            found = [_extent(part) for part in node.nodes]
            lengths = [most for _, most in found]
            return min(least for least, _ in found), None if None in lengths else max(n for n in lengths if n is not None)


def _sum(extents: list[tuple[int, int | None]]) -> tuple[int, int | None]:
    lengths = [most for _, most in extents]
    return sum(least for least, _ in extents), None if None in lengths else sum(n for n in lengths if n is not None)
