"""Two regexes over one text at once, as one regex: for literal texts at the beginning, at the end, or anywhere, and lists of those."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from converter.model.guards import quoted

_MOST = 64  # pairs of alternatives


class Unjoinable(Exception):
    """Two regexes of which it cannot be told what both take."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A literal text. fold: without regard to case. starts, ends: at the beginning, at the end of the whole text."""

    text: str
    fold: bool
    starts: bool
    ends: bool


@functools.lru_cache(maxsize=4096)
def both(first: str, second: str) -> str | None:
    """A regex for the texts that both regexes match as a whole; None where there are none. Raises Unjoinable."""
    if first == second:
        return first
    if first == ".+" or second == ".+":
        other = second if first == ".+" else first
        return other if all(piece.text for piece in _pieces(other)) else _unjoinable()
    pairs = [(one, other) for one in _pieces(first) for other in _pieces(second)]
    if len(pairs) > _MOST or not all(piece.text for pair in pairs for piece in pair):
        _unjoinable()
    ways = dict.fromkeys(way for one, other in pairs for way in (*_in_order(one, other), *_in_order(other, one)))
    return "|".join(ways) or None


def _unjoinable() -> str:
    raise Unjoinable


def _in_order(first: _Piece, second: _Piece) -> Iterator[str]:
    """The texts in which the second piece begins where the first one does, or behind that."""
    for shift in range(len(first.text)):
        end = shift + len(second.text)
        fits = not (second.starts and shift) and not (first.ends and end > len(first.text)) and not (second.ends and end < len(first.text))
        if fits and (letters := _overlaid(first, second, shift)) is not None:
            yield _edged(first.starts or second.starts, _written(letters), first.ends or second.ends)
    if not second.starts and not first.ends:
        yield _edged(first.starts, f"{_written(_letters(first))}.*{_written(_letters(second))}", second.ends)


_Letters = list[tuple[str, bool]]


def _letters(piece: _Piece) -> _Letters:
    return [(letter, piece.fold) for letter in piece.text]


def _overlaid(first: _Piece, second: _Piece, shift: int) -> _Letters | None:
    """The letters of both where the second begins so many letters behind the first; None where they contradict."""
    out = _letters(first)
    for index, letter in enumerate(_letters(second), shift):
        if index >= len(out):
            out.append(letter)
        elif letter[0].lower() != out[index][0].lower() or (letter[0] != out[index][0] and not letter[1] and not out[index][1]):
            return None
        elif not letter[1]:
            out[index] = letter
    return out


def _written(letters: _Letters) -> str:
    out, run, folded = "", "", False
    for letter, fold in [*letters, ("", not letters[-1][1])]:
        if fold != folded:
            out, run, folded = out + (f"(?i:{quoted(run.lower())})" if folded and run else quoted(run)), "", fold
        run += letter
    return out


def _edged(starts: bool, text: str, ends: bool) -> str:
    return f"{'' if starts else '.*'}{text}{'' if ends else '.*'}"


def _pieces(regex: str) -> list[_Piece]:
    """The alternatives of a regex over a whole text. Raises Unjoinable."""
    fold = regex.startswith("(?i)")
    return [piece for part in alternatives(regex.removeprefix("(?i)")) for piece in _edges(part, fold)]


def _edges(part: str, fold: bool) -> Iterator[_Piece]:
    body = re.sub(r"^\.\*\??", "", part)
    starts, inner = body == part, re.sub(r"(?<!\\)\.\*$", "", body)
    ends = inner == body
    group = re.fullmatch(r"((?:[^()\\]|\\.)*)\((?:\?:)?([^()]*)\)([^()]*)", inner)
    if group and starts and ends and not group[1] and not group[3]:
        yield from (piece for way in alternatives(group[2]) for piece in _edges(way, fold))
        return
    for way in [f"{group[1]}{way}{group[3]}" for way in alternatives(group[2])] if group else [inner]:
        yield _Piece(_literal(way), fold, starts, ends)


def alternatives(regex: str) -> list[str]:
    """The regex cut at the bars outside of groups."""
    out, depth = [""], 0
    for token in re.findall(r"\\.|.", regex, re.S):
        depth += (token == "(") - (token == ")")
        if token == "|" and depth == 0:
            out.append("")
        else:
            out[-1] += token
    return out


def _literal(regex: str) -> str:
    if not regex.isascii() or re.search(r"\\[0-9A-Za-z]|(?<!\\)(?:\\\\)*[][(){}.*+?^$|]", regex):
        raise Unjoinable
    return re.sub(r"\\(.)", r"\1", regex)
