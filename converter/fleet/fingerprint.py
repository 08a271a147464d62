"""What an application does, as one digest: the same for two that answer every request alike, wherever in the source they stand."""

import enum
import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from converter.model.applications import Application, ServerTls, VirtualHost
from converter.model.places import Position
from converter.model.records import fields_of
from converter.model.rules import Proxy, Refuse, Rule
from converter.model.upstreams import Upstream, UpstreamTls

_LEFT_OUT: dict[type, set[str]] = {
    Application: {"name"},
    Proxy: {"upstream"},
    Refuse: {"reason"},
    Rule: {"name", "notes", "origins"},
    ServerTls: {"secret"},
    UpstreamTls: {"origins"},
    Upstream: {"origins"},
    VirtualHost: {"name", "application", "note"},
}
"""What is for readers alone, is made from the rest, or is replaced by what it stands for."""


def fingerprint(applications: Iterable[Application], upstreams: Mapping[str, Upstream]) -> str:
    """A digest of names, listeners, certificates, rules and the servers behind them. upstreams: by the keys that rules name."""
    behind = {key: contents(upstream) for key, upstream in upstreams.items()}
    return _digest([_plain(application, behind) for application in applications])


def contents(upstream: Upstream) -> str:
    """A digest of an upstream without its name."""
    return _digest(_plain(replace(upstream, key="", service="" if upstream.external else upstream.service), {}))


def alike(rule: Rule, upstreams: Mapping[str, str]) -> object:
    """What a rule does, as plain data that can be compared. upstreams: the contents behind each key."""
    return _plain(rule._replace(name=""), upstreams)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object, upstreams: Mapping[str, str]) -> object:
    """Nested tuples of texts and numbers. Places, and what is only told, are left out; an upstream's name stands for what it holds."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return tuple((_plain(key, upstreams), _plain(item, upstreams)) for key, item in value.items())
    if isinstance(value, Position):
        return None
    kind: Any = type(value)
    if names := _names(kind):
        named = tuple(_plain(getattr(value, name), upstreams) for name in names)
        behind = (upstreams.get(value.upstream, value.upstream),) if isinstance(value, Proxy) else ()
        return (kind.__name__, *behind, *named)
    if isinstance(value, tuple | list):
        return tuple(_plain(item, upstreams) for item in value)
    return str(value)


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    left_out = _LEFT_OUT.get(kind, set())
    return tuple(name for name in fields_of(kind) if name not in left_out)
