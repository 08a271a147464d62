"""How a level's settings become policies of its routes: one file for each kind, found by being here.

A module has `NAMES`, the directives that it takes, and `apply(place)`, which yields facts.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator

from converter.nginx.facts import Fact, Place

Policy = Callable[[Place], Iterator[Fact]]


@functools.cache
def registered() -> tuple[tuple[tuple[str, ...], Policy], ...]:
    """The names and the function of each module of this folder, in order of the modules' names."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple((module.NAMES, module.apply) for module in modules)
