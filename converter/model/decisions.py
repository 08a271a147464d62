"""What the configuration cannot say and people decide: the contents of migration.yaml (DESIGN: Decisions)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GatewayDecisions:
    """The ingress gateway: where it runs, how its pods are selected, how many trusted proxies stand before it."""

    namespace: str = "istio-system"
    selector: dict[str, str] = field(default_factory=lambda: {"istio": "ingressgateway"})
    trusted_proxies: int | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """For all hosts. envoyfilter: `needed` or `never`. read_timeout: `idle` (as nginx means it) or `total`. fidelity: `standard`."""

    namespace: str = ""
    fidelity: str = "standard"
    envoyfilter: str = "needed"
    read_timeout: str = "idle"
    mirror_methods: tuple[str, ...] = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class HostDecisions:
    """For one host: another namespace, the name of the secret that holds its certificate."""

    namespace: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Subset:
    name: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpstreamDecisions:
    """An upstream that has moved: the Kubernetes service that stands for it now."""

    service: str
    port: int
    subset: Subset | None = None


@dataclass(frozen=True, slots=True)
class Cutover:
    phase: str = "legacy"
    legacy_weight: int = 100


@dataclass(frozen=True, slots=True)
class Waiver:
    """A directive that may be lost. where: `file:line`, or a glob over files; empty for everywhere."""

    directive: str
    reason: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The whole file. Every part has a default: no file at all is a valid set of decisions."""

    version: int = 1
    gateway: GatewayDecisions = field(default_factory=GatewayDecisions)
    defaults: Defaults = field(default_factory=Defaults)
    hosts: dict[str, HostDecisions] = field(default_factory=dict)
    upstreams: dict[str, UpstreamDecisions] = field(default_factory=dict)
    cutover: dict[str, Cutover] = field(default_factory=dict)
    waive: tuple[Waiver, ...] = ()

    def namespace_of(self, host: str) -> str:
        """Where the objects of a host go: its own namespace, the default one, or the gateway's."""
        own = self.hosts.get(host)
        return (own.namespace if own else "") or self.defaults.namespace or self.gateway.namespace
