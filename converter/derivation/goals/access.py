"""Who gets in: addresses inside and just outside each network, methods, referers, credentials."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe
from converter.derivation.networks import edges
from converter.derivation.reaching import bases, carried
from converter.derivation.sites import Http
from converter.derivation.wire import Edit, Edits, edited
from converter.interpreter.places import Place
from converter.interpreter.sites import Site
from converter.interpreter.walk import trace
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive

_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_PASSWORD = "Basic cHJvYmU6cHJvYmU="
_MOST_LINES = 100  # of one level
_REASON = "no request was found that gets so far: an earlier line decides, or something answers before addresses are looked at"


def goals(http: Http, site: Site) -> Iterator[Goal]:
    """The aims of what restricts access in a server, in its locations, and (by the first server) around all of them."""
    for line in itertools.islice(carried(http, site, *_LINES), _MOST_LINES):
        yield _LINES[line.name](http, site, None, site.scope, line)
    for scope, place in [(site.scope, None), *((place.scope, place) for place in site.every())]:
        for line in itertools.islice(scope.own(*_LINES), _MOST_LINES):
            if line.args:
                yield _LINES[line.name](http, site, place, scope, line)


def _goal(site: Site, line: Directive, hits: Iterable[Probe], misses: Iterable[Probe], reason: str = _REASON) -> Goal:
    text = f"{line.name} {' '.join(line.args)}"[:200]
    return Goal(line.position, line.name, text, (site.number, line.name), lambda: hits, lambda: misses, reason=partial(str, reason))


def _probes(http: Http, site: Site, place: Place | None, line: Directive, ways: list[Edits], taken: bool | None) -> Iterator[Probe]:
    """Requests changed in each of the ways; taken: whether nginx is to come to the line; None: either."""
    starts = list(itertools.islice(bases(http, site, place), 4))
    for edits in ways:
        for start in starts:
            request = edited(start, edits)
            if request is None:
                continue
            met = taken is None or ((site.number, line.position) in trace(http, request).seen) == taken
            if met:
                yield Probe(request, _note(edits))
                break


def _note(edits: Edits) -> str:
    return ", ".join(f"{edit.name or edit.part} {edit.value}" if edit.value else f"no {edit.name}" for edit in edits)[:80] or "plain"


def _address(http: Http, site: Site, place: Place | None, scope: Scope, line: Directive) -> Goal:
    inside, outside = edges(line.args[0])
    hits = _probes(http, site, place, line, [_from(scope, address) for address in inside], taken=True)
    return _goal(site, line, hits, _probes(http, site, place, line, [_from(scope, address) for address in outside], taken=False))


def _from(scope: Scope, address: str) -> Edits:
    """What makes an address the client's: the connection, or where proxies are trusted the header of one."""
    for line in scope.nearest("set_real_ip_from"):
        if line.args and (trusted := edges(line.args[0])[0]):
            return (Edit("client", trusted[-1]), Edit("header", address, _real_ip_header(scope)))
    return (Edit("client", address),)


def _real_ip_header(scope: Scope) -> str:
    named = scope.value("real_ip_header")
    return named.args[0] if named and named.args and named.args[0] != "proxy_protocol" else "X-Real-IP"


def _proxy(http: Http, site: Site, place: Place | None, scope: Scope, line: Directive) -> Goal:
    """A trusted proxy that names another address, and its neighbours, whose word is not to be taken."""
    said = [Edit("header", address, _real_ip_header(scope)) for address in ("192.0.2.77", "10.1.2.3")]
    inside, outside = edges(line.args[0])
    hits: list[Edits] = [(Edit("client", address), said[0]) for address in inside]
    hits += [(Edit("client", address), said[1]) for address in inside[:1]]
    misses: list[Edits] = [(Edit("client", address), said[0]) for address in outside]
    none = "no client can have an address of this network"
    return _goal(site, line, _probes(http, site, place, line, hits, None), _probes(http, site, place, line, misses, None), none)


def _method(http: Http, site: Site, place: Place | None, _: Scope, line: Directive) -> Goal:
    ways: list[Edits] = [(Edit("method", method),) for method in _METHODS]
    return _goal(site, line, _probes(http, site, place, line, ways, taken=True), _probes(http, site, place, line, ways, taken=False))


def _referers(http: Http, site: Site, place: Place | None, _: Scope, line: Directive) -> Goal:
    names = [word for word in line.args if word not in ("none", "blocked", "server_names") and not word.startswith("~")]
    names += [name.text for name in site.names if name.kind == "exact"] if "server_names" in line.args else []
    known = [word.replace("*.", "www.", 1).replace(".*", ".example", 1).lstrip(".") for word in names[:6]]
    hits: list[Edits] = [(Edit("header", f"http://{name.rstrip('/')}/page", "referer"),) for name in known]
    hits += [(Edit("header", "", "referer"),)] * ("none" in line.args) + [(Edit("header", "hidden", "referer"),)] * ("blocked" in line.args)
    foreign = ["http://stranger.test/", *(["hidden"] if "blocked" not in line.args else []), *([""] if "none" not in line.args else [])]
    misses: list[Edits] = [(Edit("header", value, "referer"),) for value in foreign]
    return _goal(site, line, _probes(http, site, place, line, hits, None), _probes(http, site, place, line, misses, None))


def _credentials(http: Http, site: Site, place: Place | None, _: Scope, line: Directive) -> Goal:
    without = _probes(http, site, place, line, [()], None)
    return _goal(site, line, without, _probes(http, site, place, line, [(Edit("header", _PASSWORD, "authorization"),)], None))


_LINES: dict[str, Callable[[Http, Site, Place | None, Scope, Directive], Goal]] = {
    "allow": _address,
    "deny": _address,
    "set_real_ip_from": _proxy,
    "limit_except": _method,
    "valid_referers": _referers,
    **dict.fromkeys(("auth_basic", "auth_request", "auth_jwt", "auth_digest"), _credentials),
}
