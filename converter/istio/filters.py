"""EnvoyFilters: what only they can say, in objects of their own. The fragments are templates in `mappings/envoyfilter`."""

import functools
from collections.abc import Sequence
import json
from typing import TYPE_CHECKING

from converter.istio.objects import ENVOYFILTER, Object, document, source
from converter.istio.routes import Route
from converter.istio.yaml import Commented
from converter.model.decisions import Decisions
from converter.model.mappings import folder as mappings_folder
from converter.model.rules import Rule
from converter.model.upstreams import Upstream

if TYPE_CHECKING:
    import jinja2

LUA = "envoy.filters.http.lua"


def route_filter(name: str, folder: str, routes: list[tuple[Rule, Route]], decisions: Decisions) -> Object | None:
    """The EnvoyFilter for the routes of a virtual host; None where none needs it."""
    patches = [Commented(_route_patch(rule, route), source(rule.origins)) for rule, route in routes if route.script or route.envoy]
    return _object(name, folder, patches, decisions) if patches else None


def script_filter(decisions: Decisions) -> Object:
    """The gateway's script, once for all routes: it reads its orders from their metadata."""
    return _object("nginx-script", "shared", [_fragment("script", script=_file("nginx.lua"))], decisions)


def upstream_tls(upstream: Upstream, name: str, folder: str, decisions: Decisions) -> Object:
    """TLS towards an upstream as nginx starts it: nothing is verified, and a server name is sent only where one is configured.

    A DestinationRule always sends one.
    """
    assert upstream.tls is not None
    patch = _fragment("upstream-tls", service=upstream.service, tls={"sni": upstream.tls.name} if upstream.tls.named else {})
    return _object(f"{name}-tls", folder, [Commented(patch, source(upstream.origins))], decisions)


def _object(name: str, folder: str, patches: Sequence[object], decisions: Decisions) -> Object:
    spec: dict[str, object] = {
        "priority": 10,
        "workloadSelector": {"labels": dict(decisions.gateway.selector)},
        "configPatches": list(patches),
    }
    return Object(folder, document(ENVOYFILTER, "EnvoyFilter", decisions.gateway.namespace, name, spec))


def _route_patch(rule: Rule, route: Route) -> dict[str, object]:
    value = dict(route.envoy)
    if route.script:
        value["metadata"] = {"filter_metadata": {LUA: route.script}}
    return _fragment("route", name=rule.name, value=value)


def _fragment(template: str, **values: object) -> dict[str, object]:
    """A template filled in. Values are written as JSON, which is YAML: no text can break out of its place."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = _template(template).render({key: json.dumps(value) for key, value in values.items()})
    loaded = yaml.load(text, loader)
    assert isinstance(loaded, dict)
    return loaded


@functools.cache
def _template(name: str) -> "jinja2.Template":
    import jinja2

    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(_file(f"{name}.yaml.j2"))


@functools.cache
def _file(name: str) -> str:
    return (mappings_folder() / "envoyfilter" / name).read_text(encoding="utf-8")
