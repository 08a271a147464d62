"""Refusals by address in a policy and the routes beside it decide together what the decision list decides."""

import ipaddress
from typing import Any

import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.istio import policies
from converter.istio.losses import Losses
from converter.istio.routes import Routing
from converter.istio.yaml import plain
from converter.model.applications import Listener, VirtualHost
from converter.model.decisions import Decisions
from converter.model.guards import PATH, Condition, FromNetworks, Guard, Test
from converter.model.places import Position
from converter.model.rules import Answer, Refuse, Rule
from converter.model.values import Source, Variable
from tests.gateway import denies
from tests.virtualservice import Request, taken

HEADER = Variable(Source.REQUEST_HEADER, "x-a")
NETWORKS = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16", "2001:db8::/32", "0.0.0.0/0")]
PATHS = st.sampled_from(["/", "/a", "/a/b", "/b"])
WHERE = st.one_of(
    st.just(()),
    st.builds(lambda path: (Condition(PATH, Test.PREFIX, path),), PATHS),
    st.builds(lambda path: (Condition(PATH, Test.PREFIX, path),), PATHS),
    st.builds(lambda path: (Condition(PATH, Test.EXACT, path),), PATHS),
    st.builds(lambda regex, holds: (Condition(PATH, Test.REGEX, regex, holds),), st.sampled_from([".*b", "/(?:a|b)/.*"]), st.booleans()),
)
NOBODY = st.just(())
FROM = st.builds(
    lambda networks, holds: (FromNetworks(tuple(networks), holds),),
    st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2),
    st.booleans(),
)
WITH_HEADER = st.builds(lambda holds: (Condition(HEADER, Test.EXACT, "1", holds),), st.booleans())
RULES = st.tuples(st.builds(lambda where, who: (*where, *who), WHERE, st.one_of(NOBODY, FROM, FROM, WITH_HEADER)), st.booleans())


def listed(found: list[tuple[Guard, bool]]) -> tuple[Rule, ...]:
    """Rules that refuse, or answer with a number of their own; the last one takes what is left."""
    rules = [
        Rule(guard, Refuse("kept out") if refuses else Answer(200 + number), origins=(Position("n", number + 1, 1),), name=f"h.{number}")
        for number, (guard, refuses) in enumerate(found)
    ]
    return (*rules, Rule((), Answer(299), name="h.all"))


def decided(rules: tuple[Rule, ...], asked: Request) -> int:
    action = next(rule for rule in rules if all(_holds(condition, asked) for condition in rule.guard)).action
    return 403 if isinstance(action, Refuse) else action.status if isinstance(action, Answer) else 0


def _holds(condition: Condition | FromNetworks, asked: Request) -> bool:
    if isinstance(condition, FromNetworks):
        return any(ipaddress.ip_address(asked.client) in network for network in condition.networks) == condition.holds
    text = asked.path if condition.subject == PATH else asked.headers.get("x-a", "")
    tests = {Test.EXACT: text == condition.text, Test.PREFIX: text.startswith(condition.text)}
    found = tests[condition.test] if condition.test in tests else re2.fullmatch(condition.text, text) is not None
    return found == condition.holds


def carried_out(host: VirtualHost, asked: Request, losses: Losses) -> int:
    """The status that policy and routes give."""
    refusals, rules = policies.split(host)
    if refusals:
        policy: Any = plain(policies.policy(host, refusals, (80,), Decisions()).document)
        if denies(policy["spec"], asked):
            return 403
    route = taken([_plain(route.http) for _, route in Routing({}, Decisions(), losses).routes(rules)], asked)
    return 404 if route is None else int(route["directResponse"]["status"])


def _plain(value: dict[str, object]) -> dict[str, Any]:
    found = plain(value)
    assert isinstance(found, dict)
    return found


REQUESTS = st.builds(
    lambda path, query, client, header: Request(path + query, headers={"x-a": header} if header else {}, client=client),
    PATHS,
    st.sampled_from(["", "?q", "?/b"]),
    st.sampled_from(["10.1.1.1", "10.2.2.2", "192.168.1.1", "203.0.113.9", "2001:db8::1"]),
    st.sampled_from(["", "1", "2"]),
)


@settings(max_examples=300)
@given(st.lists(RULES, max_size=4), st.lists(REQUESTS, min_size=1, max_size=10), st.booleans())
def test_policy_and_routes_decide_what_the_list_decides(found: list[tuple[Guard, bool]], asked: list[Request], default: bool) -> None:
    rules = listed(found)
    names = ("*",) if default else ("shop.example.com",)
    host = VirtualHost("h", names, (Listener(80, names),), rules, "h")
    for asked_now in asked:
        losses = Losses()
        expected, got = decided(rules, asked_now), carried_out(host, asked_now, losses)
        assert got in (expected, 403), (rules, asked_now)
        if not losses.found:  # what Istio cannot say is refused, and told
            assert got == expected, (rules, asked_now)
