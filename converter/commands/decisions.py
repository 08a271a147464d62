"""Reads migration.yaml: every fault at once, each with its line, its key and what to write instead."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from converter.commands.checks import Faulty, between, dns_name, filled, label, labels, methods, one_of, text
from converter.model.decisions import (
    Cutover,
    Decisions,
    Defaults,
    GatewayDecisions,
    HostDecisions,
    OwnGateway,
    Subset,
    UpstreamDecisions,
    Waiver,
)
from converter.sources.bounded import Unreadable, bounded_text
from converter.verify.plain_yaml import did_you_mean, dotted

_LARGEST = 4_000_000  # bytes; the decisions of thousands of hosts

Route = tuple[str | int, ...]


class DecisionsError(Exception):
    """The decisions file cannot be used. `messages` are sentences for people, one a fault, each with `path:line`."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping that becomes a dataclass. keys: what each key may hold: a check, or another shape."""

    made: type
    keys: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ByName:
    """A mapping from names that people chose to records."""

    record: Record


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of records."""

    record: Record


_SUBSET = Record(Subset, {"name": label, "labels": labels})
_GATEWAY = Record(GatewayDecisions, {"namespace": label, "selector": labels, "trusted_proxies": between(0, 100), "node_group": labels})
_DEFAULTS = Record(
    Defaults,
    {
        "namespace": label,
        "fidelity": one_of("standard", "strict"),
        "envoyfilter": one_of("needed", "never"),
        "read_timeout": one_of("idle", "total"),
        "mirror_methods": methods,
        "drift": one_of("ask", "majority"),
    },
)
_FILE = Record(
    Decisions,
    {
        "version": between(1, 1),
        "gateway": _GATEWAY,
        "gateways": ByName(Record(OwnGateway, {"selector": labels, "node_group": labels})),
        "defaults": _DEFAULTS,
        "hosts": ByName(Record(HostDecisions, {"namespace": label, "certificate": dns_name, "take": filled})),
        "upstreams": ByName(Record(UpstreamDecisions, {"service": dns_name, "port": between(1, 65535), "subset": _SUBSET})),
        "cutover": ByName(
            Record(Cutover, {"phase": one_of("legacy", later=("mirror", "shift", "done")), "legacy_weight": between(0, 100)})
        ),
        "waive": Listed(Record(Waiver, {"directive": filled, "where": text, "reason": filled})),
    },
)


def read_decisions(path: Path) -> Decisions:
    """The decisions in the file, checked; what the file does not say has its default.

    Raises DecisionsError with all faults: syntax, unknown and doubled keys, wrong types, values out of range or not supported.
    """
    try:
        source = bounded_text(path, _LARGEST, "not a decisions file")
    except OSError as error:
        raise DecisionsError([f"{path}: cannot be read: {error.strerror}"]) from None
    except Unreadable as fault:
        raise DecisionsError([f"{path}: {fault}"]) from None
    return parse_decisions(source, str(path))


def parse_decisions(source: str, name: str) -> Decisions:
    """The decisions in the text; `name` is how messages call the file. Raises DecisionsError as `read_decisions` does."""
    document = _Document()
    try:
        raw = document.value(yaml.compose(source, Loader=yaml.SafeLoader), ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DecisionsError([f"{name}:{line}: is not YAML: {error.problem or error.context}"]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DecisionsError([f"{name}: is not YAML: {' '.join(str(error).split())}"]) from None
    except RecursionError:
        raise DecisionsError([f"{name}: is nested too deeply"]) from None
    made = document.made({} if raw is None else raw, _FILE, ())
    if not isinstance(made, Decisions):
        raise DecisionsError([f"{name}:{line}: {message}" for line, message in sorted(document.faults)])
    return made


_FAULTY = object()  # stands for a value whose fault is noted already


@dataclass(slots=True)
class _Document:
    """A document on its way to a record: the line of each value, and what is wrong so far."""

    lines: dict[Route, int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def fault(self, route: Route, message: str) -> object:
        line = next((self.lines[route[:end]] for end in range(len(route), -1, -1) if route[:end] in self.lines), 1)
        self.faults.append((line, f"{dotted(route)}: {message}" if route else message))
        return _FAULTY

    def value(self, node: yaml.Node | None, route: Route) -> object:
        """The node as plain data, its line noted."""
        if node is None:
            return None
        self.lines.setdefault(route, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self.seen:  # a small file could unfold without end
            return self.fault(route, "anchors and aliases are not supported: write the value out")
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*route, number)) for number, item in enumerate(node.value)]
        return self._mapping(node.value, route)

    def _mapping(self, pairs: list[tuple[yaml.Node, yaml.Node]], route: Route) -> dict[str, object]:
        out: dict[str, object] = {}
        for key, item in pairs:
            name = _scalar(key) if isinstance(key, yaml.ScalarNode) else None
            line = key.start_mark.line + 1
            inner = (*route, name if isinstance(name, str) else str(name))
            if not isinstance(name, str):
                self.faults.append((line, f"{dotted(inner)}: a key must be text: put it in quotes"))
            elif name in out:
                self.faults.append((line, f"{dotted(inner)}: is given twice, first in line {self.lines[inner]}"))
            else:
                self.lines[inner] = line
                out[name] = self.value(item, inner)
        return out

    def made(self, value: object, shape: Any, route: Route) -> Any:
        """What `shape` makes of the value, or the mark of a fault."""
        if value is _FAULTY:
            return value
        match shape:
            case Record():
                return self._record(value, shape, route)
            case ByName():
                if isinstance(value, Mapping):
                    return self._sound({name: self.made(item or {}, shape.record, (*route, name)) for name, item in value.items()})
                return self.fault(route, "must be a mapping by name")
            case Listed():
                if isinstance(value, list):
                    made = self._sound({number: self.made(item, shape.record, (*route, number)) for number, item in enumerate(value)})
                    return made if made is _FAULTY else tuple(made.values())
                return self.fault(route, "must be a list")
        try:
            return shape(value)
        except Faulty as error:
            return self.fault(route, str(error))

    def _record(self, value: object, shape: Record, route: Route) -> Any:
        if not isinstance(value, Mapping):
            return self.fault(route, f"must be a mapping with {', '.join(shape.keys)}")
        for name in value.keys() - shape.keys.keys():
            self.fault((*route, name), f"is not a known key{did_you_mean(name, tuple(shape.keys))}")
        given = {name: item for name, item in value.items() if item is not None}  # a key without a value stands for the default
        made = self._sound({name: self.made(given[name], wanted, (*route, name)) for name, wanted in shape.keys.items() if name in given})
        needed = [entry.name for entry in fields(shape.made) if entry.default is MISSING and entry.default_factory is MISSING]
        missing = [name for name in needed if name not in given]
        if missing:
            return self.fault(route, f"needs {' and '.join(missing)}")
        return _FAULTY if self.faults else shape.made(**made)

    def _sound(self, values: dict[Any, Any]) -> Any:
        return _FAULTY if any(value is _FAULTY for value in values.values()) else values


def _scalar(node: yaml.ScalarNode) -> object:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    except yaml.YAMLError:  # a tag of somebody's own, such as `!secret`
        return node.value
