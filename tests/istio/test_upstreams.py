"""Upstreams as ServiceEntries and DestinationRules."""

from typing import Any

import pytest

from converter.istio.losses import Losses
from converter.istio.upstreams import objects
from converter.istio.validation import validate
from converter.istio.yaml import plain
from converter.model.decisions import Decisions
from converter.model.places import Position
from converter.model.upstreams import Balancing, Endpoint, FailureDetection, Upstream, UpstreamTls

ONE, TWO = Endpoint("10.0.0.1", 8080), Endpoint("10.0.0.2", 8080, 3)


def made(losses: Losses | None = None, secret: str = "", **fields: Any) -> dict[str, Any]:
    """The specs by kind; every object is one that Istio accepts."""
    base: dict[str, Any] = {
        "key": "app",
        "service": "app.upstream.internal",
        "port": 8080,
        "endpoints": (ONE,),
        "origins": (Position("n", 1, 1),),
    }
    found = objects(Upstream(**{**base, **fields}), "shared", secret, Decisions(), losses or Losses())
    documents: list[Any] = [plain(each.document) for each in found]
    assert [fault for document in documents for fault in validate(document)] == []
    return {document["kind"]: document["spec"] for document in documents}


def test_a_single_server_needs_no_policy() -> None:
    assert made() == {
        "ServiceEntry": {
            "hosts": ["app.upstream.internal"], "location": "MESH_EXTERNAL", "resolution": "STATIC",
            "ports": [{"number": 8080, "name": "http", "protocol": "HTTP"}], "endpoints": [{"address": "10.0.0.1"}],
        }
    }  # fmt: skip


def test_weights_and_ports_of_servers() -> None:
    endpoints = made(endpoints=(ONE, TWO, Endpoint("10.0.0.3", 81)))["ServiceEntry"]["endpoints"]
    assert endpoints == [{"address": "10.0.0.1"}, {"address": "10.0.0.2", "weight": 3}, {"address": "10.0.0.3", "ports": {"http": 81}}]


@pytest.mark.parametrize(
    ("balancing", "expected"),
    [
        (Balancing(), {"simple": "ROUND_ROBIN"}),
        (Balancing("least-connections"), {"simple": "LEAST_REQUEST"}),
        (Balancing("random"), {"simple": "RANDOM"}),
        (Balancing("client-address"), {"consistentHash": {"useSourceIp": True}}),
        (Balancing("header", "x-a"), {"consistentHash": {"httpHeaderName": "x-a"}}),
        (Balancing("argument", "a"), {"consistentHash": {"httpQueryParameterName": "a"}}),
    ],
)
def test_balancing(balancing: Balancing, expected: dict[str, Any]) -> None:
    assert made(endpoints=(ONE, TWO), balancing=balancing)["DestinationRule"]["trafficPolicy"]["loadBalancer"] == expected


def test_failed_servers() -> None:
    policy = made(endpoints=(ONE, TWO), failure_detection=FailureDetection(3, 30))["DestinationRule"]["trafficPolicy"]
    assert policy["outlierDetection"]["consecutiveLocalOriginFailures"] == 3
    assert policy["outlierDetection"]["baseEjectionTime"] == "30s"


def test_connections() -> None:
    pool = made(connect_timeout=2.5, max_connections=10, idle_timeout=60)["DestinationRule"]["trafficPolicy"]["connectionPool"]
    assert (pool["tcp"], pool["http"]) == ({"maxConnections": 10, "connectTimeout": "2.5s"}, {"idleTimeout": "60s"})


def test_a_service_of_the_cluster_is_not_registered() -> None:
    found = made(external=False, service="app.shop.svc.cluster.local", subset="v1", subset_labels=(("version", "v1"),))
    assert set(found) == {"DestinationRule"}
    assert found["DestinationRule"]["subsets"] == [{"name": "v1", "labels": {"version": "v1"}}]


def test_verified_tls() -> None:
    found = made(secret="app-upstream", tls=UpstreamTls("a.example", verify=True, ca="ca.crt"))
    tls = found["DestinationRule"]["trafficPolicy"]["tls"]
    assert (tls["mode"], tls["credentialName"], tls["subjectAltNames"]) == ("SIMPLE", "app-upstream", ["a.example"])
    assert found["ServiceEntry"]["ports"][0]["protocol"] == "HTTPS"


def test_a_backup_that_is_never_asked_is_told() -> None:
    losses = Losses()
    made(losses, endpoints=(ONE, Endpoint("10.0.0.2", 8080, backup=True)))
    assert [loss.outcome.value for loss in losses.found] == ["approximate"]


def test_each_object_is_placed_for_its_directives() -> None:
    losses = Losses()
    made(losses, endpoints=(Endpoint("10.0.0.1", 8080, origin=Position("n", 2, 1)),))
    assert {position.line for position in losses.placed} == {1, 2}
