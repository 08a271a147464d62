"""Which of two decision lists lets fewer in: whatever is said is true of every request."""

import ipaddress
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from converter.fleet.strictness import refuses, stricter_or_alike
from converter.model.applications import Listener, VirtualHost
from converter.model.guards import PATH, Condition, FromNetworks, Test
from converter.model.rules import Answer, Proxy, Refuse, Rule

NETWORKS = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24")]
CLIENTS = [ipaddress.ip_address(text) for text in ("10.1.0.1", "10.2.0.1", "192.0.2.1", "203.0.113.1")]
PATHS = ["/", "/a", "/a/b", "/c"]
CONDITIONS = st.one_of(
    st.builds(Condition, st.just(PATH), st.just(Test.PREFIX), st.sampled_from(["/a", "/a/", "/c"]), st.booleans()),
    st.builds(FromNetworks, st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2, unique=True).map(tuple), st.booleans()),
)
ACTIONS = st.sampled_from([Refuse("closed"), Answer(403), Answer(404), Proxy("one", None), Proxy("two", None)])
LISTS = st.lists(st.builds(Rule, st.lists(CONDITIONS, max_size=2).map(tuple), ACTIONS), max_size=4)


def host(rules: Sequence[Rule]) -> list[VirtualHost]:
    names = ("shop.example.com",)
    return [VirtualHost("shop", names, (Listener(80, names),), (*rules, Rule((), Proxy("one", None))), "shop")]


def deciding(rules: Sequence[Rule], path: str, client: object) -> Rule:
    def holds(condition: object) -> bool:
        if isinstance(condition, FromNetworks):
            return any(client in network for network in condition.networks) == condition.holds
        assert isinstance(condition, Condition)
        return path.startswith(condition.text) == condition.holds

    return next(rule for rule in rules if all(map(holds, rule.guard)))


@given(LISTS, LISTS)
def test_what_is_called_stricter_refuses_all_that_the_other_does_and_else_does_the_same(one: list[Rule], other: list[Rule]) -> None:
    (ours,), (theirs,) = host(one), host(other)
    if stricter_or_alike([ours], [theirs], {}, {}):
        for path in PATHS:
            for client in CLIENTS:
                mine, its = deciding(ours.rules, path, client), deciding(theirs.rules, path, client)
                assert refuses(mine) or mine.action == its.action


@given(LISTS, st.data())
def test_one_more_refusal_anywhere_is_stricter(rules: list[Rule], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rules)))
    guard = data.draw(st.lists(CONDITIONS, max_size=2).map(tuple))
    assert stricter_or_alike(host([*rules[:at], Rule(guard, Refuse("more")), *rules[at:]]), host(rules), {}, {})


@given(LISTS)
def test_a_list_is_as_strict_as_itself(rules: list[Rule]) -> None:
    assert stricter_or_alike(host(rules), host(rules), {}, {})
