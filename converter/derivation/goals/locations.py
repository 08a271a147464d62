"""Locations: what they take, what just misses them, and other spellings of their paths."""

import re
from collections.abc import Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe, none
from converter.derivation.reaching import reached, to_place, why_not
from converter.derivation.sites import Http
from converter.derivation.wire import LONGEST
from converter.derivation.witnesses import strangers
from converter.interpreter.places import Place
from converter.interpreter.reading import decoded
from converter.interpreter.sites import Site
from converter.interpreter.walk import trace
from converter.model.records import replace
from converter.nginx.scope import Scope
from converter.nginx.spelling import spelled

_RESTRICTING = (
    "allow",
    "deny",
    "internal",
    "satisfy",
    "limit_except",
    "auth_basic",
    "auth_request",
    "auth_jwt",
    "secure_link",
    "valid_referers",
    "ssl_verify_client",
)


def goals(http: Http, site: Site) -> Iterator[Goal]:
    """The aims of a server's locations. The spellings are asked for where access is restricted, and once for each server."""
    plain_one = next((place for place in site.every() if place.kind != "named" and len(place.text) > 2), None)
    for place in site.every():
        odd = place is plain_one or restricts(place.scope)
        yield Goal(
            place.position,
            "location",
            place.label,
            (site.number, "location"),
            partial(_hits, http, site, place),
            partial(_misses, http, site, place),
            partial(_oddities, http, site, place) if odd else none,
            partial(why_not, http, site, place),
        )


def restricts(scope: Scope) -> bool:
    """Whether some requests to a level are refused by what stands in it or around it."""
    if any(name in scope.effective for name in _RESTRICTING):
        return True
    return any(line.args and re.fullmatch(r"4\d\d", line.args[0]) for line in scope.own("return"))


def _hits(http: Http, site: Site, place: Place) -> Iterator[Probe]:
    for number, (request, _) in enumerate(to_place(http, site, place)):
        if number == 1:
            yield Probe(replace(request, target=f"{request.target}?probe=1&x=%2F"), "with a query")
        yield Probe(request, "taken")
        if number == 4:
            return
        if number == 0 and place.kind == "exact":
            yield Probe(replace(request, target=f"{request.target}?probe=1"), "with a query")


def _misses(http: Http, site: Site, place: Place) -> Iterator[Probe]:
    """Requests for paths close to those of a location which it does not take."""
    start = reached(http, site, place)
    if start is None or place.kind == "named":
        return
    for path, note in _close(place, decoded(start.target) or "/"):
        if not path.startswith("/") or len(path) > LONGEST or set(path) & {"\0", "\n"}:
            continue
        request = replace(start, target=spelled(path))
        if (site.number, place.position) not in trace(http, request).seen:
            yield Probe(request, note)


def _close(place: Place, taken: str) -> Iterator[tuple[str, str]]:
    text = place.text
    if place.regex is not None:
        yield from strangers(place.regex, taken)
        return
    if text.endswith("/") and len(text) > 1:
        yield text[:-1], "no trailing slash"
    if place.kind == "exact":
        yield f"{text}/", "trailing slash"
    yield f"{text.rstrip('/')}x", "one character more"
    yield text.rstrip("/")[:-1], "one character less"
    yield text.swapcase(), "other case"
    yield f"/x{text}", "in another folder"
    yield f"{text.rstrip('/')}/more", "one segment more"


def _oddities(http: Http, site: Site, place: Place) -> Iterator[Probe]:
    """The path of a location as nginx reads it and a gateway may not."""
    start = reached(http, site, place)
    if start is not None and place.kind != "named":
        path, mark, query = start.target.partition("?")
        yield from (Probe(replace(start, target=odd + mark + query), note) for odd, note in spellings(path))


def spellings(path: str) -> Iterator[tuple[str, str]]:
    """Other ways to write a path, or nearly: each with a few words on it.

    >>> dict((note, target) for target, note in spellings("/orders/a"))["doubled slash"]
    '//orders/a'
    """
    head, _, last = path.rpartition("/")
    yield f"/{path}", "doubled slash"
    if letter := re.search(r"(?<![%0-9A-Fa-f])[A-Za-z](?![^/]*$)|(?<=/)[A-Za-z]", path):
        at = letter.start()
        yield f"{path[:at]}%{ord(path[at]):02X}{path[at + 1 :]}", "one letter percent-encoded"
    yield f"/probe/..{path}", "dot segments before it"
    yield f"{head}%2F{last}" if head else f"/%2F{last}", "encoded slash"
    yield f"/probe/%2e%2e{path}", "encoded dot segments"
    yield f"/.{path}", "a dot segment before it"
    if head:
        yield f"{head}//{last}", "doubled slash within"
        yield f"{head}/./{last}", "a dot segment within"
    yield f"{path.rstrip('/')}/../" if len(path) > 1 else "/a/../", "dot segments behind it"
    yield f"{path.rstrip('/')};x", "path parameter"
    yield f"{path}.", "trailing dot"
    yield path.replace("/", "\\", 2).replace("\\", "/", 1) if path.count("/") > 1 else f"{path}\\", "backslash"
    if "%" in path:
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), path), "escapes in small letters"
    yield f"/probe%2f..{path}", "encoded slash before dot segments"
