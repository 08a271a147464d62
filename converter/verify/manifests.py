"""Manifests as istiod wants them, and where in their files something stands."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from converter.istio.documents import NoYaml, documents, mapping, mappings
from converter.verify.addresses import address_of
from converter.verify.istiod.client import Gateway

_NAME = re.compile(r"^ *(?:- )?name: [\"']?([^\"'#]+?)[\"']? *(?:#.*)?$")
_POLICY = re.compile(r"rbac_access_denied_matched_policy\[(?:ns\[[^\]]*\]-)?policy\[([^\]]+)\]")
_ISTIO = ".istio.io/"
_LARGEST = 64 * 1024 * 1024  # octets of a manifest file


class ManifestsError(Exception):
    """The folder holds no manifests that could be read; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Manifests:
    """Istio's objects with the texts of their files. mesh: a MeshConfig as far as the files ask for settings of the mesh."""

    objects: tuple[dict[str, Any], ...]
    mesh: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)

    def for_istiod(self) -> str:
        """All objects as YAML documents, with an entry for each service of the cluster that a route leads to, which only a cluster has.

        They are written as JSON, which is YAML: a plain `y` would be a truth value to Kubernetes' readers, which follow YAML 1.1.
        """
        return "\n---\n".join(json.dumps(document, default=str) for document in (*self.objects, *_services(self.objects)))

    def gateway(self, namespace: str, labels: Mapping[str, str]) -> Gateway:
        """The pod that the Gateways select; without any, that of the arguments."""
        gateways = [o for o in self.objects if o["kind"] == "Gateway"]
        selected = {str(key): str(value) for o in gateways for key, value in mapping(o["spec"].get("selector")).items()}
        place = next((str(o["metadata"].get("namespace", "")) for o in gateways), "") or namespace
        return Gateway(place, selected or labels, json.dumps(dict(self.mesh), default=str) if self.mesh else "")

    def routes(self) -> dict[str, str]:
        """The names of all routes, with their place `file:line`."""
        names = (route.get("name") for o in self.objects if o["kind"] == "VirtualService" for route in mappings(o["spec"].get("http")))
        return {name: self.lines.get(name, "") for name in names if isinstance(name, str)}

    def decided(self, route: str, details: str) -> str:
        """Who decided in the gateway, for people: `shop/virtualservice.yaml:33 route shop.orders`."""
        if policy := _POLICY.match(details):
            return f"{self.lines.get(policy[1], '')} AuthorizationPolicy {policy[1]}".strip()
        if route:
            return f"{self.lines.get(route, '')} route {route}".strip()
        return "no route" if details == "route_not_found" else details


def read(folder: Path) -> Manifests:
    """The manifests below a folder. Raises ManifestsError."""
    try:
        paths = [path for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))) if path.is_file()]
        texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths if path.stat().st_size <= _LARGEST}
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestsError(f"{folder} cannot be read: {error}") from None
    found = from_texts(texts)
    if not found.objects:
        raise ManifestsError(f"{folder} holds no manifests of Istio (*.yaml with an apiVersion of istio.io)")
    return found


def from_texts(texts: Mapping[str, str]) -> Manifests:
    """The manifests of some files, by path. Raises ManifestsError where one is no YAML."""
    objects: list[dict[str, Any]] = []
    mesh: dict[str, Any] = {}
    lines: dict[str, str] = {}
    for path, text in texts.items():
        for document in _documents(path, text):
            if _ISTIO in str(document.get("apiVersion")) and isinstance(document.get("metadata"), dict):
                objects.append(_object(path, document))
            else:
                _add_settings(mesh, path, document)
        for number, line in enumerate(text.splitlines(), 1):
            if found := _NAME.match(line):
                lines.setdefault(found[1], f"{path}:{number}")
    return Manifests(tuple(objects), mesh, lines)


def _documents(path: str, text: str) -> Iterator[dict[str, Any]]:
    try:
        yield from documents(text)
    except NoYaml as error:
        raise ManifestsError(f"{path} is no YAML: {error}") from None


def _object(path: str, document: dict[str, Any]) -> dict[str, Any]:
    """The object, sound as far as it is looked into here; the rest is for istiod to judge."""
    if isinstance(document.get("kind"), str) and isinstance(document.get("spec") or {}, dict):
        return {**document, "spec": document.get("spec") or {}}
    raise ManifestsError(f"{path} is no manifest of Istio: it holds an object whose kind is no text, or whose spec is no mapping")


def _add_settings(mesh: dict[str, Any], path: str, document: Mapping[str, Any]) -> None:
    """Settings of the mesh: of a MeshConfig fragment, and those that the gateway's pod has as an annotation in its Helm values."""
    if path.startswith("mesh/"):
        mesh.update(mapping(document.get("meshConfig", document)))
    annotation = mapping(document.get("podAnnotations")).get("proxy.istio.io/config")
    if isinstance(annotation, str):
        for settings in _documents(path, annotation):
            mesh["defaultConfig"] = {**mapping(mesh.get("defaultConfig")), **settings}


def _services(objects: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """ServiceEntries in the place of the Kubernetes services that routes lead to, answered by a test upstream each."""
    objects = list(objects)
    entries = [o["spec"].get("hosts") for o in objects if o["kind"] == "ServiceEntry"]
    known = {host for hosts in entries if isinstance(hosts, list) for host in hosts if isinstance(host, str)}
    wanted: dict[str, set[int]] = {}
    for o in objects:
        if o["kind"] == "VirtualService":
            for host, port in _destinations(mappings(o["spec"].get("http"))):
                wanted.setdefault(host, set()).add(port)
    rules = [o["spec"] for o in objects if o["kind"] == "DestinationRule"]
    labels = {str(rule.get("host")): subset.get("labels") for rule in rules for subset in mappings(rule.get("subsets"))}
    for number, host in enumerate(sorted(wanted.keys() - known)):
        yield {
            "apiVersion": "networking.istio.io/v1",
            "kind": "ServiceEntry",
            "metadata": {"name": f"verify-service-{number}", "namespace": "istio-system"},
            "spec": {
                "hosts": [host],
                "location": "MESH_INTERNAL",
                "resolution": "STATIC",
                "ports": [{"number": port, "name": f"http-{port}", "protocol": "HTTP"} for port in sorted(wanted[host])],
                "endpoints": [{"address": address_of(host), **({"labels": labels[host]} if labels.get(host) else {})}],
            },
        }


def _destinations(routes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    for route in routes:
        for target in (*mappings(route.get("route")), *mappings(route.get("mirrors"))):
            destination = mapping(target.get("destination"))
            port = mapping(destination.get("port")).get("number", 80)
            if isinstance(destination.get("host"), str) and isinstance(port, int):
                yield destination["host"], port
