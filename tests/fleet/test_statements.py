"""What machines say differently is told directive by directive, and nothing else is."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from converter.fleet.statements import Said, differences

SAID = st.builds(
    Said, st.sampled_from([("server",), ("server", "location /")]), st.sampled_from(["a", "b"]), st.tuples(st.sampled_from("123"))
)
VARIANTS = st.lists(st.lists(SAID, max_size=6), min_size=2, max_size=4)


def one(directive: str, *args: str, context: tuple[str, ...] = ("server",)) -> Said:
    return Said(context, directive, args)


def told(*variants: Sequence[Said]) -> list[tuple[str, dict[str, tuple[int, ...]]]]:
    return [(" > ".join((*s.context, s.directive)), dict(s.ways)) for s in differences(variants)]


def test_another_value_is_shown_with_the_variants_on_each_side() -> None:
    assert told([one("t", "30s")], [one("t", "60s")], [one("t", "30s")]) == [("server > t", {"t 30s": (0, 2), "t 60s": (1,)})]


def test_what_is_missing_is_an_empty_text() -> None:
    assert told([one("t", "1")], [one("t", "1"), one("h", "x")]) == [("server > h", {"": (0,), "h x": (1,)})]


def test_of_a_repeated_directive_only_what_is_more_is_shown() -> None:
    both = [one("allow", "a"), one("allow", "b")]
    assert told(both, [*both, one("allow", "c")]) == [("server > allow", {"": (0,), "allow c": (1,)})]


def test_where_all_say_the_same_the_order_is_told() -> None:
    first, second = one("location", "~ a"), one("location", "~ b")
    expected = {"location ~ a comes first": (0,), "location ~ b comes first": (1,)}
    assert told([first, second], [second, first]) == [("server > order of directives", expected)]


def test_the_same_is_no_difference() -> None:
    assert told([one("t", "1"), one("h", "x")], [one("t", "1"), one("h", "x")]) == []


@given(VARIANTS)
def test_each_difference_is_on_all_variants_once_and_every_variant_that_differs_is_told(variants: list[list[Said]]) -> None:
    found = differences(variants)
    for statement in found:
        numbers = sorted(number for _, numbers in statement.ways for number in numbers)
        assert numbers == list(range(len(variants)))
        assert len(statement.ways) > 1
    assert (found == ()) == all(variant == variants[0] for variant in variants)
