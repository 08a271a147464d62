"""EnvoyFilters: what only they can say, in objects of their own. The fragments are templates in `mappings/envoyfilter`."""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from converter.istio import sent_headers
from converter.istio.objects import ENVOYFILTER, Object, document, source
from converter.istio.routes import Route
from converter.istio.yaml import Flow, Noted, Written
from converter.model.decisions import Decisions
from converter.model.mappings import folder as mappings_folder
from converter.model.rules import Rule
from converter.model.upstreams import Upstream

LUA = "envoy.filters.http.lua"
_EARLIER, _USUAL = 8, 10  # the filter that is put before the router later stands behind the others
_LARGEST, _AROUND = 240_000, 250  # characters of an object that kubectl can apply, and of a patch beside what it holds


def route_filters(name: str, folder: str, routes: list[tuple[Rule, Route]], decisions: Decisions) -> list[tuple[Object, list[Rule]]]:
    """The EnvoyFilter for the routes of a virtual host, with the rules that it is for; none where none needs one, several where one would
    be too large."""
    needing = [(rule, route, _added(route)) for rule, route in routes if route.script or route.envoy or route.failures]
    out = []
    for number, part in enumerate(_apart(needing), 1):
        patches: list[object] = [Noted(_route_patch(rule.name, added), source(rule.origins)) for rule, _, added in part if added]
        if failures := [mapper for _, route, _ in part for mapper in route.failures]:
            patches.append(_fragment("failures", mappers=failures))
        made = _object(name if number == 1 else f"{name}.{number}", folder, patches, decisions)  # no other name has a dot
        out.append((made, [rule for rule, _, added in part if added]))
    return out


def _apart(routes: list["_Needing"]) -> Iterator[list["_Needing"]]:
    """The routes in as many pieces as there must be objects."""
    if sum(map(_roughly, routes)) * 4 < _LARGEST:
        yield from [routes] if routes else []  # as they ordinarily are: far from too large
        return
    piece: list[_Needing] = []
    left = _LARGEST
    for needing in routes:
        _, route, _ = needing
        size = len(repr(route.script)) + len(repr(route.envoy)) + len(repr(route.failures)) + _AROUND
        if piece and size > left:
            yield piece
            piece, left = [], _LARGEST
        piece.append(needing)
        left -= size
    if piece:
        yield piece


def _roughly(needing: "_Needing") -> int:
    """How many characters a route takes, less some quotes."""
    _, route, added = needing
    return _AROUND + sum([len(part.text or "") for part in added.values()]) + (len(repr(route.failures)) if route.failures else 0)


_Needing = tuple[Rule, Route, dict[str, Written]]  # with what is added to Envoy's route


def scripts(orders: Iterable[str], decisions: Decisions) -> Iterator[Object]:
    """The gateway's scripts, once for all routes: they read their orders from the metadata of these. orders: the names of all that are given."""
    given = set(orders)
    if "splits" in given:  # counts shares of requests before their routes are chosen
        yield _script("nginx-split", "nginx.split", "split.lua", decisions, _EARLIER)
    if sent_headers.ORDER in given:
        keep, put_back = _fragment("sent-headers"), _lua("nginx.sent_headers", _file("sent-headers.lua"))
        yield _object("nginx-sent-headers", "shared", [keep, put_back], decisions, _EARLIER + 1)
    if given - {sent_headers.ORDER}:
        yield _script("nginx-script", LUA, "nginx.lua", decisions, _USUAL)


def _script(name: str, extension: str, file: str, decisions: Decisions, priority: int) -> Object:
    return _object(name, "shared", [_lua(extension, _file("values.lua") + _file(file))], decisions, priority)


def _lua(extension: str, script: str) -> dict[str, object]:
    return _fragment("script", name=extension, script=script)


def upstream_tls(upstream: Upstream, name: str, folder: str, decisions: Decisions) -> Object:
    """TLS towards an upstream as nginx starts it: nothing is verified, and a server name is sent only where one is configured.

    A DestinationRule always sends one.
    """
    assert upstream.tls is not None
    patch = _fragment("upstream-tls", service=upstream.service, name=upstream.tls.name if upstream.tls.named else None)
    return _object(f"{name}-tls", folder, [Noted(patch, source(upstream.origins))], decisions)


def _object(name: str, folder: str, patches: Sequence[object], decisions: Decisions, priority: int = _USUAL) -> Object:
    spec: dict[str, object] = {
        "priority": priority,
        "workloadSelector": {"labels": dict(decisions.gateway.selector)},
        "configPatches": list(patches),
    }
    return Object(folder, document(ENVOYFILTER, "EnvoyFilter", decisions.gateway.namespace, name, spec))


def _added(route: Route) -> dict[str, Written]:
    """What is added to Envoy's route."""
    return {**route.envoy, "metadata": Written({"filter_metadata": {LUA: route.script}})} if route.script else route.envoy


def _route_patch(name: str, added: dict[str, Written]) -> dict[str, object]:
    patch = _fragment("route", name=name, value=added)
    match = patch["match"]
    assert isinstance(match, dict)
    patch["match"] = Flow(match)
    return patch


def _fragment(template: str, **values: object) -> dict[str, object]:
    """A template filled in. It is read before the values are put in their places: no text can break out of its own."""
    return _filled(*_template(template, tuple(values)), values)


_Gaps = dict[str, Any]  # for a field the name of the value that goes there, or the gaps in what stands there


def _filled(part: dict[str, Any], gaps: _Gaps, values: Mapping[str, object]) -> dict[str, object]:
    """A part of a template with its gaps filled. Fields that get None are left out."""
    out = dict(part)
    for key, gap in gaps.items():
        out[key] = values[gap] if isinstance(gap, str) else _filled(part[key], gap, values)
        if out[key] is None:
            del out[key]
    return out


@functools.cache
def _template(name: str, values: tuple[str, ...]) -> tuple[dict[str, Any], _Gaps]:
    """The data of a template, and where in it the values go."""
    import jinja2
    import yaml

    marks = {f"{{{{ {value} }}}}": value for value in values}
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(_file(f"{name}.yaml.j2"))
    data = yaml.safe_load(template.render({value: json.dumps(mark) for mark, value in marks.items()}))
    assert isinstance(data, dict)
    return data, _gaps(data, marks)


def _gaps(part: dict[str, Any], marks: dict[str, str]) -> _Gaps:
    found: _Gaps = {key: marks[item] for key, item in part.items() if isinstance(item, str) and item in marks}
    return found | {key: inner for key, item in part.items() if isinstance(item, dict) and (inner := _gaps(item, marks))}


@functools.cache
def _file(name: str) -> str:
    return (mappings_folder() / "envoyfilter" / name).read_text(encoding="utf-8")
