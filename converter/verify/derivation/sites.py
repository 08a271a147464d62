"""Servers, who of them answers which host on which socket, and the plain request to each.

Source: ngx_http_add_addresses, ngx_http_server_names in nginx's src/http/ngx_http.c; ngx_http_find_virtual_server.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.model.places import Position
from converter.model.verification import Request
from converter.nginx.listen import Socket, sockets
from converter.nginx.names import ServerName, server_names
from converter.nginx.scope import Scope
from converter.syntax.parse import Parsed
from converter.syntax.tree import Directive
from converter.verify.derivation.patterns import Regex, Work
from converter.verify.derivation.places import Level, Place, every, read_places
from converter.verify.derivation.tables import Table, read_tables
from converter.verify.derivation.wire import bare, latin, server_name
from converter.verify.derivation.witnesses import witnesses

STATEMENTS = ("set", "if", "break", "return", "rewrite")
_UNKNOWN = ("unknown-host.test", "nobody.invalid", "x", "192.0.2.99")


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One server. number: its place among all servers; places: its locations; level: the same, to search in."""

    number: int
    scope: Scope
    names: tuple[ServerName, ...]
    sockets: tuple[Socket, ...]
    places: list[Place]
    level: Level

    @property
    def block(self) -> Directive:
        assert self.scope.block is not None
        return self.scope.block

    @property
    def first_name(self) -> str:
        return next((text for directive in self.scope.own("server_name") for text in directive.args), "")

    @property
    def label(self) -> str:
        return f"server {self.first_name or '(no name)'}"

    def every(self) -> Iterator[Place]:
        return every(self.places)

    def tls(self, socket: Socket) -> bool:
        return socket.tls or self.scope.flag("ssl", default=False)


@dataclass(slots=True)
class Door:
    """One address and port: its servers in order, the default one, and the names."""

    tls: bool = False
    sites: list[Site] = field(default_factory=list)
    default: Site | None = None
    exact: dict[str, Site] = field(default_factory=dict)
    heads: dict[str, Site] = field(default_factory=dict)
    tails: dict[str, Site] = field(default_factory=dict)
    regexes: list[tuple[Regex, Site]] = field(default_factory=list)

    def site(self, host: str, work: Work) -> Site | None:
        """The server that answers a Host header."""
        name = bare(host)
        if found := self.exact.get(name):
            return found
        dots = [at for at, character in enumerate(name) if character == "."][:130]
        for wild, texts in ((self.heads, [name[at:] for at in dots if at]), (self.tails, [name[: at + 1] for at in reversed(dots)])):
            for text in texts if wild else ():
                if found := wild.get(text):
                    return found
        for regex, site in self.regexes:
            if work.spent:
                break
            if work.found(regex, name):
                return site
        return self.default


@dataclass(frozen=True, slots=True, eq=False)
class Http:
    """One http level: its servers by door, and the tables of its variables.

    What stands behind `work` is found once and kept: reached: a request to each location; bases: plain requests to each server;
    programs: the statements of a level; handed: lines that hand requests on, by the location's name; setters: the `set`s of a
    variable, each with the `if` around it; carriers: the server that a line around all servers is asked of;
    access: the networks of `allow` and `deny` in effect on a level.
    """

    scope: Scope
    sites: tuple[Site, ...]
    doors: dict[tuple[str, int], Door]
    tables: dict[str, Table]
    work: Work
    reached: dict[Place, Request | None] = field(default_factory=dict)
    bases: dict[Site, tuple[Request, ...]] = field(default_factory=dict)
    programs: dict[Scope, list[Directive]] = field(default_factory=dict)
    handed: dict[Site, dict[str, list[tuple[Place, Directive]]]] = field(default_factory=dict)
    setters: dict[Site, dict[str, list[tuple[Directive, Directive | None]]]] = field(default_factory=dict)
    carriers: dict[Directive, Site] = field(default_factory=dict)
    access: dict[Scope, list[tuple[int, int, int, Directive]]] = field(default_factory=dict)

    def site_for(self, request: Request) -> Site | None:
        door = self.doors.get((request.address, request.port))
        return door.site(request.host or "", self.work) if door else None

    def statements(self, scope: Scope) -> list[Directive]:
        """The request program of a level."""
        if scope not in self.programs:
            self.programs[scope] = scope.own(*STATEMENTS)
        return self.programs[scope]

    def plain(self, site: Site) -> tuple[Request, ...]:
        """A GET of `/` for each socket of a server, by the first name that really leads there; none for one that cannot be reached."""
        if site not in self.bases:
            self.bases[site] = tuple(self._plain(site))
        return self.bases[site]

    def _plain(self, site: Site) -> Iterator[Request]:
        hosts = [host for name in site.names for host in hosts_of(name)[:2]]
        for address, port, _ in doors_of(site):
            door = self.doors[address, port]
            fitting = (host for host in (*hosts, *(_UNKNOWN if door.default is site else ())) if door.site(host, self.work) is site)
            if host := next(fitting, None):
                yield request_to(host, port, door.tls, address)


