"""The servers of a configuration with what a derivation finds once and keeps, and the plain request to each of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.derivation.witnesses import witnesses
from converter.interpreter import sites
from converter.interpreter.places import Place
from converter.interpreter.reading import bare, latin, server_name
from converter.interpreter.sites import Site, doors_of, host_regex
from converter.model.verification import Request
from converter.nginx.names import ServerName
from converter.syntax.parse import Parsed
from converter.syntax.tree import Directive

_UNKNOWN = ("unknown-host.test", "nobody.invalid", "x", "192.0.2.99")


@dataclass(frozen=True, slots=True, eq=False)
class Http(sites.Http):
    """One http level.

    What is found once and kept: reached: a request to each location; bases: plain requests to each server; handed: lines that hand
    requests on, by the location's name; setters: the `set`s of a variable, each with the `if` around it; carriers: the server that a line
    around all servers is asked of.
    """

    reached: dict[Place, Request | None] = field(default_factory=dict)
    bases: dict[Site, tuple[Request, ...]] = field(default_factory=dict)
    handed: dict[Site, dict[str, list[tuple[Place, Directive]]]] = field(default_factory=dict)
    setters: dict[Site, dict[str, list[tuple[Directive, Directive | None]]]] = field(default_factory=dict)
    carriers: dict[Directive, Site] = field(default_factory=dict)

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


def read_http(parsed: Parsed, root: tuple[Directive, ...]) -> list[Http]:
    """The http levels of a tree. The blocks around a fragment are made up."""
    return [Http(http.scope, http.sites, http.doors, http.tables, http.work, http.incomplete) for http in sites.read_http(parsed, root)]


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
