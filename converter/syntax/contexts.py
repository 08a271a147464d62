"""The kind of a block by the blocks around it, and the context that a fragment was written for."""

from collections.abc import Iterable
from functools import lru_cache

from converter.syntax.directives import ENTRIES, KIND_BITS, UNCHECKED, Verdict, verdict
from converter.syntax.tree import Directive
from converter.syntax.value_checks import complaint

Context = tuple[str, ...]

_TABLES_OF_VALUES = dict.fromkeys(("map", "geo", "types", "split_clients", "charset_map", "geoip2", "match", "num_map"), ENTRIES)
_LOCATION = {"location": "location", "if": "location_if", "limit_except": "limit_except"}
_INSIDE: dict[str, dict[str, str]] = {
    "main": {"events": "events", "http": "http", "stream": "stream", "mail": "mail", "mgmt": "mgmt"},
    "http": {"server": "server", "upstream": "upstream", "oidc_provider": "oidc_provider", "acme_issuer": "acme_issuer"},
    "server": {"location": "location", "if": "server_if"},
    "location": _LOCATION,
    "stream": {"server": "stream_server", "upstream": "stream_upstream"},
    "mail": {"server": "mail_server"},
}
# Blocks that stand where nginx does not take them keep their meaning, so that their contents are judged on their own.
_MISPLACED = {
    "events": "events",
    "http": "http",
    "stream": "stream",
    "mail": "mail",
    "server": "server",
    "upstream": "upstream",
    **_LOCATION,
}

# Outermost first: of contexts that fit equally well the first is chosen.
CANDIDATES: tuple[Context, ...] = (
    (),
    ("http",),
    ("stream",),
    ("http", "server"),
    ("http", "server", "location"),
    ("http", "upstream"),
    ("stream", "server"),
    ("stream", "upstream"),
    ("mail",),
    ("mail", "server"),
    ("events",),
    ("http", "server", "if"),
    ("http", "server", "location", "if"),
)
ENOUGH = 2_000  # directives looked at to infer a context


@lru_cache(maxsize=10_000)
def inner_kind(kind: str, name: str) -> str:
    """The kind of the block that directive `name` opens in a block of `kind`."""
    if kind in (UNCHECKED, ENTRIES):
        return UNCHECKED
    if name in _TABLES_OF_VALUES:
        return ENTRIES
    return _INSIDE.get(kind, {}).get(name) or _MISPLACED.get(name, UNCHECKED)


@lru_cache(maxsize=10_000)
def kind_of(context: Context) -> str:
    """The kind of the innermost block of a context; `main` outside all blocks."""
    kind = "main"
    for name in context:
        kind = inner_kind(kind, name)
    return kind


def shown(context: Context) -> str:
    """A context for people, such as `http > server`."""
    return " > ".join(context) or "main (a whole nginx.conf)"


def infer(directives: tuple[Directive, ...], included: tuple[Directive, ...] = ()) -> Context:
    """The outermost context that accepts every directive of a fragment and all below; else the one that accepts most of them.

    included: what files hold that it includes outside all blocks; they decide where its own directives do not.
    """
    table = _table_of_values(directives)
    if table is not None:
        return table
    scores: dict[Context, tuple[int, int]] = {}
    for context in CANDIDATES:
        kind = kind_of(context)
        scores[context] = (_rejected(directives, kind), _rejected(included, kind))
        if scores[context] == (0, 0):
            return context
    return min(CANDIDATES, key=scores.__getitem__)


def _rejected(directives: tuple[Directive, ...], kind: str) -> int:
    """How many of the first directives are not accepted, those at the top counted above all others."""
    top = sum(not _accepts(directive, kind) for directive in directives[:ENOUGH])
    return top * ENOUGH + _rejected_below(directives, kind, [ENOUGH])


def _rejected_below(directives: Iterable[Directive], kind: str, budget: list[int]) -> int:
    rejected = 0
    for directive in directives:
        if budget[0] <= 0:
            break
        budget[0] -= 1
        rejected += not _accepts(directive, kind)
        if directive.block:
            rejected += _rejected_below(directive.block, inner_kind(kind, directive.name), budget)
    return rejected


def _accepts(directive: Directive, kind: str) -> bool:
    if kind not in KIND_BITS:
        return True
    found = verdict(directive.name, kind, len(directive.args), directive.block is not None)
    return found in (Verdict.UNKNOWN, Verdict.WRONG_NUMBER) or (
        found is Verdict.ACCEPTED and complaint(directive.name, directive.args, kind) is None
    )


def _table_of_values(directives: tuple[Directive, ...]) -> Context | None:
    """The context of a file that holds nothing but entries of a map, of geo or of types; None for any other file."""
    own = [directive for directive in directives if directive.name not in ("include", "default")]
    unknown = [directive for directive in own if verdict(directive.name, "main", 1, False) is Verdict.UNKNOWN]
    if not own or len(unknown) * 10 < len(own) * 9 or any(directive.block is not None for directive in directives):
        return None
    if all(_looks_like_address(directive.name) for directive in own):
        return ("http", "geo")
    if all("/" in directive.name and directive.name[0].isalpha() and directive.args for directive in own):
        return ("http", "types")
    if all(len(directive.args) == 1 or directive.name in ("hostnames", "volatile") for directive in own):
        return ("http", "map") if not all(_looks_like_directive(directive.name) for directive in own) else None
    return None


def _looks_like_address(name: str) -> bool:
    return all(character in "0123456789abcdefABCDEF.:/-" for character in name) and any(mark in name for mark in ".:")


def _looks_like_directive(name: str) -> bool:
    return name.replace("_", "a").isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
