"""Upstream groups and single servers.

Source: ngx_http_upstream_module (https://nginx.org/en/docs/http/ngx_http_upstream_module.html); ngx_http_upstream_server and
ngx_http_upstream_init_round_robin in nginx's source.
"""

import hashlib
import re
from dataclasses import dataclass, field

from msgspec import Struct

from converter.model.addresses import ip_address, is_address
from converter.model.decisions import Decisions
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.upstreams import Endpoint, Upstream
from converter.model.values import Template
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow
from converter.nginx.telling import Telling
from converter.nginx.upstream_settings import balancing, connect_timeout, connections, failure_detection, tls
from converter.syntax.tree import Directive

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::(\d{1,5}))?")
_DOMAIN = "upstream.internal"
_NAME = re.compile(r"(?i)(?!.{256})[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\.?")


class Target(Struct, frozen=True):
    """What a rule needs to know of an upstream: its key, `$proxy_host` and `$proxy_port`, and how many servers may be tried."""

    key: str
    host: Template
    port: Template
    servers: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """A `scheme://host` that a proxy_pass on a level asks for; `group`: the upstream block of that name."""

    scheme: str
    host: str
    group: Directive | None
    scope: Scope
    directive: Directive

    @property
    def place(self) -> Directive:
        return self.group or self.directive

    @property
    def usual_port(self) -> int:
        return 443 if self.scheme == "https" else 80

    @property
    def proxy_host(self) -> str:
        """nginx's `$proxy_host`: the host as proxy_pass writes it, a usual port left out."""
        return self.host if self.group is not None else self.host.removesuffix(f":{self.usual_port}")

    @property
    def proxy_port(self) -> str:
        """nginx's `$proxy_port`."""
        port = self.proxy_host.rpartition(":")[2]
        return port if port.isdigit() else str(self.usual_port)

    def servers(self, telling: Telling) -> tuple[str, tuple[Endpoint, ...], int]:
        """The name of the group or server, its servers and its port."""
        if self.group is not None:
            return self.group.args[0], servers(self.group, telling), self.usual_port
        address, port = _split(self.host, self.usual_port, self.directive)
        return self.proxy_host, (Endpoint(address, port, origin=self.directive.position),), port

    def upstream(self, name: str, endpoints: tuple[Endpoint, ...], port: int, telling: Telling) -> Upstream:
        settings = tls(self.scope, self.proxy_host, self.directive, telling) if self.scheme == "https" else None
        made = Upstream(
            key=name if settings is None else f"https://{name}",
            service="",
            port=port,
            endpoints=endpoints,
            tls=settings,
            connect_timeout=connect_timeout(self.scope, telling),
            origins=(self.place.position,),
        )
        if self.group is None:
            return made
        telling.say(self.group, Outcome.EXACT)
        detection = failure_detection(self.group, telling) if len(endpoints) > 1 else None
        return connections(self.group, replace(made, balancing=balancing(self.group, telling), failure_detection=detection), telling)


def _check_reachable(asked: _Asked, name: str, endpoints: tuple[Endpoint, ...], telling: Telling) -> None:
    """Raises CannotFollow for servers that a gateway cannot reach or look up."""
    if any(_local(endpoint.address) for endpoint in endpoints):
        telling.ask(f"upstreams.{name}", f"{name} is on the nginx host itself. Which Kubernetes service stands for it?")
        telling.say(asked.place, Outcome.DECISION, f"the server is nginx's own host: name its service under upstreams.{name}")
        raise CannotFollow(asked.directive, f"{name} is on the nginx host itself, which a gateway cannot reach", 502)
    for endpoint in endpoints:
        if not _NAME.fullmatch(endpoint.address) and not is_address(endpoint.address):
            raise CannotFollow(asked.directive, f"{endpoint.address} is no name that Istio can look up", 502)


