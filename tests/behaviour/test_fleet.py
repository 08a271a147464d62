"""Cases as machines of one fleet: each host answers in the common gateway as it does on its own machine."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from converter.commands.main import run
from converter.model.verification import Request, Verdict
from converter.verify.manifests import read
from converter.verify.request_file import requests_of
from converter.verify.subject import Subject
from tests.behaviour.test_real_programs import CASES, subject_of, told
from tests.verify import real

MACHINES = 10
ALWAYS = ("server-exact-then-wildcards-then-regex", "tls-exact-name-below-a-wildcard-of-its-certificate")


def chosen() -> dict[str, dict[str, Any]]:
    """Some cases without decisions of their own, the same in every run."""
    cases = {name: yaml.safe_load(path.read_text(encoding="utf-8")) for name, path in CASES.items()}
    names = [name for name, case in cases.items() if "decisions" not in case]
    return {name: cases[name] for name in dict.fromkeys((*ALWAYS, *random.Random(11).sample(names, MACHINES)))}


def served(report: dict[str, Any], machine: str) -> set[tuple[str, int]]:
    """Host names and ports of the sites that are written as this machine serves them."""
    sites = [site for site in report["sites"] if site["chosen"] is not None and machine in site["variants"][site["chosen"]]]
    return {(host, port) for site in sites for host in site["hosts"] for port in site["ports"]}


def concerned(case: dict[str, Any], name: str, pairs: set[tuple[str, int]]) -> Iterator[Request]:
    """The requests of a case that go to hosts that are written."""
    bare = [{key: value for key, value in request.items() if key not in ("about", "verdict")} for request in case["requests"]]
    for request in requests_of(bare, name):
        host = (request.host or "").partition(":")[0].lower()
        if (host, request.port) in pairs or (f"*.{host.partition('.')[2]}", request.port) in pairs:
            yield request


def test_every_machine_s_hosts_answer_in_the_fleet_s_gateway_as_on_the_machine(bench: real.Bench, tmp_path: Path) -> None:
    cases = chosen()
    subjects = {name: subject_of(case, made(tmp_path / "machines" / name)) for name, case in cases.items()}
    assert run(["batch", str(tmp_path / "machines"), "-o", str(tmp_path / "out"), "-j", "1", "-q", "--fail-on", "never"]) == 0
    report, manifests = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8")), read(tmp_path / "out")
    asked, silent = 0, []
    for name, subject in subjects.items():
        requests = tuple(concerned(cases[name], name, served(report, name)))
        verification = bench.run(Subject(subject.source, subject.whole, subject.decisions, manifests), requests)
        assert verification.problems == (), name
        asked += len(requests)
        silent += [told(r) for r in verification.results if r.widened or (r.verdict is Verdict.SILENT and not _certificate(r.differences))]
    assert silent == []
    assert asked > 2 * MACHINES


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _certificate(differences: Any) -> bool:
    """The secret of a fleet has another name than that of one machine, for which the laboratory makes the certificate."""
    return all(difference.field == "certificate" for difference in differences)
