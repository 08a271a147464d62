"""`nginx2istio verify` as users run it: it proves what is the same, finds what was tampered with, and leaves nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from samples import refresh
from tests.verify import real

ROOT = Path(__file__).parents[2]
SAMPLES = dict(refresh.samples())
ALLOW_LIST, SHOP = SAMPLES["allow-list"], SAMPLES["shop"]
BUDGET, ROOMY = "150", "500"


@pytest.fixture(autouse=True)
def _real_programs(bench: real.Bench) -> None:
    """The helper is built, and the system allows what the tests need; else they are skipped."""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "converter", "verify", *arguments]


def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=environment, timeout=300, check=False)


def converted(source: Path, into: Path) -> Path:
    refresh.convert(source, into)
    return into


def edited(folder: Path, name: str, old: str, new: str) -> None:
    """Changes one thing in one file of the manifests."""
    (path,) = folder.glob(f"*/{name}.yaml") if "/" not in name else [folder / f"{name}.yaml"]
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_silent_about_a_sample(name: str) -> None:
    finished = verify(str(SAMPLES[name]), "--budget", ROOMY, "--format", "json")
    found = json.loads(finished.stdout)
    assert (finished.returncode, found["totals"]["silent"], found["problems"]) == (0, 0, [])
    assert found["totals"]["agree"] > found["totals"]["announced"] // 2
    assert all(covered["taken"] >= 0.7 * covered["total"] for covered in found["coverage"])


def silent(source: Path, manifests: Path) -> list[dict[str, object]]:
    """What is silent about manifests that were tampered with."""
    finished = verify(str(source), "--manifests", str(manifests), "--budget", BUDGET, "--format", "json")
    assert finished.returncode == 1, finished.stderr
    return [request for request in json.loads(finished.stdout)["requests"] if request["verdict"] == "silent"]


def test_a_route_that_was_removed_is_found(tmp_path: Path) -> None:
    manifests = converted(SHOP, tmp_path / "out")
    route = """  # nginx.conf:84
  - name: shop-example-com.healthz
    match:
    - uri: {exact: /healthz}
    directResponse:
      status: 200
      body:
        string: |
          ok
    headers:
      response:
        set:
          Content-Type: application/octet-stream
