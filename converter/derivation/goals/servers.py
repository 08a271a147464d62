"""Servers: every name, every socket, the default ones, and hosts that are spelled oddly."""

from collections.abc import Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe
from converter.derivation.reaching import unreachable
from converter.derivation.sites import Http, hosts_of, request_to
from converter.interpreter.reading import bare, server_name
from converter.interpreter.sites import Site, doors_of
from converter.model.places import Position
from converter.model.records import replace
from converter.model.verification import Request
from converter.nginx.names import ServerName

_UNKNOWN = ("unknown-host.test", "nobody.invalid", "192.0.2.99")


def goals(http: Http, site: Site) -> Iterator[Goal]:
    """The aims of one server."""
    group = (site.number, "server")
    yield Goal(
        site.block.position,
        "server",
        site.label,
        group,
        lambda: (Probe(request, "plain") for request in http.plain(site)),
        oddities=lambda: _oddities(http, site),
        reason=lambda: unreachable(site),
    )
    for name in site.names:
        yield _name(http, site, name)
    for socket in site.sockets:
        if socket.directive is not None and not socket.loopback:
            yield _listen(http, site, socket.directive.position, socket.port, socket.directive.args)
    for port in dict.fromkeys(port for address, port, _ in doors_of(site) if http.doors[address, port].default is site):
        if port:
            text = f"default server of port {port}"
            yield Goal(
                site.block.position,
                "server",
                text,
                group,
                partial(_default, http, site, port),
                reason=lambda: "another server takes every host that was tried",
            )


def _name(http: Http, site: Site, name: ServerName) -> Goal:
    shown = {"head": f"*{name.text}", "tail": f"{name.text}*", "regex": f"~{name.text}"}.get(name.kind, name.text)
    position = name.directive.position

    def hits() -> Iterator[Probe]:
        return (Probe(request, f"as {request.host}") for request in _under(http, site, hosts_of(name), taken=True))

    def misses() -> Iterator[Probe]:
        return (Probe(request, f"host {request.host}") for request in _under(http, site, _strangers(name), taken=False))

    reason = "another server has this name, or no host name was found for it"
    return Goal(position, "server", f"server_name {shown}", (site.number, "server"), hits, misses, reason=lambda: reason)


def _under(http: Http, site: Site, hosts: tuple[str, ...], taken: bool) -> Iterator[Request]:
    """Requests under host names that a server takes (or does not)."""
    for host in hosts:
        for address, port, _ in doors_of(site):
            door = http.doors[address, port]
            if (door.site(host, http.work) is site) == taken:
                yield request_to(host, port, door.tls, address)
                break


def _strangers(name: ServerName) -> tuple[str, ...]:
    match name.kind:
        case "exact":
            return (f"x{name.text}", f"sub.{name.text}", name.text.partition(".")[2] or "x")
        case "head":
            return (name.text[1:], f"x{name.text[1:]}", f"www{name.text}.test")
        case "tail":
            return (name.text[:-1], f"x{name.text}example")
    return tuple(f"{host}x" for host in hosts_of(name)[:1]) + tuple(f"x{host}" for host in hosts_of(name)[:1])


def _listen(http: Http, site: Site, position: Position, port: int, args: tuple[str, ...]) -> Goal:
    group = (site.number, "listen")

    def hits() -> Iterator[Probe]:
        return (Probe(request, f"on port {port}") for request in http.plain(site) if request.port == port)

    return Goal(
        position, "listen", f"listen {' '.join(args)}", group, hits, reason=lambda: "another server has all of its names on this port"
    )


def _default(http: Http, site: Site, port: int) -> Iterator[Probe]:
    for (address, number), door in http.doors.items():
        if number == port and door.default is site:
            for host in _UNKNOWN:
                if door.site(host, http.work) is site:
                    yield Probe(request_to(host, port, door.tls, address), "unknown host")


def _oddities(http: Http, site: Site) -> Iterator[Probe]:
    """Hosts that are written oddly, and TLS names that are not the host's. On each socket, the usual ports first."""
    for request in http.plain(site):
        host = request.host or ""
        name = bare(host)
        yield Probe(replace(request, host=host.upper()), "Host in capitals")
        yield Probe(replace(request, host=name if ":" in host else f"{name}:{request.port}"), "Host with its port, or without")
        yield Probe(replace(request, host=f"{name}:1"), "Host with another port")
        if server_name(name):
            yield Probe(replace(request, host=f"{name}."), "Host with a final dot")
        if request.sni:
            yield Probe(replace(request, sni=""), "no TLS server name")
            others = (
                r.sni for other in http.sites[:20] if other is not site for r in http.plain(other) if r.sni and r.port == request.port
            )
            yield from (Probe(replace(request, sni=other), "TLS server name of another server") for other in list(others)[:1])
        yield Probe(replace(request, host=None), "no Host")
