"""Shares of all requests by a hash: a script counts it before a route is chosen, and says in a header which share a request is in.

The header holds until the route is chosen. What a client sends under its name counts for nothing (mappings/envoyfilter/split.lua).
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from converter.istio import script_values, sent_headers
from converter.istio.formats import Inexpressible
from converter.model.guards import Guard, InShare, Split
from converter.model.rules import Rule


def header(split: Split) -> str:
    """The header that says which share a request is in: the number, 0 for none of them."""
    return f"x-nginx-split-{split.name}"


def demand(guard: Guard, filters: bool) -> None:
    """Sees to it that the shares in a guard can be counted. filters: whether EnvoyFilters may be used. Raises Inexpressible."""
    for condition in guard:
        if isinstance(condition, InShare):
            if not filters:
                raise Inexpressible("shares by a hash need an EnvoyFilter")
            _order(condition.split)


def count(rules: Iterable[Rule], routes: Sequence[tuple[Rule, dict[str, object]]], filters: bool) -> None:
    """Adds orders to the scripts of a virtual host's routes: from the first that asks for a share on, any may be chosen without one."""
    splits = dict.fromkeys([c.split for rule in rules for c in rule.guard if isinstance(c, InShare)])
    orders = list(_orders(splits)) if filters else []
    if not orders:
        return
    first = next((n for n, (rule, _) in enumerate(routes) if any(isinstance(c, InShare) for c in rule.guard)), len(routes))
    for _, script in routes[first:]:
        script["splits"] = orders


def _orders(splits: Iterable[Split]) -> Iterator[dict[str, object]]:
    """What the script counts for a virtual host."""
    for split in splits:
        with contextlib.suppress(Inexpressible):  # the routes that ask for it are closed
            yield _order(split)


def _order(split: Split) -> dict[str, object]:
    return {"header": header(split), "key": script_values.parts(sent_headers.kept(split.key)), "below": list(split.bounds)}
