"""Conversions of short texts, and what came of them in forms that a test can compare at a glance."""

from typing import Any

import yaml

from converter.conversion import convert
from converter.model.conversion import Conversion
from converter.model.decisions import Decisions
from converter.model.outcomes import Outcome
from converter.sources.source import SingleText
from converter.sources.texts import Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FILE = "nginx.conf"


def convert_text(nginx: str, decisions: Decisions | None = None) -> Conversion:
    """What comes of one text; convert() itself holds every object against Istio's schemas and webhooks."""
    return convert(Source(FILE, FILE, SingleText(FILE, nginx.encode())), decisions or Decisions())


def http(*parts: str) -> str:
    """A whole configuration around the contents of its http block."""
    return "events { }\nhttp {\n" + "\n".join(parts) + "\n}\n"


def server(*parts: str, name: str = "shop.example.com", listen: str = "80") -> str:
    """A server, the only one in most tests: it has a name and another server is the default one."""
    body = "\n".join(parts)
    return f"server {{ listen {listen}; server_name {name};\n{body}\n}}"


def convert_server(*parts: str, before: str = "", decisions: Decisions | None = None) -> Conversion:
    """The conversion of one server with a name of its own, beside a default server that only answers 404."""
    return convert_text(http(before, "server { listen 80 default_server; return 404; }", server(*parts)), decisions)


def objects(conversion: Conversion, kind: str) -> list[dict[str, Any]]:
    """All objects of a kind, in the order of the files."""
    documents = [d for text in conversion.files.values() for d in yaml.load_all(text, _LOADER)]
    return [d for d in documents if d.get("kind") == kind]


def routes(conversion: Conversion, host: str = "shop.example.com") -> list[dict[str, Any]]:
    """The `http` entries of the VirtualService for a host."""
    found = [o for o in objects(conversion, "VirtualService") if host in o["spec"]["hosts"]]
    assert len(found) == 1, f"{len(found)} VirtualServices for {host}"
    return list(found[0]["spec"]["http"])


def orders(conversion: Conversion, name: str = "") -> dict[str, Any]:
    """What an EnvoyFilter adds to routes, by the route's name: the script's orders and Envoy's own fields."""
    out: dict[str, Any] = {}
    for found in objects(conversion, "EnvoyFilter"):
        for patch in found["spec"]["configPatches"]:
            route = patch["match"].get("routeConfiguration", {}).get("vhost", {}).get("route", {}).get("name")
            if route is not None and name in route:
                value = dict(patch["patch"]["value"])
                script = value.pop("metadata", {}).get("filter_metadata", {}).get("envoy.filters.http.lua", {})
                out[route] = {**value, **script}
    return out


def outcomes(conversion: Conversion) -> dict[str, list[Outcome]]:
    """The outcomes by name of directive, in source order."""
    out: dict[str, list[Outcome]] = {}
    for row in conversion.rows:
        out.setdefault(row.entry.directive, []).append(row.outcome)
    return out


def outcome(conversion: Conversion, *words: str) -> str:
    """The outcome of the only directive with this name and these first arguments."""
    found = [row for row in conversion.rows if (row.entry.directive, *row.entry.args)[: len(words)] == words]
    assert len(found) == 1, f"{len(found)} rows for {' '.join(words)}"
    return found[0].outcome.value


def losses(conversion: Conversion) -> dict[str, str]:
    """Every directive that needs a reader, as it is written, with its outcome."""
    return {" ".join((row.entry.directive, *row.entry.args)): row.outcome.value for row in conversion.rows if not row.outcome.settled}
