"""Witnesses of regexes, held against PCRE, nginx's own engine."""

import os
from pathlib import Path

import pcre2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.derivation.witnesses import strangers, too_long, witnesses
from converter.interpreter.patterns import Regex
from converter.nginx.locations import modifier
from converter.nginx.spelling import octets
from tests.derivation.derivations import parsed_file

CORPUS = os.environ.get("NGINX2ISTIO_CORPUS", "")

_ATOMS = st.sampled_from(["a", "b", "/", r"\.", ".", "[a-c]", "[^/]", r"\d", r"\w", "(?:x|yz)", "-"])
_QUANTIFIED = st.builds(lambda atom, sign: atom + sign, _ATOMS, st.sampled_from(["", "", "", "*", "+", "?", "{2,3}"]))
_ROWS = st.lists(_QUANTIFIED, min_size=1, max_size=6).map("".join)
PATTERNS = st.builds(
    lambda start, rows, end: f"{start}(?:{'|'.join(rows)}){end}",
    st.sampled_from(["", "^", "^/"]),
    st.lists(_ROWS, min_size=1, max_size=3),
    st.sampled_from(["", "$"]),
)


def matches(pattern: str, ignore_case: bool, text: str) -> bool:
    return pcre2.compile(octets(pattern), pcre2.I if ignore_case else 0).search(octets(text)) is not None


@given(PATTERNS)
def test_witnesses_match_and_strangers_do_not(pattern: str) -> None:
    regex = Regex(pattern, ignore_case=False)
    found = witnesses(regex)
    assert found
    assert all(matches(pattern, False, text) for text in found)
    assert all(text.startswith("/") and matches(pattern, False, text) for text in witnesses(regex, "/"))
    assert not any(matches(pattern, False, text) for text, _ in strangers(regex, found[0]))


def test_all_alternatives_are_taken_by_some_witness() -> None:
    found = witnesses(Regex(r"^/(red|green|blue)$", ignore_case=False), "/")
    assert {"/red", "/green", "/blue"} <= set(found)


def test_look_ahead_is_got_around() -> None:
    found = witnesses(Regex(r"^/(?!api/|static/)(.*)\.html$", ignore_case=False), "/")
    assert found
    assert all(text.endswith(".html") and not text.startswith("/api/") for text in found)


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", "(x{1000}){3}"])
def test_what_is_too_long_has_no_witness(pattern: str) -> None:
    assert witnesses(Regex(pattern, ignore_case=False)) == ()
    assert too_long(Regex(pattern, ignore_case=False))


@pytest.mark.skipif(not CORPUS, reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")
def test_witnesses_of_the_regexes_of_real_locations_match() -> None:
    paths = [path for path in sorted(Path(CORPUS).rglob("*")) if path.is_file() and path.name != "index.json"]
    regexes = {modifier(d) for path in paths for top in parsed_file(path).root for d in top.walk() if d.name == "location" and d.args}
    kinds = [(text, kind == "regex*") for kind, text in sorted(regexes) if kind.startswith("regex")]
    found = [(text, fold, witnesses(Regex(text, fold), "/")) for text, fold in kinds]
    assert sum(bool(texts) for _, _, texts in found) > 0.9 * len(found)
    assert not [(text, one) for text, fold, texts in found for one in texts if not matches(text, fold, one)]
