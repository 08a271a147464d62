"""Of the source, what concerns a host: whole lines around its directives."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.model.ledger import Row
from converter.report.html.data import Excerpt

_KEY = re.compile(r"(?<=PRIVATE KEY-----).*?(?=-----END|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file of the source. taken: numbers of the lines at which directives stand, ascending."""

    lines: tuple[str, ...]
    taken: tuple[int, ...]


def source_texts(texts: Mapping[str, str], rows: Iterable[Row]) -> dict[str, SourceText]:
    """The files that rows stand in, by their paths, private keys blotted out. texts: path -> text."""
    taken: dict[str, set[int]] = {}
    for row in rows:
        taken.setdefault(row.entry.position.file, set()).add(row.entry.position.line)
    return {
        file: SourceText(tuple(_without_keys(texts[file]).removesuffix("\n").split("\n")), tuple(sorted(lines)))
        for file, lines in taken.items()
        if file in texts
    }


def _without_keys(text: str) -> str:
    return _KEY.sub(lambda found: re.sub(r"[^\n]+", "(not shown)", found[0]), text)


def excerpts(sources: Mapping[str, SourceText], rows: Iterable[Row]) -> tuple[Excerpt, ...]:
    """The lines of some rows, by file, each run with the comments above it and the ends of blocks below it."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.entry.position.file, set()).add(row.entry.position.line)
    return tuple(
        Excerpt(file, first, "\n".join(sources[file].lines[first - 1 : last]))
        for file, lines in wanted.items()
        if file in sources
        for first, last in _runs(sources[file], sorted(lines))
    )


def _runs(source: SourceText, wanted: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last line of each run. Lines without a directive part no run; one with a directive that is not wanted does."""
    first = last = 0
    for number in wanted:
        follows = bisect_right(source.taken, number) - 1
        if last and source.taken[follows - 1] == last:
            last = number
            continue
        if last:
            yield _above(source, first), _below(source, last)
        first = last = number
    if last:
        yield _above(source, first), _below(source, last)


def _above(source: SourceText, first: int) -> int:
    """With the comments right above."""
    while first > 1 and source.lines[first - 2].lstrip().startswith("#"):
        first -= 1
    return first


def _below(source: SourceText, last: int) -> int:
    """With what stands before the next directive: the rest of a statement, the ends of blocks. Comments and blank lines at its end stay behind."""
    following = bisect_right(source.taken, last)
    end = source.taken[following] - 1 if following < len(source.taken) else len(source.lines)
    while end > last and (not source.lines[end - 1].strip() or source.lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end
