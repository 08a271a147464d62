"""Brings the expected output beside the samples, and the excerpt in the README, up to date. `make samples` runs it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

SAMPLES = Path(__file__).parent
README = SAMPLES.parent / "README.md"
DEMO = "shop"
FLEET = SAMPLES / "fleet" / "hosts"
DECISIONS = SAMPLES / "fleet" / "migration.yaml"
REVIEW = SAMPLES / "review"  # two configurations, and what `diff` says of them
_EXCERPT = re.compile(r"(?<=<!-- what make demo prints -->\n```\n).*?(?=```\n)", re.DOTALL)


def samples() -> Iterator[tuple[str, Path]]:
    """Each sample's name and its source: the one thing in its folder beside `expected`. The fleet and the pair are apart."""
    for folder in sorted(path for path in SAMPLES.iterdir() if path.is_dir() and path.name not in ("__pycache__", "fleet", "review")):
        (source,) = (path for path in folder.iterdir() if path.name != "expected")
        yield folder.name, source


def convert(source: Path, into: Path) -> str:
    """Writes manifests and reports into a new folder, without the record of what was written. Returns the summary."""
    return _told(["convert", str(source)], into)


def convert_fleet(into: Path) -> str:
    """The same for the fleet. The reports of its machines are left out: they are many, and each is like those of the other samples."""
    summary = _told(["batch", str(FLEET), "--decisions", str(DECISIONS), "-j", "1"], into)
    shutil.rmtree(into / "machines")
    return summary


def _told(command: list[str], into: Path) -> str:
    from converter.commands.main import run
    from converter.output import RECORD

    shown, faults = TextIOWrapper(BytesIO(), encoding="utf-8"), TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(shown), redirect_stderr(faults):
        code = run([*command, "-o", str(into), "--fail-on", "never", "--color", "never"])
    if code:
        raise SystemExit(f"{command}: exit code {code}\n{_text(faults)}")
    (into / RECORD).unlink()
    return _text(shown)


def difference() -> str:
    """What `diff` says of the pair."""
    from converter.commands.main import run

    shown = TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(shown), chdir(REVIEW):
        code = run(["diff", "old", "new", "--color", "never"])
    if code != 1:
        raise SystemExit(f"{REVIEW}: exit code {code}")
    return _text(shown)


def _text(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def excerpt(summary: str) -> str:
    """The hosts, the first finding and the totals of a summary."""
    parts = summary.rstrip("\n").split("\n\n")
    return "\n\n".join([*parts[:2], "...", parts[-1]]) + "\n"


def with_excerpt(readme: str, summary: str) -> str:
    """The README's text with the excerpt in its place."""
    return _EXCERPT.sub(lambda _: excerpt(summary), readme, count=1)


def refresh() -> None:
    for name, source in samples():
        expected = SAMPLES / name / "expected"
        shutil.rmtree(expected, ignore_errors=True)
        summary = convert(source, expected)
        if name == DEMO:
            README.write_text(with_excerpt(README.read_text(encoding="utf-8"), summary), encoding="utf-8")
    expected = FLEET.parent / "expected"
    shutil.rmtree(expected, ignore_errors=True)
    convert_fleet(expected)
    (REVIEW / "expected.txt").write_text(difference(), encoding="utf-8")


if __name__ == "__main__":
    refresh()
