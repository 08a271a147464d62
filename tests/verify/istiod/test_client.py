"""What the helper is asked, and what is made of its answers."""

import json
import sys
from pathlib import Path

import pytest

from converter.verify.istiod.client import Gateway, Message, Rejected, istiod

GATEWAY = Gateway("edge", {"istio": "outer"}, "accessLogFile: x")
ANSWER = {
    "error": "",
    "listeners": [{"name": "l"}],
    "routes": None,
    "clusters": [],
    "endpoints": [],
    "messages": [{"Code": "IST0101", "Level": "Error", "Object": "edge/shop", "Text": "words"}],
}


def helper(folder: Path, body: str) -> Path:
    """A program that takes a line and does as it is told."""
    path = folder / "istiodprint"
    path.write_text(
        f"#!{sys.executable} -I\nimport json, os, sys\nfor line in sys.stdin:\n    asked = json.loads(line)\n    {body}\n", encoding="utf-8"
    )
    path.chmod(0o755)
    return path


def test_everything_that_istiod_needs_is_asked(tmp_path: Path) -> None:
    body = f"print(json.dumps({ANSWER!r} | {{'routes': [asked]}}), flush=True)"
    with istiod(helper(tmp_path, body)) as running:
        for manifests in ("a: 1\n---\nb: 2\n", "ü"):
            (asked,) = running.configuration(manifests, GATEWAY).resources["routes"]
            assert asked == {
                "manifests": manifests,
                "mesh": GATEWAY.mesh,
                "namespace": "edge",
                "labels": {"istio": "outer"},
                "analyse": True,
            }


def test_an_answer_is_resources_and_messages(tmp_path: Path) -> None:
    with istiod(helper(tmp_path, f"print({json.dumps(ANSWER)!r}, flush=True)")) as running:
        found = running.configuration("", GATEWAY)
    assert found.resources == {"listeners": [{"name": "l"}], "routes": [], "clusters": [], "endpoints": []}
    assert found.messages == (Message("IST0101", "Error", "edge/shop", "words"),)


def test_what_istiod_refuses_is_told_in_its_words_on_one_line(tmp_path: Path) -> None:
    refused = ANSWER | {"error": "first\n\tsecond"}
    with (
        istiod(helper(tmp_path, f"print({json.dumps(refused)!r}, flush=True)")) as running,
        pytest.raises(Rejected, match=r"^first second$"),
    ):
        running.configuration("", GATEWAY)


@pytest.mark.parametrize("body", ["sys.exit(1)", "print('panic', flush=True)", "os.kill(os.getpid(), 9)"])
def test_a_helper_that_stops_is_a_sentence(body: str, tmp_path: Path) -> None:
    with istiod(helper(tmp_path, body)) as running:
        for _ in range(2):
            with pytest.raises(Rejected, match="stopped without an answer"):
                running.configuration("", GATEWAY)


def test_filters_that_only_istios_envoy_has_are_turned_off(tmp_path: Path) -> None:
    body = f"print(json.dumps({ANSWER!r} | {{'routes': [dict(os.environ)]}}), flush=True)"
    with istiod(helper(tmp_path, body)) as running:
        (environment,) = running.configuration("", GATEWAY).resources["routes"]
    assert {value for name, value in environment.items() if name.startswith("PILOT_ENABLE_")} == {"false"}
