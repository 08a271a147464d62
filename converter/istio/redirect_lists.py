"""Redirect lists in pieces: a route takes as many lines as the regex of its match can hold."""

from collections.abc import Iterable, Iterator

from converter.istio.formats import Inexpressible, regexes
from converter.istio.matches import LONGEST, match
from converter.model.guards import Guard, Listed, quoted
from converter.model.records import replace
from converter.model.rules import ListedRedirect, RedirectList, Rule


def in_parts(rules: Iterable[Rule]) -> list[Rule]:
    """The rules that become a route each, in order: redirect lists in pieces, all others as they are."""
    out: list[Rule] = []
    for rule in rules:
        if isinstance(rule.action, RedirectList):
            pieces = list(_pieces(rule.action.lines, _room(rule.guard, rule.action.lines[0].text)))
            out += [_part(rule, rule.action, piece, number if len(pieces) > 1 else 0) for number, piece in enumerate(pieces, 1)]
        else:
            out.append(rule)
    return out


def _room(guard: Guard, text: str) -> int:
    """The characters that the texts may take in the regex of a match, with bars between them."""
    try:
        found = match(_narrowed(guard, (text,)), inexact=[])
    except Inexpressible:
        return LONGEST // 2  # the route is closed, and says why
    return LONGEST - max(len(regex) for regex in regexes(found) if quoted(text) in regex) + len(quoted(text))


def _pieces(lines: tuple[ListedRedirect, ...], room: int) -> Iterator[tuple[ListedRedirect, ...]]:
    piece: list[ListedRedirect] = []
    left = room
    for line in lines:
        length = len(quoted(line.text)) + 1
        if piece and length > left + 1:
            yield tuple(piece)
            piece, left = [], room
        piece.append(line)
        left -= length
    yield tuple(piece)


def _part(rule: Rule, action: RedirectList, lines: tuple[ListedRedirect, ...], number: int) -> Rule:
    return replace(
        rule,
        guard=_narrowed(rule.guard, tuple(line.text for line in lines)),
        action=replace(action, lines=lines),
        origins=tuple(dict.fromkeys((*rule.origins, *(origin for line in lines for origin in line.origins)))),
        name=f"{rule.name}_{number}" if number else rule.name,  # no other name has an underscore
    )


def _narrowed(guard: Guard, texts: tuple[str, ...]) -> Guard:
    return tuple(replace(c, texts=texts) if isinstance(c, Listed) else c for c in guard)
