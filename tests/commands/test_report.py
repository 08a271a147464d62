import json
from pathlib import Path

import pytest

from converter.commands import inputs
from converter.commands.main import run
from converter.output import write
from converter.report.document import document, to_json
from samples import refresh
from tests.sample_conversion import CONVERSION

SAMPLES = [name for name, _ in refresh.samples()]


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the report of the sample conversion, which is also what every source converts to. Runs beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(inputs, "converted", lambda *_: CONVERSION)
    write(tmp_path / "out", {"report.json": to_json(document(CONVERSION))}, force=False)
    return Path("out")


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_reports_of_the_samples_are_told_again_to_the_byte(root: Path, capsys: pytest.CaptureFixture[str], sample: str) -> None:
    folder = root / "samples" / sample / "expected"
    for format_, name in (("json", "report.json"), ("markdown", "report.md")):
        assert run(["report", str(folder), "--format", format_, "--fail-on", "never"]) == 0
        assert capsys.readouterr().out == (folder / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("format_", ["concise", "json", "csv", "sarif", "github"])
def test_each_format_is_what_convert_tells(out: Path, capsys: pytest.CaptureFixture[str], format_: str) -> None:
    Path("conf").mkdir()
    assert run(["convert", "conf", "--format", format_]) == 1
    told = capsys.readouterr().out
    assert run(["report", "out", "--format", format_, "--folder", "conf"]) == 1
    assert capsys.readouterr().out == told


def test_text_is_what_convert_tells(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert", "conf", "-o", "again"]) == 1
    told = capsys.readouterr().out
    assert run(["report", "again/report.json"]) == 1
    assert capsys.readouterr().out == told


def test_the_baseline_of_convert_is_that_of_report(out: Path) -> None:
    assert run(["convert", "conf", "-q", "--baseline", "b.yaml", "--update-baseline"]) == 0
    assert run(["report", "out", "--baseline", "b.yaml"]) == 0
    assert run(["report", "out", "--fail-on", "never"]) == 0
    assert run(["report", "out"]) == 1


def test_a_verification_in_the_report_is_said_to_be_left_out(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = json.loads((out / "report.json").read_text())
    made["verification"] = {
        "totals": {"agree": 0, "announced": 0, "silent": 0},
        "programs": [],
        "problems": [],
        "notes": [],
        "coverage": [],
        "requests": [],
    }
    (out / "report.json").write_text(json.dumps(made))
    assert run(["report", "out"]) == 1
    assert "what the verification in it found is not shown" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argument", "message"), [("none", "cannot be read"), (".", "cannot be read"), ("bytes", "is not UTF-8"), ("b", "is not JSON")]
)
def test_what_is_no_report_is_exit_code_3(out: Path, capsys: pytest.CaptureFixture[str], argument: str, message: str) -> None:
    Path("bytes").write_bytes(b"\xff")
    Path("b").write_text("{")
    assert run(["report", argument]) == 3
    assert message in capsys.readouterr().err
