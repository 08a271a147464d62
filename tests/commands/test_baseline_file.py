from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from converter.commands import inputs
from converter.commands.main import run
from converter.model.conversion import Conversion
from tests.sample_conversion import CONVERSION, SOUND

ENTRY = '  - {file: "nginx.conf", text: "x", found: unknown}\n'
HEAD = "version: 1\naccepted:\n"


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Conversion], None]:
    """Makes every source convert to what is given. Runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda conversion: monkeypatch.setattr(inputs, "converted", lambda *_: conversion)


def test_only_what_the_baseline_has_not_makes_the_exit_code_1(give: Callable[[Conversion], None]) -> None:
    give(CONVERSION)
    assert run(["convert", "conf", "-q", "--baseline", "b.yaml", "--update-baseline"]) == 0
    assert run(["convert", "conf", "-q", "--baseline", "b.yaml"]) == 0
    assert run(["convert", "conf", "-q"]) == 1
    entries = [line for line in Path("b.yaml").read_text().splitlines(keepends=True) if "proxy_cache" not in line]
    Path("b.yaml").write_text("".join(entries))
    assert run(["convert", "conf", "-q", "--baseline", "b.yaml"]) == 1


def test_the_file_is_plain_yaml_with_an_entry_a_line(give: Callable[[Conversion], None]) -> None:
    give(CONVERSION)
    run(["convert", "conf", "-q", "--baseline", "b.yaml", "--update-baseline"])
    text = Path("b.yaml").read_text()
    entries = yaml.safe_load(text)["accepted"]
    assert len(entries) == len(text.splitlines()) - 3 == sum(not row.outcome.settled for row in CONVERSION.rows) + 1


def test_nothing_to_accept_is_a_baseline_too(give: Callable[[Conversion], None]) -> None:
    give(SOUND)
    assert run(["convert", "conf", "-q", "--baseline", "b.yaml", "--update-baseline"]) == 0
    assert yaml.safe_load(Path("b.yaml").read_text()) == {"version": 1, "accepted": []}
    assert run(["convert", "conf", "-q", "--baseline", "b.yaml", "--fail-on", "waived"]) == 0


def test_the_written_report_says_what_is_accepted(give: Callable[[Conversion], None]) -> None:
    give(CONVERSION)
    assert run(["convert", "conf", "-q", "-o", "out", "--baseline", "b.yaml", "--update-baseline"]) == 0
    assert '"accepted": true' in Path("out/report.json").read_text()
    assert "(in the baseline)" in Path("out/report.md").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 2\naccepted: []\n", "b.yaml:1: version: must be 1"),
        ("[]", "b.yaml:1: must be a mapping with version and accepted"),
        ("", "b.yaml: must be a mapping with version and accepted"),
        ("version: 1\n", "b.yaml:1: accepted: must be a list of entries: --update-baseline writes one"),
        (HEAD + ENTRY.replace("found", "fond"), "b.yaml:3: accepted[0].fond: is not a known key: did you mean found?"),
        (HEAD + ENTRY + "  - {found: unknown}\n", "b.yaml:4: accepted[1]: needs text"),
        (HEAD + ENTRY.replace('"x"', "[x]"), "b.yaml:3: accepted[0].text: must be text: put it in quotes"),
        (HEAD + ENTRY.replace("}", ", times: 0}"), "b.yaml:3: accepted[0].times: must be a whole number from 1 to 1,000,000"),
        (HEAD + ENTRY.replace("}", ", in: x}"), "b.yaml:3: accepted[0].in: must be a list of texts"),
        (HEAD + "  - {\n", "b.yaml:4: is not YAML"),
        (HEAD + "  - &a {text: *a}", "anchors and aliases are not supported"),
        ("[" * 20, "b.yaml:1: is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_used_is_exit_code_2_with_its_place(
    give: Callable[[Conversion], None], capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    give(CONVERSION)
    Path("b.yaml").write_text(text)
    assert run(["convert", "conf", "--baseline", "b.yaml"]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert out == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--baseline", "b.yaml"], "there is no such baseline: --update-baseline writes it"),
        (["--baseline", "."], "cannot be read"),
        (["--baseline", "bytes"], "is not UTF-8 text"),
        (["--update-baseline"], "name it with --baseline FILE"),
        (["--baseline", "bytes/b.yaml", "--update-baseline"], "cannot be written"),
    ],
)
def test_a_file_that_is_not_there_is_exit_code_2(
    give: Callable[[Conversion], None], capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    give(CONVERSION)
    Path("bytes").write_bytes(b"\xff\xfe")
    assert run(["convert", "conf", *options]) == 2
    assert message in capsys.readouterr().err
