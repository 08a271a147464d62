"""What istiod sends, as the static configuration of an Envoy."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from converter.verify.envoy import Missing, bootstrap, endpoints_of

MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def at(address: str, port: int) -> dict[str, Any]:
    return {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": address, "port_value": port}}}}]}


def resources() -> dict[str, list[Any]]:
    manager = {
        "@type": MANAGER,
        "rds": {"route_config_name": "http.8080"},
        "http_filters": [{"name": "istio.alpn"}, {"name": "envoy.filters.http.router"}],
    }
    context = {
        "tls_certificate_sds_secret_configs": [{"name": "kubernetes://edge/shop-tls"}],
        "combined_validation_context": {
            "default_validation_context": {"match_typed_subject_alt_names": []},
            "validation_context_sds_secret_config": {"name": "kubernetes://shop-cacert"},
        },
    }
    chain = {
        "filters": [{"name": "istio.metadata_exchange"}, {"typed_config": manager}],
        "transport_socket": {"typed_config": {"common_tls_context": context}},
    }
    return {
        "listeners": [{"name": "l", "filter_chains": [chain]}],
        "routes": [{"name": "http.8080", "virtual_hosts": [{"name": "shop"}]}],
        "clusters": [
            {
                "name": "eds",
                "type": "EDS",
                "eds_cluster_config": {"service_name": "orders"},
                "filters": [{"name": "istio.metadata_exchange"}],
            },
            {"name": "dns", "type": "STRICT_DNS", "dns_lookup_family": "V4_ONLY", "load_assignment": {"endpoints": [at("b.example", 81)]}},
            {"name": "lone", "type": "EDS"},
            {"name": "through", "type": "ORIGINAL_DST"},
        ],
        "endpoints": [{"cluster_name": "orders", "endpoints": [at("10.0.0.1", 80)]}],
    }


def made(given: dict[str, list[Any]]) -> dict[str, Any]:
    return bootstrap(given, lambda host: {"b.example": "10.9.9.9"}.get(host, host), lambda name: f"PEM of {name}", "/log")


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def test_clusters_are_static_with_addresses_for_names() -> None:
    clusters = {cluster["name"]: cluster for cluster in made(resources())["static_resources"]["clusters"]}
    assert list(clusters) == ["eds", "dns", "lone"]
    assert {cluster["type"] for cluster in clusters.values()} == {"STATIC"}
    assert "dns_lookup_family" not in clusters["dns"]
    assert clusters["eds"]["load_assignment"]["cluster_name"] == "eds"
    assert clusters["lone"]["load_assignment"]["endpoints"] == []
    assert endpoints_of(made(resources())) == {("10.0.0.1", 80), ("10.9.9.9", 81)}


def test_nothing_is_fetched_by_name_any_more() -> None:
    names = {key for node in nodes(made(resources())) for key in node}
    assert not {name for name in names if "sds" in name or name == "rds" or name == "eds_cluster_config"}


def test_routes_and_secrets_stand_where_they_were_named() -> None:
    found = made(resources())
    assert [node["route_config"]["virtual_hosts"] for node in nodes(found) if "route_config" in node] == [[{"name": "shop"}]]
    (context,) = [node for node in nodes(found) if "tls_certificates" in node]
    assert context["tls_certificates"][0]["private_key"] == {"inline_string": "PEM of shop-tls"}
    assert context["validation_context"]["trusted_ca"] == {"inline_string": "PEM of shop-cacert"}


def test_a_route_configuration_that_was_not_sent_is_empty() -> None:
    found = made({**resources(), "routes": []})
    assert [node["route_config"] for node in nodes(found) if "route_config" in node] == [{"name": "http.8080", "virtual_hosts": []}]


def test_filters_of_istios_own_envoy_are_taken_away() -> None:
    names = [entry.get("name") for node in nodes(made(resources())) for key in ("http_filters", "filters") for entry in node.get(key, ())]
    assert "envoy.filters.http.router" in names
    assert not [name for name in names if name and name.startswith("istio.")]


def test_every_connection_manager_tells_who_decided() -> None:
    (manager,) = [node for node in nodes(made(resources())) if node.get("@type") == MANAGER]
    (log,) = manager["access_log"]
    assert log["typed_config"]["path"] == "/log"
    assert set(log["typed_config"]["log_format"]["json_format"]) == {"id", "route", "details"}


def test_what_istiod_sent_stays_as_it_was() -> None:
    given = resources()
    before = copy.deepcopy(given)
    made(given)
    assert given == before


@pytest.mark.parametrize("missing", ["custom_response.v3.CustomResponse", "api_key_auth.v3.ApiKeyAuth", "file_server.v3.FileServer"])
def test_an_extension_that_a_real_gateway_does_not_have_is_refused(missing: str) -> None:
    given = resources()
    given["listeners"].append({"typed_config": {"@type": f"type.googleapis.com/envoy.extensions.filters.http.{missing}"}})
    with pytest.raises(Missing, match=missing.partition(".")[0]):
        made(given)


def test_the_result_is_json() -> None:
    assert json.loads(json.dumps(made(resources()))) == made(resources())
