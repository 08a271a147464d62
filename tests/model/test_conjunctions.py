import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from converter.model.conjunctions import Unjoinable, both

_WORDS = st.text("aAb.", min_size=1, max_size=3).map(lambda text: text.replace(".", r"\."))
_LISTS = st.lists(_WORDS, min_size=1, max_size=3).map("|".join)
_REGEXES = st.one_of(
    st.tuples(st.sampled_from(("", "(?i)")), st.sampled_from(("", ".*", ".*?")), _LISTS, st.sampled_from(("", ".*"))).map(
        lambda parts: f"{parts[0]}{parts[1]}(?:{parts[2]}){parts[3]}"
    ),
    st.tuples(st.sampled_from(("", "(?i)")), _LISTS).map("".join),
    st.tuples(_WORDS, _WORDS).map(lambda words: f"(?:{words[0]}.*|.*{words[1]})"),
    st.tuples(_WORDS, _LISTS, _WORDS).map(lambda words: f".*{words[0]}({words[1]}){words[2]}.*"),
    st.just(".+"),
)


@given(_REGEXES, _REGEXES, st.lists(st.text("aAb.c", max_size=6), min_size=20, max_size=20))
def test_the_regex_takes_what_both_take(first: str, second: str, texts: list[str]) -> None:
    joined = both(first, second)
    found = {text for text in texts if joined is not None and re2.fullmatch(joined, text)}
    assert found == {text for text in texts if re2.fullmatch(first, text) and re2.fullmatch(second, text)}


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("(?i)beta", "(?i)dark", None),
        ("(?i)beta", "(?i)BETA", "(?i:beta)"),
        ("beta", "(?i).*eta", "beta"),
        (".+", "(?i).*iphone.*", "(?i).*iphone.*"),
        (".*a.*", ".*b.*", ".*a.*b.*|.*b.*a.*"),
        (r"a\.*", r"a\.*", r"a\.*"),
    ],
)
def test_forms(first: str, second: str, joined: str | None) -> None:
    assert both(first, second) == joined


@pytest.mark.parametrize("regex", ["[ab]", "a+", "a.b", r"\d", ".*", "a(b|c)?d", "(?i:a)b", "ä", r"a\.*", "(a|(b))", "^a", ""])
def test_other_regexes_are_not_joined(regex: str) -> None:
    with pytest.raises(Unjoinable):
        both(regex, "x")
