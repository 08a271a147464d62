"""`nginx2istio diff`, and `convert --diff` and `--check`, as users run them."""

import json
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest

from converter.commands.main import run
from converter.sources.git import read_revision
from samples import refresh
from tests.conversions import http, server
from tests.difference.sides import DEFAULT, UPSTREAMS

OPEN = http(UPSTREAMS, DEFAULT, server("location /admin/ { proxy_pass http://orders; }"))
CLOSED = OPEN.replace("{ proxy_pass", "{ allow 192.0.2.0/24; deny all; proxy_pass")
SCHEMA = Path(__file__).parents[2] / "docs" / "diff.schema.json"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """The configuration with access closed, and open."""
    (tmp_path / "closed.conf").write_text(CLOSED, encoding="utf-8")
    (tmp_path / "open.conf").write_text(OPEN, encoding="utf-8")
    return str(tmp_path / "closed.conf"), str(tmp_path / "open.conf")


@pytest.mark.parametrize("name", [name for name, _ in refresh.samples()])
def test_a_sample_is_no_different_from_itself_and_from_its_expected_output(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = dict(refresh.samples())[name]
    for old in (source, source.parent / "expected"):
        assert run(["diff", str(old), str(source)]) == 0
        assert "no differences" in capsys.readouterr().out


def test_wider_access_comes_first_and_the_exit_code_is_one(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *files]) == 1
    out = capsys.readouterr().out
    assert out.startswith("ACCESS WIDENED: GET http://shop.example.com/admin/ was refused with 403, now goes to orders\n")
    assert "closed.conf" in out.splitlines()[-1]


def test_json_follows_its_schema(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *files, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    jsonschema_rs.validate(json.loads(SCHEMA.read_text(encoding="utf-8")), found)
    assert found["behaviour"][0]["effect"] == "access widened"
    assert found["totals"]["effects"]["access widened"] == 1


def test_one_layer_alone(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *files, "--only", "objects", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["behaviour"], found["ledger"]) == ([], [])
    assert found["objects"]


def test_markdown_keeps_its_size_and_counts_what_it_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = "".join(f"location /p{n}/ {{ return {200 + n}; }}" for n in range(90))
    for name, text in (
        ("a.conf", places),
        ("b.conf", places.replace("return 2", "return 4").replace("location /p1/ {", "location /p1/ { deny all;")),
    ):
        (tmp_path / name).write_text(http(DEFAULT, server(text)), encoding="utf-8")
    assert run(["diff", str(tmp_path / "b.conf"), str(tmp_path / "a.conf"), "--format", "markdown", "--max-size", "4000"]) == 1
    out = capsys.readouterr().out
    assert len(out) <= 4_000
    assert out.count("\n- ") + sum(int(line.split()[0]) for line in out.splitlines() if "left out" in line) > 90
    assert run(["diff", str(tmp_path / "a.conf"), str(tmp_path / "b.conf"), "--format", "markdown"]) == 1
    assert "left out" not in capsys.readouterr().out


def test_what_is_wrong_is_a_sentence(files: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["diff", files[0]]) == 2
    assert run(["diff", "-", "-"]) == 2
    assert run(["diff", files[0], str(tmp_path / "missing")]) == 3
    (tmp_path / "empty.conf").write_text("events { }\n", encoding="utf-8")
    assert run(["diff", files[0], str(tmp_path / "empty.conf")]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_the_folder_on_disk_is_held_against_the_source(files: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["convert", files[0], "-o", str(out), "--check"]) == 1
    assert not out.exists()
    run(["convert", files[0], "-o", str(out), "--fail-on", "never"])
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert run(["convert", files[0], "-o", str(out), "--check"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert run(["convert", files[1], "-o", str(out), "--diff"]) == 1
    assert capsys.readouterr().out.startswith("ACCESS WIDENED: GET http://shop.example.com/admin/")
    assert run(["convert", files[1], "--diff"]) == 2
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_manifest_that_somebody_edited_is_read_as_it_is(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run(["convert", files[1], "-o", str(tmp_path / "out"), "--fail-on", "never"])
    path = tmp_path / "out" / "shop.example.com" / "virtualservice.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("/admin/", "/secret/"), encoding="utf-8")
    capsys.readouterr()
    assert run(["diff", str(tmp_path / "out"), files[1], "--only", "behaviour"]) == 1
    out = capsys.readouterr().out
    assert "http://shop.example.com/secret/ went to" in out
    assert "http://shop.example.com/admin/" in out


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose first revision is closed and second one open; a hook and a filter would leave a mark."""
    monkeypatch.chdir(tmp_path)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git("init", "-q", "-b", "main")
    site = tmp_path / "configs" / "conf.d"
    site.mkdir(parents=True)
    (tmp_path / "configs" / "nginx.conf").write_text("events { }\nhttp { include /etc/nginx/conf.d/*.conf; }\n", encoding="utf-8")
    (tmp_path / "secret.conf").write_text("server { listen 81; return 200; }\n", encoding="utf-8")
    (site / "outside").symlink_to("../../secret.conf")
    (site / "linked.conf").symlink_to("../shop")
    for text in (CLOSED, OPEN):
        body = text.partition("http {\n")[2].rstrip().removesuffix("}")
        (tmp_path / "configs" / "shop").write_text(body, encoding="utf-8")
        git("add", "-A")
        git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "x")
    git("config", "filter.mark.smudge", "touch marked; cat")
    (tmp_path / ".git" / "info" / "attributes").write_text("* filter=mark\n", encoding="utf-8")
    return tmp_path


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


def test_revisions_are_compared_without_a_checkout(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "main~1..main", "--", "configs/"]) == 1
    assert capsys.readouterr().out.startswith("ACCESS WIDENED: GET http://shop.example.com/admin/")
    assert run(["diff", "main", "--", "configs"]) == 0
    assert run(["diff", "HEAD~1", "HEAD", "--", "configs"]) == 1
    (repository / "configs" / "shop").write_text((repository / "configs" / "shop").read_text().replace("orders;", "orders-v2;"))
    assert run(["diff", "main", "--", "configs/"]) == 1
    assert "went to orders, now goes to orders-v2" in capsys.readouterr().out
    assert not (repository / "marked").exists()


def test_a_link_of_a_revision_is_followed_inside_of_the_folder_alone(repository: Path) -> None:
    texts = read_revision("main", "configs").texts
    assert "orders-v2" in texts.read("conf.d/linked.conf").text
    refused = texts.read("conf.d/outside")
    assert (refused.text, refused.refusal.code if refused.refusal else "") == ("", "NGX015")
    assert texts.find("../secret.conf").paths == ()
    assert texts.find("/etc/nginx/conf.d/*.conf").paths == ("conf.d/linked.conf",)


def test_what_could_not_be_read_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "configs" / "nginx.conf").write_text("events { }\nhttp { include conf.d/*; }\n", encoding="utf-8")
    assert run(["diff", "configs", "configs"]) == 0
    assert "conf.d/outside leads outside" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nothing..main"], ["main...main"], ["main..main", "main"], ["--output=x..main"], ["main:configs"]])
def test_revisions_that_are_none_are_wrong_use(repository: Path, arguments: list[str]) -> None:
    assert run(["diff", *arguments, "--", "configs"]) == 2
    assert run(["diff", "main~1..main", "--", ".."]) == 2
