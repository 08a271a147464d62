"""nginx's search for a location, written down once more from its description, and random trees of locations to hold others against it.

Source: ngx_http_core_find_location and ngx_http_core_find_static_location in nginx's src/http/ngx_http_core_module.c.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

SIGNS = {"exact": "= ", "prefix": "", "strong": "^~ ", "regex": "~ ", "regex*": "~* "}
REGEXES = (
    r"\.b$",
    r"^/a",
    r"a",
    r"^/ab?/",
    r"/b$",
    r"b/.",
    r"^/$",
    r"\.",
    r"^/a/b",
    r"(a|b)b",
    r"^/[^/]+$",
    r"A",
    r"B$",
    r"^/(?:ab|b)/",
    r"/a/?$",
)


@dataclass(frozen=True)
class Node:
    """A location with a number of its own; `slash`: it has a proxy_pass, so that its name less the final slash is redirected."""

    number: int
    kind: str
    text: str
    slash: bool
    children: tuple["Node", ...] = ()

    def __str__(self) -> str:
        inner = "".join(map(str, self.children))
        handler = "proxy_pass http://127.0.0.1:9;" if self.slash else ""
        body = f"set $number {self.number}; {handler} add_header number {self.number} always; {inner}"
        return f'location {SIGNS[self.kind]}"{self.text}" {{ {body} }}\n'


def search(level: tuple[Node, ...], path: str) -> str | None:
    """`location N`, `redirect N`, or None where the server itself answers."""
    return _level(level, path)[1]


def _level(level: tuple[Node, ...], path: str) -> tuple[bool, str | None]:
    """What one level finds, and whether that is the end of the search for the levels around."""
    exact = [n for n in level if n.kind == "exact" and n.text == path]
    if exact:
        return True, f"location {exact[0].number}"
    static = [n for n in level if n.kind in ("exact", "prefix", "strong")]
    prefixes = sorted((n for n in static if n.kind != "exact" and path.startswith(n.text)), key=lambda n: len(n.text))
    longest = prefixes[-1] if prefixes else None
    if longest is None or longest.text != path:
        redirecting = _redirecting([n for n in static if n.text == path + "/"])
        if redirecting is not None:
            return True, f"redirect {redirecting}"
    found, may_match = None, True
    if longest is not None:
        ended, inner = _level(longest.children, path)
        if ended:
            return True, inner
        found, may_match = inner or f"location {longest.number}", longest.kind != "strong"
    for node in level if may_match else ():
        if node.kind.startswith("regex") and re.search(node.text, path, re.IGNORECASE if node.kind == "regex*" else 0):
            _, inner = _level(node.children, path)
            return True, inner or f"location {node.number}"
    return False, found


def _redirecting(named: list[Node]) -> int | None:
    """Of an exact and a prefix location of one name either may have the handler: they share one place in nginx's tree."""
    return next((n.number for n in named if n.slash), None)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Node, ...]:
    """Trees that nginx accepts: no name twice on a level, a nested name begins with that around it, nothing but regexes in a regex."""
    numbers = iter(range(1, 1000))
    return _nodes(draw, "/", 3, numbers)


def _nodes(draw: st.DrawFn, around: str, depth: int, numbers: Iterator[int]) -> tuple[Node, ...]:
    kinds = ["regex", "regex*"] if not around else ["exact", "prefix", "prefix", "strong", "regex", "regex*"]
    out: list[Node] = []
    taken: set[tuple[bool, str]] = set()
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=4 if depth == 3 else 2)):
        regex = kind.startswith("regex")
        text = draw(st.sampled_from(REGEXES)) if regex else around + draw(st.text("ab/.", max_size=4))
        if not regex and ((kind == "exact", text) in taken or "//" in text or "/." in text):
            continue
        taken.add((kind == "exact", text))
        number = next(numbers)
        inner = () if kind == "exact" or depth == 1 else _nodes(draw, "" if regex else text, depth - 1, numbers)
        out.append(Node(number, kind, text, not regex and draw(st.booleans()), inner))
    return tuple(out)


PATHS = st.text("ab/.", max_size=6).map(lambda rest: f"/{rest}").filter(lambda path: "//" not in path and "/." not in path)
