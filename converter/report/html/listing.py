"""Source and manifests as numbered lines that name each other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.report.html.data import Excerpt
from converter.report.html.links import Target, places
from converter.report.html.manifest import Line
from converter.report.review import baseline_mark, shown
from converter.report.style import printable

MOST_LINES = 20_000  # of one listing: what a browser shows without trouble
_MOST_LINKS = 8  # to each manifest, from one source line; with scripts a click marks all lines


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a directive. directive: its name, where the line holds several."""

    outcome: Outcome
    reason: str
    directive: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, and the id of the line that it leads to; empty where it leads nowhere."""

    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Becoming:
    """The lines of one manifest that came of a source line, each run by its first; more: how many runs are not linked."""

    file: str
    links: tuple[Piece, ...]
    more: int


@dataclass(frozen=True, slots=True)
class NumberedLine:
    anchor: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the source, the worst outcome on it, and what came of it. ranges: `m1-28:40 …`, lines of the manifests."""

    line: NumberedLine
    outcome: Outcome | None
    said: tuple[Said, ...]
    becoming: tuple[Becoming, ...]
    ranges: str


@dataclass(frozen=True, slots=True)
class ManifestLine:
    anchor: str
    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SourceListing:
    """The lines of a source file that concern a host; left: how many more there are."""

    anchor: str
    file: str
    lines: tuple[SourceLine, ...]
    left: int


@dataclass(frozen=True, slots=True)
class ManifestListing:
    """The lines of a manifest; left: how many more there are."""

    anchor: str
    file: str
    lines: tuple[ManifestLine, ...]
    left: int


def anchors(excerpts: Iterable[Excerpt]) -> dict[str, str]:
    """The id of each source line that a page shows, by its place (`file:line`)."""
    return {
        f"{file}:{line}": f"s{number}-{line}"
        for number, (file, lines) in enumerate(_by_file(excerpts).items(), 1)
        for line, _ in lines[:MOST_LINES]
    }


def sources(
    excerpts: Iterable[Excerpt], rows: Iterable[Row], targets: Mapping[str, Sequence[Target]], paths: Sequence[str]
) -> tuple[SourceListing, ...]:
    """The source. targets: as `links.targets` finds them; paths: of the manifests, in the order in which the page shows them."""
    numbers = {path: number for number, path in enumerate(paths, 1)}
    by_place: dict[str, list[Row]] = {}
    for row in rows:
        by_place.setdefault(str(row.entry.position), []).append(row)

    def made(anchor: str, place: str, number: int, text: str) -> SourceLine:
        return _source_line(NumberedLine(anchor, number, _code(text)), by_place.get(place, ()), targets.get(place, ()), numbers)

    return tuple(
        SourceListing(
            f"s{index}",
            printable(file),
            tuple(made(f"s{index}-{number}", f"{file}:{number}", number, text) for number, text in lines[:MOST_LINES]),
            max(len(lines) - MOST_LINES, 0),
        )
        for index, (file, lines) in enumerate(_by_file(excerpts).items(), 1)
    )


def _by_file(excerpts: Iterable[Excerpt]) -> dict[str, list[tuple[int, str]]]:
    files: dict[str, list[tuple[int, str]]] = {}
    for excerpt in excerpts:
        files.setdefault(excerpt.file, []).extend(enumerate(excerpt.text.removesuffix("\n").split("\n"), excerpt.first))
    return files


def _source_line(line: NumberedLine, rows: Sequence[Row], found: Sequence[Target], numbers: Mapping[str, int]) -> SourceLine:
    said = tuple(
        Said(row.outcome, printable(row.reason + baseline_mark(row)), printable(shown(row)) if len(rows) > 1 else "") for row in rows
    )
    worst = max((row.outcome for row in rows), key=lambda outcome: outcome.rank, default=None)
    ranges = " ".join(f"m{numbers[target.path]}-{target.block.first}:{target.block.last}" for target in found)
    return SourceLine(line, worst, said, _becoming(found, numbers), ranges)


def _code(text: str) -> str:
    """A line as it may be shown: its indent kept, nothing in it that the reader's screen would obey."""
    return printable(text.expandtabs(4))


def _becoming(found: Sequence[Target], numbers: Mapping[str, int]) -> tuple[Becoming, ...]:
    runs: dict[str, list[int]] = {}
    for target in found:
        runs.setdefault(target.path, []).append(target.block.first)
    return tuple(
        Becoming(
            printable(path.rpartition("/")[2]),
            tuple(Piece(str(first), f"m{numbers[path]}-{first}") for first in sorted(set(firsts))[:_MOST_LINKS]),
            max(len(set(firsts)) - _MOST_LINKS, 0),
        )
        for path, firsts in runs.items()
    )


def manifests(files: Mapping[str, Sequence[Line]], known: Mapping[str, str]) -> tuple[ManifestListing, ...]:
    """The manifests. known: place -> id of its line, for the source lines that the page shows."""
    return tuple(
        ManifestListing(
            f"m{number}",
            printable(path),
            tuple(ManifestLine(f"m{number}-{n}", n, _pieces(line, known)) for n, line in enumerate(lines[:MOST_LINES], 1)),
            max(len(lines) - MOST_LINES, 0),
        )
        for number, (path, lines) in enumerate(files.items(), 1)
    )


def _pieces(line: Line, known: Mapping[str, str]) -> tuple[Piece, ...]:
    """The line, the places in its comment as pieces of their own."""
    start = len(line.text.rstrip()) - len(line.comment)
    out = [Piece(_code(line.text[:start]))]
    rest = line.text[start:]
    for place in places(line.comment, known):
        before, _, rest = rest.partition(place)
        out += [Piece(before), Piece(printable(place), known[place])]
    return tuple(piece for piece in (*out, Piece(printable(rest))) if piece.text)
