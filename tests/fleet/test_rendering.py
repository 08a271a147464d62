"""Each configuration has a report that accounts for every directive, whether its hosts are written from it or not."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from converter.model.outcomes import Outcome
from tests.fleet.fleets import Made, made, main, proxied, site

QUICK, SLOW = main(site(proxied())), main(site(proxied(more="proxy_read_timeout 5s;")))


def report(fleet: Made, machine: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((fleet.out / "machines" / machine / "report.json").read_text(encoding="utf-8"))
    return loaded


def outcomes(fleet: Made, machine: str) -> dict[str, str]:
    return {row["directive"]: row["outcome"] for row in report(fleet, machine)["directives"] if row["line"] > 7}


@pytest.mark.parametrize("decisions", ["version: 1\n", "version: 1\nhosts: {shop.example.com: {take: a}}\n"])
def test_every_directive_has_one_outcome_and_they_add_up(tmp_path: Path, decisions: str) -> None:
    fleet = made(tmp_path, {"a": QUICK, "b": SLOW, "c": QUICK}, decisions)
    totals: Counter[str] = Counter()
    for machine, text in (("a", QUICK), ("b", SLOW)):
        found = report(fleet, machine)
        assert len(found["directives"]) == text.count(";") + text.count("{")
        assert sum(found["totals"].values()) == len(found["directives"])
        totals.update(found["totals"])
    assert fleet.fleet.totals == totals


def test_a_server_that_is_not_written_says_why(tmp_path: Path) -> None:
    open_ = made(tmp_path / "open", {"a": QUICK, "b": SLOW})
    assert outcomes(open_, "a")["server"] == Outcome.DECISION.value
    decided = made(tmp_path / "decided", {"a": QUICK, "b": SLOW}, "version: 1\nhosts: {shop.example.com: {take: a}}\n")
    assert outcomes(decided, "a")["server"] == Outcome.EXACT.value
    assert outcomes(decided, "b")["server"] == Outcome.WAIVED.value


def test_a_configuration_whose_host_is_written_from_another_machine_leads_to_the_same_objects(tmp_path: Path) -> None:
    other = main(site("return 204;", "other.example.com"), site(proxied()))
    fleet = made(tmp_path, {"a": QUICK, "b": other})
    written = {
        f"{o['kind']}/{o['metadata']['namespace']}/{o['metadata']['name']}" for kind in ("VirtualService",) for o in fleet.objects(kind)
    }
    for machine in ("a", "b"):
        named = {name.partition("#")[0] for row in report(fleet, machine)["directives"] for name in row["objects"]}
        assert {name for name in named if name.startswith("VirtualService/")} <= written
        assert any("shop-example-com" in name for name in named)


def test_a_host_is_written_once_from_the_first_machine_that_serves_it_so(tmp_path: Path) -> None:
    fleet = made(tmp_path, {"b": QUICK, "a": main("# another text\n", site(proxied()))})
    (host,) = (progress for progress in fleet.fleet.progress if progress.host == "shop.example.com")
    assert host.machine == "a"
    assert len(fleet.objects("ServiceEntry")) == 1
    assert "as on a and 1 more" in (fleet.out / "shop.example.com" / "virtualservice.yaml").read_text(encoding="utf-8")
