"""The interpreter's ends are what a real nginx does: for every behaviour case, and for programs of its own."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from converter.interpreter import Interpretation, Unknown
from converter.model.verification import Reply, Request
from converter.verify.request_file import requests_of
from tests.behaviour.test_real_programs import CASES, subject_of
from tests.interpreter.answers import differences, followed, levels
from tests.verify import real

FILES = [*CASES.values(), *sorted((Path(__file__).parent / "programs").glob("*.yaml"))]
MOST_UNKNOWN = 0.02  # of all requests


@dataclass(frozen=True, slots=True)
class Asked:
    case: str
    request: Request
    found: Interpretation
    reply: Reply


@pytest.fixture(scope="module")
def asked(bench: real.Bench) -> list[Asked]:
    """Every request of every case, with what a real nginx did."""
    with ThreadPoolExecutor(real.AT_ONCE) as pool:
        return [one for found in pool.map(lambda path: list(_asked(bench, path)), FILES) for one in found]


def _asked(bench: real.Bench, path: Path) -> Iterator[Asked]:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept = [{key: value for key, value in request.items() if key not in ("about", "verdict")} for request in case["requests"]]
    requests = requests_of(kept, path.name)
    with tempfile.TemporaryDirectory() as folder:
        subject = subject_of(case, Path(folder))
        side = bench.replies(subject, requests)
    assert side.problem == "", path
    https = levels(subject.whole.parsed)
    for request, replies in zip(requests, side.replies, strict=True):
        yield Asked(path.stem, request, followed(https, request), replies[0])


def test_the_end_is_what_the_real_nginx_did(asked: list[Asked]) -> None:
    assert len(asked) > 1_000
    assert [f"{one.case}: {one.request}: {found}" for one in asked if (found := differences(one.found, one.reply))] == []


def test_little_is_unknown(asked: list[Asked]) -> None:
    unknown = [f"{one.case}: {one.request}: {one.found.end.reason}" for one in asked if isinstance(one.found.end, Unknown)]
    assert len(unknown) <= MOST_UNKNOWN * len(asked), unknown
