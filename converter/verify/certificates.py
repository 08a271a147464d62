"""Certificates for a test network, made on the spot: one authority, one key for all, a certificate of its own for each name."""

import datetime
import ipaddress
from collections.abc import Iterable
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from converter.model.addresses import is_address

_LIFE = datetime.timedelta(days=2)


class Authority:
    """Makes certificates. All texts are PEM."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._made: dict[str, str] = {}

    @cached_property
    def certificate(self) -> str:
        """Of the authority itself."""
        return self._signed("nginx2istio verify", (), x509.BasicConstraints(True, None))

    @cached_property
    def key(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self._key.private_bytes(encoding, form, serialization.NoEncryption()).decode()

    def pem(self, name: str, subjects: Iterable[str] = ()) -> str:
        """Certificate and key for a name, always the same for the same name. subjects: DNS names and addresses that it is good for."""
        if name not in self._made:
            self._made[name] = self._signed(name, subjects, x509.BasicConstraints(False, None)) + self.key
        return self._made[name]

    def _signed(self, name: str, subjects: Iterable[str], role: x509.BasicConstraints) -> str:
        now = datetime.datetime.now(datetime.UTC)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nginx2istio verify")])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common(name))])
        builder = x509.CertificateBuilder(issuer, subject, self._key.public_key(), x509.random_serial_number(), now - _LIFE, now + _LIFE)
        builder = builder.add_extension(role, critical=True)
        if names := [_general(subject) for subject in subjects if subject.isascii()]:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _common(name: str) -> str:
    """What fits of a name, at most 64 characters of ASCII."""
    return name.encode("ascii", "replace").decode()[-64:] or "none"


def _general(subject: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(subject)) if is_address(subject) else x509.DNSName(subject)
