"""The locations of a server, and nginx's search among them for one path, quick however many there are.

Source: ngx_http_core_find_location and ngx_http_core_find_static_location in nginx's src/http/ngx_http_core_module.c.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.interpreter.patterns import Regex, Work
from converter.model.places import Position
from converter.nginx.locations import PASSES, modifier
from converter.nginx.scope import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One location. kind: `exact`, `prefix`, `strong` (`^~`), `regex`, `named`; text: the decoded name, or the regex as written."""

    kind: str
    text: str
    scope: Scope
    parent: "Place | None"
    regex: Regex | None = None
    children: list["Place"] = field(default_factory=list)

    @property
    def position(self) -> Position:
        assert self.scope.block is not None
        return self.scope.block.position

    @property
    def label(self) -> str:
        return f"location {' '.join(self.scope.block.args if self.scope.block else ())}"

    @property
    def passes(self) -> bool:
        """Whether requests are sent on to an upstream."""
        return bool(self.scope.own(*PASSES))

    @property
    def redirects(self) -> bool:
        """Whether a request for the name less its final slash is redirected to it."""
        return self.kind not in ("regex", "named") and self.text.endswith("/") and len(self.text) > 1 and self.passes


@dataclass(frozen=True, slots=True)
class Found:
    """What a search ends with. place: None for the server's own level; slash: a redirect to the place's name.

    regexes: the locations whose regexes matched on the way, in order.
    """

    place: Place | None
    slash: bool = False
    regexes: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """The locations of one level, by what they are looked for by. starts: regexes by the text that their matches begin with."""

    exact: dict[str, Place]
    prefixes: dict[str, Place]
    lengths: tuple[int, ...]
    slashes: dict[str, Place]
    starts: dict[str, list[tuple[int, Place]]]
    start_lengths: tuple[int, ...]
    below: dict[Place, "Level"]
    work: Work

    @classmethod
    def of(cls, places: list[Place], work: Work) -> "Level":
        exact, prefixes, slashes = dict[str, Place](), dict[str, Place](), dict[str, Place]()
        starts: dict[str, list[tuple[int, Place]]] = {}
        for number, place in enumerate(places):
            if place.regex is not None:
                starts.setdefault(place.regex.literal_start, []).append((number, place))
            elif place.kind != "named":
                (exact if place.kind == "exact" else prefixes).setdefault(place.text, place)
                if place.redirects:
                    slashes.setdefault(place.text[:-1], place)
        below = {place: cls.of(place.children, work) for place in places if place.children}
        return cls(exact, prefixes, _lengths(prefixes), slashes, starts, _lengths(starts), below, work)

    def find(self, path: str) -> Found:
        """nginx's search for one decoded path."""
        return self._search(path)[0]

    def _search(self, path: str) -> tuple[Found, bool]:
        if place := self.exact.get(path):
            return Found(place), True
        prefix = next((self.prefixes[path[:n]] for n in self.lengths if n <= len(path) and path[:n] in self.prefixes), None)
        if (prefix is None or prefix.text != path) and path in self.slashes:
            return Found(self.slashes[path], slash=True), True
        found = Found(prefix)
        if prefix is not None and prefix in self.below:
            inner, final = self.below[prefix]._search(path)
            if final:
                return inner, True
            found = inner if inner.place else found
        taker = None if prefix is not None and prefix.kind == "strong" else self._regex(path)
        if taker is None:
            return found, False
        inner = self.below[taker].find(path) if taker in self.below else Found(None)
        return Found(inner.place or taker, inner.slash, (taker, *inner.regexes)), True

    def _regex(self, path: str) -> Place | None:
        """The first regex location, in source order, that is found in the path."""
        rows = [self.starts[path[:n]] for n in self.start_lengths if n <= len(path) and path[:n] in self.starts]
        for _, place in rows[0] if len(rows) == 1 else heapq.merge(*rows, key=lambda pair: pair[0]):
            if self.work.spent:
                return None
            if place.regex is not None and self.work.found(place.regex, path):
                return place
        return None


def _lengths(texts: dict[str, Place] | dict[str, list[tuple[int, Place]]]) -> tuple[int, ...]:
    return tuple(sorted({len(text) for text in texts}, reverse=True))


def read_places(scope: Scope, parent: Place | None = None, depth: int = 0) -> list[Place]:
    """The locations of a level, with those nested in them."""
    return [_place(Scope.open("location", d, d.block or (), scope), parent, depth) for d in scope.own("location")]


def _place(scope: Scope, parent: Place | None, depth: int) -> Place:
    assert scope.block is not None
    kind, text = modifier(scope.block)
    regex = Regex(text, kind == "regex*") if kind.startswith("regex") else None
    place = Place(kind.removesuffix("*"), text, scope, parent, regex)
    if depth < 40:
        place.children.extend(read_places(scope, place, depth + 1))
    return place


def every(places: list[Place]) -> Iterator[Place]:
    """All locations of a level, with those nested in them, in source order."""
    for place in places:
        yield place
        yield from every(place.children)
