"""Groups of servers: how requests are shared out among them, and what happens where one fails."""

import itertools
from collections.abc import Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe
from converter.derivation.reaching import reached
from converter.derivation.sites import Http
from converter.derivation.solving import Solver
from converter.derivation.wanted import Wanted
from converter.derivation.wire import Edit, edited
from converter.interpreter.places import Place
from converter.interpreter.sites import Site
from converter.model.records import replace
from converter.model.verification import Request
from converter.nginx.locations import PASSES
from converter.nginx.variables import names
from converter.syntax.tree import Directive

_REPEATS = 40
_KEYS = 8
_GROUP = (-1000, "upstream")


def goals(http: Http) -> Iterator[Goal]:
    """The aims of the upstream blocks of an http level."""
    users = _users(http)
    for block in http.scope.own("upstream"):
        if block.args:
            reason = "no proxy_pass that was found names it" if block.args[0] not in users else "no request was found for what names it"
            hits = partial(_hits, http, block, users.get(block.args[0], []))
            yield Goal(block.position, "upstream", f"upstream {block.args[0]}", _GROUP, hits, reason=partial(str, reason))


def _users(http: Http) -> dict[str, list[tuple[Site, Place]]]:
    """The locations that pass to each group."""
    found: dict[str, list[tuple[Site, Place]]] = {}
    for site in http.sites:
        for place in site.every():
            for line in place.scope.own(*PASSES):
                host = line.args[0].partition("://")[2].partition("/")[0] if line.args and "://" in line.args[0] else (*line.args, "")[0]
                found.setdefault(host, []).append((site, place))
    return found


def _hits(http: Http, block: Directive, users: list[tuple[Site, Place]]) -> Iterator[Probe]:
    for site, place in itertools.islice(users, 5):
        request = reached(http, site, place)
        if request is not None:
            yield from _probes(http, site, block, request)
            return


def _probes(http: Http, site: Site, block: Directive, request: Request) -> Iterator[Probe]:
    servers = [line for line in block.block or () if line.name == "server" and "down" not in line.args]
    if len(servers) > 1:
        yield Probe(replace(request, repeat=_REPEATS), "the shares of its servers")
    yield Probe(request, "passed on")
    yield from _keyed(http, site, block, request)
    closed = edited(request, (Edit("header", "1", "x-reply-close"),))
    yield from (Probe(found, "a server closes the connection") for found in (closed,) if found is not None)


def _keyed(http: Http, site: Site, block: Directive, request: Request) -> Iterator[Probe]:
    """Requests with differing keys, where the server is chosen by one."""
    keys = [word for line in block.block or () if line.name in ("hash", "sticky", "ip_hash") for word in (*line.args, "$remote_addr")[:1]]
    solver = Solver(http, site)
    for number in range(_KEYS) if keys else ():
        edits = [Edit("client", f"192.0.{number + 2}.{number * 9 + 1}")]
        for name in sorted(names(keys[0]) - {"remote_addr", "host", "http_host", "request_method", "uri", "request_uri", "scheme"}):
            edits += next(iter(solver.variable(name, Wanted("=", f"probe{number}"))), ())
        edits += [Edit("query", f"probe={number}")] if names(keys[0]) & {"request_uri", "args", "query_string"} else []
        if (found := edited(request, edits)) is not None:
            yield Probe(found, "one of several keys")
