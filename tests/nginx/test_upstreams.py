"""Upstream groups and single servers: what is registered, how it is balanced, and what is lost."""

from typing import Any

import pytest

from converter.model.conversion import Conversion
from converter.model.decisions import Decisions, Subset, UpstreamDecisions
from tests.conversions import convert_server, losses, objects, outcome, routes


def converted(lines: str, location: str = "proxy_pass http://app;", decisions: Decisions | None = None) -> Conversion:
    return convert_server(f"location / {{ {location} }}", before=f"upstream app {{ {lines} }}" if lines else "", decisions=decisions)


def entry(conversion: Conversion) -> dict[str, Any]:
    (found,) = objects(conversion, "ServiceEntry")
    return dict(found["spec"])


def policy(conversion: Conversion) -> dict[str, Any]:
    found = objects(conversion, "DestinationRule")
    return dict(found[0]["spec"]["trafficPolicy"]) if found else {}


def test_a_group_is_registered_with_its_servers() -> None:
    conversion = converted("server 10.0.0.1:8080; server 10.0.0.2 weight=3; server 10.0.0.3:81 down;")
    assert entry(conversion) == {
        "hosts": ["app.upstream.internal"],
        "location": "MESH_EXTERNAL",
        "resolution": "STATIC",
        "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}],
        "endpoints": [{"address": "10.0.0.1", "ports": {"http": 8080}}, {"address": "10.0.0.2", "weight": 3}],
    }
    assert set(losses(conversion).values()) <= {"approximate"}


def test_names_are_looked_up() -> None:
    assert entry(converted("server a.example:8080; server 10.0.0.2;"))["resolution"] == "DNS"


@pytest.mark.parametrize(
    ("lines", "balancer", "lost"),
    [
        ("least_conn;", {"simple": "LEAST_REQUEST"}, "approximate"),
        ("ip_hash;", {"consistentHash": {"useSourceIp": True}}, "approximate"),
        ("random;", {"simple": "RANDOM"}, None),
        ("hash $http_x_a consistent;", {"consistentHash": {"httpHeaderName": "x-a"}}, "approximate"),
        ("hash $cookie_s;", {"consistentHash": {"httpCookie": {"name": "s"}}}, None),
        ("hash $request_uri;", {"consistentHash": {"httpHeaderName": ":path"}}, "approximate"),
    ],
)
def test_balancing(lines: str, balancer: dict[str, object], lost: str | None) -> None:
    conversion = converted(f"{lines} server 10.0.0.1; server 10.0.0.2;")
    found = dict(policy(conversion)["loadBalancer"])
    if "httpCookie" in str(balancer):
        assert found["consistentHash"]["httpCookie"]["name"] == "s"
    else:
        assert found == balancer
    if lost:
        assert outcome(conversion, *lines.rstrip(";").split()) == lost


def test_failed_servers_are_passed_over() -> None:
    found = policy(converted("server 10.0.0.1 max_fails=3 fail_timeout=30s; server 10.0.0.2 max_fails=3 fail_timeout=30s;"))[
        "outlierDetection"
    ]
    assert (found["consecutiveLocalOriginFailures"], found["baseEjectionTime"], found["maxEjectionPercent"]) == (3, "30s", 100)
    assert "outlierDetection" not in policy(converted("server 10.0.0.1 max_fails=0; server 10.0.0.2 max_fails=0;"))
    assert "outlierDetection" not in policy(converted("server 10.0.0.1 max_fails=3;"))


def test_backup_servers_come_last() -> None:
    conversion = converted("server 10.0.0.1; server 10.0.0.2 backup;")
    assert [endpoint.get("labels") for endpoint in entry(conversion)["endpoints"]] == [{"role": "primary"}, None]
    assert policy(conversion)["loadBalancer"]["localityLbSetting"]["failoverPriority"] == ["role=primary"]


def test_further_tries_go_to_other_servers_only() -> None:
    assert routes(converted("server 10.0.0.1;"))[-1]["retries"] == {"attempts": 0}
    tried = routes(converted("server 10.0.0.1; server 10.0.0.2; server 10.0.0.3;"))[-1]["retries"]
    assert (tried["attempts"], "5xx" in tried["retryOn"]) == (2, False)
    assert routes(converted("server 10.0.0.1; server 10.0.0.2;", "proxy_pass http://app; proxy_next_upstream off;"))[-1]["retries"] == {
        "attempts": 0
    }


def test_a_single_server_needs_no_group() -> None:
    conversion = converted("", "proxy_pass http://10.0.3.12:8080;")
    assert entry(conversion)["hosts"] == ["10-0-3-12-8080.upstream.internal"]
    assert entry(conversion)["endpoints"] == [{"address": "10.0.3.12"}]
    assert routes(conversion)[-1]["rewrite"] == {"authority": "10.0.3.12:8080"}


