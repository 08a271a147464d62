"""Which variant of a site is written, and what is said about it."""

from pathlib import Path

import pytest

from converter.model.fleet import State
from tests.fleet.fleets import DEFAULT, Made, made, main, proxied, site

SLOW, QUICK, OTHER = (main(site(proxied(*each))) for each in (("10.0.0.1", "proxy_read_timeout 9s;"), ("10.0.0.1",), ("10.0.0.2",)))
DRIFT = {"a": QUICK, "b": SLOW, "c": QUICK}
CONFLICT = {"a": QUICK, "b": OTHER, "c": QUICK}


def take(machine: str, name: str = "shop.example.com") -> str:
    return f"version: 1\nhosts: {{{name}: {{take: {machine}}}}}\n"


def written(fleet: Made, name: str = "shop.example.com") -> tuple[str, ...] | None:
    found = fleet.site(name)
    return None if found.chosen is None else found.variants[found.chosen].machines


@pytest.mark.parametrize(
    ("machines", "decisions", "expected"),
    [
        (DRIFT, "version: 1\n", None),
        (DRIFT, take("majority"), ("a", "c")),
        (DRIFT, take("b"), ("b",)),
        (DRIFT, take("c"), ("a", "c")),
        (DRIFT, take("nobody"), None),
        (DRIFT, "version: 1\ndefaults: {drift: majority}\n", ("a", "c")),
        (CONFLICT, "version: 1\n", None),
        (CONFLICT, "version: 1\ndefaults: {drift: majority}\n", None),
        (CONFLICT, take("majority"), ("a", "c")),
        (CONFLICT, take("b"), ("b",)),
        ({"a": QUICK, "b": OTHER}, take("majority"), None),
    ],
)
def test_a_decision_picks_and_without_one_nothing_is_guessed(
    tmp_path: Path, machines: dict[str, str], decisions: str, expected: tuple[str, ...] | None
) -> None:
    fleet = made(tmp_path, machines, decisions)
    assert written(fleet) == expected
    assert (fleet.behind("shop.example.com") != set()) == (expected is not None)


def test_what_is_written_is_what_was_chosen(tmp_path: Path) -> None:
    assert made(tmp_path, CONFLICT, take("b")).behind("shop.example.com") == {"10.0.0.2"}


def test_a_machine_that_does_not_serve_the_site_is_told_with_those_that_do(tmp_path: Path) -> None:
    assert made(tmp_path, DRIFT, take("elsewhere")).site().why == (
        "not written: elsewhere, which the decisions name, does not serve it; it is served by a, c, b"
    )


def test_where_only_access_differs_the_strictest_is_taken_without_a_decision(tmp_path: Path) -> None:
    strict = main(site("allow 10.0.0.0/8;\n    deny all;\n    " + proxied()))
    fleet = made(tmp_path, {"a": QUICK, "b": strict, "c": QUICK})
    assert (written(fleet), fleet.site().kept_out_by) == (("b",), ())


@pytest.mark.parametrize("decision", [take("a"), take("majority")])
def test_a_decision_that_widens_access_names_the_machines_that_keep_somebody_out(tmp_path: Path, decision: str) -> None:
    strict = main(site("allow 10.0.0.0/8;\n    deny all;\n    " + proxied()))
    fleet = made(tmp_path, {"a": QUICK, "b": strict, "c": QUICK}, decision)
    assert (written(fleet), fleet.site().kept_out_by) == (("a", "c"), ("b",))


def test_no_majority_widens_access_by_default(tmp_path: Path) -> None:
    closed = "location /admin/ {\n        deny all;\n    }\n    " + proxied()
    opened = main(site("location = /admin/health {\n        proxy_pass http://10.0.0.1;\n    }\n    " + closed))
    fleet = made(tmp_path, {"a": opened, "b": main(site(closed)), "c": opened}, "version: 1\ndefaults: {drift: majority}\n")
    assert written(fleet) is None


@pytest.mark.parametrize("decisions", ["version: 1\n", "version: 1\ndefaults: {drift: majority}\n"])
def test_what_answers_unknown_names_is_not_written_where_machines_differ(tmp_path: Path, decisions: str) -> None:
    other = QUICK.replace("return 404;", "return 403;")
    fleet = made(tmp_path, {"a": QUICK, "b": QUICK, "c": other}, decisions)
    assert written(fleet, "default") is None
    assert written(fleet) == ("a", "b", "c")
    assert fleet.routes("*") == []


def test_what_answers_unknown_names_is_written_where_all_agree_or_a_decision_says_so(tmp_path: Path) -> None:
    other = QUICK.replace("return 404;", "return 410;")
    assert made(tmp_path / "one", {"a": QUICK, "b": SLOW}).routes("*") != []
    (route,) = made(tmp_path / "two", {"a": QUICK, "b": other}, take("b", "default")).routes("*")
    assert route["directResponse"] == {"status": 410}


def test_a_host_is_ready_although_its_server_also_answers_unknown_names(tmp_path: Path) -> None:
    alone = main(site(proxied())).replace(DEFAULT, "")
    fleet = made(tmp_path, {"a": alone, "b": main(site("return 204;", "b.example.com"))})
    states = {progress.host: progress.state for progress in fleet.fleet.progress}
    assert fleet.site("default").chosen is None
    assert states["shop.example.com"] is State.REVIEW


def test_names_and_ports_that_only_other_variants_serve_are_told_and_closed(tmp_path: Path) -> None:
    wild = site(proxied("10.0.9.1"), "*.example.com")
    one = main(wild, site(proxied(), "one.example.com two.example.com"))
    other = main(wild, site(proxied(), "two.example.com three.example.com", "80;\n    listen 8080"))
    fleet = made(tmp_path, {"a": one, "b": other}, take("a", "one.example.com"))
    left = "three.example.com:80, three.example.com:8080, two.example.com:8080"
    assert fleet.site("one.example.com").why.endswith(f"; not written are {left}, which only others serve")
    (route,) = fleet.routes("three.example.com")  # the wildcard would answer
    assert route["directResponse"] == {"status": 404}
