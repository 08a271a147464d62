"""The digest of an application is that of what it does: nothing for readers alone counts, and all else does."""

from pathlib import Path

import pytest

from converter.fleet.fingerprint import Digests, contents
from converter.model.applications import Application
from converter.model.places import Position
from converter.model.records import replace
from converter.model.upstreams import Endpoint, Upstream, UpstreamTls
from tests.fleet.fleets import looked, main, proxied, site, whole

UPSTREAM = Upstream("app", "app.upstream.internal", 80, (Endpoint("10.0.0.1", 80),))


def application(place: Path) -> tuple[Application, dict[str, Upstream]]:
    (only,) = looked(place, {"a": main(site(proxied()))})
    built = whole(only.spool).built
    (found,) = (each for each in built.applications if each.name == "shop.example.com")
    return found, {upstream.key: upstream for upstream in built.upstreams}


def fingerprint(found: Application, upstreams: dict[str, Upstream]) -> str:
    return Digests(upstreams.values()).of(found)


def test_names_and_places_do_not_count(tmp_path: Path) -> None:
    found, upstreams = application(tmp_path)
    (host,) = found.virtual_hosts
    rules = tuple(replace(rule, name="x", notes=("n",), origins=(Position("x", 9, 9),)) for rule in host.rules)
    other = Application("else", (replace(host, name="else", application="else", origin=None, note="n", rules=rules),))
    assert fingerprint(other, upstreams) == fingerprint(found, upstreams)


def test_an_upstream_counts_by_what_it_holds_and_not_by_its_name(tmp_path: Path) -> None:
    found, upstreams = application(tmp_path)
    ((key, upstream),) = upstreams.items()
    renamed = {key: replace(upstream, service="else.upstream.internal")}
    assert fingerprint(found, renamed) == fingerprint(found, upstreams)
    moved = {key: replace(upstream, endpoints=(Endpoint("10.0.0.9", 80),))}
    assert fingerprint(found, moved) != fingerprint(found, upstreams)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoints": (Endpoint("10.0.0.2", 80),)},
        {"endpoints": (Endpoint("10.0.0.1", 81),)},
        {"endpoints": (Endpoint("10.0.0.1", 80, weight=2),)},
        {"endpoints": (Endpoint("10.0.0.1", 80, backup=True),)},
        {"tls": UpstreamTls("app")},
        {"tls": UpstreamTls("app", ca="/tls/ca.pem")},
        {"connect_timeout": 2.0},
        {"max_connections": 5},
        {"http2": True},
        {"external": False},
    ],
)
def test_every_setting_of_an_upstream_counts(change: dict[str, object]) -> None:
    assert contents(replace(UPSTREAM, **change)) != contents(UPSTREAM)


@pytest.mark.parametrize("change", [{"key": "else"}, {"service": "else"}, {"origins": (Position("x", 1, 1),)}])
def test_what_an_upstream_is_called_and_where_it_stands_does_not(change: dict[str, object]) -> None:
    assert contents(replace(UPSTREAM, **change)) == contents(UPSTREAM)
