"""What nginx's variables hold for one request."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from converter.model.places import Position
from converter.model.verification import Request
from converter.nginx.scope import Scope
from converter.nginx.variables import split
from converter.verify.derivation.patterns import Regex
from converter.verify.derivation.sites import Http, Site
from converter.verify.derivation.wire import bare, decoded, header, number, query_of

_LONGEST = 4_000  # characters of a value
_DEEPEST = 12  # tables that read tables
Key = tuple[int, Position]
TABLES = -1  # instead of a server's number, in keys of lines of tables


@dataclass(slots=True)
class Situation:
    """A request on its way through one server.

    path, args: the current ones, which rewrites change.  values: what `set` and named captures left.
    level: the level whose statements are carried out.
    seen:  servers, locations, statements, restrictions and lines of tables that took the request; asked: conditions that did not hold.
    unknown: variables that nothing is known of.
    """

    http: Http
    site: Site
    request: Request
    path: str
    args: str
    values: dict[str, str] = field(default_factory=dict)
    captures: tuple[str | None, ...] = ()
    seen: set[Key] = field(default_factory=set)
    asked: set[Key] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    level: Scope | None = None
    depth: int = 0
    steps: int = 0

    def saw(self, position: Position) -> None:
        self.seen.add((self.site.number, position))

    def text(self, text: str) -> str:
        """A text of the configuration with its variables filled in."""
        if "$" not in text:
            return text
        return "".join(piece if kind == "text" else self.value(piece) for kind, piece in split(text))[:_LONGEST]

    def value(self, name: str) -> str:
        """What a variable holds; empty for one that is not known."""
        if (group := number(name)) is not None:
            return (self.captures[group - 1] or "") if 0 < group <= len(self.captures) else ""
        if name in self.values:
            return self.values[name]
        if name in self.http.tables:
            return self._looked_up(name)
        found = self._builtin(name)
        if found is None:
            self.unknown.add(name)
        return found or ""

    def _looked_up(self, name: str) -> str:
        table = self.http.tables[name]
        if self.depth > _DEEPEST:
            return ""
        self.depth += 1
        entry = table.entry(self.text(table.source))
        if entry is not None:
            self.seen.add((TABLES, entry.position))
        found = self.text(entry.value) if entry is not None else ""
        self.depth -= 1
        return found

    def _builtin(self, name: str) -> str | None:
        if name == "http_host":
            return self.request.host or ""
        for start, read in (("http_", self._header), ("arg_", self._argument), ("cookie_", self._cookie)):
            if name.startswith(start):
                return read(name.removeprefix(start))
        return self._plain(name)

    def _plain(self, name: str) -> str | None:
        if read := _PLAIN.get(name):
            return read(self)
        return "" if name in _EMPTY else None

    def _header(self, name: str) -> str:
        return header(self.request, name.replace("_", "-").lower())

    def _argument(self, name: str) -> str:
        for pair in self.args.split("&"):
            key, mark, value = pair.partition("=")
            if mark and key.lower() == name.lower():
                return value
        return ""

    def _cookie(self, name: str) -> str:
        for pair in header(self.request, "cookie").split(";"):
            key, _, value = pair.strip().partition("=")
            if key.lower() == name.lower():
                return value
        return ""


_EMPTY = ("remote_user", "request_filename", "document_root")
_PLAIN: dict[str, Callable[[Situation], str]] = {
    "host": lambda s: bare(s.request.host or ""),
    "uri": lambda s: s.path,
    "document_uri": lambda s: s.path,
    "request_uri": lambda s: s.request.target,
    "args": lambda s: s.args,
    "query_string": lambda s: s.args,
    "is_args": lambda s: "?" if s.args else "",
    "request_method": lambda s: s.request.method,
    "request": lambda s: f"{s.request.method} {s.request.target} HTTP/1.1",
    "scheme": lambda s: s.request.scheme,
    "https": lambda s: "on" if s.request.scheme == "https" else "",
    "server_port": lambda s: str(s.request.port),
    "remote_addr": lambda s: client(s.request, s.site.scope),
    "realip_remote_addr": lambda s: s.request.client,
    "server_name": lambda s: s.site.first_name,
    "server_protocol": lambda _: "HTTP/1.1",
    "content_type": lambda s: header(s.request, "content-type"),
    "content_length": lambda s: str(len(s.request.body)) if s.request.body else "",
    "ssl_server_name": lambda s: s.request.sni,
    "proxy_add_x_forwarded_for": lambda s: ", ".join(part for part in (header(s.request, "x-forwarded-for"), s.request.client) if part),
    "invalid_referer": lambda s: "1" if referer_is_foreign(header(s.request, "referer"), s.level or s.site.scope, s.site) else "",
}


def enter(http: Http, request: Request) -> Situation | None:
    """The request at the server that answers it; None where nginx refuses its path or nothing listens."""
    site, path = http.site_for(request), decoded(request.target)
    if site is None or path is None:
        return None
    found = Situation(http, site, request, path, query_of(request.target))
    found.saw(site.block.position)
    return found


def within(address: str, network: str) -> bool:
    """Whether an address is in a network as `allow`, `deny` and `set_real_ip_from` write it."""
    if network == "all":
        return True
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def client(request: Request, scope: Scope) -> str:
    """The client's address as ngx_http_realip_module sees it."""
    trusted = [line.args[0] for line in scope.nearest("set_real_ip_from") if line.args]
    if not any(within(request.client, network) for network in trusted):
        return request.client
    named = scope.value("real_ip_header")
    chain = header(request, (named.args[0] if named and named.args else "X-Real-IP").lower())
    found = chain.rpartition(",")[2].strip()
    if scope.flag("real_ip_recursive", default=False):
        hops = [hop.strip() for hop in chain.split(",")]
        found = next((hop for hop in reversed(hops) if not any(within(hop, network) for network in trusted)), hops[0])
    try:
        return str(ipaddress.ip_address(found))
    except ValueError:
        return request.client


def referer_is_foreign(referer: str, scope: Scope, site: Site) -> bool:
    """What `$invalid_referer` says (https://nginx.org/en/docs/http/ngx_http_referer_module.html), for exact names and wildcards."""
    words = [word for line in scope.nearest("valid_referers") for word in line.args]
    if not words or (not referer and "none" in words):
        return False
    scheme, mark, rest = referer.lower().partition("://")
    if not mark or scheme not in ("http", "https"):
        return not (referer and "blocked" in words)
    words += [name.text for name in site.names if name.kind == "exact"] if "server_names" in words else []
    host = bare(rest.partition("/")[0])
    return not any(_names(word, host, rest) for word in words)


def _names(word: str, host: str, rest: str) -> bool:
    name, slash, path = word.lower().partition("/")
    if word.startswith("~"):
        return Regex(word[1:], ignore_case=True).search(rest) is not None
    if slash and not rest.partition("/")[2].startswith(path):
        return False
    if name.startswith(("*.", ".")):
        return host.endswith(name.lstrip("*")) or (name.startswith(".") and host == name[1:])
    return host.startswith(name[:-1]) if name.endswith(".*") else host == name
