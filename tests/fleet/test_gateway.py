"""The sample fleet's manifests in one load: istiod's own code takes all, drops nothing, and the real Envoy answers as the chosen machines do."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from converter.commands.decisions import read_decisions
from converter.commands.main import run
from converter.conversion import convert_whole
from converter.model.verification import Request, Result, Verdict
from converter.sources import read_source
from converter.verify.istiod.build import helper
from converter.verify.istiod.client import Configuration, istiod
from converter.verify.manifests import Manifests, read
from converter.verify.subject import Subject
from samples import refresh
from tests.verify import real

EXPECTED = refresh.FLEET.parent / "expected"
INFORMATIONAL = "IST0133"  # what istiod says of every EnvoyFilter


def decided(place: Path) -> Path:
    """The fleet where every site is decided, and all is written but for what answers unknown names, which would hide the rest behind `*`."""
    sites = json.loads((EXPECTED / "report.json").read_text(encoding="utf-8"))["sites"]
    lines = ["version: 1", "gateway: {namespace: edge, selector: {istio: edge}, trusted_proxies: 0}", "hosts:"]
    lines += [
        f"  {site['name']}: {{take: {site['variants'][0][0]}}}" for site in sites if site["chosen"] is None and site["hosts"] != ["*"]
    ]
    (place / "all.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = ["--decisions", str(place / "all.yaml"), "-o", str(place / "out"), "-j", "1", "-q", "--fail-on", "never"]
    assert run(["batch", str(refresh.FLEET), *arguments]) == 0
    return place / "out"


@pytest.fixture(scope="module", params=["as it is", "all decided"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifests, Configuration]:
    """All manifests, and what istiod makes of them."""
    if reason := real.missing():
        pytest.skip(reason)
    manifests = read(EXPECTED if request.param == "as it is" else decided(tmp_path_factory.mktemp("decided")))
    with istiod(helper(lambda text: sys.stderr.write(f"{text}\n"))) as asked:
        return manifests, asked.configuration(manifests.for_istiod(), manifests.gateway("", {}))


def servers(manifests: Manifests) -> Iterator[tuple[int, str, str]]:
    """Port, host and secret (empty without TLS) of all servers of all Gateways."""
    for gateway in (o for o in manifests.objects if o["kind"] == "Gateway"):
        for server in gateway["spec"]["servers"]:
            for host in server["hosts"]:
                yield server["port"]["number"], host, server.get("tls", {}).get("credentialName", "")


def served(configuration: Configuration) -> Iterator[tuple[int, str, str]]:
    """The same as Envoy would serve it: by filter chain, its certificate, and the domains of its routes."""
    routes = {found["name"]: found for found in configuration.resources["routes"]}
    for listener in configuration.resources["listeners"]:
        for chain in listener["filter_chains"]:
            (manager,) = (f["typed_config"] for f in chain["filters"] if "rds" in f["typed_config"])
            domains = {domain for host in routes[manager["rds"]["route_config_name"]]["virtual_hosts"] for domain in host["domains"]}
            names = set(chain.get("filter_chain_match", {}).get("server_names", domains)) or {"*"}
            for host in domains & names if "transport_socket" in chain else domains:
                yield listener["address"]["socket_address"]["port_value"], host, secret(chain)


def secret(chain: dict[str, Any]) -> str:
    context = chain.get("transport_socket", {}).get("typed_config", {}).get("common_tls_context", {})
    return next((found["name"].removeprefix("kubernetes://") for found in context.get("tls_certificate_sds_secret_configs", ())), "")


def test_istiod_has_nothing_against_the_manifests(loaded: tuple[Manifests, Configuration]) -> None:
    messages = [m for m in loaded[1].messages if m.level != "Info" and m.code != INFORMATIONAL]
    assert messages == []


def test_no_server_of_a_gateway_is_dropped(loaded: tuple[Manifests, Configuration]) -> None:
    wanted = set(servers(loaded[0]))
    assert len(wanted) > 10
    assert wanted - set(served(loaded[1])) == set()


def test_no_route_of_a_virtual_service_is_lost(loaded: tuple[Manifests, Configuration]) -> None:
    configs = loaded[1].resources["routes"]
    known = {route["name"] for config in configs for host in config["virtual_hosts"] for route in host["routes"] if "name" in route}
    assert set(loaded[0].routes()) - known == set()


def ask(bench: real.Bench, machine: str, *requests: Request) -> tuple[Result, ...]:
    """Requests, asked of a machine's own nginx and of the gateway with the whole fleet's manifests."""
    decisions = read_decisions(refresh.DECISIONS)
    source = read_source(str(refresh.FLEET / machine))
    verification = bench.run(Subject(source, convert_whole(source, decisions), decisions, read(EXPECTED)), requests)
    assert verification.problems == ()
    return verification.results


def get(host: str, target: str = "/", client: str = "203.0.113.9", tls: bool = False) -> Request:
    if tls:
        return Request("GET", target, host, "https", 443, host, client=client)
    return Request("GET", target, host, client=client)


@pytest.mark.parametrize(
    ("machine", "requests"),
    [
        (
            "web-01",
            [get("shop.example.com", "/a?b=1"), get("shop.example.com", "/", tls=True), get("shop.example.com", "/cart/1", tls=True)],
        ),
        ("web-06", [get("example.com"), get("www.example.com", "/x")]),
        ("search/search-3", [get("search.example.com", "/q?x=1"), get("search.example.com", "/opensearch.xml")]),
        ("cms/cms-03", [get("blog.example.com", "/preview/1"), get("blog.example.com", "/archive/7"), get("blog.example.com", "/feed")]),
        ("static/stat-02", [get("static.example.com", "/assets/a.css"), get("static.example.com", "/x")]),
        ("tenants/ten-01", [get("one.apps.example.com", "/x?y=1")]),
        ("ops/adm-02", [get("admin.example.com", "/", "10.1.2.3"), get("admin.example.com", "/", "10.2.3.4"), get("admin.example.com")]),
        (
            "ops/adm-01",
            [
                get("intranet.example.com", "/files/health"),
                get("intranet.example.com", "/files/x"),
                get("intranet.example.com", "/files/x", "10.2.3.4"),
                get("intranet.example.com", "/x"),
            ],
        ),
    ],
)
def test_a_host_answers_as_the_machine_does_that_was_chosen(bench: real.Bench, machine: str, requests: list[Request]) -> None:
    results = ask(bench, machine, *requests)
    assert [str(r.request) for r in results if r.verdict is Verdict.SILENT or r.widened] == []
    assert all(one.partition(" ")[0] == other.partition(" ")[0] for one, other in (r.answers for r in results))


def test_hosts_that_are_unknown_or_not_written_answer_404(bench: real.Bench) -> None:
    hosts = ("nobody.example.org", "orders.example.com", "help.example.com", "api.example.com", "billing.apps.example.com")
    results = ask(bench, "tenants/ten-01", *(get(host, "/", "10.2.3.4") for host in hosts))
    assert {str(r.request.host): r.answers[1].partition(" ")[0] for r in results} == dict.fromkeys(hosts, "404")


def test_whom_the_strictest_machine_keeps_out_is_kept_out_although_another_lets_him_in(bench: real.Bench) -> None:
    (result,) = ask(bench, "ops/adm-01", get("admin.example.com", "/", "10.2.3.4"))
    assert [answer.partition(" ")[0] for answer in result.answers] == ["200", "403"]
