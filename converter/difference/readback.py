"""Manifests read back as decision lists, as far as a VirtualService, its Gateways, policies and services say what comes of a request.

What a rule cannot hold (the script's orders, a DestinationRule, a mirror) is kept beside it as text, to be compared as it is written.
"""

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from converter.difference.lists import Lists
from converter.difference.routes import Route, routes
from converter.istio.documents import mapping, mappings, texts
from converter.model.applications import Application, ClientVerification, Listener, ServerTls, VirtualHost
from converter.model.guards import PATH, Condition, FromNetworks, Guard, Network, Test
from converter.model.rules import Refuse, Rule
from converter.model.upstreams import Endpoint, Upstream
from converter.model.values import Source, Variable

Document = Mapping[str, Any]
_PORT, _HOST = Variable(Source.LOCAL_PORT), Variable(Source.HOST)


def read_back(documents: Iterable[tuple[str, Document]]) -> Lists:
    """The decision lists of manifests, each with the path of its file. What is no manifest of Istio is passed over."""
    found = [(path, d) for path, d in documents if isinstance(d.get("metadata"), dict) and isinstance(d.get("spec"), dict)]
    by_kind = {kind: [d for _, d in found if d.get("kind") == kind] for kind in ("Gateway", "AuthorizationPolicy", "EnvoyFilter")}
    gateways = {f"{d['metadata'].get('namespace', '')}/{d['metadata'].get('name', '')}": d for d in by_kind["Gateway"]}
    others: dict[str, list[tuple[str, str]]] = {}
    for name, text in _orders(by_kind["EnvoyFilter"]):
        others.setdefault(name, []).append(("EnvoyFilter", text))
    services = _services(d for _, d in found)
    connections = _connections(d for _, d in found)
    upstreams: dict[str, Upstream] = {}
    applications = []
    for path, document in found:
        if document.get("kind") != "VirtualService":
            continue
        own = list(routes(document))
        for route in own:
            others.setdefault(route.rule.name, []).extend(route.others)
            for service, _ in route.destinations:
                upstreams.setdefault(route.upstream, _upstream(route, services))
                others[route.rule.name] += [("connections", text) for text in connections.get(service, ())]
        applications.append(_application(path, document, own, gateways, by_kind["AuthorizationPolicy"]))
    return Lists(tuple(applications), upstreams, {name: tuple(dict.fromkeys(pairs)) for name, pairs in others.items()}, tidy=True)


def _application(
    path: str, document: Document, own: list[Route], gateways: Mapping[str, Document], policies: list[Document]
) -> Application:
    metadata, spec = document["metadata"], document["spec"]
    hosts, name = tuple(texts(spec.get("hosts"))), str(metadata.get("name", ""))
    bound = [ref if "/" in ref else f"{metadata.get('namespace', '')}/{ref}" for ref in texts(spec.get("gateways"))]
    servers = [server for ref in bound if ref in gateways for server in mappings(gateways[ref]["spec"].get("servers"))]
    listeners = tuple(listener for server in servers if (listener := _listener(server, hosts)) is not None)
    ports = {listener.port for listener in listeners}
    refusals = [rule for policy in policies for rule in _refusals(policy, hosts) if not _elsewhere(rule.guard, ports)]
    folder = path.partition("/")[0] if "/" in path else name
    return Application(folder, (VirtualHost(name, hosts, listeners, (*refusals, *(route.rule for route in own)), folder),))


def _listener(server: Document, hosts: tuple[str, ...]) -> Listener | None:
    port, tls = mapping(server.get("port")).get("number"), mapping(server.get("tls"))
    names = tuple(
        dict.fromkeys(both for host in hosts for own in texts(server.get("hosts")) if (both := _common(host, own.rpartition("/")[2])))
    )
    if not isinstance(port, int) or not names:
        return None
    return Listener(port, names, _tls(tls) if "mode" in tls else None)


def _common(host: str, other: str) -> str:
    """The narrower of two names; empty where they have nothing in common."""
    for narrow, wide in ((host, other), (other, host)):
        if wide == "*" or narrow == wide or (wide.startswith("*.") and narrow.endswith(wide[1:])):
            return narrow
    return ""


def _tls(tls: Document) -> ServerTls:
    mode = str(tls.get("mode"))
    client = ClientVerification(mode == "MUTUAL", "the secret") if mode in ("MUTUAL", "OPTIONAL_MUTUAL") else None
    lowest, highest = (str(tls.get(name, "")) for name in ("minProtocolVersion", "maxProtocolVersion"))
    return ServerTls(str(tls.get("credentialName", "")), lowest, highest, tuple(texts(tls.get("cipherSuites"))), client)


