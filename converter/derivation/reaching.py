"""Requests that get to a location, to a statement, to a line: candidates, each followed through nginx before it counts."""

import itertools
from collections.abc import Iterable, Iterator

from converter.derivation.sites import Http
from converter.derivation.wire import Edit, Edits, edited
from converter.derivation.witnesses import too_long, witnesses
from converter.interpreter.places import Place
from converter.interpreter.reading import number
from converter.interpreter.sites import Site
from converter.interpreter.walk import Trace, trace
from converter.model.places import Position
from converter.model.records import replace
from converter.model.verification import Request
from converter.nginx.spelling import spelled
from converter.syntax.tree import Directive

_BEHIND = ("", "probe", "probe/more", "/probe", "0", "-probe.html")
_MOST_TRIED = 40  # candidates followed for one aim


def paths_of(place: Place) -> Iterator[str]:
    """Decoded paths that a location's own name or regex takes; what stands around it may still take them away."""
    if place.kind == "named":
        return
    if place.regex is not None:
        above = place.parent.text if place.parent is not None and place.parent.kind != "regex" else ""
        found = list(witnesses(place.regex, "/"))
        for text in found:
            yield from _normal((above.rstrip("/") + text, above + text.lstrip("/")) if above.strip("/") else (text,))
        yield from _normal(found)
    elif place.kind == "exact":
        yield place.text
    else:
        yield from (place.text + behind for behind in _BEHIND)


def _normal(paths: Iterable[str]) -> Iterator[str]:
    """Those that nginx leaves as they are."""
    return (
        p for p in paths if p.startswith("/") and "//" not in p and "/./" not in p and "/../" not in p and not p.endswith(("/.", "/.."))
    )


def to_place(http: Http, site: Site, place: Place) -> Iterator[tuple[Request, Trace]]:
    """Requests that a location takes, on each of the server's sockets in turn."""
    plain = http.plain(site)
    tried = itertools.islice(_candidates(http, site, place), _MOST_TRIED)
    for turn, request in enumerate(tried):
        socket = plain[turn % len(plain)] if turn and len(plain) > 1 else plain[0]
        request = replace(request, host=socket.host, sni=socket.sni, scheme=socket.scheme, port=socket.port, address=socket.address)
        found = trace(http, request)
        if found.site is site and (site.number, place.position) in found.seen:
            yield request, found


def _candidates(http: Http, site: Site, place: Place) -> Iterator[Request]:
    plain = http.plain(site)
    if place.regex is not None:
        http.work.reads(place.regex)
    if not plain or http.work.spent:
        return
    yield from (replace(plain[0], target=spelled(path)) for path in paths_of(place) if "\n" not in path and "\0" not in path)
    yield from _from_elsewhere(http, site, place)


def _from_elsewhere(http: Http, site: Site, place: Place) -> Iterator[Request]:
    """Requests to locations that hand theirs on: by try_files, error_page or a rewrite to the place's name."""
    if site not in http.handed:
        http.handed[site] = _handed(site)
    for other, line in http.handed[site].get(place.text, [])[:20]:
        request = next((replace(http.plain(site)[0], target=spelled(p)) for p in paths_of(other)), None)
        if other is not place and request is not None:
            yield from (r for edits in _failures(line) if (r := edited(request, edits)) is not None)


def _handed(site: Site) -> dict[str, list[tuple[Place, Directive]]]:
    """The lines that hand requests on, with the location that they are in effect for, by what they lead to."""
    found: dict[str, list[tuple[Place, Directive]]] = {}
    around = site.scope.nearest("error_page")[:50]
    for nth, place in enumerate(place for place in site.every() if place.kind != "named"):
        lines = place.scope.own("error_page", "try_files", "rewrite")
        for line in (*lines, *(around if nth < 20 and not place.scope.own("error_page") else ())):
            for name in dict.fromkeys(text.partition("?")[0] for text in line.args[1:]):
                found.setdefault(name, []).append((place, line))
    return found


def _failures(line: Directive) -> list[Edits]:
    """What makes an upstream's answer one that an error page is for."""
    if line.name != "error_page":
        return [()]
    codes = [code for code in line.args[:-1] if number(code)]
    closed: list[Edits] = [(Edit("header", "1", "x-reply-close"),)] if {"502", "504"} & set(codes) else []
    return [(), *closed, *((Edit("header", code, "x-reply-status"),) for code in codes[:4])]


def reached(http: Http, site: Site, place: Place | None) -> Request | None:
    """The first request that gets to a location (None: to the server's own level), or None."""
    plain = http.plain(site)
    if place is None:
        return plain[0] if plain else None
    if place not in http.reached:
        http.reached[place] = next((request for request, _ in to_place(http, site, place)), None)
    return http.reached[place]


def why_not(http: Http, site: Site, place: Place) -> str:
    """Why no request was found that a location takes."""
    if not http.plain(site):
        return unreachable(site)
    if http.work.spent:
        return "there is too much to look through"
    if place.regex is not None and too_long(place.regex):
        return "the shortest path that its regex matches is too long for a request"
    if place.regex is not None and (place.regex.tree is None or not witnesses(place.regex, "/")):
        return f"no path was found that its regex matches{f' ({place.regex.problem})' if place.regex.problem else ''}"
    if ends := next((d for d in site.scope.directives if d.name in ("return", "rewrite")), None):
        return f"a {ends.name} of its server (line {ends.position.line}) answers, or leads elsewhere, first"
    if place.kind == "named":
        return "no request was found that is handed on to this named location"
    return "other locations take every path that was tried"


def unreachable(site: Site) -> str:
    if site.sockets and all(socket.loopback for socket in site.sockets):
        return "only the nginx host itself can connect to this server"
    if not site.sockets:
        return "this server listens on no port"
    return "another server has all of its names on these ports"


def bases(http: Http, site: Site, place: Place | None) -> Iterator[Request]:
    """Requests to build on for what stands in a location, or in a server (where each location may lead to what it reads)."""
    if place is not None:
        first = reached(http, site, place)
        if first is not None:
            yield first
            yield from (request for request, _ in itertools.islice(to_place(http, site, place), 1, 4))
        return
    yield from http.plain(site)
    for other in itertools.islice(site.every(), 6):
        if (request := reached(http, site, other)) is not None:
            yield request


def to_statement(http: Http, site: Site, place: Place | None, at: Position, ways: Iterable[Edits]) -> Iterator[tuple[Request, Trace]]:
    """Requests that meet a statement, by changes to requests that get to the level around it."""
    starts = list(itertools.islice(bases(http, site, place), 6))
    for edits in itertools.islice(ways, _MOST_TRIED):
        for start in starts:
            request = edited(start, edits)
            if request is None:
                continue
            found = trace(http, request)
            if found.site is site and ((site.number, at) in found.seen or (-1, at) in found.seen):
                yield request, found
                break


def carried(http: Http, site: Site, *names: str) -> Iterator[Directive]:
    """The directives around all servers that are best asked of this one: the first server in which they are in effect, else the first."""
    if not http.carriers:
        http.carriers.update(
            (line, _carrier(http, line)) for line in http.scope.directives if line.args and line.name not in ("map", "geo")
        )
    return (line for line, carrier in http.carriers.items() if carrier is site and line.name in names)


def _carrier(http: Http, line: Directive) -> Site:
    for site in http.sites[:20]:
        if any(line in place.scope.nearest(line.name)[:1000] for place in itertools.islice(site.every(), 10)):
            return site
    return http.sites[0]
