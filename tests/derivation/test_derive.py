"""Aims and requests of whole configurations."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.derivation.sites import read_http
from converter.interpreter.places import every
from converter.model.verification import Request
from tests.derivation.derivations import aim, derived, derived_text, from_tree, parsed_file, samples
from tests.derivation.traced_nginx import check
from tests.real_nginx import PROGRAM

SHOP = """http {
  map $http_x_tenant $pool { default none; acme a; ~^beta- b; }
  upstream orders { server 10.0.0.1; server 10.0.0.2 weight=3; }
  server { listen 80 default_server; return 404; }
  server {
    listen 80; server_name shop.example.com *.shop.example.com;
    if ($request_method = DELETE) { return 405; }
    location /orders/ { proxy_pass http://orders; proxy_set_header X-Pool $pool; client_max_body_size 1k; }
    location = /exact { return 204; }
    location ~ \\.php$ { if ($arg_v ~ ^2) { return 302 /two; } return 403; }
    location /admin/ { allow 10.1.0.0/16; deny all; proxy_pass http://orders; }
    location /ws/ { proxy_pass http://orders; proxy_set_header Upgrade $http_upgrade; }
    location /old/ { rewrite ^/old/(\\d+)$ /orders/$1 last; }
    location @away { return 410; }
  }
}
"""


def requests(text: str, kind: str, begins: str = "") -> tuple[list[Request], list[Request]]:
    """The requests that take an aim, and those that just miss it."""
    found = derived_text(text)
    one = aim(found, kind, begins)
    return [found.requests[n] for n in one.hit], [found.requests[n] for n in one.missed]


def test_every_location_of_every_sample_has_a_taking_request_or_a_reason() -> None:
    for path in samples():
        parsed = parsed_file(path)
        found = derived(parsed)
        places = [place for http in read_http(parsed, parsed.root) for site in http.sites for place in every(site.places)]
        aims = {one.position: one for one in found.aims if one.kind == "location"}
        assert set(aims) == {place.position for place in places}, path
        assert all(bool(one.hit) != bool(one.reason) for one in found.aims), path


@pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed: it says where the requests really go")
def test_a_real_nginx_takes_the_requests_for_locations_of_samples_there() -> None:
    for path in samples():
        parsed = parsed_file(path)
        assert list(check(parsed, derived(parsed))) == [], path


def test_requests_are_made_once_and_say_why() -> None:
    found = derived_text(SHOP)
    assert len(set(found.requests)) == len(found.requests)
    assert all(0 < len(request.reasons) <= 5 for request in found.requests)
    place = aim(found, "location", "location /orders/").position
    assert any(f"{place} location /orders/ (just missed: no trailing slash)" in request.reasons for request in found.requests)


def test_all_indices_are_those_of_requests() -> None:
    found = derived_text(SHOP, 40)
    assert {n for one in found.aims for n in (*one.hit, *one.missed)} <= set(range(len(found.requests)))


def test_an_if_gets_requests_that_meet_its_condition_and_others() -> None:
    taken, missed = requests(SHOP, "if", "if ($request_method")
    assert {r.method for r in taken} == {"DELETE"}
    assert "DELETE" not in {r.method for r in missed}
    taken, missed = requests(SHOP, "if", "if ($arg_v")
    assert all("v=2" in r.target and ".php" in r.target for r in taken)
    assert not any("v=2" in r.target for r in missed)
    assert missed


def test_lines_of_a_map_are_chosen_by_their_key() -> None:
    for key, wanted in (("acme", "acme"), ("~^beta-", "beta-")):
        taken, _ = requests(SHOP, "map", f"map $http_x_tenant $pool: {key}")
        assert taken
        assert all(dict(r.headers)["X-Tenant"].startswith(wanted) for r in taken)


def test_addresses_lie_at_the_edges_of_networks() -> None:
    taken, missed = requests(SHOP, "allow")
    assert {"10.1.0.0", "10.1.255.255"} <= {r.client for r in taken}
    assert {r.client for r in missed} == {"10.0.255.255", "10.2.0.0"}


def test_a_rewrite_gets_paths_that_its_regex_matches() -> None:
    taken, missed = requests(SHOP, "rewrite")
    assert taken
    assert all(r.target.removeprefix("/old/").isdigit() for r in taken)
    assert not any(r.target.removeprefix("/old/").isdigit() for r in missed)


def test_a_group_of_servers_gets_one_request_many_times() -> None:
    taken, _ = requests(SHOP, "upstream")
    assert sorted(r.repeat for r in taken)[-1] == 40


def test_bodies_are_just_over_and_just_under_the_limit() -> None:
    taken, missed = requests(SHOP, "client_max_body_size")
    assert {len(r.body) for r in taken} == {1025}
    assert {len(r.body) for r in missed} == {1024}


def test_a_location_that_passes_upgrades_is_asked_for_one() -> None:
    taken, _ = requests(SHOP, "proxy_set_header", "proxy_set_header Upgrade")
    assert any(("Upgrade", "websocket") in r.headers and ("Connection", "Upgrade") in r.headers for r in taken)


def test_locations_that_restrict_are_asked_for_by_other_spellings() -> None:
    targets = {r.target for r in derived_text(SHOP).requests}
    assert {"//admin/", "/probe/../admin/", "/admin%2F", "/admin//"} <= targets


def test_a_location_that_nothing_leads_to_has_a_reason() -> None:
    assert "named location" in aim(derived_text(SHOP), "location", "location @away").reason


def test_every_rule_that_can_be_met_gets_a_request_of_its_own() -> None:
    rules = [one for one in derived_text(SHOP).aims if one.kind == "rule"]
    assert rules
    assert sum(bool(one.hit) for one in rules) > len(rules) * 0.8


def test_the_budget_is_kept_and_spent_on_breadth_first() -> None:
    aims_of_tree = from_tree(SHOP).aims
    for budget in (0, 1, 7, 30, 60):
        found = from_tree(SHOP, budget)
        assert len(found.requests) <= budget
        assert len(found.aims) == len(aims_of_tree)
        if any(len(one.hit) > 1 for one in found.aims):
            assert not any("is spent" in one.reason for one in found.aims)
        assert all(bool(one.hit) != bool(one.reason) for one in found.aims)


def test_fragments_are_read_in_their_blocks() -> None:
    assert aim(from_tree("location /a/ { proxy_pass http://10.0.0.1; }"), "location").hit


def test_the_order_does_not_depend_on_the_hash_seed(root: Path) -> None:
    program = "from tests.derivation.test_derive import SHOP, derived_text; print(derived_text(SHOP, 150))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=root, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(runs) == 1


HOSTILE = {
    "prefixes": " ".join(f"location /p{n}/ {{ proxy_pass http://10.0.0.1; }}" for n in range(10_000)),
    "regexes": " ".join(f"location ~ ^/p{n}/[0-9]+$ {{ proxy_pass http://10.0.0.1; }}" for n in range(3_000)),
    "counts": 'location ~ "(x{1000}){1000}" { return 200; } rewrite "((a|b){1,1000}c){1,1000}" /x;',
    "nothing": 'location ~ "(((){1000}){1000}){1000}" { return 200; }',
    "look-ahead": 'location ~ "(?!a)(?!b)(a*)*(a*)*$" { return 200; }',
    "addresses": "location / { "
    + " ".join(f"allow 10.{n % 256}.{n // 256}.0/24;" for n in range(5_000))
    + " deny all; proxy_pass http://a; }",
    "sets": "location / { " + " ".join(f"if ($s{n}) {{ set $s{(n + 1) % 40} $s{n}$s{n}; }}" for n in range(100)) + " }",
    "circles": "location /a { rewrite ^ /b last; } location /b { rewrite ^ /a last; } location @n { try_files $uri @n; } set $a $a$a;",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_bounded(name: str) -> None:
    started = time.perf_counter()
    found = from_tree(f"http {{ server {{ listen 80; server_name a.example; {HOSTILE[name]} }} }}", 1_000)
    assert time.perf_counter() - started < 30  # on a slow machine; seconds on an ordinary one
    assert all(len(r.target) < 5_000 for r in found.requests)


def test_a_large_map_is_asked_for_in_part() -> None:
    lines = " ".join(f"key{n} value{n};" for n in range(20_000))
    found = from_tree(f"http {{ map $http_x $m {{ {lines} }} server {{ listen 80; location / {{ return 200 $m; }} }} }}", 5_000)
    aims = [one for one in found.aims if one.kind == "map"]
    assert 10 < len(aims) < 100
    assert "large table" in aims[-1].reason


WORDS = [
    "=",
    "~",
    "~*",
    "^~",
    "/",
    "/a/",
    "$a",
    "$1",
    "${",
    "$",
    "(",
    ")",
    "($a",
    "~)",
    "200",
    "²",
    "9" * 30,
    "last",
    "@n",
    "*.a",
    "all",
    "10.0.0.0/8",
    "1k",
    "x:y",
]
NAMES = ["location", "if", "return", "rewrite", "set", "map", "geo", "allow", "deny", "listen", "server_name", "error_page", "try_files",
         "proxy_pass", "proxy_set_header", "add_header", "upstream", "split_clients", "limit_except", "valid_referers", "set_real_ip_from",
         "client_max_body_size", "proxy_redirect", "proxy_cookie_path", "proxy_read_timeout", "real_ip_header"]  # fmt: skip
STATEMENTS = st.recursive(
    st.builds(lambda name, args: f"{name} {' '.join(args)}; ", st.sampled_from(NAMES), st.lists(st.sampled_from(WORDS), max_size=3)),
    lambda inner: st.builds(
        lambda name, args, body: f"{name} {' '.join(args)} {{ {''.join(body)} }} ",
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(WORDS), max_size=3),
        st.lists(inner, max_size=4),
    ),
    max_leaves=10,
)


@given(st.lists(STATEMENTS, max_size=5).map("".join), st.sampled_from(["http { server { %s } }", "http { server { } %s }", "%s"]))
def test_nothing_that_a_configuration_holds_is_too_much(text: str, around: str) -> None:
    found = from_tree(around % text, 100)
    assert len(found.requests) <= 100
