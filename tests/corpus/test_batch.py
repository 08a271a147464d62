"""Real files as a repository of machines: each is converted or has a sentence, the outcomes add up, and a second run writes nothing."""

import json
import os
from pathlib import Path

import pytest

from converter.commands.main import run

PLACE = Path(os.environ.get("NGINX2ISTIO_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
pytestmark = pytest.mark.skipif(not PLACE.is_dir(), reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")


def test_a_repository_of_real_files_is_converted_and_a_second_run_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["batch", str(PLACE), "-o", str(tmp_path), "--fail-on", "never", "-j", "2"]
    assert run(command) == 0
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    failed = {machine: one["reason"] for one in report["failed"] for machine in one["machines"]}
    assert all(failed.values())
    assert not any("defect" in reason for reason in failed.values())
    for one in report["configurations"]:
        if one["report"] is None:
            assert set(one["machines"]) <= set(failed)
            continue
        machine = json.loads((tmp_path / one["report"]).read_text(encoding="utf-8"))
        assert sum(machine["totals"].values()) == len(machine["directives"]), one
    assert len(report["hosts"]) > 50
    capsys.readouterr()
    assert run(command) == 0
    assert ": 0 written" in capsys.readouterr().err
