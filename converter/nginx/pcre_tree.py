"""A PCRE pattern as a tree of octets: nginx compiles its patterns without UTF mode."""

from collections.abc import Iterator
from dataclasses import dataclass

ALL = frozenset(range(256))
ANY = ALL - {0x0A}


@dataclass(frozen=True, slots=True)
class Chars:
    """One octet of a set.

    members: what it matches, case folding included.
    text:    the same in RE2, for an alphabet that holds these octets raw; empty where it must be made from the members.
    fold:    the text relies on `(?i)`.  cased: `(?i)` makes a difference to the text.
    """

    members: frozenset[int]
    text: str
    fold: bool
    cased: bool


@dataclass(frozen=True, slots=True)
class Start:
    """The start of the text: `^`, `\\A`."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of the text: `$`, `\\z`."""


@dataclass(frozen=True, slots=True)
class Border:
    """A word boundary, or (`inside`) its contrary."""

    inside: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """most: None for no limit."""

    node: "Node"
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses. number: None where they capture nothing."""

    node: "Node"
    number: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One after another."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first alternative that lets the rest match."""

    nodes: tuple["Node", ...]


Node = Chars | Start | End | Border | Repeat | Group | Row | Choice


def walk(node: Node) -> Iterator[Node]:
    """The node and all within it, in source order."""
    yield node
    if isinstance(node, Repeat | Group):
        yield from walk(node.node)
    elif isinstance(node, Row | Choice):
        for part in node.nodes:
            yield from walk(part)


def characters(node: Node) -> Iterator[Chars]:
    return (part for part in walk(node) if isinstance(part, Chars))


def opening(node: Node) -> tuple[frozenset[int], bool]:
    """The octets that a match of the node can begin with, and whether it can be empty with more of the pattern behind it.

    An anchor counts as neither: nothing before `^` and nothing behind `$` consumes anything.
    """
    match node:
        case Chars():
            return node.members, False
        case Start() | End():
            return frozenset(), False
        case Border():
            return frozenset(), True
        case Group():
            return opening(node.node)
        case Repeat():
            first, empty = opening(node.node)
            return first, empty or node.least == 0
        case Choice():
            found = [opening(part) for part in node.nodes]
            return frozenset().union(*(first for first, _ in found)), any(empty for _, empty in found)
        case Row():
            return _opening_of_row(node)


def _opening_of_row(row: Row) -> tuple[frozenset[int], bool]:
    firsts: frozenset[int] = frozenset()
    for part in row.nodes:
        first, empty = opening(part)
        firsts |= first
        if not empty:
            return firsts, False
    return firsts, True


def options(node: Node) -> tuple[Node, ...]:
    """The alternatives at the top of a pattern."""
    if isinstance(node, Group) and node.number is None:
        return options(node.node)
    if isinstance(node, Row) and len(node.nodes) == 1:
        return options(node.nodes[0])
    return node.nodes if isinstance(node, Choice) else (node,)


def without_edge(node: Node, edge: type[Start] | type[End]) -> Node | None:
    """The node less the anchor that it begins (Start) or ends (End) with in every case; None where it does not."""
    match node:
        case Start() | End():
            return Row(()) if isinstance(node, edge) else None
        case Group():
            inner = without_edge(node.node, edge)
            return None if inner is None else Group(inner, node.number)
        case Choice():
            parts = [without_edge(part, edge) for part in node.nodes]
            return None if None in parts else Choice(tuple(part for part in parts if part is not None))
        case Row() if node.nodes:
            at = 0 if edge is Start else -1
            inner = without_edge(node.nodes[at], edge)
            if inner is None:
                return None
            rest = node.nodes[1:] if edge is Start else node.nodes[:-1]
            kept = () if inner == Row(()) else (inner,)
            return Row((*kept, *rest) if edge is Start else (*rest, *kept))
    return None


def stripped(node: Node, edge: type[Start] | type[End]) -> tuple[Node, bool]:
    """The node without its anchors at one edge, and whether there was any."""
    found = False
    while (inner := without_edge(node, edge)) is not None:
        node, found = inner, True
    return node, found


def edge_node(node: Node, first: bool) -> Node:
    """What a node begins (or ends) with, groups opened."""
    while isinstance(node, Group) or (isinstance(node, Row) and node.nodes):
        node = node.node if isinstance(node, Group) else node.nodes[0 if first else -1]
    return node


def takes_all(node: Node) -> bool:
    """Whether it is `.*`, `.+` or the like."""
    return isinstance(node, Repeat) and node.most is None and isinstance(node.node, Chars) and node.node.members >= ANY


def begins_a_path(node: Node, number: int) -> bool:
    """Whether a capture always holds the beginning of what the pattern is found in, where that begins with a slash."""
    inside, anchored = stripped(node, Start)
    first, *rest = inside.nodes if isinstance(inside, Row) and inside.nodes else (inside,)
    if not anchored or not isinstance(first, Group) or first.number != number:
        return False
    following, nothing = opening(Row(tuple(rest)))
    return not opening(first.node)[1] or not (nothing or 0x2F in following)
