"""`nginx2istio trace` as users run it."""

import json
import re
import shlex
from pathlib import Path

import pytest

from converter.commands.main import run
from samples import refresh

SAMPLES = dict(refresh.samples())
SHOP = str(SAMPLES["shop"])
ORDERS = "GET https://shop.example.com/api/orders/1?x=1"


def traced(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["trace", *arguments]) == 0
    return capsys.readouterr().out


def test_both_sides_are_shown_with_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    out = traced(capsys, SHOP, ORDERS)
    for told in (
        "nginx.conf:70  server shop.example.com",
        "nginx.conf:86  location /api/orders/",
        "header Host: shop.example.com  [inherited from server (nginx.conf:70)]",
        "=> GET /api/orders/1?x=1 to orders",
        "route shop-example-com.api-orders",
        "Both do the same.",
    ):
        assert told in out
    manifest = next(line for line in out.splitlines() if "virtualservice.yaml:" in line)
    place = manifest.split()[0]
    path, _, number = place.rpartition(":")
    text = (Path(SHOP).parent / "expected" / path).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    assert text.split()[-1] in manifest


def test_the_sender_and_headers_count(capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://shop.example.com/admin/"
    assert "=> answers 403" in traced(capsys, SHOP, url, "--from", "203.0.113.9")
    assert "=> GET /admin/ to orders" in traced(capsys, SHOP, url, "--from", "198.51.100.9")
    assert "X-Probe: 1" in traced(capsys, SHOP, ORDERS, "-H", "X-Probe: 1")


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(traced(capsys, SHOP, ORDERS, "--format", "json"))
    assert found["request"]["url"] == "https://shop.example.com/api/orders/1?x=1"
    for side in ("nginx", "gateway"):
        assert (found[side]["end"]["upstream"], found[side]["end"]["target"]) == ("orders", "/api/orders/1?x=1")
        assert all({"text", "place", "inherited"} == set(step) for step in found[side]["steps"])
    assert (found["differences"], found["announced"]) == ([], "")


def test_a_difference_is_held_against_the_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(
        "events {} http { server { listen 80; server_name a.test; location / { return 444; } } }", encoding="utf-8"
    )
    out = traced(capsys, str(tmp_path), "http://a.test/")
    assert "=> closes the connection without an answer" in out
    assert "They differ:" in out
    assert "the report says so: nginx.conf:1 return 444 (unsupported)" in out


def test_what_is_not_known_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("server { listen 80; location / { root /srv; } }", encoding="utf-8")
    out = traced(capsys, str(tmp_path / "nginx.conf"), "http://a.test/")
    assert "=> not known: " in out
    assert "cannot be told from the configuration" in out


def test_the_examples_of_the_page_are_current(capsys: pytest.CaptureFixture[str], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    blocks = re.findall(r"```\n(.*?)\n```", (root / "docs" / "trace.md").read_text(encoding="utf-8"), re.DOTALL)
    for asked, shown in zip(blocks[::2], blocks[1::2], strict=True):
        assert traced(capsys, *shlex.split(asked)[2:]) == f"{shown}\n"


def test_decisions_are_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "migration.yaml").write_text("version: 2\n", encoding="utf-8")
    assert run(["trace", SHOP, ORDERS, "--decisions", str(tmp_path / "migration.yaml")]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["GET ftp://shop.example.com/"], "must be a URL such as"),
        (["https://shop.example.com:99999/"], "port 99999"),
        (["one two https://shop.example.com/"], "is no request"),
        (["GET"], "must be a URL"),
        ([ORDERS, "-H", "no colon"], "is no header line"),
        ([ORDERS, "--from", "nowhere"], "must be an IP address"),
    ],
)
def test_what_is_no_request_is_wrong_use(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert run(["trace", SHOP, *arguments]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


def test_nothing_to_convert_is_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "empty.conf").write_text("# nothing\n", encoding="utf-8")
    assert run(["trace", str(tmp_path / "empty.conf"), ORDERS]) == 3
    assert run(["trace", str(tmp_path / "none.conf"), ORDERS]) == 3
