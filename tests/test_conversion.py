"""From a source to manifests and ledger."""

from pathlib import Path

import pytest

from converter.conversion import convert
from converter.model.decisions import Cutover, Decisions, Defaults, GatewayDecisions, HostDecisions, Waiver
from converter.model.outcomes import Outcome, PlatformDifference
from converter.sources import read_source
from converter.sources.source import SingleText
from converter.sources.texts import Source
from tests.conversions import convert_server, convert_text, http, losses, objects, outcome, outcomes, routes, server
from tests.gateway import UPSTREAM, answer, request

SHOP = server("location / { proxy_pass http://10.0.0.1; }")


def test_an_application_has_its_folder() -> None:
    conversion = convert_text(http(server("location / { proxy_pass http://10.0.0.1; }"), server("return 404;", name="b.example")))
    assert {path.partition("/")[0] for path in conversion.files} >= {"shop.example.com", "b.example", "kustomization.yaml"}
    assert [host.name for host in conversion.hosts] == ["shop.example.com", "b.example"]


@pytest.mark.parametrize(
    ("fragment", "asked", "expected"),
    [
        ("server { listen 80; server_name a.example; return 204; }", "/", "204"),
        ("location /a { return 204; }", "/a", "204"),
        ("proxy_pass http://10.0.0.1;", "/a", "10-0-0-1 10.0.0.1 /a"),
        ("listen 80; server_name a.example; location / { return 204; }", "/x", "204"),
    ],
)
def test_a_fragment_is_read_in_its_context(fragment: str, asked: str, expected: str) -> None:
    assert answer(convert_text(fragment), request(asked, "a.example")) == expected


def test_every_directive_has_one_row_in_source_order() -> None:
    conversion = convert_text(http(UPSTREAM, SHOP))
    positions = [row.entry.position for row in conversion.rows]
    assert positions == sorted(set(positions))
    assert [row.entry.directive for row in conversion.rows] == [
        "events", "http", "upstream", "server", "server", "listen", "server_name", "location", "proxy_pass",
    ]  # fmt: skip


def test_rows_lead_to_objects_and_objects_to_places() -> None:
    conversion = convert_text(http(SHOP))
    (row,) = [row for row in conversion.rows if row.entry.directive == "proxy_pass"]
    assert {name.split("/")[0] for name in row.objects} >= {"VirtualService", "ServiceEntry"}
    assert f"# nginx.conf:{row.entry.position.line}" in conversion.files["shop.example.com/virtualservice.yaml"]


def test_unknown_and_misplaced_directives_are_rows() -> None:
    conversion = convert_text(http(server("proxy_pas http://10.0.0.1;", "worker_processes 2;", "location / { return 204; }")))
    assert outcome(conversion, "proxy_pas") == "unknown"
    assert outcome(conversion, "worker_processes") == "invalid"


def test_waivers_are_carried_out_and_idle_ones_told() -> None:
    waivers = (Waiver("proxy_cache", "the CDN caches"), Waiver("nothing", "x"))
    conversion = convert_server("location / { proxy_cache z; proxy_pass http://10.0.0.1; }", decisions=Decisions(waive=waivers))
    assert outcome(conversion, "proxy_cache") == "waived"
    assert "NGX501" in {finding.code for finding in conversion.findings}


def test_a_source_that_cannot_be_read_is_refused_with_its_rows() -> None:
    conversion = convert_text("server { listen 80; location / { ")
    assert conversion.findings
    assert not conversion.files or routes(conversion, "*")


def test_a_source_without_servers_is_told() -> None:
    conversion = convert_text("events { }\nhttp { gzip on; }\n")
    assert ([finding.code for finding in conversion.findings], conversion.files) == (["NGX053"], {})


@pytest.mark.parametrize("block", ["stream { server { listen 80; proxy_pass 10.0.0.1:80; } }", "mail { server { listen 25; } }"])
def test_what_is_not_http_is_accounted_for(block: str) -> None:
    conversion = convert_text(f"events {{ }}\n{block}\n{http(SHOP).removeprefix('events { }')}")
    assert outcomes(conversion)["listen"][0] is Outcome.UNSUPPORTED


