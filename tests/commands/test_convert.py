import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from converter.commands import inputs
from converter.commands.main import run
from converter.model.conversion import Conversion
from converter.model.decisions import Decisions
from converter.model.records import replace
from tests.sample_conversion import CONVERSION, SOUND, row

Give = Callable[[Conversion], list[Decisions]]


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Give:
    """Makes every source convert to what is given; the list fills with the decisions that were used. Runs in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def setting(conversion: Conversion) -> list[Decisions]:
        used: list[Decisions] = []
        monkeypatch.setattr(inputs, "converted", lambda _, decisions: used.append(decisions) or conversion)
        return used

    return setting


def test_manifests_go_to_stdout_and_the_report_to_stderr(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["convert", "conf"]) == 0
    out, err = capsys.readouterr()
    assert [document["kind"] for document in yaml.safe_load_all(out)] == ["Gateway", "VirtualService"]
    assert "helm/apps.yaml is no manifest and not shown" in err
    assert "shop.example.com  443  1 route  exact\n" in err
    assert not list(Path().iterdir())


def test_with_a_folder_files_are_written_and_the_report_goes_to_stdout(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["convert", "conf", "-o", "out"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("shop.example.com  443  1 route  exact\n")
    assert err == "out: 6 files written, 0 unchanged, 0 removed\n"
    written = {path.relative_to("out").as_posix() for path in Path("out").rglob("*") if path.is_file()}
    assert written == {*SOUND.files, "report.json", "report.md", ".nginx2istio.json"}


def test_json_takes_stdout_and_is_the_document_that_the_folder_gets(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["convert", "conf", "--format", "json"]) == 0
    alone = capsys.readouterr().out
    assert run(["convert", "conf", "--format", "json", "-o", "out"]) == 0
    assert capsys.readouterr().out == alone == Path("out/report.json").read_text(encoding="utf-8")
    assert json.loads(alone)["version"] == 1


def test_github_annotations_lead_to_the_files_of_the_source(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(CONVERSION)
    Path("conf").mkdir()
    assert run(["convert", "conf", "--format", "github"]) == 1
    assert "::error file=conf/nginx.conf,line=17," in capsys.readouterr().out
    assert run(["convert", "conf/nginx.conf", "--format", "github"]) == 1
    assert "::error file=conf/nginx.conf,line=17," in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argument", "uri"),
    [
        ("conf", "conf/nginx.conf"),
        ("./conf/nginx.conf", "conf/nginx.conf"),
        ("{here}/conf", "conf/nginx.conf"),
        ("-", "nginx.conf"),
        ("../elsewhere", "nginx.conf"),
    ],
)
def test_sarif_names_files_as_the_repository_does(give: Give, capsys: pytest.CaptureFixture[str], argument: str, uri: str) -> None:
    give(CONVERSION)
    Path("conf").mkdir()
    assert run(["convert", argument.format(here=Path.cwd()), "--format", "sarif"]) == 1
    results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_csv_takes_stdout(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(CONVERSION)
    assert run(["convert", "conf", "--format", "csv"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == len(CONVERSION.rows) + 1


@pytest.mark.parametrize("format_", ["text", "concise", "json", "csv", "sarif", "github"])
@pytest.mark.parametrize(
    ("line", "fail_on", "code"),
    [
        (10, [], 1),
        (11, [], 0),
        (11, ["--fail-on", "approximate"], 1),
        (14, [], 0),
        (14, ["--fail-on", "waived"], 1),
        (10, ["--fail-on", "never"], 0),
    ],
)
def test_the_exit_code_says_whether_an_outcome_reaches_the_threshold(
    give: Give, format_: str, line: int, fail_on: list[str], code: int
) -> None:
    give(replace(SOUND, rows=(*SOUND.rows, CONVERSION.rows[line - 1])))
    assert run(["convert", "conf", "-q", "--format", format_, *fail_on]) == code


def test_each_option_can_come_from_the_environment(give: Give, monkeypatch: pytest.MonkeyPatch) -> None:
    give(CONVERSION)
    monkeypatch.setenv("NGINX2ISTIO_CONVERT_FAIL_ON", "never")
    assert run(["convert", "conf", "-q"]) == 0


def test_quiet_leaves_out_the_report(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["convert", "conf", "-q", "-o", "out"]) == 0
    assert capsys.readouterr() == ("", "")


def test_an_edited_file_is_left_alone_and_makes_exit_code_1(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    run(["convert", "conf", "-o", "out"])
    path = Path("out/shop.example.com/gateway.yaml")
    path.write_text("by hand\n")
    assert run(["convert", "conf", "-q", "-o", "out"]) == 1
    assert capsys.readouterr().err.endswith(f"{path}: edited since it was written, left as it is (--force replaces it)\n")
    assert run(["convert", "conf", "-q", "-o", "out", "--force"]) == 0
    assert path.read_text() == SOUND.files["shop.example.com/gateway.yaml"]


def test_a_source_without_hosts_is_exit_code_3_and_leaves_the_folder_as_it_was(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    run(["convert", "conf", "-o", "out"])
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    give(Conversion("shop", rows=CONVERSION.rows[:1]))
    assert run(["convert", "conf", "-o", "out"]) == 3
    assert "nothing to convert" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()} == before


def test_a_folder_that_cannot_be_written_is_exit_code_2(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    Path("file").write_text("")
    assert run(["convert", "conf", "-o", "file/out"]) == 2
    assert "Error: cannot write to file/out" in capsys.readouterr().err


def test_decisions_are_read_and_the_option_overrides_them(give: Give) -> None:
    used = give(SOUND)
    Path("m.yaml").write_text("defaults: {namespace: apps}\n")
    assert run(["convert", "conf", "--decisions", "m.yaml", "--fidelity", "standard", "-q"]) == 0
    assert used[0].defaults.namespace == "apps"


def test_decisions_that_cannot_be_used_are_exit_code_2_with_every_fault(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    Path("m.yaml").write_text("gatway: {}\nversion: 3\n")
    assert run(["convert", "conf", "--decisions", "m.yaml"]) == 2
    assert capsys.readouterr().err == (
        "Error: the decisions cannot be used:\n"
        "  m.yaml:1: gatway: is not a known key: did you mean gateway?\n"
        "  m.yaml:2: version: must be 1, not 3\n"
    )


@pytest.mark.parametrize(("color", "coloured"), [("always", True), ("auto", False), ("never", False)])
def test_colour_is_for_terminals_unless_asked_for(give: Give, capsys: pytest.CaptureFixture[str], color: str, coloured: bool) -> None:
    give(SOUND)
    run(["convert", "conf", "--color", color])
    assert ("\x1b[" in capsys.readouterr().err) == coloured


def test_text_that_utf_8_cannot_hold_ends_nothing(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    odd = row(1, "gzip", CONVERSION.rows[9].outcome, "\udcff", reason="\udcff")
    give(replace(SOUND, rows=(odd,)))
    for format_ in ("text", "json", "github"):
        assert run(["convert", "conf", "--format", format_, "-o", f"out-{format_}"]) == 1
    capsys.readouterr()


def test_a_folder_without_a_name_is_refused(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["convert", "conf", "-o", ""]) == 2
    assert "must name a folder" in capsys.readouterr().err
    assert not list(Path().iterdir())


def test_pages_for_a_browser_are_written_beside_the_manifests_and_go_when_they_are_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("events { } http { server { listen 80; server_name a.example; return 204; } }", encoding="utf-8")
    command = ["convert", str(tmp_path / "nginx.conf"), "-o", str(tmp_path / "out"), "-q"]
    assert run([*command, "--report", "html"]) == 0
    page = tmp_path / "out" / "report" / "hosts" / "a.example.html"
    assert "server_name a.example; return 204;" in page.read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report.html").exists()
    assert run(command) == 0
    assert not list((tmp_path / "out").rglob("*.html"))


def test_pages_need_a_folder(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["convert", "conf", "--report", "html"]) == 2
    assert "name their folder with -o DIR" in capsys.readouterr().err
