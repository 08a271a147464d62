"""Certificates, protocols, ciphers and client certificates: what the Gateway says, which secrets are needed, and what is lost."""

from typing import Any

import pytest

from converter.model.conversion import Conversion
from converter.model.decisions import Decisions, HostDecisions
from tests.conversions import convert_text, http, losses, objects, server

FILES = "ssl_certificate /etc/ssl/shop.example.com/fullchain.pem; ssl_certificate_key /etc/ssl/shop.example.com/privkey.pem;"


def converted(*parts: str, decisions: Decisions | None = None) -> Conversion:
    return convert_text(http(server(FILES, *parts, "location / { proxy_pass http://10.0.0.1; }", listen="443 ssl")), decisions)


def tls(conversion: Conversion) -> dict[str, Any]:
    return dict(objects(conversion, "Gateway")[0]["spec"]["servers"][0]["tls"])


def test_certificate_becomes_a_secret_that_is_named_and_never_read() -> None:
    conversion = converted()
    assert tls(conversion) == {"mode": "SIMPLE", "credentialName": "shop-example-com-tls"}
    (secret,) = conversion.secrets
    assert (secret.namespace, secret.kind, secret.certificate) == ("istio-system", "tls", "/etc/ssl/shop.example.com/fullchain.pem")
    assert losses(conversion) == {}


def test_a_decision_names_the_secret() -> None:
    conversion = converted(decisions=Decisions(hosts={"shop.example.com": HostDecisions(certificate="shop")}))
    assert tls(conversion)["credentialName"] == "shop"


@pytest.mark.parametrize(
    ("directives", "fields", "lost"),
    [
        ("ssl_protocols TLSv1.2 TLSv1.3;", {}, {}),
        ("ssl_protocols TLSv1.3;", {"minProtocolVersion": "TLSV1_3"}, {}),
        ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2;", {"minProtocolVersion": "TLSV1_0", "maxProtocolVersion": "TLSV1_2"}, {}),
        ("ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA;", {"cipherSuites": ["ECDHE-RSA-AES128-GCM-SHA256", "AES128-SHA"]}, {}),
        ("ssl_ciphers HIGH:!aNULL;", {}, {"ssl_ciphers HIGH:!aNULL": "approximate"}),
        (
            "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-SHA;",
            {"cipherSuites": ["ECDHE-RSA-AES128-GCM-SHA256"]},
            {"ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-SHA": "approximate"},
        ),
        ("ssl_client_certificate ca.crt; ssl_verify_client on;", {"mode": "MUTUAL"}, {"ssl_verify_client on": "approximate"}),
        ("ssl_client_certificate ca.crt; ssl_verify_client optional;", {"mode": "OPTIONAL_MUTUAL"}, {}),
        ("ssl_client_certificate ca.crt; ssl_verify_client off;", {}, {}),
        ("ssl_verify_client optional_no_ca;", {"mode": "MUTUAL"}, {"ssl_verify_client optional_no_ca": "unsupported"}),
    ],
)
def test_settings(directives: str, fields: dict[str, object], lost: dict[str, str]) -> None:
    conversion = converted(directives)
    found = {key: value for key, value in tls(conversion).items() if key != "credentialName"}
    relevant = {text: outcome for text, outcome in losses(conversion).items() if text.startswith("ssl_") and "ca.crt" not in text}
    assert (found, relevant) == ({"mode": "SIMPLE", **fields}, lost)


def test_client_certificates_need_a_secret_of_their_own() -> None:
    conversion = converted("ssl_client_certificate ca.crt; ssl_verify_client on;")
    assert [(secret.name, secret.kind) for secret in conversion.secrets] == [
        ("shop-example-com-tls", "tls"),
        ("shop-example-com-tls-cacert", "ca"),
    ]


def test_servers_that_trust_other_clients_have_secrets_of_their_own() -> None:
    trusted = {name: f"{FILES} ssl_verify_client on; ssl_client_certificate {name}.crt; return 404;" for name in ("one", "other")}
    conversion = convert_text(http(*(server(body, name=f"{name}.example", listen="443 ssl") for name, body in trusted.items())))
    authorities = {secret.name: secret.certificate for secret in conversion.secrets if secret.kind == "ca"}
    assert sorted(authorities.values()) == ["one.crt", "other.crt"]
    assert {f"{s['tls']['credentialName']}-cacert" for g in objects(conversion, "Gateway") for s in g["spec"]["servers"]} == set(
        authorities
    )


def test_servers_with_the_same_files_share_a_secret_and_others_do_not() -> None:
    other = "ssl_certificate /etc/ssl/b/fullchain.pem; ssl_certificate_key b.key; return 404;"
    conversion = convert_text(
        http(
            server(FILES, "return 404;", name="a.example", listen="443 ssl"),
            server(FILES, "return 404;", name="b.example", listen="443 ssl"),
            server(other, name="c.example", listen="443 ssl"),
        )
    )
    assert [secret.name for secret in conversion.secrets] == ["shop-example-com-tls", "b-tls"]


def test_one_ssl_socket_makes_the_port_tls_for_all_servers() -> None:
    conversion = convert_text(
        http(server(FILES, "return 404;", name="a.example", listen="443 ssl"), server(FILES, "return 404;", listen="443"))
    )
    assert {server["port"]["protocol"] for gateway in objects(conversion, "Gateway") for server in gateway["spec"]["servers"]} == {"HTTPS"}


def test_a_tls_server_without_certificate_serves_nothing() -> None:
    conversion = convert_text(http("server { listen 443 ssl; server_name a.example; location / { proxy_pass http://10.0.0.1; } }"))
    assert not objects(conversion, "VirtualService")