@dataclass(slots=True)
class Upstreams:
    """The groups that are defined, all upstreams that routes were found to use, by key, and all names that were asked for.

    groups: by the name in lower case, as nginx compares them (ngx_http_upstream_add).
    services: the names in the registry, each with the key that has it.
    targets: what plain HTTP to a group leads to, by group, `$proxy_host` and the directive that sets the connect timeout.
    """

    groups: dict[str, Directive]
    decisions: Decisions
    used: dict[str, Upstream] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    services: dict[str, str] = field(default_factory=dict)
    targets: dict[tuple[Directive, str, Directive | None], Target] = field(default_factory=dict)

    def looked_up(self, host: str) -> bool:
        """Whether `host[:port]` is a name that only a name server knows."""
        return host.lower() not in self.groups and not is_address(host.rpartition(":")[0] or host)

    def target(self, scheme: str, host: str, scope: Scope, directive: Directive, telling: Telling) -> Target:
        """The upstream behind `scheme://host`. Raises CannotFollow."""
        group = self.groups.get(host.lower())
        if group is None or scheme == "https":
            return self._target(_Asked(scheme, host, group, scope, directive), telling)
        key = (group, host, scope.value("proxy_connect_timeout"))  # all that the result depends on
        if key not in self.targets:
            self.targets[key] = self._target(_Asked(scheme, host, group, scope, directive), telling)
        return self.targets[key]

    def _target(self, asked: "_Asked", telling: Telling) -> Target:
        name, endpoints, port = asked.servers(telling)
        self.asked.add(name)
        if not endpoints:
            raise CannotFollow(asked.place, "the upstream has no server that a gateway can reach", 502)
        if name not in self.decisions.upstreams:
            _check_reachable(asked, name, endpoints, telling)
        key = self._keep(self._decided(asked.upstream(name, endpoints, port, telling), name))
        return Target(key, Template.of(asked.proxy_host), Template.of(asked.proxy_port), len(self.used[key].endpoints))

    def _keep(self, upstream: Upstream) -> str:
        """Routes that need other settings of the same servers get an upstream of their own."""
        key, number = upstream.key, 1
        while True:
            named = replace(upstream, key=key, service=upstream.service or self._service(key))
            known = self.used.setdefault(key, named)
            if known is named:
                return key
            if replace(known, origins=()) == replace(named, origins=()):
                self.used[key] = known.joined(named)
                return key
            number += 1
            key = f"{upstream.key}-{number}"

    def _service(self, key: str) -> str:
        """A name of its own: other keys may come to the same one (`a_b`, `a-b`)."""
        name = service_name(key)
        if self.services.setdefault(name, key) != key:
            label, _, domain = name.partition(".")
            return f"{label[:50]}-{hashlib.sha256(key.encode()).hexdigest()[:6]}.{domain}"
        return name

    def _decided(self, upstream: Upstream, name: str) -> Upstream:
        decided = self.decisions.upstreams.get(name)
        if decided is None:
            return upstream
        subset = decided.subset
        return replace(
            upstream,
            service=decided.service,
            port=decided.port,
            external=False,
            tls=upstream.tls if decided.port in (443, 8443) else None,
            subset=subset.name if subset else "",
            subset_labels=tuple(sorted(subset.labels.items())) if subset else (),
        )


def service_name(key: str) -> str:
    """A name in the registry for an upstream: DNS labels of letters, digits and hyphens.

    >>> service_name("backend_pool"), service_name("10.0.3.12:8080")
    ('backend-pool.upstream.internal', '10-0-3-12-8080.upstream.internal')
    """
    label = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-") or "upstream"
    if len(label) > 50 or (label != re.sub(r"[^a-z0-9]", "-", key.lower().replace("://", "-")) and not _plain(key)):
        label = f"{label[:50].rstrip('-')}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"
    return f"{label}.{_DOMAIN}"


def _plain(key: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]+(?:(?:[-_.:]|://)[A-Za-z0-9]+)*", key) is not None


def _split(host: str, port: int, directive: Directive) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(host)
    if not match or host.startswith("unix"):
        raise CannotFollow(directive, f"{host or 'an empty address'} is not a host that a gateway can reach", 502)
    if not 0 < int(match[2] or port) < 65536:
        raise CannotFollow(directive, f"{match[2]} is no port", 502)
    return match[1].strip("[]"), int(match[2] or port)


def _local(name: str) -> bool:
    """Whether a name or address is that of the nginx host itself."""
    found = ip_address(name)
    if found is None:
        return name == "localhost"
    return found.is_loopback or found.is_unspecified or found.is_link_local


def servers(group: Directive, telling: Telling) -> tuple[Endpoint, ...]:
    """The servers of a group that are not down, in source order; a server without port has 80."""
    out = []
    for line in group.block or ():
        if line.name != "server" or not line.args:
            continue
        match = _ADDRESS.fullmatch(line.args[0])
        parameters = dict(p.partition("=")[::2] for p in line.args[1:])
        if line.args[0].startswith("unix:") or not match:
            telling.say(line, Outcome.UNSUPPORTED, "a gateway cannot reach a unix socket of another host; give the server an address")
        elif not 0 < int(match[2] or 80) < 65536:
            telling.say(line, Outcome.INVALID, f"{match[2]} is no port")
        elif "down" in parameters:
            telling.say(line, Outcome.EXACT)
        else:
            telling.say(line, *_verdict(parameters))
            weight = int(parameters.get("weight") or 1) if (parameters.get("weight") or "1").isdigit() else 1
            out.append(Endpoint(match[1].strip("[]"), int(match[2] or 80), weight, "backup" in parameters, line.position))
    return tuple(out)


def _verdict(parameters: dict[str, str]) -> tuple[Outcome, str]:
    extra = sorted(set(parameters) - {"weight", "max_fails", "fail_timeout", "max_conns", "backup", "resolve"})
    if extra:
        return Outcome.APPROXIMATE, f"{', '.join(extra)}: no counterpart"
    if parameters.get("max_conns", "0") != "0":
        return Outcome.APPROXIMATE, "max_conns: the limit is for the whole group and each gateway pod, not for one server"
    return Outcome.EXACT, ""
