from urllib.parse import unquote_to_bytes

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.nginx.spelling import ESCAPED, escapes_of, has_alternative_spelling, octets, spelled


@pytest.mark.parametrize(
    ("decoded", "expected"),
    [
        ("/two words/", "/two%20words/"),
        ("/é", "/%C3%A9"),
        ("/100%", "/100%25"),
        ("/a?b#c", "/a%3Fb%23c"),
        ('/"<>^`{|}', "/%22%3C%3E%5E%60%7B%7C%7D"),
        ("/!$&'()*+,:;=@[]-._~", "/!$&'()*+,:;=@[]-._~"),
        ("/a\\b", "/a%5Cb"),
        ("/\n", "/%0A"),
        ("/\udcff", "/%FF"),
    ],
)
def test_a_path_is_written_as_clients_do(decoded: str, expected: str) -> None:
    assert spelled(decoded) == expected


@given(st.text())
def test_spelling_can_be_undone(decoded: str) -> None:
    assert unquote_to_bytes(spelled(decoded)) == octets(decoded)


@pytest.mark.parametrize(
    ("decoded", "expected"), [("/plain-text_1.html", False), ("/two words", False), ("/a,b", True), ("/@x", True), ("/é", True)]
)
def test_only_reserved_punctuation_and_letters_of_escapes_can_be_spelled_otherwise(decoded: str, expected: bool) -> None:
    assert has_alternative_spelling(decoded) is expected


def test_an_escape_is_found_in_either_case() -> None:
    assert escapes_of("/,") == "%2[CFcf]"
    assert all(re2.fullmatch(escapes_of("é"), text) for text in ("%C3", "%c3", "%A9", "%a9"))


def test_without_characters_nothing_is_an_escape() -> None:
    assert re2.search(escapes_of(""), "%2C") is None


@settings(max_examples=200, deadline=None)
@given(st.frozensets(st.characters(max_codepoint=127)), st.integers(0, 127))
def test_escapes_are_those_of_the_characters(characters: frozenset[str], code: int) -> None:
    expected = chr(code) in characters
    assert (re2.fullmatch(escapes_of(characters), f"%{code:02X}") is not None) is expected
    assert (re2.fullmatch(escapes_of(characters), f"%{code:02x}") is not None) is expected


def test_what_must_be_escaped_is_what_is_written_so() -> None:
    assert all((spelled(chr(code)) != chr(code)) is (code in ESCAPED) for code in range(128))
