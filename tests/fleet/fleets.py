"""Small fleets for tests: machines as texts, and what comes of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from converter.commands.decisions import parse_decisions
from converter.fleet.batch import Order, batch
from converter.fleet.distinct import configurations
from converter.fleet.glance import Looked, glance, whole
from converter.fleet.pool import pool
from converter.model.decisions import Decisions
from converter.model.fleet import Fleet, Site
from converter.output import Writing
from converter.sources.repository import machines

DEFAULT = "server {\n    listen 80 default_server;\n    return 404;\n}\n"


def site(body: str, name: str = "shop.example.com", listen: str = "80") -> str:
    """A server, a line for each of its statements."""
    return f"server {{\n    listen {listen};\n    server_name {name};\n    {body}\n}}\n"


def proxied(address: str = "10.0.0.1", more: str = "") -> str:
    return f"location / {{\n        proxy_pass http://{address};\n        {more}\n    }}"


def main(*parts: str) -> str:
    """A whole configuration whose default server is the same on every machine."""
    return "events {\n}\nhttp {\n" + DEFAULT + "\n".join(parts) + "}\n"


def repository(root: Path, texts: dict[str, str]) -> Path:
    """Machines by name, each an nginx.conf; a name that ends in a file's is that file."""
    for name, text in texts.items():
        path = root / name if "." in name.rpartition("/")[2] else root / name / "nginx.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a fleet, and the folder with its files."""

    fleet: Fleet
    out: Path

    def site(self, name: str = "shop.example.com") -> Site:
        (found,) = (site for site in self.fleet.sites if site.name == name)
        return found

    def objects(self, kind: str) -> list[dict[str, Any]]:
        texts = [path.read_text(encoding="utf-8") for path in sorted(self.out.rglob("*.yaml"))]
        return [found for text in texts for found in yaml.safe_load_all(text) if found.get("kind") == kind]

    def routes(self, host: str) -> list[dict[str, Any]]:
        """The routes of all VirtualServices for a host."""
        return [route for o in self.objects("VirtualService") if host in o["spec"]["hosts"] for route in o["spec"]["http"]]

    def behind(self, host: str) -> set[str]:
        """The addresses that the routes of a host lead to."""
        services = {target["destination"]["host"] for route in self.routes(host) for target in route.get("route", ())}
        entries = [o["spec"] for o in self.objects("ServiceEntry") if services & set(o["spec"]["hosts"])]
        return {end["address"] for entry in entries for end in entry["endpoints"]}


def made(place: Path, texts: dict[str, str], decisions: str = "version: 1\n") -> Made:
    """A fleet from texts: machines by name, each an nginx.conf, or a file where the name has a dot."""
    root, spool, out = repository(place / "repository", texts), place / "spool", place / "out"
    spool.mkdir(exist_ok=True)
    distinct, unreadable = configurations(root, machines(root))
    assert unreadable == []
    writing = Writing(out, force=False)
    with pool(1) as run:
        fleet = batch(Order("repository", parse_decisions(decisions, "migration.yaml")), distinct, spool, run, writing).fleet
    writing.finish()
    return Made(fleet, out)


def looked(place: Path, texts: dict[str, str]) -> list[Looked]:
    """The glances at the configurations of a fleet, each with its spool."""
    root = repository(place / "repository", texts)
    distinct, _ = configurations(root, machines(root))
    spools = [place / f"{number}" for number in range(len(distinct))]
    return [Looked(each, spool, glance(each, Decisions(), spool)) for each, spool in zip(distinct, spools, strict=True)]


__all__ = ["DEFAULT", "Made", "looked", "made", "main", "proxied", "repository", "site", "whole"]
