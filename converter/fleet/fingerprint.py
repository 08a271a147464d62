"""What an application does, as one digest: the same for two that answer every request alike, wherever in the source they stand."""

import enum
import functools
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from converter.model.applications import Application, ServerTls, VirtualHost
from converter.model.guards import Split
from converter.model.places import Position
from converter.model.records import fields_of, replace
from converter.model.rules import Proxy, Refuse, Rule
from converter.model.upstreams import Upstream, UpstreamTls

_LEFT_OUT: dict[type, set[str]] = {
    Application: {"name"},
    Proxy: {"upstream"},
    Refuse: {"reason"},
    Rule: {"name", "notes", "origins"},
    ServerTls: {"secret"},
    Split: {"name"},
    UpstreamTls: {"origins"},
    Upstream: {"origins"},
    VirtualHost: {"name", "application", "note"},
}
"""What is for readers alone, is made from the rest, or is replaced by what it stands for."""


class Digests:
    """Digests of what belongs to one configuration: parts that several applications share are looked at once."""

    def __init__(self, upstreams: Iterable[Upstream]) -> None:
        """upstreams: all that rules name."""
        self._plain = _Plain({upstream.key: contents(upstream) for upstream in upstreams})

    def of(self, application: Application) -> str:
        """A digest of names, listeners, certificates, rules and the servers behind them."""
        return _digest(self._plain(application))


def contents(upstream: Upstream) -> str:
    """A digest of an upstream without its name."""
    return _digest(_Plain({})(replace(upstream, key="", service="" if upstream.external else upstream.service)))


def alike(rule: Rule, upstreams: Mapping[str, str]) -> object:
    """What a rule does, as plain data that can be compared. upstreams: the contents behind each key."""
    return _Plain(upstreams)(replace(rule, name=""))


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()


class _Plain:
    """Makes nested tuples of texts and numbers. Places, and what is only told, are left out; an upstream's name stands for what it holds.

    known: what came of an object, with the object itself, which so keeps its number.
    """

    def __init__(self, upstreams: Mapping[str, str]) -> None:
        self._upstreams = upstreams
        self._known: dict[int, tuple[object, object]] = {}

    def __call__(self, value: object) -> object:
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, Position):
            return None
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = (value, self._made(value))
        return known[1]

    def _made(self, value: object) -> object:
        if isinstance(value, enum.Enum):
            return value.name
        if isinstance(value, Mapping):
            return tuple((self(key), self(item)) for key, item in value.items())
        kind: Any = type(value)
        if names := _names(kind):
            behind = (self._upstreams.get(value.upstream, value.upstream),) if isinstance(value, Proxy) else ()
            return (kind.__name__, *behind, *(self(getattr(value, name)) for name in names))
        if isinstance(value, tuple | list):
            return tuple(map(self, value))
        return str(value)


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    left_out = _LEFT_OUT.get(kind, set())
    return tuple(name for name in fields_of(kind) if name not in left_out)
