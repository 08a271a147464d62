"""The command as users run it, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CONFIGURATION = """\
user nginx;
events {}
http {
  upstream orders { server 10.0.3.12:8080; server 10.0.3.13:8080 weight=3; }
  server {
    listen 80;
    server_name shop.example.com;
    location /orders/ { proxy_pass http://orders; proxy_cache x; }
    location / { return 301 https://www.example.com$request_uri; }
  }
}
"""
ROOT = str(Path(__file__).parents[2])


def nginx2istio(*arguments: str, cwd: Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "converter", *arguments]
    values = {**os.environ, "PYTHONPATH": ROOT, **environment}
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, env=values, check=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "nginx.conf").write_text(CONFIGURATION)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_input_gives_the_same_bytes_from_every_folder_and_with_every_hash_seed(source: Path, tmp_path: Path) -> None:
    assert nginx2istio("convert", str(source), "-o", str(tmp_path / "a"), cwd=tmp_path, PYTHONHASHSEED="1").returncode == 1
    assert nginx2istio("convert", ".", "-o", "../b", cwd=source, PYTHONHASHSEED="2").returncode == 1
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_nothing_written_names_the_machine(source: Path, tmp_path: Path) -> None:
    nginx2istio("convert", str(source), "-o", "out", cwd=tmp_path)
    assert [path for path, content in contents(tmp_path / "out").items() if str(tmp_path).encode() in content] == []


def test_stdout_holds_objects_only(source: Path, tmp_path: Path) -> None:
    finished = nginx2istio("convert", "shop", cwd=tmp_path)
    documents = list(yaml.safe_load_all(finished.stdout))
    assert {"Gateway", "VirtualService"} <= {document["kind"] for document in documents}
    assert "Kustomization" not in {document["kind"] for document in documents}
    assert "error[NGX108]: proxy_cache" in finished.stderr


def test_standard_input_is_a_source(tmp_path: Path) -> None:
    finished = nginx2istio("convert", "-", "--format", "json", cwd=tmp_path, stdin=CONFIGURATION)
    report = json.loads(finished.stdout)
    assert report["source"] == "<stdin>"
    assert sum(report["totals"].values()) == len(report["directives"])


def test_what_init_writes_changes_nothing_and_a_waiver_in_it_does(source: Path, tmp_path: Path) -> None:
    assert nginx2istio("init", "shop", cwd=tmp_path).returncode == 0
    plain = nginx2istio("convert", "shop", cwd=tmp_path)
    assert nginx2istio("convert", "shop", "--decisions", "migration.yaml", cwd=tmp_path).stdout == plain.stdout
    with (tmp_path / "migration.yaml").open("a") as file:
        file.write("  - {directive: proxy_cache, reason: the CDN caches}\n")
    assert nginx2istio("convert", "shop", "--decisions", "migration.yaml", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("text", ["", "gzip on;", "server { listen {{ port }}; }", "\0\1"])
def test_what_holds_nothing_to_convert_is_exit_code_3_and_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.conf").write_text(text)
    for arguments in (["convert", "a.conf"], ["convert", "missing.conf"], ["init", "a.conf"]):
        finished = nginx2istio(*arguments, cwd=tmp_path)
        assert finished.returncode == 3, finished.stderr
        assert finished.stdout == ""
        assert "Error: " in finished.stderr


@pytest.mark.parametrize(
    ("ending", "codes"),
    [("| true; exit ${PIPESTATUS[0]}", {1, 141}), ("> /dev/full", {2}), (">&-", {1}), ("2>&-", {1}), ("<&-", {1})],
)
@pytest.mark.usefixtures("source")
def test_streams_that_are_closed_or_full_end_the_command_in_order(tmp_path: Path, ending: str, codes: set[int]) -> None:
    command = f"{sys.executable} -m converter convert shop {ending}"
    values = {**os.environ, "PYTHONPATH": ROOT}
    finished = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False, env=values)
    assert finished.returncode in codes, finished.stderr
    assert "Traceback" not in finished.stderr
    assert "Exception ignored" not in finished.stderr


def test_standard_input_that_is_closed_is_nothing_to_read(tmp_path: Path) -> None:
    command = f"{sys.executable} -m converter convert - <&-"
    finished = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, check=False, env={**os.environ, "PYTHONPATH": ROOT}
    )
    assert finished.returncode == 3
