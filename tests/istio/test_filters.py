"""EnvoyFilters: only where something needs one, and no text breaks out of its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from converter.istio.filters import route_filters, scripts
from converter.istio.routes import Route
from converter.istio.validation import validate
from converter.istio.yaml import Written, plain
from converter.model.decisions import Decisions, GatewayDecisions
from converter.model.places import Position
from converter.model.records import replace
from converter.model.rules import Answer, Rule

RULE = Rule((), Answer(204), origins=(Position("n", 1, 1),), name="h.a")


def made(*routes: tuple[Rule, Route]) -> Any:
    found = route_filters("h", "h", list(routes), Decisions())
    assert len(found) <= 1
    document = plain(found[0][0].document) if found else None
    assert document is None or (isinstance(document, dict) and validate(document) == [])
    return document


def test_routes_that_need_nothing_have_no_filter() -> None:
    assert made((RULE, Route({"name": "h.a"}))) is None


def test_a_patch_names_its_route_alone() -> None:
    document = made((RULE, Route({}, {"drop_query": True}, {"route": Written({"idle_timeout": "5s"})})), (RULE, Route({})))
    (patch,) = document["spec"]["configPatches"]
    assert patch["match"]["routeConfiguration"]["vhost"]["route"]["name"] == "h.a"
    assert patch["patch"]["value"]["route"] == {"idle_timeout": "5s"}
    assert patch["patch"]["value"]["metadata"]["filter_metadata"]["envoy.filters.http.lua"] == {"drop_query": True}


@pytest.mark.parametrize(
    "route",
    [
        lambda n: Route({}, {"redirect": {"table": {str(n): "x" * 10_000}}}),
        lambda n: Route({}, {"upstream": "nginx"}, failures=[{"body_format_override": {"text_format": f"{n}{'x' * 10_000}"}}]),
    ],
)
def test_what_would_be_too_large_for_kubectl_stands_in_several_objects(route: Callable[[int], Route]) -> None:
    """kubectl apply keeps a copy of an object in an annotation, and all annotations may have 256 KiB."""
    routes = [(replace(RULE, name=f"h.{n}"), route(n)) for n in range(60)]
    found = route_filters("h", "h", routes, Decisions())
    assert [made.name.rpartition("/")[2] for made, _ in found] == ["h", "h.2", "h.3"]
    assert [rule for _, rules in found for rule in rules] == [rule for rule, _ in routes]
    for made, _ in found:
        assert validate(made.document) == []
        assert len(json.dumps(plain(made.document))) < 256 * 1024


@pytest.mark.parametrize("text", ['"', "'", "\n- evil: 1", "{{ name }}", "{% raw %}", "#", ": ", "\\", "\u2028", "]]>", "yes", "%s"])
def test_text_stays_in_its_place(text: str) -> None:
    order = {"name": "x-a", "parts": [text, {"cookie": text}]}
    document = made((RULE, Route({}, {"request_headers": [order]})))
    (patch,) = document["spec"]["configPatches"]
    assert patch["patch"]["value"]["metadata"]["filter_metadata"]["envoy.filters.http.lua"] == {"request_headers": [order]}


def test_the_script_stands_before_the_router_on_the_gateway_s_pods_alone() -> None:
    (found,) = scripts(["path"], Decisions(gateway=GatewayDecisions("edge", {"app": "edge"})))
    document: Any = plain(found.document)
    assert validate(document) == []
    assert document["metadata"]["namespace"] == "edge"
    assert document["spec"]["workloadSelector"] == {"labels": {"app": "edge"}}
    (patch,) = document["spec"]["configPatches"]
    assert (patch["match"]["context"], patch["patch"]["operation"]) == ("GATEWAY", "INSERT_BEFORE")


def test_shares_are_counted_before_the_other_script_runs() -> None:
    first, second = (plain(found.document) for found in scripts(["path", "splits"], Decisions()))
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert [validate(first), validate(second)] == [[], []]
    assert first["spec"]["priority"] < second["spec"]["priority"]  # both are put right before the router
    assert list(scripts([], Decisions())) == []
