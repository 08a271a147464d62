"""How a level's settings become policies of its routes: one file for each kind, found by being here.

A module has `NAMES`, the directives that it takes, and `apply(place)`, which yields facts; it is asked where one of the names is in
effect, or always where it says `ALWAYS = True`: nginx then has a default that shows.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from converter.nginx.facts import Fact, Place

Policy = Callable[[Place], Iterator[Fact]]


@cache
def registered() -> tuple[tuple[frozenset[str], bool, Policy], ...]:
    """The names, whether it is always asked, and the function of each module of this folder, in order of the modules' names."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple((frozenset(module.NAMES), getattr(module, "ALWAYS", False), module.apply) for module in modules)


def facts(place: Place) -> Iterator[Fact]:
    """What all policies say of a route."""
    for apply in _asked(tuple(place.scope.effective)):
        yield from apply(place)


@lru_cache(maxsize=512)
def _asked(present: tuple[str, ...]) -> tuple[Policy, ...]:
    """The policies for a level where these directives are in effect."""
    return tuple(apply for names, always, apply in registered() if always or not names.isdisjoint(present))
