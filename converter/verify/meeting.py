"""Which directives of the source a request meets, and what takes it: for the reader of a difference, and to find what the report says."""

import re
from collections.abc import Iterable, Iterator, Sequence

from converter.interpreter.places import Place
from converter.interpreter.sites import Http, Site, read_http
from converter.interpreter.walk import trace
from converter.model.places import Position
from converter.model.verification import Request
from converter.nginx.listen import sockets
from converter.nginx.scope import Scope
from converter.nginx.usable import usable
from converter.syntax.parse import Parsed
from converter.syntax.tree import Directive

_TABLES = (
    "map",
    "geo",
    "split_clients",
    "upstream",
    "limit_req_zone",
    "limit_conn_zone",
    "proxy_cache_path",
    "geoip2",
    "perl_set",
    "js_set",
)
_NAMED_LAST = ("map", "geo", "split_clients")  # their other argument is what they look at
_WORD = re.compile(r"\$\{?(\w+)|(?:://|^)([\w.-]+)")


class Source:
    """The servers of a configuration, ready to be asked."""

    def __init__(self, parsed: Parsed) -> None:
        root, _ = usable(parsed.root, parsed.invalid)
        self._https = read_http(parsed, root)
        self._main = [d for d in parsed.root if d.block is None]

    @property
    def places(self) -> Iterator[tuple[Site, Place]]:
        """All locations with their servers."""
        return ((site, place) for http in self._https for site in http.sites for place in site.every())

    def taken(self, request: Request, names: Sequence[str]) -> list[Place]:
        """The locations that took the request one after the other, by the names that nginx's debug log gives them; without any, the one that
        ought to take it."""
        for http in self._https:
            if site := http.site_for(request):
                if not names:
                    return [place for place in [trace(http, request).place] if place is not None]
                return sorted((place for place in site.every() if logged(place) in names), key=lambda place: names.index(logged(place)))
        return []

    def decided(self, request: Request, names: Sequence[str]) -> str:
        """Who takes the request in nginx, for people: `nginx.conf:12 location /orders/`."""
        places = self.taken(request, names)
        if places:
            return " -> ".join(f"{place.position} {place.label}" for place in places)
        site = next((site for http in self._https if (site := http.site_for(request))), None)
        return f"{site.block.position} {site.label}" if site and site.scope.block else ""

    def met(self, request: Request, names: Sequence[str]) -> list[Position]:
        """Places of the directives that the request meets, from the outermost level inwards."""
        for http in self._https:
            if site := http.site_for(request):
                places = self.taken(request, names)
                met = [*self._main, *_levels(http, site, places)]
                return [directive.position for directive in (*met, *_tables(http, met))]
        return [directive.position for directive in self._listening(request.port)]

    def _listening(self, port: int) -> Iterator[Directive]:
        """What has servers listen on a port that takes no request from outside."""
        for site in (site for http in self._https for site in http.sites):
            yield from (d for d in site.scope.own("listen") if any(socket.port == port for socket in sockets(d)))


def logged(place: Place) -> str:
    """What nginx's debug log calls a location (ngx_http_core_find_config_phase)."""
    name = place.scope.block.args[-1] if place.scope.block and place.scope.block.args else ""
    return (
        f"={place.text}"
        if place.kind == "exact"
        else place.text
        if place.kind in ("regex", "named")
        else name.removeprefix("^~") or place.text
    )


def _levels(http: Http, site: Site, places: Iterable[Place]) -> Iterator[Directive]:
    yield from _own(http.scope, ("server", *_TABLES))
    if site.scope.block:
        yield site.scope.block
    yield from _own(site.scope, ("location",))
    seen: dict[Place, None] = {}
    for place in places:
        chain = [place]
        while (parent := chain[-1].parent) is not None:
            chain.append(parent)
        seen |= dict.fromkeys(reversed(chain))
    for place in seen:
        if place.scope.block:
            yield place.scope.block
        yield from _own(place.scope, ("location",))


def _own(scope: Scope, without: tuple[str, ...]) -> Iterator[Directive]:
    for directive in scope.directives:
        if directive.name not in without:
            yield from directive.walk()


def _tables(http: Http, met: Iterable[Directive]) -> Iterator[Directive]:
    """Maps, upstreams and the like that these directives name, and those that they name in turn."""
    tables = [directive for name in _TABLES for directive in http.scope.own(name)]
    waiting = list(met)
    while waiting:
        words = {word for directive in waiting for text in directive.args for pair in _WORD.findall(text) for word in pair if word}
        waiting = []
        for table in [t for t in tables if {a.lstrip("$") for a in (t.args[-1:] if t.name in _NAMED_LAST else t.args)} & words]:
            tables.remove(table)
            waiting += table.walk()
        yield from waiting
