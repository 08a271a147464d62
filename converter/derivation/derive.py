"""From a parsed configuration and its decision lists to the requests of a verification."""

from collections.abc import Iterator

from converter.derivation.aims import Derived, Goal
from converter.derivation.choosing import choose
from converter.derivation.goals import access, features, locations, rules, servers, statements, tables, upstreams
from converter.derivation.sites import Http, read_http
from converter.model.applications import Application
from converter.nginx.usable import usable
from converter.syntax.parse import Parsed


def derive(parsed: Parsed, applications: tuple[Application, ...], budget: int) -> Derived:
    """The requests that show whether a gateway does what nginx does: at most `budget`, in an order of their own, none twice.

    They come from the tree of directives and, independently, from the decision lists: what one of them overlooks the other may ask.
    With a small budget each aim gets a request that takes it first, then some get requests that just miss it, then odd spellings.
    Never raises for what a configuration holds; the work is bounded.
    """
    return choose((*_from_tree(parsed), *rules.goals(applications)), budget)


def _from_tree(parsed: Parsed) -> Iterator[Goal]:
    root, _ = usable(parsed.root, parsed.invalid)
    for http in read_http(parsed, root):
        for site in http.sites:
            yield from _of_site(http, site.number - http.sites[0].number)
        yield from tables.goals(http)
        yield from upstreams.goals(http)


def _of_site(http: Http, number: int) -> Iterator[Goal]:
    site = http.sites[number]
    yield from servers.goals(http, site)
    yield from locations.goals(http, site)
    yield from statements.goals(http, site)
    yield from access.goals(http, site)
    yield from features.goals(http, site)
