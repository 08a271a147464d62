"""YAML as plain data with the line of each value: nothing unfolds, nothing is constructed, every fault is noted."""

import difflib
import re
from dataclasses import dataclass, field

import yaml

Route = tuple[str | int, ...]

_DEEPEST = 8  # nested collections; a request needs four
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NOTHING = frozenset(["", "~", "null", "Null", "NULL"])
_TEXT = ("!", "tag:yaml.org,2002:str")
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong in a file. `lines` is where each value stands (from 1), `noted` are (line, `KEY: message`); no line is 0."""

    lines: dict[Route, int] = field(default_factory=dict)
    noted: list[tuple[int, str]] = field(default_factory=list)

    def line(self, route: Route) -> int:
        """The line of the value, or of the nearest one around it."""
        return next((self.lines[route[:end]] for end in range(len(route), -1, -1) if route[:end] in self.lines), 0)

    def add(self, route: Route, message: str, line: int = 0) -> None:
        """Notes a fault; `message` completes `KEY: `."""
        self.noted.append((line or self.line(route), f"{dotted(route)}: {message}" if route else message))

    def messages(self, where: str) -> list[str]:
        """The sentences for people, by line."""
        return [f"{where}:{line}: {message}" if line else f"{where}: {message}" for line, message in sorted(self.noted)]


@dataclass(slots=True)
class _Open:
    """A collection that has not ended. key: the name that waits for its value."""

    route: Route
    value: "list[object] | dict[str, object]"
    key: str | None = None


def plain_data(source: str, faults: Faults) -> object:
    """Lists, dicts with text as keys, texts, whole numbers and None; any other scalar is its text as written (`on`, `1.10`, `0x1f`).

    A fault of the whole (not YAML, too deep) gives None, one of a value (alias, tag, doubled key) leaves it out; both are noted.
    """
    builder = _Builder(faults)
    try:
        for event in yaml.parse(source, Loader=_LOADER):
            if not builder.take(event):
                return None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add((), f"is not YAML: {error.problem or error.context}", line)
        return None
    except (yaml.YAMLError, ValueError) as error:
        faults.add((), f"is not YAML: {' '.join(str(error).split())}")
        return None
    return builder.root


@dataclass(slots=True)
class _Builder:
    """Puts events together; not recursive, so that no file is too deep for the stack."""

    faults: Faults
    root: object = None
    documents: int = 0
    open: list[_Open] = field(default_factory=list)

    def take(self, event: yaml.Event) -> bool:
        """Whether to go on."""
        line = _line(event)
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.faults.add((), "a second document begins: keep to one", line)
                    return False
            case yaml.AliasEvent() | yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                return self._begin(event, line)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self.open.pop()
        return True

    def _begin(self, event: yaml.Event, line: int) -> bool:
        if len(self.open) >= _DEEPEST:
            self.faults.add((), "is nested too deeply", line)
            return False
        value: list[object] | dict[str, object] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self.open.append(_Open(self._put(value, line), value))
        return True

    def _scalar(self, event: yaml.AliasEvent | yaml.ScalarEvent, line: int) -> None:
        top = self.open[-1] if self.open else None
        if top and isinstance(top.value, dict) and top.key is None:
            self._name(top, event.value if isinstance(event, yaml.ScalarEvent) else None, line)
        elif isinstance(event, yaml.AliasEvent):  # a small file could unfold without end
            self.faults.add(self._put(None, line), "anchors and aliases are not supported: write the value out")
        else:
            route = self._put(_typed(event), line)
            if event.tag not in (None, *_TEXT):
                self.faults.add(route, f"the tag {event.tag} is not supported: leave it out")

    def _name(self, top: _Open, name: str | None, line: int) -> None:
        top.key = name or ""
        route = (*top.route, top.key)
        if not name:
            self.faults.add(route, "a key must be a text", line)
        elif name in top.value:
            self.faults.add(route, f"is given twice, first in line {self.faults.lines[route]}", line)
        self.faults.lines[route] = line

    def _put(self, value: object, line: int) -> Route:
        """Puts the value in its place, which is returned."""
        if not self.open:
            self.root = value
            self.faults.lines[()] = line
            return ()
        top = self.open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
            route: Route = (*top.route, len(top.value) - 1)
            self.faults.lines[route] = line
            return route
        if top.key is None:
            self.faults.add(top.route, "a key must be a text, not a list or a mapping", line)
            top.key = ""
        route = (*top.route, top.key)
        top.value[top.key], top.key = value, None
        return route


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _typed(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    plain = event.implicit[0] and event.tag is None
    if plain and text in _NOTHING:
        return None
    return int(text) if plain and _NUMBER.fullmatch(text) and text != "-0" else text


def dotted(route: Route) -> str:
    """`requests[3].headers["X-User.Id"]`: names with a dot are quoted so that the parts stay apart."""
    out = ""
    for part in route:
        if isinstance(part, int):
            out += f"[{part}]"
        elif re.fullmatch(r"[\w-]+", part):
            out += f".{part}" if out else part
        else:
            out += f'["{part}"]'
    return out


def did_you_mean(name: str, known: tuple[str, ...]) -> str:
    """What to say behind `is not a known key`: the nearest one, or all of them."""
    close = difflib.get_close_matches(name, known, 1)
    return f": did you mean {close[0]}?" if close else f": known are {', '.join(known)}"
