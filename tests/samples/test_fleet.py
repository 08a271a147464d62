"""The sample fleet: what is planted in it is found, all of it and nothing else, and the same whoever asks, where, and in what order."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from samples import refresh

FOLDER = refresh.FLEET.parent
PLANTED = yaml.safe_load((FOLDER / "planted.yaml").read_text(encoding="utf-8"))
REPORT = json.loads((FOLDER / "expected" / "report.json").read_text(encoding="utf-8"))
SITES = {site["name"]: site for site in REPORT["sites"]}
DIFFERING, ALIKE = PLANTED["differing"], PLANTED["alike"]
REST = "all others"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def converted() -> set[str]:
    """All machines that could be converted."""
    failed = {machine for failed in REPORT["failed"] for machine in failed["machines"]}
    return {machine for one in REPORT["configurations"] for machine in one["machines"]} - failed


def objects(kind: str) -> list[dict[str, Any]]:
    texts = (path.read_text(encoding="utf-8") for path in sorted((FOLDER / "expected").rglob("*.yaml")))
    return [found for text in texts for found in yaml.safe_load_all(text) if found.get("kind") == kind]


def destinations(site: str) -> set[str]:
    """The upstreams that the routes of a site lead to."""
    routes = [route for o in objects("VirtualService") if site in o["spec"]["hosts"] for route in o["spec"]["http"]]
    return {target["destination"]["host"] for route in routes for target in route.get("route", ())}


def test_the_expected_output_is_current(tmp_path: Path) -> None:
    refresh.convert_fleet(tmp_path / "out")
    assert contents(tmp_path / "out") == contents(FOLDER / "expected"), "run `make samples` and read the difference"


def test_it_is_a_fleet_of_thirty_machines_in_every_layout() -> None:
    from converter.sources.repository import machines

    found = machines(refresh.FLEET)
    assert len(found) >= 30
    assert {machine.kind for machine in found} == {"prefix", "dump", "sites", "file"}


def test_every_site_is_planted_and_every_planted_one_is_found() -> None:
    assert set(SITES) == {*DIFFERING, *ALIKE}


@pytest.mark.parametrize("name", DIFFERING)
def test_a_planted_difference_is_found_with_the_machines_on_each_side_and_nothing_more(name: str) -> None:
    planted, found = DIFFERING[name], SITES[name]
    rest = converted() - {machine for side in planted["sides"] if side != REST for machine in side}
    assert found["variants"] == [sorted(rest) if side == REST else side for side in planted["sides"]]
    assert found["difference"] == planted["kind"]
    assert sorted(" > ".join((*s["context"], s["directive"])) for s in found["statements"]) == sorted(planted["directives"])


@pytest.mark.parametrize("name", DIFFERING)
def test_what_is_written_of_a_planted_difference_is_what_was_decided_or_the_strictest(name: str) -> None:
    planted, found = DIFFERING[name], SITES[name]
    chosen = found["variants"][found["chosen"]] if found["chosen"] is not None else [None]
    assert planted["written"] in chosen
    assert found["kept_out_by"] == planted.get("kept_out_by", []) or found["chosen"] is None
    assert (name in {host["name"] for host in REPORT["hosts"]}) == (planted["written"] is not None)


@pytest.mark.parametrize("name", ALIKE)
def test_what_changes_no_answer_makes_no_difference(name: str) -> None:
    assert (SITES[name]["difference"], SITES[name]["variants"]) == ("none", [ALIKE[name]])
    assert SITES[name]["chosen"] == 0


@pytest.mark.parametrize("upstream", PLANTED["apart"])
def test_upstreams_that_share_a_name_alone_are_kept_apart(upstream: str) -> None:
    ends = [destinations(site) for site in PLANTED["apart"][upstream]]
    named = [{host for host in hosts if host.startswith(upstream)} for hosts in ends]
    assert all(len(hosts) == 1 for hosts in named)
    assert len(set.union(*named)) == len(named)
    entries = {host: o["spec"]["endpoints"] for o in objects("ServiceEntry") for host in o["spec"]["hosts"]}
    addresses = [frozenset(end["address"] for end in entries[host]) for hosts in named for host in hosts]
    assert not frozenset.intersection(*addresses)


@pytest.mark.parametrize("path", PLANTED["certificates"])
def test_a_certificate_at_the_same_path_of_machines_that_share_no_site_is_not_taken_for_the_same(path: str) -> None:
    sites = PLANTED["certificates"][path]
    servers = [server for o in objects("Gateway") for server in o["spec"]["servers"] if "tls" in server]
    names = [server["tls"]["credentialName"] for site in sites for server in servers if site in server["hosts"]]
    assert len(names) == len(set(names)) == len(sites)
    commands = [secret["command"] for secret in REPORT["secrets"] if secret["name"] in names]
    assert len(commands) == len(sites)
    assert all(path in command for command in commands)


def test_machines_that_cannot_be_converted_are_told_with_the_reason_and_cost_only_themselves() -> None:
    reasons = {machine: failed["reason"] for failed in REPORT["failed"] for machine in failed["machines"]}
    assert set(reasons) == set(PLANTED["failed"])
    assert [machine for machine, part in PLANTED["failed"].items() if part not in reasons[machine]] == []


def test_each_report_of_a_configuration_that_is_named_is_there(tmp_path: Path) -> None:
    from converter.commands.main import run

    assert run(["batch", str(refresh.FLEET), "-o", str(tmp_path), "--fail-on", "never", "-q"]) == 0
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["configurations"]
    assert [one["report"] for one in found if one["report"] is not None and not (tmp_path / one["report"]).is_file()] == []
    assert {one["machines"][0] for one in found if one["report"] is None} == set(PLANTED["failed"])


def laid(place: Path, order: Iterable[Path]) -> Path:
    """The fleet with its decisions below a place, made file by file in an order: a folder lists them in another one."""
    for path in order:
        to = place / path.relative_to(FOLDER)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    return place


def written(place: Path, seed: int, processes: int) -> dict[str, bytes]:
    """All output of a run in a place of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(FOLDER.parents[1])}
    arguments = ["batch", "hosts", "--decisions", "migration.yaml", "-o", "out", "--fail-on", "never", "-j", str(processes)]
    subprocess.run([sys.executable, "-m", "converter", *arguments], cwd=place, env=environment, check=True, capture_output=True)
    return contents(place / "out")


def test_same_bytes_whatever_the_number_of_processes_the_hash_seed_the_place_and_the_order_of_files(tmp_path: Path) -> None:
    files = sorted(path for path in (*refresh.FLEET.rglob("*"), refresh.DECISIONS) if path.is_file())
    first = written(laid(tmp_path / "a", files), 1, 1)
    shuffled = random.Random(5).sample(files, len(files))
    assert written(laid(tmp_path / "another" / "place", shuffled), 4711, 4) == first
    assert {path: text for path, text in first.items() if not path.startswith((".", "machines/"))} == contents(FOLDER / "expected")
