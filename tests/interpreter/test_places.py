"""The quick search among locations, held against the description of nginx's."""

from hypothesis import given

from converter.interpreter.patterns import Work
from converter.interpreter.places import Level, read_places
from converter.model.records import replace
from converter.nginx.scope import Scope
from tests.derivation.derivations import parsed_text
from tests.location_search import PATHS, Node, search, trees


def shown(level: Level, path: str) -> str | None:
    """What is found, in the words of the description."""
    found = level.find(path)
    if found.place is None:
        return None
    number = found.place.scope.own("set")[0].args[1]
    return f"{'redirect' if found.slash else 'location'} {number}"


@given(trees(), PATHS)
def test_the_search_finds_what_the_description_finds(nodes: tuple[Node, ...], path: str) -> None:
    parsed = parsed_text(f"http {{ server {{ listen 80; {''.join(map(str, nodes))} }} }}")
    server = parsed.root[0].block or ()
    level = Level.of(read_places(Scope.open("server", server[0], server[0].block or ())), Work())
    assert shown(level, path) == search(nodes, path)


def test_no_more_is_looked_for_than_the_work_allows() -> None:
    work = replace(Work(), left=1)
    parsed = parsed_text("location ~ a { } location ~ b { }")
    level = Level.of(read_places(Scope.open("server", None, parsed.root)), work)
    assert level.find("/b").place is None
    assert work.spent
