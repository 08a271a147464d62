"""From templates to pages. Every value is escaped; no template marks one as safe."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from converter.model.outcomes import Outcome
from converter.report.html import paths
from converter.report.style import counted, printable

_HERE = Path(__file__).parent


def render(template: str, page: str, values: Mapping[str, object]) -> str:
    """The page of a template. page: its own path in the output folder, from which it links to the others."""
    links = {name: paths.relative(target, page) for name, target in _TARGETS.items()}
    return _environment().get_template(template).render(values, **links)


_TARGETS = {"style": paths.STYLE, "script": paths.SCRIPT, "index": paths.INDEX}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters |= {"printable": printable, "counted": counted, "lines": _lines, "shares": _shares, "open_counts": _open_counts}
    return environment


def _lines(text: str) -> str:
    """A text of several lines with nothing in it that the reader's screen would obey."""
    return "\n".join(printable(line.expandtabs(4)) for line in text.split("\n"))


def _shares(counts: Sequence[tuple[Outcome, int]]) -> Iterator[tuple[Outcome, int, int]]:
    """Outcomes with the start and the width of their part of a bar that is 1000 wide."""
    total = sum(count for _, count in counts)
    before = 0
    for outcome, count in counts:
        start, end = before * 1000 // total, (before + count) * 1000 // total
        yield outcome, start, end - start
        before += count


def _open_counts(counts: Mapping[Outcome, int]) -> list[tuple[Outcome, int]]:
    """The outcomes that need a reader, worst first."""
    return [(outcome, counts[outcome]) for outcome in reversed(Outcome) if counts.get(outcome) and not outcome.settled]


def assets() -> dict[str, str]:
    """The style and the script that all pages share: path in the output folder -> text."""
    return {path: (_HERE / "assets" / path.rpartition("/")[2]).read_text(encoding="utf-8") for path in (paths.STYLE, paths.SCRIPT)}
