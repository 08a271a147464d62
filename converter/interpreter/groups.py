"""Groups of servers: the upstream blocks (https://nginx.org/en/docs/http/ngx_http_upstream_module.html)."""

import re
from dataclasses import dataclass

from converter.nginx.scope import Scope
from converter.syntax.tree import Directive

_SERVER = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Group:
    """An upstream block: its name, and its servers that are not down as `host:port`."""

    name: str
    servers: tuple[str, ...]
    backups: tuple[str, ...]


def servers_of(http: Scope, host: str, port: int, written: bool) -> Group | None:
    """The group that a host in a proxy_pass names, whatever its case (ngx_http_upstream_add); None for a server's own name."""
    if written:
        return None
    block = next((d for d in http.own("upstream") if d.args and d.args[0].lower() == host.lower()), None)
    if block is None:
        return None
    lines = [d for d in block.block or () if d.name == "server" and d.args and "down" not in d.args[1:]]
    return Group(
        block.args[0],
        tuple(_place(d) for d in lines if "backup" not in d.args[1:]),
        tuple(_place(d) for d in lines if "backup" in d.args[1:]),
    )


def _place(line: Directive) -> str:
    text = line.args[0]
    found = None if text.startswith("unix:") else _SERVER.fullmatch(text)
    return f"{found[1]}:{found[2] or 80}" if found else text