def _refusals(policy: Document, hosts: tuple[str, ...]) -> Iterator[Rule]:
    """The rules of a policy that refuse requests for some of the hosts: they are asked before any route."""
    name = str(policy["metadata"].get("name", ""))
    if policy["spec"].get("action") != "DENY":
        return
    for number, rule in enumerate(mappings(policy["spec"].get("rules")), 1):
        title = f"AuthorizationPolicy {name} rule {number}"
        sources = [mapping(item.get("source")) for item in mappings(rule.get("from"))] or [{}]
        operations = [mapping(item.get("operation")) for item in mappings(rule.get("to"))] or [{}]
        for source in sources:
            for operation in operations:
                named = texts(operation.get("hosts"))
                if not named or {*named} & {*hosts}:
                    yield from (Rule(guard, Refuse(name), name=title) for guard in _guards(source, operation, hosts))


def _guards(source: Document, operation: Document, hosts: tuple[str, ...]) -> Iterator[Guard]:
    guard: list[Condition | FromNetworks] = []
    for key, holds in (("remoteIpBlocks", True), ("notRemoteIpBlocks", False)):
        if key in source:
            guard.append(FromNetworks(tuple(_networks(texts(source[key]))), holds))
    guard += [_path(text).negated() for text in texts(operation.get("notPaths"))]
    guard += [Condition(_PORT, Test.EXACT, text, holds=False) for text in texts(operation.get("notPorts"))]
    named = [name for name in texts(operation.get("hosts")) if ":" not in name]
    if named and not {*hosts} <= {*named}:
        guard.append(Condition(_HOST, Test.REGEX, "|".join(name.replace(".", r"\.").replace("*", ".*") for name in named)))
    paths: list[Guard] = [(_path(text),) for text in texts(operation.get("paths"))] or [()]
    yield from ((*path, *guard) for path in paths)


def _elsewhere(guard: Guard, ports: set[int]) -> bool:
    """Whether a guard leaves all of the ports out."""
    excepted = {c.text for c in guard if isinstance(c, Condition) and c.subject == _PORT and not c.holds}
    return bool(ports) and {str(port) for port in ports} <= excepted


def _path(text: str) -> Condition:
    return Condition(PATH, Test.PREFIX, text[:-1]) if text.endswith("*") else Condition(PATH, Test.EXACT, text)


def _networks(written: list[str]) -> Iterator[Network]:
    for text in written:
        try:
            yield ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue


def _services(documents: Iterable[Document]) -> dict[str, Document]:
    return {host: d["spec"] for d in documents if d.get("kind") == "ServiceEntry" for host in texts(d["spec"].get("hosts"))}


def _connections(documents: Iterable[Document]) -> dict[str, list[str]]:
    """What DestinationRules say, by the service that they are for."""
    found: dict[str, list[str]] = {}
    for document in documents:
        if document.get("kind") == "DestinationRule":
            kept = {key: value for key, value in document["spec"].items() if key != "host"}
            found.setdefault(str(document["spec"].get("host")), []).append(json.dumps(kept, sort_keys=True, default=str))
    return found


def _upstream(route: Route, services: Mapping[str, Document]) -> Upstream:
    endpoints = []
    for service, port in route.destinations:
        entry = services.get(service, {})
        for item in mappings(entry.get("endpoints")):
            ports = [value for value in mapping(item.get("ports")).values() if isinstance(value, int)]
            weight = item.get("weight", 1)
            backup = bool(mappings(entry.get("endpoints"))) and "labels" not in item and any("labels" in e for e in entry["endpoints"])
            endpoints.append(Endpoint(str(item.get("address")), (ports or [port])[0], weight if isinstance(weight, int) else 1, backup))
    service, port = route.destinations[0]
    return Upstream(route.upstream, service, port, tuple(endpoints), external=bool(endpoints))


def _orders(filters: Iterable[Document]) -> Iterator[tuple[str, str]]:
    """What EnvoyFilters add to a route, by its name."""
    for document in filters:
        for patch in mappings(document["spec"].get("configPatches")):
            configuration = mapping(mapping(patch.get("match")).get("routeConfiguration"))
            name = mapping(mapping(configuration.get("vhost")).get("route")).get("name")
            if isinstance(name, str):
                yield name, json.dumps(mapping(patch.get("patch")).get("value"), sort_keys=True, default=str)
