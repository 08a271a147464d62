"""`nginx2istio batch` as users run it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from converter.commands.main import run
from converter.output import JOURNAL
from samples import refresh
from tests.fleet.fleets import main, proxied, repository, site

SHOP, BLOG = main(site(proxied())), main(site(proxied("10.0.0.2"), "blog.example.com"))
SLOW = main(site(proxied(more="proxy_read_timeout 5s;")))
BROKEN = "events {\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository beside the folder for the output; runs happen there."""
    monkeypatch.chdir(tmp_path)
    return repository(tmp_path / "repo", {"a": SHOP, "b": SHOP, "c": BLOG})


def batch(*options: str) -> int:
    return run(["batch", "repo", "-o", "out", "-j", "1", *options])


def files(folder: Path = Path("out")) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def hosts(folder: Path = Path("out")) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir() and "." in path.name}


def test_manifests_are_by_host_and_reports_by_machine(root: Path) -> None:
    assert batch() == 0
    assert {"kustomization.yaml", "report.json", "report.md", "shared/gateway.yaml"} <= files().keys()
    assert hosts() == {"shop.example.com", "blog.example.com"}
    assert {path for path in files() if path.startswith("machines/")} == {
        f"machines/{machine}/report.{kind}" for machine in ("a", "c") for kind in ("json", "md")
    }


def test_a_second_run_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch()
    before = {path: os.stat(Path("out", path)).st_mtime_ns for path in files()}
    capsys.readouterr()
    assert batch() == 0
    assert "0 written" in capsys.readouterr().err
    assert {path: os.stat(Path("out", path)).st_mtime_ns for path in files()} == before


@pytest.mark.parametrize(
    ("machines", "options", "code"),
    [
        ({}, (), 0),
        ({"d": SLOW}, (), 1),
        ({"d": SLOW}, ("--fail-on", "stay"), 0),
        ({"d": BROKEN}, (), 1),
        ({"d": BROKEN}, ("--fail-on", "never"), 0),
        ({}, ("--include", "nothing"), 3),
        ({}, ("--decisions", "missing.yaml"), 2),
        ({}, ("-j", "0"), 2),
        ({}, ("--nonsense",), 2),
    ],
)
def test_exit_codes(root: Path, machines: dict[str, str], options: tuple[str, ...], code: int) -> None:
    repository(root, machines)
    assert batch(*options) == code


def test_without_an_output_folder_the_option_is_asked_for(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "repo"]) == 2
    assert "'-o'" in capsys.readouterr().err


@pytest.mark.parametrize(("path", "words"), [("repo/a/nginx.conf", "is no folder"), ("empty", "no nginx configuration was found")])
def test_what_holds_no_machine_is_told(root: Path, capsys: pytest.CaptureFixture[str], path: str, words: str) -> None:
    Path("empty").mkdir()
    assert run(["batch", path, "-o", "out"]) == 3
    assert words in capsys.readouterr().err
    assert not Path("out").exists()


def test_the_machines_found_are_shown_with_the_reason_and_nothing_is_written(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "repo", "--show-hosts", "--exclude", "b"]) == 0
    shown = capsys.readouterr()
    assert [line.split() for line in shown.out.splitlines()] == [
        [name, "prefix", f"{name}/nginx.conf", "has", "an", "events", "or", "http", "block"] for name in "ac"
    ]
    assert shown.err == "2 machines\n"


def test_globs_choose_the_machines(root: Path) -> None:
    assert batch("--include", "c") == 0
    assert hosts() == {"blog.example.com"}


