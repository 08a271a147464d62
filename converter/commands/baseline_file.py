"""Reads and writes the file of a baseline: every fault at once, each with its line, its key and what to write instead."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter.commands import exits
from converter.report.baseline import VERSION, Accepted, Baseline
from converter.report.identity import Identity
from converter.sources.bounded import Unreadable, bounded_text
from converter.verify.plain_yaml import Faults, Route, did_you_mean, plain_data

if TYPE_CHECKING:
    from converter.model.conversion import Conversion

_LARGEST = 32 * 1024 * 1024  # bytes; a hundred thousand entries
_MOST_MESSAGES = 20


def against_baseline(conversion: "Conversion", path: str | None, update: bool) -> "Conversion":
    """The conversion marked by the baseline in the file, if one is named; `update` writes what is found now into it before.

    Raises WrongUse where the file cannot be used.
    """
    from converter.report.baseline import compared

    if path is None:
        if update:
            raise exits.WrongUse("--update-baseline writes a file: name it with --baseline FILE")
        return conversion
    if update:
        _write(Path(path), conversion)
    return compared(conversion, read_baseline(Path(path)))


def _write(path: Path, conversion: "Conversion") -> None:
    from converter.output import replace_file
    from converter.report.baseline import render

    try:
        replace_file(path, render(conversion).encode("utf-8", "replace"))
    except OSError as error:
        raise exits.WrongUse(f"{path} cannot be written: {error.strerror}") from None


def read_baseline(path: Path) -> Baseline:
    """The baseline in the file. Raises WrongUse with what is wrong with it: each fault with its place."""
    try:
        source = bounded_text(path, _LARGEST, "not a baseline")
    except FileNotFoundError:
        raise exits.WrongUse(f"{path}: there is no such baseline: --update-baseline writes it") from None
    except OSError as error:
        raise exits.WrongUse(f"{path}: cannot be read: {error.strerror}") from None
    except Unreadable as fault:
        raise exits.WrongUse(f"{path}: {fault}") from None
    return parse_baseline(source, str(path))


def parse_baseline(source: str, name: str) -> Baseline:
    """The baseline in the text; `name` is how messages call the file. Raises WrongUse as `read_baseline` does."""
    faults = Faults()
    data = plain_data(source, faults)
    entries = _entries(data, faults) if data is not None or not faults.noted else []
    if faults.noted:
        messages = faults.messages(name)
        more = len(messages) - _MOST_MESSAGES
        shown = messages[:_MOST_MESSAGES] + ([f"{name}: and {more:,} more faults"] if more > 0 else [])
        raise exits.WrongUse("the baseline cannot be used:\n  " + "\n  ".join(shown))
    return Baseline(name, tuple(entries))


def _entries(data: object, faults: Faults) -> list[Accepted]:
    if not isinstance(data, Mapping):
        faults.add((), "must be a mapping with version and accepted")
        return []
    _known(data, ("version", "accepted"), (), faults)
    if data.get("version") != VERSION:
        faults.add(("version",), f"must be {VERSION}")
    accepted = data.get("accepted")
    if not isinstance(accepted, list):
        faults.add(("accepted",), "must be a list of entries: --update-baseline writes one")
        return []
    made = (_entry(item, ("accepted", number), faults) for number, item in enumerate(accepted))
    return [entry for entry in made if entry]


def _entry(item: object, route: Route, faults: Faults) -> Accepted | None:
    if not isinstance(item, Mapping):
        faults.add(route, f"must be a mapping with {', '.join(_CHECKS)}")
        return None
    before = len(faults.noted)
    _known(item, tuple(_CHECKS), route, faults)
    values: dict[str, Any] = {}
    for name, (check, default) in _CHECKS.items():
        if name not in item and default is None:
            faults.add(route, f"needs {name}")
        elif name in item and not check(item[name]):
            faults.add((*route, name), _WANTED[check])
        values[name] = item.get(name, default)
    if len(faults.noted) > before:
        return None
    identity = Identity(values["file"], tuple(values["in"]), values["text"], values["found"])
    return Accepted(identity, values["times"], faults.line(route))


def _known(item: Mapping[Any, Any], known: tuple[str, ...], route: Route, faults: Faults) -> None:
    for name in item.keys() - set(known):
        faults.add((*route, str(name)), f"is not a known key{did_you_mean(str(name), known)}")


def _text(value: object) -> bool:
    return isinstance(value, str)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _number(value: object) -> bool:
    return isinstance(value, int) and 1 <= value <= 1_000_000


_CHECKS: dict[str, tuple[Callable[[object], bool], Any]] = {
    "file": (_text, ""),
    "in": (_texts, ()),
    "text": (_text, None),
    "found": (_text, None),
    "times": (_number, 1),
}
"""What each key of an entry may hold, and what stands for it where it is not given; None: it must be."""

_WANTED: dict[Callable[[object], bool], str] = {
    _text: "must be text: put it in quotes",
    _texts: "must be a list of texts",
    _number: "must be a whole number from 1 to 1,000,000",
}
