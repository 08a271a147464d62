"""`batch --diff` and `--check`: what a run would change in the folder."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.commands.main import run

Files = dict[str, bytes]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def fleet(root: Path, tmp_path: Path) -> Path:
    """The sample fleet's machines, to be changed at will."""
    shutil.copytree(root / "samples" / "fleet" / "hosts", tmp_path / "hosts")
    return tmp_path / "hosts"


@pytest.fixture
def batch(root: Path, fleet: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command over the fleet into `out` beside it: exit code and stdout."""

    def command(*options: str) -> tuple[int, str]:
        decisions = str(root / "samples" / "fleet" / "migration.yaml")
        out = str(fleet.parent / "out")
        code = run(["batch", str(fleet), "-o", out, "--decisions", decisions, "-j", "1", "--fail-on", "never", *options])
        return code, capfd.readouterr().out

    return command


def _files(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_that_is_up_to_date_says_so_and_one_that_is_not_fails(fleet: Path, batch: Run) -> None:
    batch()
    assert batch("--check")[0] == 0
    path = fleet / "web-01/etc/nginx/sites-enabled/shop"
    path.write_text(path.read_text().replace("proxy_read_timeout 30s", "proxy_read_timeout 90s"))
    before = _files(fleet.parent / "out")
    code, shown = batch("--check")
    assert (code, shown.count("\n")) == (1, 1)
    assert _files(fleet.parent / "out") == before


def test_a_server_that_moves_is_shown_with_a_request_that_meets_it_and_nothing_is_written(fleet: Path, batch: Run) -> None:
    batch()
    for path in fleet.glob("web-0*/etc/nginx/**/*.conf"):
        path.write_text(path.read_text().replace("10.10.2.11:8080", "10.10.2.99:8080"))
    before = _files(fleet.parent / "out")
    code, shown = batch("--diff")
    assert code == 1
    assert shown.startswith("changed: GET https://shop.example.com/cart/")
    assert "10.10.2.99" in shown
    assert _files(fleet.parent / "out") == before


def test_the_outcomes_of_all_machines_are_compared(fleet: Path, batch: Run) -> None:
    batch()
    path = fleet / "cms/cms-01/etc/nginx/nginx.conf"
    path.write_text(path.read_text().replace("http {", "http {\n    proxy_cache_path /var/cache/nginx keys_zone=a:1m;", 1))
    assert "cms/cms-01/etc/nginx/nginx.conf" in batch("--diff")[1]


def test_the_report_of_a_fleet_is_shown_in_other_formats_and_accepted_by_a_baseline(
    fleet: Path, batch: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    batch()
    out, baseline = str(fleet.parent / "out"), str(fleet.parent / "accepted.yaml")
    assert run(["report", out, "--format", "csv"]) == 1
    lines = capfd.readouterr().out.splitlines()
    totals = json.loads((fleet.parent / "out" / "report.json").read_text())["totals"]
    assert len(lines) == 1 + sum(totals.values())
    assert any(line.startswith("web-01/etc/nginx/nginx.conf,") for line in lines)
    assert run(["report", out, "--baseline", baseline, "--update-baseline"]) == 0
    assert run(["report", out, "--baseline", baseline]) == 0
