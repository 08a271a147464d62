"""Objects by what they are called, and what is in them by path."""

from converter.difference.paths import differing
from converter.model.changes import Changed, Turn
from tests.conversions import http, server
from tests.difference.sides import DEFAULT, UPSTREAMS, changes

ORDERS = "location /orders/ { proxy_pass http://orders; }"


def test_a_changed_field_is_found_by_the_name_of_its_route() -> None:
    old, new = (
        http(UPSTREAMS, DEFAULT, server("location /a/ { return 204; }", f"location /b/ {{ return {status}; }}")) for status in (205, 206)
    )
    (change,) = changes(old, new).objects
    assert change.turn is Turn.CHANGED
    (field,) = change.changed
    assert field.field.startswith("spec.http[shop-example-com-http.b")
    assert (field.old, field.new) == ("205", "206")


def test_objects_come_and_go() -> None:
    old, new = http(UPSTREAMS, DEFAULT, server("return 204;")), http(UPSTREAMS, DEFAULT, server(ORDERS))
    assert (Turn.ADDED, "ServiceEntry/istio-system/orders") in {(change.turn, change.name) for change in changes(old, new).objects}
    assert (Turn.REMOVED, "ServiceEntry/istio-system/orders") in {(change.turn, change.name) for change in changes(new, old).objects}


def test_comments_are_no_difference() -> None:
    text = http(UPSTREAMS, DEFAULT, server(ORDERS))
    assert changes(text, "\n\n" + text).objects == ()


def test_items_are_known_by_their_names_and_lists_of_texts_are_sets() -> None:
    old = {"a": [{"name": "x", "v": 1}, {"name": "y", "v": 2}], "hosts": ["a", "b"]}
    new = {"a": [{"name": "y", "v": 3}, {"name": "x", "v": 1}], "hosts": ["b", "c"]}
    assert list(differing(old, new)) == [Changed("a[y].v", "2", "3"), Changed("hosts", "a", "c")]


def test_items_without_names_keep_their_place_where_one_is_put_before_them() -> None:
    assert list(differing({"a": [{"v": 1}, {"v": 2}]}, {"a": [{"v": 0}, {"v": 1}, {"v": 2}]})) == [Changed("a[0]", "none", '{"v": 0}')]


def test_true_is_not_one() -> None:
    assert list(differing({"a": True}, {"a": 1})) == [Changed("a", "true", "1")]


def test_a_route_that_moves_is_told_with_its_place() -> None:
    one, other = "location ~ ^/static/ { return 204; }", "location ~ \\.php$ { return 205; }"
    old, new = (http(DEFAULT, server(*places)) for places in ((one, other), (other, one)))
    (change,) = changes(old, new).objects
    assert change.turn is Turn.MOVED
    assert "has moved" in change.moved[0]
