import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.istio.lua_patterns import pattern, replacement
from tests.lua import fullmatch, substituted


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        (r"/blog/([0-9]+)/(.*)", "^/blog/([0-9]+)/(.*)$"),
        (r"/a\.b", "^/a%.b$"),
        (r"/(?:a)b", "^/ab$"),
        (r"/\d{3}", "^/%d%d%d$"),
        (r"/100%-x", "^/100%%%-x$"),
        (r"/[^/]+/?", "^/[^/]+/?$"),
        (r"/(\w+)", "^/([%w_]+)$"),
    ],
)
def test_pattern(regex: str, expected: str) -> None:
    assert pattern(regex) == expected


@pytest.mark.parametrize("regex", ["a|b", "(ab)+", "(?:a)?", r"\bx", "(?i)a", "[[:alpha:]]", "a+?", "[^%w]{0}", "(a)*"])
def test_what_lua_has_no_pattern_for(regex: str) -> None:
    assert pattern(regex) is None


PIECES = st.sampled_from(["/", "a", "b", r"\.", r"\d", "[ab]", "[^/]", ".", "[a-b/]", r"\-", "%", r"\w", "[a%.]", r"[\d.]"])
REGEXES = st.lists(st.builds("{}{}".format, PIECES, st.sampled_from(["", "", "", "*", "+", "?", "*?", "{2}"])), min_size=1, max_size=4).map(
    "".join
)


@settings(max_examples=300)
@given(REGEXES, REGEXES, st.text("ab/.1-%_", max_size=6))
def test_pattern_means_the_same(one: str, other: str, text: str) -> None:
    regex = f"{one}({other})"
    found = pattern(regex)
    if found is None:
        return
    expected = re2.fullmatch(regex, text)
    assert fullmatch(found, text) == (None if expected is None else list(expected.groups()))


@given(st.lists(st.sampled_from(["a", r"\1", "%", "/", "-", r"\\"]), max_size=6).map("".join))
def test_replacement_means_the_same(text: str) -> None:
    assert substituted(replacement(text), ["x"]) == re2.sub("(x)", text, "x")