def test_two_settings_of_one_group_make_two_upstreams() -> None:
    locations = "location /a { proxy_pass http://app; proxy_connect_timeout 5s; } location /b { proxy_pass http://app; }"
    conversion = convert_server(locations, before="upstream app { server 10.0.0.1; }")
    assert len(objects(conversion, "ServiceEntry")) == 2


def test_tls_towards_the_upstream_is_neither_verified_nor_named_unless_told() -> None:
    plain = converted("server 10.0.0.1:443;", "proxy_pass https://app;")
    (patch,) = [
        patch for found in objects(plain, "EnvoyFilter") for patch in found["spec"]["configPatches"] if patch["applyTo"] == "CLUSTER"
    ]
    context = patch["patch"]["value"]["transport_socket"]["typed_config"]
    assert (set(context), losses(plain), policy(plain)) == ({"@type"}, {}, {})
    verified = "proxy_pass https://app; proxy_ssl_verify on; proxy_ssl_trusted_certificate ca.crt; proxy_ssl_name a.example;"
    found = converted("server 10.0.0.1:443;", f"{verified} proxy_ssl_server_name on;")
    assert policy(found)["tls"] == {
        "mode": "SIMPLE", "sni": "a.example", "credentialName": found.secrets[0].name, "subjectAltNames": ["a.example"],
    }  # fmt: skip


def test_a_client_certificate_brings_a_server_name_and_that_is_told() -> None:
    lines = "proxy_ssl_certificate a.crt; proxy_ssl_certificate_key a.key; proxy_ssl_server_name off; proxy_pass https://app;"
    assert losses(converted("server 10.0.0.1:443;", lines)) == {
        "upstream app": "approximate",
        "proxy_ssl_certificate a.crt": "approximate",
        "proxy_ssl_certificate_key a.key": "approximate",
        "proxy_ssl_server_name off": "approximate",
        "proxy_pass https://app": "approximate",
    }
    named = lines.replace("off", "on")
    assert losses(converted("server 10.0.0.1:443;", named)) == {}


def test_an_address_is_never_sent_as_a_server_name() -> None:
    conversion = converted("server 10.0.0.1:443;", "proxy_ssl_server_name on; proxy_pass https://10.0.0.2:443;")
    (patch,) = [p for found in objects(conversion, "EnvoyFilter") for p in found["spec"]["configPatches"] if p["applyTo"] == "CLUSTER"]
    assert "sni" not in patch["patch"]["value"]["transport_socket"]["typed_config"]


@pytest.mark.parametrize("server", ["127.0.0.1:8080", "localhost:3000", "[::1]:80"])
def test_a_server_on_the_nginx_host_needs_a_decision(server: str) -> None:
    conversion = converted(f"server {server};")
    assert [need.key for need in conversion.decisions_needed] == ["upstreams.app"]
    assert outcome(conversion, "upstream") == "decision"
    assert routes(conversion)[-1]["directResponse"] == {"status": 502}


def test_a_decision_names_the_service() -> None:
    decisions = Decisions(upstreams={"app": UpstreamDecisions("app.shop.svc.cluster.local", 8080, Subset("v1", {"version": "v1"}))})
    conversion = converted("server 127.0.0.1:8080;", decisions=decisions)
    assert not objects(conversion, "ServiceEntry")
    (route,) = routes(conversion)[-1]["route"]
    assert route["destination"] == {"host": "app.shop.svc.cluster.local", "subset": "v1", "port": {"number": 8080}}


@pytest.mark.parametrize("lines", ["server unix:/run/app.sock;", "server 10.0.0.1 down;", ""])
def test_a_group_without_reachable_servers_answers_502(lines: str) -> None:
    conversion = convert_server("location / { proxy_pass http://app; }", before=f"upstream app {{ {lines} }}")
    assert routes(conversion)[-1]["directResponse"] == {"status": 502}


def test_an_unused_group_is_dead() -> None:
    conversion = convert_server("return 404;", before="upstream app { server 10.0.0.1; least_conn; }")
    assert (outcome(conversion, "upstream"), outcome(conversion, "server", "10.0.0.1")) == ("dead", "dead")
    assert not objects(conversion, "ServiceEntry")


@pytest.mark.parametrize("written", ["App", "app", "APP"])
def test_the_name_of_a_group_is_found_without_regard_to_case(written: str) -> None:
    conversion = convert_server(f"location / {{ proxy_pass http://{written}; }}", before="upstream aPP { server 10.0.0.1; }")
    assert entry(conversion)["hosts"] == ["app.upstream.internal"]
    assert routes(conversion)[-1]["rewrite"] == {"authority": written}
    assert losses(conversion) == {}
