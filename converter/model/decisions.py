"""What the configuration cannot say and people decide: the contents of migration.yaml (DESIGN: Decisions)."""

from dataclasses import dataclass, field

from converter.model.records import replace


@dataclass(frozen=True, slots=True)
class GatewayDecisions:
    """The ingress gateway: where it runs, how its pods are selected, how many trusted proxies stand before it.

    node_group: labels of the nodes that its pods run on.
    """

    namespace: str = "istio-system"
    selector: dict[str, str] = field(default_factory=lambda: {"istio": "ingressgateway"})
    trusted_proxies: int | None = None
    node_group: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnGateway:
    """The ingress gateway of a namespace that has one of its own: as GatewayDecisions."""

    selector: dict[str, str]
    node_group: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Defaults:
    """For all hosts. envoyfilter: `needed` or `never`. read_timeout: `idle` (as nginx means it) or `total`. fidelity: `standard`.

    drift: what to do where machines serve a host almost alike: `ask`, or take the `majority`.
    """

    namespace: str = ""
    fidelity: str = "standard"
    envoyfilter: str = "needed"
    read_timeout: str = "idle"
    mirror_methods: tuple[str, ...] = ("GET", "HEAD")
    drift: str = "ask"


@dataclass(frozen=True, slots=True)
class HostDecisions:
    """For one host: another namespace, the name of the secret that holds its certificate.

    take: of a host that machines serve differently, the machine whose configuration counts, or `majority`.
    """

    namespace: str = ""
    certificate: str = ""
    take: str = ""


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
    gateways: dict[str, OwnGateway] = field(default_factory=dict)
    defaults: Defaults = field(default_factory=Defaults)
    hosts: dict[str, HostDecisions] = field(default_factory=dict)
    upstreams: dict[str, UpstreamDecisions] = field(default_factory=dict)
    cutover: dict[str, Cutover] = field(default_factory=dict)
    waive: tuple[Waiver, ...] = ()

    def namespace_of(self, host: str) -> str:
        """Where the objects of a host go: its own namespace, the default one, or the gateway's."""
        own = self.hosts.get(host)
        return (own.namespace if own else "") or self.defaults.namespace or self.gateway.namespace

    def for_host(self, host: str) -> "Decisions":
        """The same with the gateway that serves this host: that of its namespace where it has one of its own, else the common one."""
        namespace = self.namespace_of(host)
        own = self.gateways.get(namespace)
        if own is None:
            return self
        gateway = replace(self.gateway, namespace=namespace, selector=own.selector, node_group=own.node_group)
        return replace(self, gateway=gateway)
