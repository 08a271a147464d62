"""The whole room: applications and upstreams become objects, and objects become files."""

from collections.abc import Iterable
from dataclasses import dataclass

from converter.istio import filters, gateways, helm, policies, redirect_lists, sent_headers, upstreams
from converter.istio.losses import Losses
from converter.istio.objects import NETWORKING, Manifest, Object, document, source
from converter.istio.routes import Routing
from converter.istio.validation import validate
from converter.istio.yaml import Noted, dump, stream
from converter.model.applications import Application, VirtualHost
from converter.model.decisions import Decisions
from converter.model.rules import CookieRewrite, HeaderChange, LocationRewrite, Rule
from converter.model.upstreams import Upstream

_FILES = {"Gateway": "gateway", "VirtualService": "virtualservice", "DestinationRule": "destinationrule", "ServiceEntry": "serviceentry",
          "AuthorizationPolicy": "authorizationpolicy", "EnvoyFilter": "envoyfilter"}  # fmt: skip


class InvalidManifest(Exception):
    """An object that Istio would refuse: a defect of the converter."""

    def __init__(self, name: str, faults: list[str]) -> None:
        super().__init__(f"{name} would be refused by Istio: {'; '.join(faults)}")


@dataclass(frozen=True, slots=True)
class Manifests:
    """Objects, the files that they make (path -> text), and what there is to say of directives."""

    objects: tuple[Manifest, ...]
    files: dict[str, str]
    losses: Losses


def manifests(
    applications: tuple[Application, ...], found: tuple[Upstream, ...], secrets: dict[str, str], decisions: Decisions
) -> Manifests:
    """All manifests. secrets: for an upstream's key the name of the secret that its TLS needs. Raises InvalidManifest.

    Each object is checked and written as soon as it is made: what a virtual host's objects hold is not kept until all are there.
    """
    losses = Losses()
    by_key = {upstream.key: upstream for upstream in found}
    hosts = [host for application in applications for host in application.virtual_hosts]
    bound = gateways.gateways(hosts, decisions, losses)
    objects = [written(found) for found in bound.objects]
    routing = Routing(by_key, decisions, losses)
    orders: set[str] = set()
    for host in hosts:
        made, needed = virtual_host(host, bound, routing)
        objects += map(written, made)
        orders |= needed
    users_of = _users(hosts)
    for upstream in found:
        if users := users_of.get(upstream.key):
            folder = min(users) if len(users) == 1 else "shared"
            objects += map(written, upstreams.objects(upstream, folder, secrets.get(upstream.key, ""), decisions, losses))
    objects += map(written, filters.scripts(orders, decisions))
    return Manifests(tuple(objects), {**files(objects), **helm.values(decisions)}, losses)


def _users(hosts: list[VirtualHost]) -> dict[str, set[str]]:
    """For an upstream's key the applications that send requests to it."""
    users: dict[str, set[str]] = {}
    for host in hosts:
        for key in host.upstreams:
            users.setdefault(key, set()).add(host.application)
    return users


def virtual_host(host: VirtualHost, bound: gateways.Gateways, routing: Routing) -> tuple[list[Object], set[str]]:
    """VirtualService, policy and EnvoyFilter of a virtual host, and the orders that there are for scripts."""
    decisions = routing.decisions
    refusals, whole = policies.split(host)
    rules = redirect_lists.in_parts(whole)
    routes = routing.routes(rules, bound.limited.get(host.name, ()))
    namespace = decisions.namespace_of(host.application)
    spec: dict[str, object] = {
        "hosts": list(host.hosts),
        "gateways": [name.removeprefix(f"{namespace}/") for name in bound.bound[host.name]],
        "http": [route.http for _, route in routes],
    }
    name = f"VirtualService/{namespace}/{host.name}"
    made = document(NETWORKING, "VirtualService", namespace, host.name, spec)
    out = [Object(host.application, made, source([host.origin], host.note))]
    for rule in rules:
        _place(routing.losses, rule, f"{name}#{rule.name.rpartition('.')[2]}")
    if refusals:
        policy = policies.policy(host, refusals, bound.ports, decisions)
        out.append(policy)
        for rule, _, _ in refusals:
            _place(routing.losses, rule, policy.name)
    for extra, patched in filters.route_filters(host.name, host.application, routes, decisions):
        out.append(extra)
        for rule in patched:
            _place(routing.losses, rule, extra.name)
    kept = {sent_headers.ORDER} if routing.filters and sent_headers.asked_for(rules) else set[str]()
    return out, kept | {order for _, route in routes for order in route.script}


def _place(losses: Losses, rule: Rule, name: str) -> None:
    policies = rule.policies
    changes: list[HeaderChange | LocationRewrite | CookieRewrite] = [
        *policies.request_headers,
        *policies.response_headers,
        *policies.locations,
        *policies.cookies,
    ]
    losses.place(name, *rule.origins, *[change.origin for change in changes])


def written(found: Object) -> Manifest:
    """The object as text. Raises InvalidManifest for one that Istio would refuse."""
    name = found.name
    if faults := validate(found.document):
        raise InvalidManifest(name, faults)
    return Manifest(found.folder, found.kind, name, dump(Noted(found.document, found.note)))


def files(objects: Iterable[Manifest]) -> dict[str, str]:
    """Files by folder and kind, each folder with its kustomization, and one for all."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for found in objects:
        grouped.setdefault(found.folder, {}).setdefault(found.kind, []).append(found.text)
    out = {}
    for folder, kinds in sorted(grouped.items()):
        names = []
        for kind, file in _FILES.items():
            if kind in kinds:
                names.append(f"{file}.yaml")
                out[f"{folder}/{file}.yaml"] = stream(kinds[kind])
        out[f"{folder}/kustomization.yaml"] = kustomization(names)
    if out:
        out["kustomization.yaml"] = kustomization(sorted(grouped))
    return out


def kustomization(resources: list[str]) -> str:
    """The text of a kustomization.yaml."""
    return dump({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources})
