"""From a source and its manifests to a job of the laboratory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from converter.model.verification import Request
from converter.verify.addresses import address_of
from converter.verify.istiod.client import Configuration, Gateway
from converter.verify.preparation import addressed, groups, prepare
from converter.verify.subject import Subject
from tests.conversions import http
from tests.verify import real


class Istiod:
    """Sends nothing."""

    def configuration(self, manifests: str, gateway: Gateway) -> Configuration:
        return Configuration({kind: [] for kind in ("listeners", "routes", "clusters", "endpoints")}, ())


Of = Callable[..., Subject]


@pytest.fixture
def of(tmp_path: Path) -> Of:
    """A configuration of these parts of http."""

    def subject(*parts: str, decisions: str = "") -> Subject:
        if decisions:
            (tmp_path / "migration.yaml").write_text(decisions, encoding="utf-8")
        return real.subject(real.written(tmp_path, {"nginx.conf": http(*parts)}), tmp_path / "migration.yaml" if decisions else None)

    return subject


@pytest.mark.parametrize(
    ("part", "name", "port"),
    [
        ("server { listen 80; location / { proxy_pass http://Api.example; } }", "api.example", 80),
        ("server { listen 80; location / { proxy_pass http://api.example:8080/x; } }", "api.example", 8080),
        ("upstream u { server api.example:81; }", "api.example", 81),
        ("map $uri $to { default http://api.example:82; }", "api.example", 82),
        ("server { listen 80; location / { proxy_pass http://b\u00fcro.example; } }", "b\u00fcro.example", 80),
    ],
)
def test_every_host_that_nginx_may_have_to_reach_is_in_the_test_network(part: str, name: str, port: int, of: Of) -> None:
    job = prepare(of(part), (), Istiod()).job
    assert job.names[name] == address_of(name)
    assert port in job.ports


def test_an_upstream_on_nginxs_own_host_answers_there_but_for_ports_that_nginx_listens_on(of: Of) -> None:
    servers = "server { listen 81; location / { proxy_pass http://127.0.0.1:8080; } location /own { proxy_pass http://localhost:81; } }"
    assert prepare(of(servers), (), Istiod()).job.loopback == (8080,)


def test_a_request_goes_to_an_address_on_which_nginx_listens(of: Of) -> None:
    subject = of("server { listen 10.9.0.1:80; }", "server { listen 81; }", "server { listen 10.9.0.2:81; }")
    requests = (Request("GET", "/", "h"), Request("GET", "/", "h", port=81), Request("GET", "/", "h", address="10.9.9.9"))
    assert [request.address for request in addressed(subject, requests)] == ["10.9.0.1", "", "10.9.9.9"]


def test_servers_of_an_upstream_stand_for_each_other_and_a_backup_for_none(of: Of) -> None:
    upstream = "upstream u { server 10.0.0.1; server 10.0.0.2:81; server 10.0.0.3 backup; }"
    (group,) = groups(of(upstream, "server { listen 80; location / { proxy_pass http://u; } }")).sets
    assert group == {"10.0.0.1:80", "10.0.0.2:81"}


def test_the_certificates_of_both_sides_are_the_same(of: Of) -> None:
    """An istiod that names the secret of the conversion is given what nginx has."""
    subject = of(
        "server { listen 443 ssl; server_name shop; ssl_certificate shop.pem; ssl_certificate_key shop.key; location / { return 204; } }"
    )
    (secret,) = subject.whole.conversion.secrets
    context = {"tls_certificate_sds_secret_configs": [{"name": f"kubernetes://{secret.namespace}/{secret.name}"}]}

    class Naming(Istiod):
        def configuration(self, manifests: str, gateway: Gateway) -> Configuration:
            return Configuration({"listeners": [context], "routes": [], "clusters": [], "endpoints": []}, ())

    job = prepare(subject, (), Naming()).job
    assert job.bootstrap is not None
    (listener,) = job.bootstrap["static_resources"]["listeners"]
    assert listener["tls_certificates"][0]["certificate_chain"]["inline_string"] == job.files["/etc/nginx/shop.pem"]


def test_a_service_that_takes_an_upstreams_place_stands_for_its_servers(of: Of) -> None:
    decisions = "upstreams:\n  u: {service: orders.apps.svc.cluster.local, port: 8080}\n"
    subject = of("upstream u { server 10.0.0.1:81; }", "server { listen 80; location / { proxy_pass http://u; } }", decisions=decisions)
    (group,) = groups(subject).sets
    assert group == {"10.0.0.1:81", f"{address_of('orders.apps.svc.cluster.local')}:8080"}
