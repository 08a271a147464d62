"""Real files, verified: the real nginx and the real gateway are asked what is derived from them, and nothing is silent."""

import re
from pathlib import Path

import pytest

from converter.derivation import derive
from converter.model.verification import Verdict
from converter.sources import read_source
from tests.corpus.test_corpus import PLACE, files
from tests.verify import real

pytestmark = pytest.mark.skipif(not PLACE.is_dir(), reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")
ENOUGH, BUDGET = 30, 80


def proxying() -> list[Path]:
    """Every seventh file that has a server and a proxy_pass: some of each project."""
    texts = ((path, path.read_text(encoding="utf-8", errors="replace")) for path in files())
    found = [path for path, text in texts if re.search(r"^\s*server\s*\{", text, re.MULTILINE) and "proxy_pass" in text]
    return found[::7] + found[3::7]


def test_nothing_is_silent_about_real_files(bench: real.Bench) -> None:
    """Those that nginx itself refuses, or of which nothing can be converted, such as templates, are passed over."""
    ran, silent = 0, []
    for path in proxying():
        subject = real.subject(read_source(str(path)))
        if not subject.whole.conversion.hosts or ran >= ENOUGH:
            continue
        requests = derive(subject.whole.parsed, subject.whole.applications, BUDGET).requests
        verification = bench.run(subject, requests, len(requests))
        ran += not verification.refused
        assert verification.refused or not verification.problems, path
        silent += [f"{path}: {r.request}: {r.differences}" for r in verification.results if r.verdict is Verdict.SILENT or r.widened]
    assert silent == []
    assert ran == ENOUGH
