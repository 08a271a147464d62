"""One gateway for all machines: names that do not clash, upstreams that are shared or kept apart, secrets and protocols."""

from pathlib import Path
from typing import Any

import pytest

from tests.fleet.fleets import Made, made, main, proxied, site

TLS = "ssl_certificate {0};\n    ssl_certificate_key {0}.key;\n    "


def group(name: str, *addresses: str) -> str:
    return f"upstream {name} {{\n" + "".join(f"    server {address};\n" for address in addresses) + "}\n"


def secrets(fleet: Made) -> dict[str, str]:
    """The secret's name by host."""
    servers = [server for o in fleet.objects("Gateway") for server in o["spec"]["servers"] if "tls" in server]
    return {host: server["tls"]["credentialName"] for server in servers for host in server["hosts"]}


def tls(name: str, certificate: str, more: str = "") -> str:
    return site(TLS.format(certificate) + more + proxied(), name, "443 ssl")


@pytest.mark.parametrize("names", [("app", "app"), ("app_v1", "app-v1"), ("App", "app")])
def test_upstreams_of_one_name_and_other_servers_are_kept_apart(tmp_path: Path, names: tuple[str, str]) -> None:
    texts = {
        host: main(group(name, f"10.0.{n}.1", f"10.0.{n}.2") + site(proxied(name), f"{host}.example.com"))
        for n, (host, name) in enumerate(zip("ab", names, strict=True))
    }
    fleet = made(tmp_path, texts)
    assert fleet.behind("a.example.com") == {"10.0.0.1", "10.0.0.2"}
    assert fleet.behind("b.example.com") == {"10.0.1.1", "10.0.1.2"}


def test_upstreams_of_one_name_and_the_same_servers_are_one(tmp_path: Path) -> None:
    texts = {host: main(group("app", "10.0.0.1") + site(proxied("app"), f"{host}.example.com")) for host in "ab"}
    fleet = made(tmp_path, texts)
    assert [o["spec"]["hosts"] for o in fleet.objects("ServiceEntry")] == [["app.upstream.internal"]]
    assert (fleet.out / "shared" / "serviceentry.yaml").is_file()


def test_an_upstream_that_one_host_uses_is_in_its_folder(tmp_path: Path) -> None:
    fleet = made(tmp_path, {"a": main(group("app", "10.0.0.1") + site(proxied("app")))})
    assert (fleet.out / "shop.example.com" / "serviceentry.yaml").is_file()


def test_no_two_objects_of_a_kind_have_the_same_name(tmp_path: Path) -> None:
    texts = {
        "a": main(site(proxied())),
        "b": main(site(proxied("10.0.0.2"), listen="8080")),
        "c": main(tls("shop.example.com", "/tls/one.pem")),
        "d": main(tls("shop-example.com", "/tls/two/one.pem")),
    }
    fleet = made(tmp_path, texts)
    for kind in ("Gateway", "VirtualService", "ServiceEntry", "DestinationRule", "EnvoyFilter"):
        names = [(o["metadata"]["namespace"], o["metadata"]["name"]) for o in fleet.objects(kind)]
        assert len(names) == len(set(names)), kind


def test_a_host_on_ports_that_no_machine_shares_is_served_on_both_under_the_same_decisions(tmp_path: Path) -> None:
    texts = {"a": main(site(proxied())), "b": main(site(proxied("10.0.0.2"), listen="8080"))}
    fleet = made(tmp_path, texts, "version: 1\nhosts: {shop.example.com: {namespace: shop}}\n")
    found = [o for o in fleet.objects("VirtualService") if "shop.example.com" in o["spec"]["hosts"]]
    assert [o["metadata"]["namespace"] for o in found] == ["shop", "shop"]
    assert fleet.behind("shop.example.com") == {"10.0.0.1", "10.0.0.2"}


def test_the_same_path_on_machines_that_share_no_site_is_another_certificate(tmp_path: Path) -> None:
    fleet = made(tmp_path, {host: main(tls(f"{host}.example.com", "/tls/server.pem")) for host in "ab"})
    assert secrets(fleet) == {"*": "a-example-com-tls", "b.example.com": "b-example-com-tls"}  # unknown names are answered as on the first
    assert sorted(s.name for s in fleet.fleet.secrets) == ["a-example-com-tls", "b-example-com-tls"]


def test_the_same_path_on_a_machine_or_on_machines_that_share_a_site_is_one_certificate(tmp_path: Path) -> None:
    one, two, three = (tls(f"{host}.example.com", "/tls/all.pem") for host in "abc")
    fleet = made(tmp_path, {"m1": main(one + two), "m2": main(two + three)})
    assert set(secrets(fleet).values()) == {"all-tls"}
    assert [s.name for s in fleet.fleet.secrets] == ["all-tls"]


