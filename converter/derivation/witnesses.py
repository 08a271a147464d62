"""Texts that a regex matches, and texts that it just does not match."""

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from converter.derivation.wire import LONGEST
from converter.interpreter.patterns import Regex
from converter.nginx.pcre_tree import Chars, Choice, Group, Node, Repeat, Row

_STYLES = 6  # ways of choosing among alternatives and counts: witnesses asked for at most
_MOST_ALTERNATIVES = 500
_MOST_STEPS = 20_000  # nodes visited for one witness
_PREFERRED = (string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_~=!,:;@&+$'()*./ ").encode()
_RANK = {octet: rank for rank, octet in enumerate(_PREFERRED)}


class _TooLong(Exception):
    pass


@dataclass(slots=True)
class _Writing:
    """One witness in the making. style 0: the shortest; others take other alternatives, more copies and other characters.

    picked: the alternative to take, by its number in the regex; None: as the style has it.
    """

    style: int
    picked: int | None = None
    out: bytearray = field(default_factory=bytearray)
    steps: int = 0
    least: dict[int, int] = field(default_factory=dict)


def witnesses(regex: Regex, around: str = "") -> tuple[str, ...]:
    """Up to about a dozen texts that the regex is found in, shortest first, each of them checked; none where it cannot be told.

    around: what stands before the match where the regex does not begin with an anchor: `/` for paths.
    """
    return tuple(text for text in _candidates(regex, around) if len(text) <= LONGEST and regex.search(text) is not None)


@lru_cache(maxsize=5_000)
def _candidates(regex: Regex, around: str) -> tuple[str, ...]:
    tree = regex.tree
    if tree is None:
        return ()
    texts: dict[str, None] = {}
    for style in range(_STYLES):
        text = _one(tree, style)
        if text is None:
            break
        if not around or text.startswith(around):
            texts[text] = None
        if around and not text.startswith(around):
            texts[around + text] = None
            texts[f"{around}a{text}"] = None
        if style == 0 and len(text) < LONGEST // 2:
            texts[f"{text if text.startswith(around) else around + text}probe"] = None
    return tuple(texts)


def alternatives(regex: Regex) -> Iterator[str]:
    """A text for each alternative of a regex, as many as its longest choice has; each of them checked."""
    tree = regex.tree
    if tree is None:
        return
    for number in range(min(_most_alternatives(tree), _MOST_ALTERNATIVES)):
        text = _one(tree, 0, number)
        if text is not None and regex.search(text) is not None:
            yield text


def _most_alternatives(node: Node) -> int:
    match node:
        case Group() | Repeat():
            return _most_alternatives(node.node)
        case Row():
            return max(map(_most_alternatives, node.nodes), default=1)
        case Choice():
            return max(len(node.nodes), *map(_most_alternatives, node.nodes))
    return 1


def too_long(regex: Regex) -> bool:
    """Whether even the shortest match is longer than a request may reasonably be."""
    return regex.tree is not None and _one(regex.tree, 0) is None


def _one(tree: Node, style: int, picked: int | None = None) -> str | None:
    writing = _Writing(style, picked)
    try:
        if _least(tree, writing.least) > LONGEST:
            return None
        _write(tree, writing)
    except (_TooLong, RecursionError):
        return None
    return bytes(writing.out).decode("utf-8", "surrogateescape")


def _least(node: Node, known: dict[int, int]) -> int:
    """The number of octets of the shortest match."""
    if (found := known.get(id(node))) is not None:
        return found
    match node:
        case Chars():
            length = 1 if node.members else LONGEST + 1
        case Group():
            length = _least(node.node, known)
        case Repeat():
            length = node.least and node.least * _least(node.node, known)
        case Row():
            length = sum(_least(part, known) for part in node.nodes)
        case Choice():
            length = min(_least(part, known) for part in node.nodes)
        case _:
            length = 0
    known[id(node)] = min(length, LONGEST + 1)
    return known[id(node)]


def _write(node: Node, writing: _Writing) -> None:
    writing.steps += 1
    if len(writing.out) > LONGEST or writing.steps > _MOST_STEPS:
        raise _TooLong
    match node:
        case Chars():
            writing.out.append(_octet(node.members, writing))
        case Group():
            _write(node.node, writing)
        case Row():
            for part in node.nodes:
                _write(part, writing)
        case Choice():
            _write(_alternative(node, writing), writing)
        case Repeat():
            _copies(node, writing)


def _octet(members: frozenset[int], writing: _Writing) -> int:
    ranked = _ranked(members)
    if not ranked:
        raise _TooLong
    return ranked[(writing.style * 7 + len(writing.out) * (writing.style > 2)) % len(ranked)] if writing.style > 1 else ranked[0]


@lru_cache(maxsize=2_000)
def _ranked(members: frozenset[int]) -> tuple[int, ...]:
    """The octets of a set that are fit for URLs and host names, the plainest first; others only where it has none of these."""
    plain = sorted((octet for octet in members if octet in _RANK), key=_RANK.__getitem__)
    alphanumeric = tuple(octet for octet in plain if chr(octet).isalnum())
    return alphanumeric or tuple(plain[:1]) or tuple(sorted(members - {0, 10, 13})[:1])


def _alternative(node: Choice, writing: _Writing) -> Node:
    if writing.picked is not None:
        return node.nodes[writing.picked % len(node.nodes)]
    ordered = sorted(range(len(node.nodes)), key=lambda n: (_least(node.nodes[n], writing.least), n))
    return node.nodes[ordered[writing.style % len(ordered)]]


def _copies(node: Repeat, writing: _Writing) -> None:
    wished = node.least if writing.style == 0 else node.least + (1 if writing.style % 2 else 2)
    for _ in range(wished if node.most is None else min(wished, node.most)):
        before = len(writing.out)
        _write(node.node, writing)
        if len(writing.out) == before:
            return  # a copy of nothing: all others are, too


def strangers(regex: Regex, text: str) -> Iterator[tuple[str, str]]:
    """Texts close to one that the regex matches which it does not match, each with what was done to it."""
    for candidate, note in changed(text):
        if len(candidate) <= LONGEST and candidate != text and not regex.problem and regex.search(candidate) is None:
            yield candidate, note


def changed(text: str) -> Iterator[tuple[str, str]]:
    """A text changed in small ways, each with a few words on how."""
    yield text + "x", "one character more"
    yield text[:-1], "one character less"
    yield text.swapcase(), "other case"
    for at in (len(text) - 1, len(text) // 2, 1):
        if 0 <= at < len(text):
            yield text[:at] + ("0" if text[at] not in "0" else "q") + text[at + 1 :], f"character {at + 1} changed"
    yield text[1:], "without the first character"
    yield "x" + text, "one character before it"
