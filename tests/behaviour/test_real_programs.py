"""Each case, put to a real nginx and to a real Envoy with what istiod's own code makes of the manifests: it ends as it says."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.model.verification import Result, Verdict, Verification
from converter.verify.request_file import requests_of
from tests.verify import real

CASES = {path.stem: path for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))}
EXPECTED = {"agree": Verdict.AGREE, "announced": Verdict.ANNOUNCED}
Running = dict[str, "Future[tuple[Verification, list[Verdict]]]"]


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, bench: real.Bench) -> Iterator[Running]:
    """All cases that were selected, each as soon as a laboratory is free."""
    names = [item.callspec.params["name"] for item in request.session.items if item.path == Path(__file__)]
    with ThreadPoolExecutor(real.AT_ONCE) as pool:
        yield {name: pool.submit(run, bench, CASES[name]) for name in names}


def run(bench: real.Bench, path: Path) -> tuple[Verification, list[Verdict]]:
    """What comes of a case, and what it says comes of each of its requests."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    verdicts = [EXPECTED[request.pop("verdict", "agree")] for request in case["requests"]]
    asked = requests_of([{key: value for key, value in request.items() if key != "about"} for request in case["requests"]], path.name)
    with tempfile.TemporaryDirectory() as folder:
        return bench.run(subject_of(case, Path(folder)), asked), verdicts


def subject_of(case: dict[str, Any], folder: Path) -> real.Subject:
    main = case.get("main") or f"events {{}}\nhttp {{\n{case['nginx']}\n}}\n"
    source = real.written(folder, {"nginx.conf": main, **case.get("files", {})})
    if "decisions" not in case:
        return real.subject(source)
    (folder / "migration.yaml").write_text(case["decisions"], encoding="utf-8")
    return real.subject(source, folder / "migration.yaml")


def told(result: Result) -> str:
    differences = "; ".join(f"{d.field}: nginx {d.nginx} / gateway {d.gateway}" for d in result.differences)
    return f"{result.request} is {result.verdict.value}: {differences} {result.because}"


@pytest.mark.parametrize("name", CASES)
def test_a_case_ends_as_it_says(name: str, running: Running) -> None:
    verification, verdicts = running[name].result()
    assert verification.problems == ()
    assert [note for note in verification.notes if note.startswith("istiod: ")] == []
    assert [told(r) for r, expected in zip(verification.results, verdicts, strict=True) if r.verdict is not expected] == []
    assert [told(result) for result in verification.results if result.widened] == []
