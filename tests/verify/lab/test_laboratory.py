"""The laboratory for who uses it: what goes wrong with its process is a sentence."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.model.verification import Request
from converter.verify.lab import laboratory as module
from converter.verify.lab.laboratory import laboratory
from converter.verify.lab.messages import Job, Outcome, Side, to_line
from converter.verify.programs import Nginx
from converter.verify.unavailable import Unavailable

NGINX = Nginx("/nginx", "1.31.0", True, ())
READY = 'print(json.dumps({"unavailable": ""}), flush=True)'
Process = Callable[[str], None]
LARGE = Job((Request("GET", "/", "shop", body="x" * 1_000_000),))  # does not fit into a pipe


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Process:
    """Puts a process that does as it is told in the place of the laboratory's."""

    def as_told(body: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!{sys.executable} -I\nimport json, os, sys\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(module.sys, "executable", str(path))

    return as_told


def test_an_outcome_is_what_its_process_says(process: Process) -> None:
    outcome = Outcome(Side("a"), Side("b"))
    process(f"{READY}\nfor line in sys.stdin:\n    print({to_line(outcome).decode().strip()!r}, flush=True)")
    with laboratory(NGINX, "/envoy") as lab:
        assert [lab.run(LARGE), lab.run(LARGE)] == [outcome, outcome]


@pytest.mark.parametrize("body", ["sys.exit()", 'print(json.dumps({"unavailable": "unshare: no"}), flush=True)'])
def test_what_the_system_does_not_allow_is_said_with_what_to_allow(body: str, process: Process) -> None:
    process(body)
    with (
        pytest.raises(Unavailable, match=r"network namespaces.*run it as root.*\((?:unshare: no|it ends without a word)\)$"),
        laboratory(NGINX, "/envoy"),
    ):
        pass


@pytest.mark.parametrize("body", ["sys.exit()", "os.kill(os.getpid(), 9)", "sys.stdin.readline(); sys.exit()"])
def test_a_laboratory_that_is_gone_is_a_sentence(body: str, process: Process) -> None:
    process(f"{READY}\n{body}")
    with pytest.raises(Unavailable, match="stopped without an answer"), laboratory(NGINX, "/envoy") as lab:
        lab.run(LARGE)