def request_to(host: str, port: int, tls: bool, address: str = "") -> Request:
    """A GET of `/` as clients ordinarily send it: the port is part of the Host where it is not the usual one."""
    usual = port == (443 if tls else 80)
    host = latin(host)
    sni = server_name(host) if tls else ""
    return Request("GET", "/", host if usual else f"{host}:{port}", "https" if tls else "http", port, sni, address=address)


def hosts_of(name: ServerName) -> tuple[str, ...]:
    """Host names that a server name takes."""
    match name.kind:
        case "exact":
            return (name.text,)
        case "head":
            return (f"www{name.text}", f"a.b{name.text}")
        case "tail":
            return (f"{name.text}example", f"{name.text}co.test")
    found = witnesses(host_regex(name))
    return tuple(text.lower() for text in found if text and bare(text.lower()) == text.lower() and not set(text) & set('/ \\?#%"<>'))[:4]


def host_regex(name: ServerName) -> Regex:
    return Regex(name.text, ignore_case=name.text != name.text.lower())


def doors_of(site: Site) -> Iterator[tuple[str, int, bool]]:
    """Where a server listens, as seen from outside: address (empty for all of them), port, whether with TLS."""
    seen: set[tuple[str, int]] = set()
    for socket in site.sockets:
        place = (socket.address if socket.address != "::" else "", socket.port)
        if not socket.loopback and place not in seen:
            seen.add(place)
            yield (*place, site.tls(socket))


def read_http(parsed: Parsed, root: tuple[Directive, ...]) -> list[Http]:
    """The http levels of a tree. The blocks around a fragment are made up."""
    work, number = Work(), 0
    found = []
    for scope in http_levels(parsed, root):
        sites = tuple(_site(Scope.open("server", d, d.block or (), scope), number + n, work) for n, d in enumerate(scope.own("server")))
        number += len(sites)
        found.append(Http(scope, sites, _doors(sites), read_tables(scope, work), work))
    return found


def http_levels(parsed: Parsed, root: tuple[Directive, ...]) -> list[Scope]:
    if parsed.refused:
        return []
    match parsed.context:
        case ():
            return [Scope.open("http", d, d.block or ()) for d in root if d.name == "http"]
        case ("http",):
            return [Scope.open("http", None, root)]
        case ("http", "server"):
            return [Scope.open("http", None, (_around("server", (), root),))]
        case ("http", "server", "location"):
            return [Scope.open("http", None, (_around("server", (), (_around("location", ("/",), root),)),))]
    return []


def _around(name: str, args: tuple[str, ...], inside: tuple[Directive, ...]) -> Directive:
    file = inside[0].position.file if inside else ""
    return Directive(name, args, Position(file, 1, 0), inside, (False,) * len(args))


def _site(scope: Scope, number: int, work: Work) -> Site:
    places = read_places(scope)
    listens = scope.own("listen")
    found = [socket for directive in listens for socket in sockets(directive)[:8]]
    if not listens:
        found = [Socket("", 80, False, False, False, None)]
    return Site(number, scope, tuple(server_names(scope.own("server_name"))), tuple(found), places, Level.of(places, work))


def _doors(sites: tuple[Site, ...]) -> dict[tuple[str, int], Door]:
    doors: dict[tuple[str, int], Door] = {}
    for site in sites:
        for address, port, tls in doors_of(site):
            door = doors.setdefault((address, port), Door())
            door.sites.append(site)
            door.tls = door.tls or tls
            explicit = any(s.default and (s.address if s.address != "::" else "", s.port) == (address, port) for s in site.sockets)
            door.default = site if explicit or door.default is None else door.default
            for name in site.names:
                _enter(door, name, site)
    return doors


def _enter(door: Door, name: ServerName, site: Site) -> None:
    if name.kind == "regex":
        door.regexes.append((host_regex(name), site))
    else:
        {"exact": door.exact, "head": door.heads, "tail": door.tails}[name.kind].setdefault(name.text, site)
