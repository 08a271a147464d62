"""The directives that a proxied answer depends on, each with its own few requests (`ways`) to a location where it is in effect."""

import itertools
from collections.abc import Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe, none
from converter.derivation.goals.ways import MISSES, WAYS, Ways
from converter.derivation.reaching import bases, carried, reached, unreachable
from converter.derivation.sites import Http
from converter.derivation.wire import edited
from converter.interpreter.places import Place
from converter.interpreter.sites import Site
from converter.model.verification import Request
from converter.syntax.tree import Directive


def goals(http: Http, site: Site) -> Iterator[Goal]:
    """The aims of what a server, its locations, and the level around them say of proxied requests and answers."""
    levels: list[tuple[tuple[Directive, ...], Place | None]] = [(site.scope.directives, None)]
    levels += [(place.scope.directives, place) for place in site.every()]
    levels.insert(0, (tuple(carried(http, site, *WAYS)), None))
    for directives, place in levels:
        for line in directives:
            inner = line.block or () if line.name in ("if", "limit_except") else ()
            yield from (_goal(http, site, place, found) for found in (line, *inner) if found.name in WAYS)


def _goal(http: Http, site: Site, place: Place | None, line: Directive) -> Goal:
    text = f"{line.name} {' '.join(line.args)}"[:200]
    others = MISSES.get(line.name)
    return Goal(
        line.position,
        line.name,
        text,
        (site.number, line.name),
        partial(_probes, http, site, place, line, WAYS[line.name]),
        partial(_probes, http, site, place, line, others) if others else none,
        reason=partial(_reason, http, site, place, line),
    )


def _reason(http: Http, site: Site, place: Place | None, line: Directive) -> str:
    if not http.plain(site):
        return unreachable(site)
    if place is not None and reached(http, site, place) is None:
        return "no request was found that gets to its location"
    if line.name == "client_max_body_size":
        return "the limit is off, or larger than a request of a verification"
    return "nothing that a request of a verification could show"


def _probes(http: Http, site: Site, place: Place | None, line: Directive, ways: Ways) -> Iterator[Probe]:
    start = next(iter(bases(http, site, place)), None)
    if place is None:
        start = next((found for found in _proxied(http, site, line) if found is not None), start)
    for note, edits in ways(line) if start is not None else ():
        request = edited(start, edits) if start is not None else None
        if request is not None:
            yield Probe(request, note)


def _proxied(http: Http, site: Site, line: Directive) -> Iterator[Request | None]:
    """Requests to locations that pass on what they get and that a line around them is in effect for."""
    fitting = (place for place in site.every() if place.passes and line in place.scope.nearest(line.name))
    return (reached(http, site, place) for place in itertools.islice(fitting, 3))
