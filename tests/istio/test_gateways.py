"""Listeners as Gateways."""

from typing import Any

from converter.istio.gateways import Gateways, gateways
from converter.istio.losses import Losses
from converter.istio.validation import validate
from converter.istio.yaml import plain
from converter.model.applications import ClientVerification, Listener, ServerTls, VirtualHost
from converter.model.decisions import Decisions, GatewayDecisions
from converter.model.places import Position
from converter.model.records import replace
from converter.model.rules import Answer, Rule

A, B = ServerTls("a-tls"), ServerTls("b-tls", lowest="1.0", highest="1.2", ciphers=("AES128-SHA",))


def host(name: str, *listeners: tuple[int, ServerTls | None], hosts: tuple[str, ...] = ()) -> VirtualHost:
    names = hosts or (f"{name}.example",)
    found = tuple(Listener(port, names, tls, Position("n", port, 1)) for port, tls in listeners)
    return VirtualHost(name, names, found, (Rule((), Answer(204), name=f"{name}.all"),), name)


def made(*hosts: VirtualHost) -> tuple[Gateways, list[dict[str, Any]]]:
    found = gateways(list(hosts), Decisions(), Losses())
    documents: list[Any] = [plain(each.document) for each in found.objects]
    assert [fault for document in documents for fault in validate(document)] == []
    return found, documents


def blocks(documents: list[dict[str, Any]]) -> dict[tuple[int, str], list[str]]:
    """By port and secret: the hosts."""
    servers = [server for document in documents for server in document["spec"]["servers"]]
    out = {(s["port"]["number"], s.get("tls", {}).get("credentialName", "")): s["hosts"] for s in servers}
    assert len(out) == len(servers)
    return out


def test_each_port_and_certificate_has_one_block() -> None:
    _, documents = made(host("a", (80, None), (443, A)), host("b", (80, None), (443, B)))
    assert blocks(documents) == {(80, ""): ["a.example", "b.example"], (443, "a-tls"): ["a.example"], (443, "b-tls"): ["b.example"]}


def test_every_virtual_host_is_bound_to_the_gateways_of_its_ports() -> None:
    found, documents = made(host("a", (80, None), (443, A)), host("b", (8080, None)))
    ports = {f"istio-system/{d['metadata']['name']}": {s["port"]["number"] for s in d["spec"]["servers"]} for d in documents}
    assert set().union(*(ports[name] for name in found.bound["a"])) == {80, 443}
    assert set().union(*(ports[name] for name in found.bound["b"])) >= {8080}


def test_a_host_that_is_not_on_all_ports_of_its_gateway_names_its_own() -> None:
    found, documents = made(host("a", (80, None), (443, A)), host("b", (443, A)))
    for name, (_, *ports) in {"a": ("", 80, 443), "b": ("", 443)}.items():
        served = {
            s["port"]["number"]
            for d in documents
            for s in d["spec"]["servers"]
            if f"istio-system/{d['metadata']['name']}" in found.bound[name]
        }
        assert found.limited.get(name, tuple(sorted(served))) == tuple(ports)


def test_no_two_gateways_have_the_same_name() -> None:
    _, documents = made(
        host("a", (80, None)), host("b", (80, None), (8443, B)), host("c", (80, None), (443, A), (8443, B)), host("d", (443, A))
    )
    names = [document["metadata"]["name"] for document in documents]
    assert len(set(names)) == len(names)


def test_port_names_are_unique_in_a_gateway() -> None:
    tls = [ServerTls(f"{'x' * 60}-{number}") for number in range(3)]
    _, documents = made(host("a", (443, tls[0])), host("b", (443, tls[1])), host("c", (443, tls[2])))
    for document in documents:
        names = [server["port"]["name"] for server in document["spec"]["servers"]]
        assert len(set(names)) == len(names)


def test_a_certificate_with_other_protocols_is_another_server_with_a_port_name_of_its_own() -> None:
    _, (document,) = made(host("a", (443, A)), host("b", (443, replace(A, lowest="1.3"))), host("c", (443, replace(A, lowest="1.1"))))
    names = [server["port"]["name"] for server in document["spec"]["servers"]]
    assert len(set(names)) == len(names) == 3


def test_a_host_that_verifies_its_clients_shares_no_gateway_with_one_that_lets_everybody_in() -> None:
    """The routes of a server are those of all hosts of its Gateway that its own hosts cover."""
    closed = replace(A, client=ClientVerification(required=True, authority="ca.crt"))
    for fleet in (False, True):
        hosts = [host("open", (443, A), hosts=("*.example.com",)), host("closed", (443, closed), hosts=("a.example.com",))]
        bound = gateways(hosts, Decisions(), Losses(), fleet).bound
        assert not set(bound["open"]) & set(bound["closed"])


def test_the_default_server_takes_every_host() -> None:
    _, documents = made(host("a", (80, None), hosts=("*",)), host("b", (80, None)))
    assert blocks(documents) == {(80, ""): ["*"]}


def test_tls_fields() -> None:
    client = ServerTls("c-tls", client=ClientVerification(required=False, authority="ca.crt"))
    _, documents = made(host("b", (443, B)), host("c", (443, client)))
    tls = {s["tls"]["credentialName"]: s["tls"] for d in documents for s in d["spec"]["servers"]}
    assert tls["b-tls"] == {
        "mode": "SIMPLE", "credentialName": "b-tls", "minProtocolVersion": "TLSV1_0", "maxProtocolVersion": "TLSV1_2", "cipherSuites": ["AES128-SHA"],
    }  # fmt: skip
    assert tls["c-tls"]["mode"] == "OPTIONAL_MUTUAL"


def test_the_gateway_s_pods_are_those_of_the_decisions() -> None:
    decisions = Decisions(gateway=GatewayDecisions("edge", {"app": "edge"}))
    (found,) = gateways([host("a", (80, None))], decisions, Losses()).objects
    document: Any = plain(found.document)
    assert (document["metadata"]["namespace"], document["spec"]["selector"]) == ("edge", {"app": "edge"})


def test_listeners_are_placed() -> None:
    losses = Losses()
    (found,) = gateways([host("a", (80, None))], Decisions(), losses).objects
    assert found.name in losses.placed[Position("n", 80, 1)]


def test_a_server_names_no_host_that_a_wildcard_of_its_own_covers() -> None:
    """istiod would give such a host the routes of the wildcard, before its own where their names are in that order."""
    hosts = [host("wildcard", (443, A), hosts=("*.example.com",)), host("www", (443, A), hosts=("www.example.com",))]
    for fleet in (False, True):
        documents: list[Any] = [plain(o.document) for o in gateways(hosts, Decisions(), Losses(), fleet).objects]
        assert blocks(documents) == {(443, "a-tls"): ["*.example.com"]}


def test_servers_of_a_gateway_cover_no_hosts_of_each_other() -> None:
    strict = replace(A, lowest="1.3")
    for fleet in (False, True):
        for wide in ("*", "*.example.com"):
            hosts = [host("wildcard", (443, A), hosts=(wide,)), host("www", (443, strict), hosts=("www.example.com",))]
            bound = gateways(hosts, Decisions(), Losses(), fleet).bound
            assert not set(bound["wildcard"]) & set(bound["www"])
