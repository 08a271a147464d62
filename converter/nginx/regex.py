r"""Regexes of nginx (PCRE, searched for anywhere in the text) as RE2 patterns that match the whole text.

A text with a line break is outside all promises here: `.` of a pattern for paths takes `%0A` too, and `$` does not match before a final one.
"""

import functools
from dataclasses import dataclass, field
from typing import Any

import re2

from converter.nginx.lookahead import without_lookahead
from converter.nginx.pcre import read
from converter.nginx.pcre_sets import Untranslatable
from converter.nginx.pcre_tree import (
    ANY,
    Border,
    Chars,
    Choice,
    End,
    Group,
    Node,
    Repeat,
    Row,
    Start,
    begins_a_path,
    characters,
    edge_node,
    opening,
    options,
    stripped,
    takes_all,
    walk,
)
from converter.nginx.re2_text import NOTHING, OPEN, Alphabet, Style, misread_escapes, style_of, write
from converter.nginx.spelling import octets

__all__ = ["Pattern", "Untranslatable", "parse"]

_LONGEST = 1024  # characters of a regex: the limit of Istio's validation
_ANYTHING = Chars(frozenset(range(256)), ".", False, False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regex of nginx. groups: the number of its captures; names: the numbers of those that have a name.

    anchored_prefix: the text that all matches begin with, where the pattern is `^` and then literal text.
    """

    source: str
    ignore_case: bool
    groups: int
    names: dict[str, int] = field(compare=False)
    tree: Node = field(compare=False, repr=False)
    anchored_prefix: str | None = field(compare=False)

    def full(self, spelled: bool) -> str:
        """An RE2 pattern that matches a whole text where nginx finds this one in it; captures keep their numbers.

        spelled: over paths as Envoy sees them, percent-encoded (as `spelling.spelled` writes them, or with small hex digits), instead of
        plain ASCII text. One piece: more can be put before and behind it. Raises Untranslatable.
        """
        return _full(self, Alphabet.SPELLED if spelled else Alphabet.PLAIN)

    def rewrite_pattern(self, spelled: bool = True) -> str:
        """The same, anchored, for a rewrite that must consume the whole path. Raises Untranslatable."""
        return _checked(f"^{self.full(spelled)}$")

    def search(self, decoded: str) -> tuple[str | None, ...] | None:
        """The captures of the first place in a text where nginx finds the pattern (None for those that took no part), or None.

        Linear in time (RE2 over octets).
        """
        found = _searcher(self).search(octets(decoded))
        if found is None:
            return None
        return tuple(None if part is None else part.decode("utf-8", "surrogateescape") for part in found.groups())

    def begins_the_path(self, number: int) -> bool:
        """Whether this capture always holds the beginning of a path, at least its first slash."""
        return begins_a_path(self.tree, number)

    def literal_punctuation(self) -> frozenset[str]:
        """The characters of which an escape (`%2C`) would be read otherwise than nginx does by `full(spelled=True)`.

        Reserved punctuation that stands in the pattern, or in its classes; also the line break, where `.` or `$` make it matter.
        """
        found: set[int] = set()
        for part in characters(self.tree):
            found |= misread_escapes(part)
        if any(isinstance(part, End) or (isinstance(part, Chars) and part.members == ANY) for part in walk(self.tree)):
            found.add(0x0A)
        return frozenset(map(chr, found))

    @property
    def matches_everything(self) -> bool:
        """Whether it is found in every text that begins with a slash, as paths do."""
        if not any(isinstance(part, End | Border) for part in walk(self.tree)):
            return self.search("/") is not None
        return any(_is_everything(option) for option in options(self.tree))


@functools.lru_cache(maxsize=4096)
def parse(pcre: str, ignore_case: bool) -> Pattern:
    """Reads a regex as it stands in an nginx configuration (without `~`). Raises Untranslatable, which names what RE2 has not."""
    pcre = without_lookahead(pcre)
    tree, groups, names = read(octets(pcre), ignore_case)
    pattern = Pattern(pcre, ignore_case, groups, names, tree, _anchored_prefix(tree))
    if groups and any(_loops_on_nothing(part) for part in walk(tree)):
        raise Untranslatable("a repeated group that can match nothing, beside captures")
    _searcher(pattern)
    return pattern


def _loops_on_nothing(node: Node) -> bool:
    """RE2 and PCRE leave such a loop at different moments, which shows in captures."""
    return isinstance(node, Repeat) and node.most != 1 and _may_be_empty(node.node)


def _may_be_empty(node: Node) -> bool:
    match node:
        case Chars():
            return False
        case Group():
            return _may_be_empty(node.node)
        case Repeat():
            return node.least == 0 or _may_be_empty(node.node)
        case Row():
            return all(_may_be_empty(part) for part in node.nodes)
        case Choice():
            return any(_may_be_empty(part) for part in node.nodes)
    return True


def _anchored_prefix(node: Node) -> str | None:
    tree, anchored = stripped(node, Start)
    text = bytes(_literal(tree)[0]) if anchored else b""
    return text.decode("utf-8", "ignore") or None


def _literal(node: Node) -> tuple[list[int], bool]:
    """The octets that every match begins with, and whether the node is nothing else."""
    match node:
        case Chars() if len(node.members) == 1:
            return list(node.members), True
        case Group():
            return _literal(node.node)
        case Row():
            out: list[int] = []
            for part in node.nodes:
                text, complete = _literal(part)
                out += text
                if not complete:
                    return out, False
            return out, True
    return [], False


def _is_everything(option: Node) -> bool:
    """`^.*$`, `^(.*)$`, `^/(.*)$` and the like."""
    body, _ = stripped(stripped(option, Start)[0], End)
    while isinstance(body, Group) or (isinstance(body, Row) and len(body.nodes) == 1):
        body = body.node if isinstance(body, Group) else body.nodes[0]
    nodes = body.nodes if isinstance(body, Row) else (body,)
    if len(nodes) == 2 and isinstance(nodes[0], Chars) and 0x2F in nodes[0].members:
        last = edge_node(nodes[1], first=True)
        return takes_all(last) and isinstance(last, Repeat) and last.least == 0
    only = edge_node(body, first=True)
    return len(nodes) == 1 and takes_all(only) and isinstance(only, Repeat) and only.least < 2


@functools.lru_cache(maxsize=4096)
def _searcher(pattern: Pattern) -> Any:
    style = style_of(pattern.tree, Alphabet.OCTETS)
    text = ("(?i)" if style.folding else "") + write(pattern.tree, NOTHING, style)
    return _compiled(text.encode("ascii"), latin=True)


@functools.lru_cache(maxsize=4096)
def _full(pattern: Pattern, alphabet: Alphabet) -> str:
    style = style_of(pattern.tree, alphabet)
    text = _whole(pattern, style)
    return _checked(f"(?i){text}" if style.folding else text)


def _checked(text: str) -> str:
    if len(text) > _LONGEST:
        raise Untranslatable(f"a pattern of more than {_LONGEST} characters in RE2")
    _compiled(text)
    return text


def _compiled(text: str | bytes, latin: bool = False) -> Any:
    settings = re2.Options()
    settings.log_errors = False
    if latin:
        settings.encoding = re2.Options.Encoding.LATIN1
    try:
        return re2.compile(text, settings)
    except re2.error as problem:
        raise Untranslatable(f"RE2 refuses it ({problem})") from None


@dataclass(frozen=True, slots=True)
class _Option:
    """An alternative less its outer anchors; whether it need not be looked for further on, and whether it reaches the end."""

    body: Node
    from_start: bool
    to_end: bool


def _option(node: Node) -> _Option:
    body, start = stripped(node, Start)
    body, end = stripped(body, End)
    first, last = edge_node(body, first=True), edge_node(body, first=False)
    reaches = takes_all(last) and isinstance(last, Repeat) and last.greedy
    anywhere = not end and opening(body)[1] and not any(isinstance(part, Border) for part in walk(body))
    return _Option(body, start or takes_all(first) or anywhere, end or reaches)


def _whole(pattern: Pattern, style: Style) -> str:
    """The pattern with what may stand around a match."""
    found = [_option(node) for node in options(pattern.tree)]
    if pattern.groups and not all(option.from_start for option in found) and len(found) > 1:
        found = [_option(Group(pattern.tree, None))]
    edges = {(option.from_start, option.to_end) for option in found}
    lazy = bool(pattern.groups) and not (len(found) == 1 and _starts_once(found[0]))
    if len(edges) > 1:
        return f"(?:{'|'.join(_around(option, option.body, style, lazy) for option in found)})"
    bodies = tuple(option.body for option in found)
    body = bodies[0] if len(bodies) == 1 else Group(Choice(bodies), None)
    return _around(found[0], Group(body, None) if isinstance(body, Choice) else body, style, lazy)


def _around(option: _Option, body: Node, style: Style, lazy: bool) -> str:
    follow = NOTHING if option.to_end else OPEN
    first, empty = opening(body)
    before = "" if option.from_start else write(Repeat(_ANYTHING, 0, None, not lazy), first | follow if empty else first, style)
    return before + write(body, follow, style) + ("" if option.to_end else ".*")


def _starts_once(option: _Option) -> bool:
    """Whether a text holds one place at most where a match can begin, so that looking from behind finds the same: `\\.(gif|png)$`."""
    nodes = option.body.nodes if isinstance(option.body, Row) else ()
    if not option.to_end or not nodes or not isinstance(nodes[0], Chars):
        return False
    first = nodes[0].members
    return not any(part.members & first for part in characters(Row(nodes[1:])))
