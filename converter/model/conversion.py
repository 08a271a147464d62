"""The result of a conversion: everything that reports and files are made from."""

import shlex
from dataclasses import dataclass

from msgspec import Struct, field

from converter.model.findings import Finding
from converter.model.ledger import Row
from converter.model.outcomes import PlatformDifference


@dataclass(frozen=True, slots=True)
class PlatformNote:
    """A platform difference that shows for this configuration: when, an example, what can be done."""

    difference: PlatformDifference
    reason: str


@dataclass(frozen=True, slots=True)
class SecretNeeded:
    """A Kubernetes secret that the manifests name. Its files were never read. kind: `tls`, `ca`."""

    namespace: str
    name: str
    kind: str
    certificate: str = ""
    key: str = ""

    @property
    def command(self) -> str:
        """The command that creates it, run where the files are. Their names are quoted for the shell: they are whatever the source says."""
        certificate, key = shlex.quote(self.certificate), shlex.quote(self.key)
        base = f"kubectl create -n {self.namespace} secret"
        if self.kind == "ca":
            return f"{base} generic {self.name} --from-file=ca.crt={certificate}"
        return f"{base} tls {self.name} --cert={certificate} --key={key}"


@dataclass(frozen=True, slots=True)
class DecisionNeeded:
    """A question that only people can answer. key: where the answer goes in the decisions file, such as `gateway.trusted_proxies`."""

    key: str
    question: str


class HostSummary(Struct, frozen=True):
    """An application for readers. objects: `Kind/namespace/name` of its manifests; origins: `file:line` of its servers."""

    name: str
    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    rules: int
    refused: int
    objects: tuple[str, ...]
    origins: tuple[str, ...]
    files: tuple[str, ...] = ()


class Conversion(Struct, frozen=True):
    """What came of one source.

    source: as the user named it.  files: path in the output folder -> text, all manifests (reports are made from this object).
    """

    source: str
    files: dict[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    hosts: tuple[HostSummary, ...] = ()
    platform: tuple[PlatformNote, ...] = ()
    secrets: tuple[SecretNeeded, ...] = ()
    decisions_needed: tuple[DecisionNeeded, ...] = ()
