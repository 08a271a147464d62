import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.guards import PATH, Condition, Test
from converter.nginx.locations import Choice, Location, Slash, Target, find, flatten, read
from converter.nginx.scope import Scope
from converter.nginx.spelling import spelled
from converter.sources.source import SingleText
from converter.sources.texts import Source
from converter.syntax.parse import parse
from tests.location_search import PATHS, Node, search, trees
from tests.real_nginx import PROGRAM, running


def locations(text: str) -> tuple[Location, ...]:
    """The locations of a server."""
    file = "site.conf"
    parsed = parse(Source(file, file, SingleText(file, f"server {{ listen 80; server_name _;\n{text}\n}}".encode())))
    server = parsed.root[0]
    return read(Scope.open("server", server, server.block or ()))


def shown(target: Target) -> str | None:
    match target:
        case Slash(location):
            return f"redirect {_number(location)}"
        case Location():
            return f"location {_number(target)}"
    return None


def _number(location: Location) -> str:
    return location.scope.own("set")[0].args[1]


def decided(choices: list[Choice], path: str) -> Target:
    """The first choice whose conditions hold for a decoded path."""
    return next(choice.target for choice in choices if all(holds(condition, spelled(path)) for condition in choice.conditions))


def holds(condition: Condition, path: str) -> bool:
    assert condition.subject == PATH
    match condition.test:
        case Test.EXACT:
            found = path == condition.text
        case Test.PREFIX:
            found = path.startswith(condition.text)
        case _:
            found = re2.fullmatch(condition.text, path) is not None
    return found == condition.holds


@settings(max_examples=250)
@given(trees(), st.lists(PATHS, min_size=1, max_size=12))
def test_list_and_search_choose_what_nginx_chooses(tree: tuple[Node, ...], paths: list[str]) -> None:
    level = locations("".join(map(str, tree)))
    choices = flatten(level)
    for path in (*paths, *_near(tree)):
        expected = search(tree, path)
        assert shown(find(level, path)) == expected, path
        assert shown(decided(choices, path)) == expected, path


def _walk(level: tuple[Node, ...]) -> list[Node]:
    return [found for node in level for found in (node, *_walk(node.children))]


@pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")
@settings(max_examples=12)
@given(st.lists(trees(), min_size=12, max_size=12), st.lists(PATHS, min_size=4, max_size=10))
def test_the_search_written_down_here_is_nginx_s_own(forest: list[tuple[Node, ...]], paths: list[str]) -> None:
    servers = (f"server {{ listen SOCKET; server_name n{number};\n{''.join(map(str, tree))} }}" for number, tree in enumerate(forest))
    with running("\n".join(servers)) as nginx:
        for number, tree in enumerate(forest):
            texts = {str(node.number): node.text for node in _walk(tree)}
            for path in (*paths, *_near(tree)):
                expected = search(tree, path)
                reply = nginx.ask(path, Host=f"n{number}")
                if expected is not None and expected.startswith("redirect"):
                    assert (reply.status, reply.headers["location"]) == (301, f"http://n{number}{texts[expected.split()[1]]}")
                else:
                    assert (reply.status in (403, 404, 502), f"location {reply.headers.get('number')}") == (
                        True,
                        str(expected or "location None"),
                    ), path


def _near(tree: tuple[Node, ...]) -> list[str]:
    """Paths at which something may change: names, names less their slash, and what begins with them."""
    names = [name for node in _walk(tree) if not node.kind.startswith("regex") for name in (node.text, node.text.removesuffix("/") or "/")]
    return [*names, *(name + "a" for name in names), *(name + ".b" for name in names if not name.endswith("/"))]
