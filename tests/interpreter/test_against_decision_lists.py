"""Concrete and symbolic evaluation agree: random requests, put to the interpreter and to the decision lists.

NGINX2ISTIO_REQUESTS says how many requests are asked over the corpus (10,000 without it), and NGINX2ISTIO_SEED which ones.
"""

import os
import random
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import yaml

from converter.commands.decisions import read_decisions
from converter.model.records import replace
from converter.model.rules import Answer, Refuse
from converter.model.values import Template
from converter.sources import read_source
from tests.behaviour.test_real_programs import CASES
from tests.corpus.test_corpus import PLACE, files
from tests.derivation.derivations import samples
from tests.interpreter.against import Disagreement, Subject, Tally
from tests.verify import real

ENOUGH = int(os.environ.get("NGINX2ISTIO_REQUESTS", "10000"))
SEED = os.environ.get("NGINX2ISTIO_SEED", "1")
EACH = max(20, ENOUGH // 500)  # requests derived from one file, and as many changed at random


def disagreements(subject: Subject, tally: Tally, each: int, seed: str) -> Iterator[Disagreement]:
    found = (subject.disagreement(request, tally) for request in subject.requests(each, each, f"{SEED} {seed}"))
    return (one for one in found if one is not None)


def case_subject(path: Path, folder: Path) -> Subject:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    main = case.get("main") or f"events {{}}\nhttp {{\n{case['nginx']}\n}}\n"
    source = real.written(folder, {"nginx.conf": main, **case.get("files", {})})
    if "decisions" not in case:
        return Subject(source)
    (folder / "migration.yaml").write_text(case["decisions"], encoding="utf-8")
    return Subject(source, read_decisions(folder / "migration.yaml"))


def test_samples_and_cases_agree() -> None:
    tally = Tally()
    found = [one for path in samples() for one in disagreements(Subject(read_source(str(path))), tally, 60, path.name)]
    for path in CASES.values():
        with tempfile.TemporaryDirectory() as folder:
            found += disagreements(case_subject(path, Path(folder)), tally, 12, path.name)
    assert list(map(str, found)) == []
    assert tally.compared > 0.7 * tally.asked > 2_000


@pytest.mark.skipif(not PLACE.is_dir(), reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")
def test_real_files_agree() -> None:
    tally, found = Tally(), list[str]()
    paths = [path for path in files() if b"server" in path.read_bytes()]
    random.Random(SEED).shuffle(paths)
    for path in paths:
        if tally.asked >= ENOUGH:
            break
        subject = Subject(read_source(str(path)))
        if subject.whole.conversion.hosts:
            found += [f"{path}: {one}" for one in disagreements(subject, tally, EACH, str(path))]
    assert found == []
    assert tally.asked >= ENOUGH
    assert tally.compared > 0.3 * tally.asked


def test_a_rule_that_does_something_else_is_found(tmp_path: Path) -> None:
    """The comparison sees what it is for: one rule is tampered with at a time."""
    nginx = "http { server { listen 80; server_name a.test; location /a/ { return 204; } location / { proxy_pass http://10.0.0.1:81; } } }"
    subject = Subject(real.written(tmp_path, {"nginx.conf": nginx}))
    assert list(islice(disagreements(subject, Tally(), 20, "whole"), 1)) == []
    (application,) = subject.whole.applications
    (host,) = application.virtual_hosts
    for number, rule in enumerate(host.rules):
        if isinstance(rule.action, Refuse) or (not rule.guard and number < len(host.rules) - 1):
            continue
        changed = (*host.rules[:number], replace(rule, action=Answer(418, Template())), *host.rules[number + 1 :])
        subject.whole = replace(subject.whole, applications=(replace(application, virtual_hosts=(replace(host, rules=changed),)),))
        assert list(islice(disagreements(subject, Tally(), 20, "tampered"), 1)) != [], rule