"""
    edited(manifests, "shop.example.com/virtualservice", route, "")
    found = silent(SHOP, manifests)
    assert {"GET https://shop.example.com/healthz"} <= {request["request"] for request in found}
    assert {request["nginx"]["decided"] for request in found} == {"nginx.conf:84 location = /healthz"}


def test_a_prefix_that_was_changed_is_found(tmp_path: Path) -> None:
    manifests = converted(SHOP, tmp_path / "out")
    edited(manifests, "shop.example.com/virtualservice", "- uri: {prefix: /api/orders/}", "- uri: {prefix: /api/order/}")
    found = silent(SHOP, manifests)
    assert "nginx.conf:86 location /api/orders/" in {request["nginx"]["decided"] for request in found}


def test_an_address_that_was_let_in_is_found_and_called_by_its_name(tmp_path: Path) -> None:
    manifests = converted(ALLOW_LIST, tmp_path / "out")
    policy = manifests / "tools.corp.example" / "authorizationpolicy.yaml"
    text = policy.read_text(encoding="utf-8")
    network = "198.51.100.0/24"
    assert network in text
    policy.write_text(text.replace(network, "198.51.0.0/16"), encoding="utf-8")
    found = silent(ALLOW_LIST, manifests)
    assert any(request["widened"] and str(request["client"]).startswith("198.51.") for request in found)
    shown = verify(str(ALLOW_LIST), "--manifests", str(manifests), "--budget", BUDGET).stdout
    assert "SILENT, lets in what nginx keeps out" in shown


def test_a_destination_that_was_changed_is_found_with_the_line_of_the_manifest(tmp_path: Path) -> None:
    manifests = converted(SHOP, tmp_path / "out")
    edited(manifests, "shop.example.com/virtualservice", "      uri: /v2/\n", "      uri: /v3/\n")
    found = silent(SHOP, manifests)
    lines = (manifests / "shop.example.com" / "virtualservice.yaml").read_text(encoding="utf-8").splitlines()
    place = f"shop.example.com/virtualservice.yaml:{lines.index('  - name: shop-example-com.api-catalog-2') + 1}"
    assert found
    assert {str(request["gateway"]["decided"]).split(" ")[0] for request in found} == {place}


def test_manifests_that_istiod_refuses_are_a_problem_and_no_proof(tmp_path: Path) -> None:
    manifests = converted(SHOP, tmp_path / "out")
    edited(manifests, "shop.example.com/virtualservice", "      uri: /v2/\n", "      uri: [/v2/]\n")
    finished = verify(str(SHOP), "--manifests", str(manifests), "--budget", "10")
    assert finished.returncode == 1
    assert "error: istiod refuses the manifests" in finished.stdout


def test_the_reports_hold_what_was_found(tmp_path: Path) -> None:
    finished = verify(str(ALLOW_LIST), "--budget", "40", "--report", str(tmp_path / "report"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    document = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    (suite,) = ElementTree.parse(tmp_path / "report" / "junit.xml").getroot()
    assert len(document["verification"]["requests"]) == sum(document["verification"]["totals"].values()) == len(suite.findall("testcase"))
    assert "## Verification" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")


def test_requests_of_a_file_are_asked_too(tmp_path: Path) -> None:
    requests = tmp_path / "requests.yaml"
    requests.write_text("- get: http://status.corp.example/own?x=1\n", encoding="utf-8")
    finished = verify(str(ALLOW_LIST), "--budget", "0", "--requests", str(requests), "--format", "json")
    (request,) = json.loads(finished.stdout)["requests"]
    assert (request["request"], request["verdict"]) == ("GET http://status.corp.example/own?x=1", "agree")


def test_an_access_log_is_asked_once_for_each_distinct_request_and_weighted(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="the extra [logs] is not installed")
    log = tmp_path / "access.log"
    line = '198.51.100.7 - - [24/Nov/2026:10:00:00 +0000] "GET {} HTTP/1.1" 200 3 "-" "curl"\n'
    log.write_text(line.format("/") * 998 + line.format("/x") * 2, encoding="utf-8")
    finished = verify(str(ALLOW_LIST), "--budget", "0", "--access-log", str(log), "--log-host", "status.corp.example")
    assert "2 requests: 2 agree" in finished.stdout
    assert "100 % of 1,000 requests are answered alike" in finished.stdout


def test_a_configuration_that_nginx_refuses_is_no_input(tmp_path: Path) -> None:
    source = tmp_path / "nginx.conf"
    source.write_text("events {}\nhttp { server { listen 80; location / { proxy_pass http://$nowhere; } } }\n", encoding="utf-8")
    finished = verify(str(source))
    assert finished.returncode == 3
    assert 'nginx refuses the configuration: unknown "nowhere" variable' in finished.stdout
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("option", ["--nginx", "--envoy"])
def test_a_program_that_is_not_there_is_said(option: str) -> None:
    finished = verify(str(SHOP), option, "/nowhere/program")
    assert finished.returncode == 2
    assert finished.stderr == f"Error: /nowhere/program is no program that can be run: {option} must name an {option[2:]} binary\n".replace(
        "an envoy", "an Envoy"
    )


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare (util-linux) is not installed")
def test_a_system_that_forbids_namespaces_is_told_what_to_allow() -> None:
    limits = "for kind in user net; do echo 0 > /proc/sys/user/max_${kind}_namespaces; done"
    values = {**os.environ, "PYTHONPATH": str(ROOT)}
    within = ["unshare", "-Ur", "sh", "-c", f'{limits}; exec "$@"', "sh", *command(str(SHOP))]
    finished = subprocess.run(within, capture_output=True, text=True, env=values, timeout=120, check=False)
    assert finished.returncode == 2
    assert "verify needs network namespaces" in finished.stderr
    assert "kernel.unprivileged_userns_clone=1" in finished.stderr
    assert "Traceback" not in finished.stderr


def processes(mark: str) -> list[int]:
    """All processes that have the mark in their environment: one that was started with it and those that it started."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and mark in environment(path)]


def environment(process: Path) -> str:
    try:
        return (process / "environ").read_text(encoding="latin-1")
    except OSError:
        return ""


def running(mark: str, program: str) -> bool:
    return any(program in names for names in (name_of(pid) for pid in processes(mark)))


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="latin-1")
    except OSError:
        return ""


def wait_for(what: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def network_namespaces() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            yield os.readlink(path)
        except OSError:
            continue


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", ["converter.verify.lab.inside", "envoy", "/nginx"])
def test_a_run_that_is_killed_leaves_nothing(number: signal.Signals, program: str, tmp_path: Path) -> None:
    """Killed while the laboratory is built, while Envoy runs, while nginx runs."""
    mark, temporary = f"mark-{uuid.uuid4()}", tmp_path / "temporary"
    temporary.mkdir()
    kept = {path.name for folder in ("/dev/shm", "/run/netns") if Path(folder).is_dir() for path in Path(folder).iterdir()}
    values = {**os.environ, "PYTHONPATH": str(ROOT), "VERIFY_MARK": mark, "TMPDIR": str(temporary)}
    with subprocess.Popen(command(str(SHOP)), env=values, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert wait_for(lambda: running(mark, program), 60)
        spaces = {os.readlink(f"/proc/{pid}/ns/net") for pid in processes(mark) if "inside" in name_of(pid)} - {
            os.readlink("/proc/self/ns/net")
        }
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert wait_for(lambda: not processes(mark), 10), [name_of(pid) for pid in processes(mark)]
    assert not spaces & set(network_namespaces())
    assert list(temporary.iterdir()) == []
    assert {path.name for folder in ("/dev/shm", "/run/netns") if Path(folder).is_dir() for path in Path(folder).iterdir()} == kept
    assert "Traceback" not in said
