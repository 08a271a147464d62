"""Servers, who of them answers which host on which socket, and what each of them holds.

Source: ngx_http_add_addresses, ngx_http_server_names in nginx's src/http/ngx_http.c; ngx_http_find_virtual_server.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.interpreter.patterns import Regex, Work
from converter.interpreter.places import Level, Place, every, read_places
from converter.interpreter.reading import bare
from converter.interpreter.tables import Table, read_tables
from converter.model.places import Position
from converter.model.verification import Request
from converter.nginx.levels import http_levels
from converter.nginx.listen import Socket, sockets
from converter.nginx.names import ServerName, server_names
from converter.nginx.scope import Scope
from converter.syntax.parse import Parsed
from converter.syntax.tree import Directive

_NAMED = re.compile(r"\(\?P?[<'](\w+)[>']")
STATEMENTS = ("set", "if", "break", "return", "rewrite")


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
    def nameless(self) -> bool:
        """Whether the empty name is among its names."""
        found = [text for directive in self.scope.own("server_name") for text in directive.args]
        return not found or "" in found

    @property
    def server_name(self) -> str:
        """`$server_name` (ngx_http_core_merge_srv_conf)."""
        return self.first_name if self.first_name.startswith("~") else self.first_name.lower().removeprefix(".")

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
    proxy_protocol: bool = False
    sites: list[Site] = field(default_factory=list)
    default: Site | None = None
    nameless: Site | None = None  # for requests without Host
    exact: dict[str, Site] = field(default_factory=dict)
    heads: dict[str, Site] = field(default_factory=dict)
    tails: dict[str, Site] = field(default_factory=dict)
    regexes: list[tuple[Regex, Site]] = field(default_factory=list)

    def site(self, host: str, work: Work) -> Site | None:
        """The server that answers a Host header."""
        return self.chosen(bare(host), work)[0]

    def chosen(self, name: str, work: Work) -> tuple[Site | None, Regex | None]:
        """The server for a name as nginx compares it, with the regex that chose it."""
        if found := self.exact.get(name):
            return found, None
        dots = [at for at, character in enumerate(name) if character == "."][:130]
        for wild, texts in ((self.heads, [name[at:] for at in dots]), (self.tails, [name[: at + 1] for at in reversed(dots)])):
            for text in texts if wild else ():
                if found := wild.get(text):
                    return found, None
        for regex, site in self.regexes:
            if work.spent:
                break
            if work.found(regex, name):
                return site, regex
        return self.default, None


@dataclass(frozen=True, slots=True, eq=False)
class Http:
    """One http level: its servers by door, and the tables of its variables. incomplete: blocks and includes of which something is missing.

    What stands behind `work` is found once and kept: programs: the statements of a level; access: the networks of `allow` and `deny` in
    effect on a level.
    """

    scope: Scope
    sites: tuple[Site, ...]
    doors: dict[tuple[str, int], Door]
    tables: dict[str, Table]
    work: Work
    incomplete: frozenset[Position] = frozenset()
    programs: dict[Scope, list[Directive]] = field(default_factory=dict)
    access: dict[Scope, list[tuple[int, int, int, Directive]]] = field(default_factory=dict)
    passing: list[Directive] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    def site_for(self, request: Request) -> Site | None:
        door = self.door(request)
        return door.site(request.host or "", self.work) if door else None

    def door(self, request: Request) -> Door | None:
        """Where the request's connection comes in: its own address counts before those for every address."""
        places = [(request.address, request.port), ("", request.port)]
        if not request.address:
            places += sorted(place for place in self.doors if place[1] == request.port)
        return next((self.doors[place] for place in places if place in self.doors), None)

    def defines(self, name: str) -> bool:
        """Whether a variable is made by `set` or a named capture somewhere: it is empty until then."""
        if not self.made:
            self.made.update(("", *(made for top in self.scope.directives for d in top.walk() for made in _made(d))))
        return name in self.made

    def passes(self) -> list[Directive]:
        """Every proxy_pass."""
        if not self.passing:
            self.passing.extend(d for top in self.scope.directives for d in top.walk() if d.name == "proxy_pass" and d.args)
        return self.passing

    def statements(self, scope: Scope) -> list[Directive]:
        """The request program of a level."""
        if scope not in self.programs:
            self.programs[scope] = scope.own(*STATEMENTS)
        return self.programs[scope]


def _made(directive: Directive) -> Iterator[str]:
    """The variables, in lower case, that a directive's own text makes."""
    if directive.name in ("set", "auth_request_set") and directive.args:
        yield directive.args[0].removeprefix("$").lower()
    for text in (directive.name, *directive.args):
        if "(?" in text:
            yield from (name.lower() for name in _NAMED.findall(text))


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
    for scope in [] if parsed.refused else http_levels(parsed.context, root):
        sites = tuple(_site(Scope.open("server", d, d.block or (), scope), number + n, work) for n, d in enumerate(scope.own("server")))
        number += len(sites)
        found.append(Http(scope, sites, _doors(sites), read_tables(scope, work), work, parsed.incomplete))
    return found


def _site(scope: Scope, number: int, work: Work) -> Site:
    places = read_places(scope)
    listens = scope.own("listen")
    found = [socket for directive in listens for socket in sockets(directive)[:8]]
    if not listens:
        found = [Socket("", 80, False, False, False, None)]
    return Site(number, scope, tuple(server_names(scope.own("server_name"))), tuple(found), places, Level.of(places, work))


def _doors(sites: tuple[Site, ...]) -> dict[tuple[str, int], Door]:
    """What listens for IPv4; servers that listen for IPv6 alone are folded into it where a port has no others."""
    doors: dict[tuple[str, int], Door] = {}
    every = [(site, socket) for site in sites for socket in site.sockets if not socket.loopback]
    plain = {socket.port for _, socket in every if socket.address == ""}
    for site, socket in every:
        if socket.address == "::" and socket.port in plain:
            continue
        door = doors.setdefault((socket.address if socket.address != "::" else "", socket.port), Door())
        door.tls = door.tls or site.tls(socket)
        door.proxy_protocol = door.proxy_protocol or socket.proxy_protocol
        door.default = site if socket.default or door.default is None else door.default
        if site not in door.sites:
            door.sites.append(site)
            door.nameless = door.nameless or (site if site.nameless else None)
            for name in site.names:
                _enter(door, name, site)
    return doors


def _enter(door: Door, name: ServerName, site: Site) -> None:
    if name.kind == "regex":
        door.regexes.append((host_regex(name), site))
    else:
        {"exact": door.exact, "head": door.heads, "tail": door.tails}[name.kind].setdefault(name.text, site)
