"""Certificates for a test network: of one authority, good for their names, always the same for the same name."""

import datetime
import socket
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.verify.certificates import Authority

AUTHORITY = Authority()


def certificate(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def test_a_certificate_is_signed_by_the_authority() -> None:
    authority, own = certificate(AUTHORITY.certificate), certificate(AUTHORITY.pem("shop", ["shop.example.com"]))
    own.verify_directly_issued_by(authority)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_certificate_is_good_for_its_names_and_addresses() -> None:
    names = certificate(AUTHORITY.pem("several", ["a.example.com", "10.0.0.1", "::1"])).extensions
    found = names.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == ["a.example.com"]
    assert [str(address) for address in found.get_values_for_type(x509.IPAddress)] == ["10.0.0.1", "::1"]


def test_a_certificate_is_good_today_and_not_for_long() -> None:
    own, now = certificate(AUTHORITY.pem("today")), datetime.datetime.now(datetime.UTC)
    assert own.not_valid_before_utc < now < own.not_valid_after_utc < now + datetime.timedelta(days=7)


def test_the_same_name_has_the_same_certificate_and_another_one_another() -> None:
    assert AUTHORITY.pem("a") == AUTHORITY.pem("a") != AUTHORITY.pem("b")


def test_authorities_share_nothing() -> None:
    one, other = Authority(), Authority()
    assert (one.key, one.certificate) != (other.key, other.certificate)
    key = certificate(one.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key != certificate(other.certificate).public_key()


@settings(max_examples=40)
@given(st.text(max_size=80), st.lists(st.text(max_size=10), max_size=2))
def test_any_text_can_name_a_certificate(name: str, subjects: list[str]) -> None:
    assert certificate(AUTHORITY.pem(name, subjects)).issuer == certificate(AUTHORITY.certificate).subject


def test_a_client_that_trusts_the_authority_believes_the_certificate(tmp_path: Path) -> None:
    pem = tmp_path / "own.pem"
    pem.write_text(AUTHORITY.pem("served", ["shop.example.com"]), encoding="utf-8")
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cadata=AUTHORITY.certificate)
    server.load_cert_chain(pem)
    for name, believed in (("shop.example.com", True), ("other.example.com", False)):
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=handshake, args=(server, theirs))
        thread.start()
        assert greeted(client, ours, name) is believed
        thread.join()


def handshake(context: ssl.SSLContext, connection: socket.socket) -> None:
    with connection:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except (ssl.SSLError, ConnectionError):
            return


def greeted(context: ssl.SSLContext, connection: socket.socket, name: str) -> bool:
    with connection:
        try:
            context.wrap_socket(connection, server_hostname=name).close()
        except ssl.SSLCertVerificationError:
            return False
    return True
