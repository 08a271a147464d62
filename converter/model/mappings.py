"""The tables of directives (`mappings/*.yaml`): what is said about a directive that no code of the converter took.

A table is one file for each nginx module:

    module: ngx_http_gzip_module
    link: https://nginx.org/en/docs/http/ngx_http_gzip_module.html
    directives:
      gzip:
        also: [...]          directives of which the same is true; optional
        contexts: [http]     the blocks that it may stand in
        outcome: unsupported the verdict where no code took it
        converted: true      code takes it wherever it can; optional
        harmless: [off]      values that ask for what the gateway does by itself; optional
        restricts: true      it restricts access: what carries it unconverted must be closed; optional
        encloses: true       whatever stands inside the block shares its verdict; optional
        target: ...          where it goes in Istio; optional
        reason: ...          for the user: what differs, when, what to do

A name with `*` stands for a family of names. All values are texts: `off` is never a boolean.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml

from converter.model.outcomes import Outcome
from converter.model.records import replace

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"

_NEEDED = frozenset({"contexts", "outcome", "reason"})
_KEYS = _NEEDED | {"also", "harmless", "converted", "restricts", "encloses", "target"}
# libyaml's loader where PyYAML was built with it: ten times faster.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One directive. contexts: the blocks that it may stand in; `stream_server` is `server` in `stream`, `if_in_location` an `if` in a location.

    outcome, reason: what the ledger says where no code took the directive.
    converted: whether code takes the directive wherever it can; what it takes has an outcome of its own.
    target:    where it goes in Istio; empty where it goes nowhere.
    link:      the documentation of its module.
    restricts: whether it restricts access. What carries it must be closed where it was not converted.
    harmless:  values with which it asks for what the gateway does by itself, such as `off`.
    encloses:  whether everything inside the block shares its outcome, such as the entries of `types`.
    """

    directive: str
    module: str
    contexts: tuple[str, ...]
    outcome: Outcome
    reason: str
    target: str = ""
    link: str = ""
    restricts: bool = False
    harmless: tuple[str, ...] = ()
    encloses: bool = False
    converted: bool = False

    def asks_nothing(self, args: tuple[str, ...]) -> bool:
        """Whether the directive with these arguments asks for what the gateway does by itself."""
        return len(args) == 1 and args[0].lower() in self.harmless


@cache
def load() -> dict[str, Mapping]:
    """All tables, by name of directive, in the order of files and rows. Families keep their `*`.

    Raises ValueError, with file and directive, for a table that breaks the format and for a directive that stands in two places.
    """
    return read_folder(folder())


def read_folder(folder: Path) -> dict[str, Mapping]:
    """As `load`, for the tables in `folder`."""
    table: dict[str, Mapping] = {}
    for path in sorted(folder.glob("*.yaml")):
        for mapping in _mappings(path):
            if mapping.directive in table:
                first = table[mapping.directive].module
                raise ValueError(f"{path.name}: {mapping.directive}: stands twice, the first time in the table of {first}")
            table[mapping.directive] = mapping
    return table


@lru_cache(maxsize=4096)
def lookup(name: str) -> Mapping | None:
    """What the tables say about a directive; a family (`*_by_lua_block`) answers for its members. None for an unknown name."""
    mapping = load().get(name)
    if mapping is not None:
        return mapping
    family = next((each for each in _families() if fnmatchcase(name, each.directive)), None)
    return replace(family, directive=name) if family else None


def verdict(directive: str, args: tuple[str, ...], context: tuple[str, ...]) -> tuple[Outcome, str]:
    """Outcome and reason of a directive that no code took. context: names of the blocks around it, outermost first."""
    for block in context:
        around = lookup(block)
        if around and around.encloses:
            return around.outcome, f"Part of `{block}`. {around.reason}"
    mapping = lookup(directive)
    if mapping is None:
        return (
            Outcome.UNKNOWN,
            "Not a directive of nginx, nor of a module in the tables. Check the spelling, or find out what its module does.",
        )
    if mapping.asks_nothing(args):
        return Outcome.BUILTIN, "Asks for what the gateway does by itself."
    return mapping.outcome, mapping.reason


@cache
def _families() -> tuple[Mapping, ...]:
    return tuple(mapping for name, mapping in load().items() if "*" in name)


def folder() -> Path:
    """Inside the package where it is installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "mappings"
    return installed if installed.is_dir() else package.parent / "mappings"


def _mappings(path: Path) -> Iterator[Mapping]:
    try:
        table = _plain(yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER))
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    match table:
        case {"module": str(module), "link": str(link), "directives": dict(rows), **rest} if not rest:
            for name, row in rows.items():
                yield from _row(module, link, name, row, f"{path.name}: {name}")
        case _:
            raise ValueError(f"{path.name}: a table has a module, a link and directives, and nothing else")


def _plain(node: yaml.Node | None) -> Raw:
    """A node as plain values. Every scalar stays a text; a key that stands twice is an error, which PyYAML itself lets pass."""
    if isinstance(node, yaml.MappingNode):
        names = [str(key.value) for key, _ in node.value]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"{twice}: stands twice")
        return {name: _plain(value) for name, (_, value) in zip(names, node.value, strict=True)}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return str(node.value) if node else ""


def _row(module: str, link: str, name: str, row: Raw, where: str) -> Iterator[Mapping]:
    """The mapping of a row, and one more for each name in `also`."""
    fields = row if isinstance(row, dict) else {}
    for problem in (*(f"unknown key {key}" for key in fields.keys() - _KEYS), *(f"{key} is missing" for key in _NEEDED - fields.keys())):
        raise ValueError(f"{where}: {problem}")
    first = Mapping(
        directive=name,
        module=module,
        contexts=_names(fields, "contexts", where),
        outcome=_outcome(fields, where),
        reason=_text(fields, "reason", where),
        target=_text(fields, "target", where),
        link=link,
        restricts=_flag(fields, "restricts", where),
        harmless=_names(fields, "harmless", where),
        encloses=_flag(fields, "encloses", where),
        converted=_flag(fields, "converted", where),
    )
    yield first
    for other in _names(fields, "also", where):
        yield replace(first, directive=other)


def _names(fields: dict[str, Raw], key: str, where: str) -> tuple[str, ...]:
    match fields.get(key, []):
        case list(items):
            return tuple(str(item) for item in items)
        case _:
            raise ValueError(f"{where}: {key} is a list")


def _text(fields: dict[str, Raw], key: str, where: str) -> str:
    match fields.get(key, ""):
        case str(text):
            return text
        case _:
            raise ValueError(f"{where}: {key} is a text")


def _flag(fields: dict[str, Raw], key: str, where: str) -> bool:
    text = _text(fields, key, where) or "false"
    if text not in ("true", "false"):
        raise ValueError(f"{where}: {key} is true or false")
    return text == "true"


def _outcome(fields: dict[str, Raw], where: str) -> Outcome:
    text = _text(fields, "outcome", where)
    if text not in {outcome.value for outcome in Outcome}:
        raise ValueError(f"{where}: {text!r} is not an outcome")
    return Outcome(text)