def test_paths_that_come_to_one_name_are_two_certificates(tmp_path: Path) -> None:
    fleet = made(tmp_path, {"a": main(tls("a.example.com", "/one/x.pem") + tls("b.example.com", "/two/x.pem"))})
    assert len(set(secrets(fleet).values())) == 2


def test_a_certificate_beside_other_authorities_of_clients_is_another_secret(tmp_path: Path) -> None:
    verified = "ssl_verify_client on;\n    ssl_client_certificate /tls/{}.pem;\n    "
    sites = [tls(f"{name}.example.com", "/tls/all.pem", verified.format(name)) for name in ("a", "b")]
    fleet = made(tmp_path, {"m": main(*sites, tls("c.example.com", "/tls/all.pem"))})
    assert len(set(secrets(fleet).values())) == 3
    authorities = {s.name: s.certificate for s in fleet.fleet.secrets if s.kind == "ca"}
    assert authorities[f"{secrets(fleet)['b.example.com']}-cacert"] == "/tls/b.pem"
    assert sorted(authorities.values()) == ["/tls/a.pem", "/tls/b.pem"]
    assert len({tuple(o["spec"]["gateways"]) for o in fleet.objects("VirtualService") if "*" not in o["spec"]["hosts"]}) == 3


def test_a_certificate_that_the_decisions_name_stays(tmp_path: Path) -> None:
    decisions = "version: 1\nhosts: {a.example.com: {certificate: given}}\n"
    fleet = made(tmp_path, {host: main(tls(f"{host}.example.com", "/tls/given.pem")) for host in "ab"}, decisions)
    found = [(s.certificate, s.name) for s in fleet.fleet.secrets]
    assert ("/tls/given.pem", "given") in found
    assert secrets(fleet)["b.example.com"] == "b-example-com-tls"


def test_each_port_and_certificate_is_one_server_of_a_gateway(tmp_path: Path) -> None:
    texts = {host: main(site(proxied(), f"{host}.example.com")) for host in "abc"}
    texts["d"] = main(tls("d.example.com", "/tls/d.pem") + tls("e.example.com", "/tls/d.pem"))
    servers = [server for o in made(tmp_path, texts).objects("Gateway") for server in o["spec"]["servers"]]
    keys = [(s["port"]["number"], s.get("tls", {}).get("credentialName")) for s in servers]
    assert sorted(keys, key=str) == sorted(set(keys), key=str)
    assert (443, "d-tls") in keys


def test_of_sites_that_disagree_on_the_protocol_of_a_port_the_fewer_are_left_out(tmp_path: Path) -> None:
    texts = {
        "a": main(site(proxied(), "a.example.com", "8443")),
        "b": main(site(TLS.format("/tls/b.pem") + proxied(), "b.example.com", "8443 ssl")),
        "c": main(site(TLS.format("/tls/c.pem") + proxied(), "c.example.com", "8443 ssl")),
    }
    fleet = made(tmp_path, texts, "version: 1\nhosts: {default: {take: d}}\n")
    assert (fleet.site("a.example.com").chosen, fleet.site("a.example.com").key) == (None, "hosts.a.example.com.namespace")
    assert "speaks TLS for more hosts" in fleet.site("a.example.com").why
    assert [s["port"]["protocol"] for o in fleet.objects("Gateway") for s in o["spec"]["servers"] if s["port"]["number"] == 8443] == [
        "HTTPS"
    ] * 2


def test_a_namespace_with_a_gateway_of_its_own_speaks_its_own_protocols(tmp_path: Path) -> None:
    texts = {
        "a": main(site(proxied(), "a.example.com", "8443")),
        "b": main(site(TLS.format("/tls/b.pem") + proxied(), "b.example.com", "8443 ssl")),
    }
    decisions = "version: 1\ngateways: {shop: {selector: {istio: shop}}}\nhosts: {a.example.com: {namespace: shop}}\n"
    fleet = made(tmp_path, texts, decisions)
    protocols: dict[str, Any] = {
        o["metadata"]["namespace"]: s["port"]["protocol"]
        for o in fleet.objects("Gateway")
        for s in o["spec"]["servers"]
        if s["port"]["number"] == 8443
    }
    assert protocols == {"shop": "HTTP", "istio-system": "HTTPS"}
    assert {path.name for path in (fleet.out / "helm").iterdir()} == {"shop.yaml", "istio-system.yaml"}