def test_namespaces_come_from_decisions() -> None:
    decisions = Decisions(
        gateway=GatewayDecisions("edge", {"istio": "edge"}), defaults=Defaults(namespace="apps"), hosts={"b.example": HostDecisions("b")}
    )
    conversion = convert_text(http(SHOP, server("location / { proxy_pass http://10.0.0.2; }", name="b.example")), decisions)
    found = {(o["kind"], o["metadata"]["namespace"]) for o in objects(conversion, "VirtualService") + objects(conversion, "Gateway")}
    assert found == {("VirtualService", "apps"), ("VirtualService", "b"), ("Gateway", "edge")}
    assert all(gateway["spec"]["selector"] == {"istio": "edge"} for gateway in objects(conversion, "Gateway"))


def test_a_gateway_of_another_namespace_is_named_in_full() -> None:
    conversion = convert_text(http(SHOP), Decisions(defaults=Defaults(namespace="apps")))
    (found,) = objects(conversion, "VirtualService")
    assert all(name.startswith("istio-system/") for name in found["spec"]["gateways"])


def test_without_envoyfilters_each_loss_is_told() -> None:
    never = Decisions(defaults=Defaults(envoyfilter="never"))
    settings = "proxy_set_header X-A $cookie_s; proxy_set_header Host $http_x; proxy_read_timeout 5s; proxy_cookie_path / /x;"
    conversion = convert_server(f"location / {{ proxy_pass http://10.0.0.1/x/; {settings} }}", decisions=never)
    assert not objects(conversion, "EnvoyFilter")
    found = losses(conversion)
    for start in ("proxy_set_header X-A", "proxy_cookie_path"):
        assert [text for text in found if text.startswith(start)], start
    assert routes(conversion)[-1]["timeout"] == "5s"


def test_what_only_an_envoyfilter_could_say_closes_the_route_without_one() -> None:
    never = Decisions(defaults=Defaults(envoyfilter="never"))
    conversion = convert_server(r"location ~ ^/o/(.*)$ { return 302 /n/$1?x=$arg_x; }", "location / { return 404; }", decisions=never)
    assert answer(conversion, request("/o/a")) == "403" or outcome(conversion, "return", "302") != "exact"


def test_platform_differences_are_those_that_show() -> None:
    shown = {note.difference for note in convert_text(http(SHOP)).platform}
    assert PlatformDifference.UPSTREAM_FAILURE_STATUS in shown
    assert PlatformDifference.SNI_DIFFERS not in shown
    assert not convert_text("events { }").platform


def test_a_folder_is_one_source(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("events { }\nhttp { include sites/*; }\n", encoding="utf-8")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a").write_text("server { listen 80; server_name a.example; include snippet; }", encoding="utf-8")
    (tmp_path / "snippet").write_text("location / { return 204; }", encoding="utf-8")
    conversion = convert(read_source(str(tmp_path)), Decisions())
    assert answer(conversion, request("/", "a.example")) == "204"
    assert {row.entry.position.file for row in conversion.rows} == {"nginx.conf", "sites/a", "snippet"}


def test_a_missing_include_may_have_held_a_restriction() -> None:
    """What cannot be read is not guessed: the routes that it may have closed are refused."""
    conversion = convert_server(
        "location /a { include access.conf; proxy_pass http://10.0.0.1; }", "location /b { proxy_pass http://10.0.0.1; }"
    )
    assert answer(conversion, request("/a")) == "403"
    assert answer(conversion, request("/b")).startswith("10-0-0-1")


def test_secrets_are_never_read_from_outside(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY----- abc", encoding="utf-8")
    text = http(server(f"ssl_certificate {tmp_path}/key.pem; ssl_certificate_key {tmp_path}/key.pem; return 404;", listen="443 ssl"))
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    conversion = convert(read_source(str(tmp_path / "nginx.conf")), Decisions())
    assert all("PRIVATE" not in content for content in conversion.files.values())


def test_cutover_of_an_unknown_upstream_changes_nothing() -> None:
    text = http(SHOP)
    source = Source("nginx.conf", "nginx.conf", SingleText("nginx.conf", text.encode()))
    assert convert(source, Decisions(cutover={"gone": Cutover("shift", 90)})).files == convert_text(text).files