def test_one_broken_machine_costs_only_itself(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch()
    before = {path: text for path, text in files().items() if path.endswith(".yaml")}
    repository(root, {"d": BROKEN})
    assert batch() == 1
    assert "nginx.conf:1" in capsys.readouterr().out
    assert {path: text for path, text in files().items() if path.endswith(".yaml")} == before


def test_hosts_that_disappeared_are_listed_and_kept_and_go_with_prune(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch()
    shutil.rmtree(root / "c")
    capsys.readouterr()
    assert batch() == 0
    told = capsys.readouterr().err
    assert "blog.example.com" in told
    assert "shop.example.com" not in told
    assert "blog.example.com" in hosts()
    assert b"blog.example.com" not in files()["kustomization.yaml"]
    assert batch("--prune") == 0
    assert hosts() == {"shop.example.com"}
    assert not Path("out/machines/c").exists()


def test_an_edited_file_is_left_alone_until_it_is_forced(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch()
    path = Path("out/shop.example.com/virtualservice.yaml")
    made = path.read_bytes()
    path.write_bytes(made + b"# by hand\n")
    assert batch() == 1
    assert f"{path}: edited since it was written" in capsys.readouterr().err
    assert path.read_bytes() == made + b"# by hand\n"
    assert batch("--force") == 0
    assert path.read_bytes() == made


def test_json_on_stdout_is_the_report(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch("--format", "json")
    shown = capsys.readouterr().out
    assert shown == Path("out/report.json").read_text(encoding="utf-8")
    assert {host["name"] for host in json.loads(shown)["hosts"]} == {"default", *hosts()}


def test_quiet_says_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch("-q") == 0
    assert capsys.readouterr() == ("", "")


def test_a_decision_is_taken_up_and_one_that_meets_nothing_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository(root, {"d": SLOW})
    Path("m.yaml").write_text("version: 1\nhosts: {shop.example.com: {take: majority}, gone.example.com: {take: a}}\n", encoding="utf-8")
    assert batch("--decisions", "m.yaml") == 0
    shown = capsys.readouterr().out
    assert "decided: the majority counts, 2 of 3 machines" in shown
    assert "gone.example.com" in shown


def test_access_that_a_decision_widens_is_shouted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository(root, {"d": main(site("allow 10.0.0.0/8;\n    deny all;\n    " + proxied()))})
    Path("m.yaml").write_text("version: 1\nhosts: {shop.example.com: {take: a}}\n", encoding="utf-8")
    batch("--decisions", "m.yaml")
    assert "ACCESS WIDENED: 1 machine: d keep" in capsys.readouterr().out


OLD = ["batch", str(refresh.FLEET), "-j", "1", "-q"]
NEW = [*OLD, "--decisions", str(refresh.DECISIONS)]
MOMENTS = [random.Random(20 + number).randrange(60) for number in range(10)]
"""After how many files that it began with a run is killed."""


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The fleet's output before its decisions and with them: one folder each, from runs that nothing disturbed."""
    place = tmp_path_factory.mktemp("states")
    assert run([*OLD, "-o", str(place / "old")]) == 1
    shutil.copytree(place / "old", place / "new")
    assert run([*NEW, "-o", str(place / "new")]) == 1
    return place / "old", place / "new"


def begun(out: Path) -> int:
    """How many files a run has begun with."""
    try:
        return len((out / JOURNAL).read_bytes().splitlines())
    except FileNotFoundError:
        return 0


def kill(out: Path, moment: int) -> None:
    process = subprocess.Popen([sys.executable, "-m", "converter", *NEW, "-o", str(out)], cwd=refresh.SAMPLES.parent)
    while begun(out) < moment and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_is_killed_leaves_whole_files_and_the_next_one_ends_as_usual(
    states: tuple[Path, Path], tmp_path: Path, moment: int, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    old, new = map(files, states)
    shutil.copytree(states[0], out)
    kill(out, moment)
    own = (".nginx2istio.json", JOURNAL)
    broken = [
        path
        for path, text in files(out).items()
        if path not in own and not path.endswith("-new") and text not in (old.get(path), new.get(path))
    ]
    assert broken == []
    assert run([*NEW, "-o", str(out)]) == 1
    assert "edited" not in capfd.readouterr().err
    assert files(out) == new
