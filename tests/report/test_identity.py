from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.report.identity import fingerprints, of_finding, of_rows, statement
from tests.conversions import convert_text, http, server
from tests.sample_conversion import row


def prints(conversion: Conversion) -> list[str]:
    return list(fingerprints(conversion).values())


@pytest.mark.parametrize("sample", ["shop/nginx.conf", "redirects/sites.conf", "allow-list/nginx.conf"])
def test_lines_that_move_change_no_fingerprint(root: Path, sample: str) -> None:
    text = (root / "samples" / sample).read_text(encoding="utf-8")
    moved = "# a new head\n\n" + text.replace("\n", "\n\n")

    assert prints(convert_text(moved)) == prints(convert_text(text))


def test_every_directive_has_a_fingerprint_of_its_own(root: Path) -> None:
    made = prints(convert_text((root / "samples/shop/nginx.conf").read_text(encoding="utf-8")))

    assert len(set(made)) == len(made)


def test_a_row_is_known_by_the_names_of_its_server_and_the_text_of_its_blocks() -> None:
    conversion = convert_text(http(server('location ~ "^/a b" { proxy_cache x; }', name="a.example.com b.example.com")))
    (found,) = [identity for identity in of_rows(conversion.rows) if identity.text == "proxy_cache x"]

    assert found.inside == ("http", "server a.example.com b.example.com", 'location ~ "^/a b"')
    assert (found.file, found.found) == ("nginx.conf", "unsupported")


def test_a_server_without_names_is_known_by_where_it_listens() -> None:
    conversion = convert_text(http("server { listen 81; proxy_cache x; }", "server { listen 82 ssl; proxy_cache x; }"))

    assert [i.inside[-1] for i in of_rows(conversion.rows) if i.text == "proxy_cache x"] == ["server 81", "server 82 ssl"]


def test_another_outcome_is_another_fingerprint() -> None:
    made = [prints(Conversion("x", rows=(row(1, "gzip", outcome, "on"),))) for outcome in Outcome]

    assert len({only for (only,) in made}) == len(Outcome)


def test_likes_are_told_apart_by_their_number() -> None:
    one, two = (Conversion("x", rows=tuple(row(line, "gzip", Outcome.UNSUPPORTED, "on") for line in lines)) for lines in ([1], [5, 9]))

    assert prints(two)[:1] == prints(one)
    assert len(set(prints(two))) == 2


def test_line_numbers_in_the_message_of_a_finding_do_not_count() -> None:
    first, moved, other = (
        Finding("NGX023", Severity.ERROR, f"duplicate, first in line {line} (a.conf:{line}) of {name}", Position("a.conf", line, 1))
        for line, name in ((3, "a2"), (4, "a2"), (3, "b2"))
    )

    assert of_finding(first) == of_finding(moved) != of_finding(other)


def test_a_long_directive_is_cut_and_still_told_from_others() -> None:
    rows = (row(1, "lua", Outcome.UNKNOWN, "x" * 5000 + "1"), row(2, "lua", Outcome.UNKNOWN, "x" * 5000 + "2"))
    first, second = of_rows(rows)

    assert first.text != second.text
    assert len(first.text) < 300


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_different_words_are_different_statements(one: list[str], other: list[str]) -> None:
    assert (statement(one) == statement(other)) == (one == other)


@given(st.text(st.characters(codec=None)))
def test_any_text_has_a_fingerprint(text: str) -> None:
    (made,) = prints(Conversion("x", rows=(row(1, text, Outcome.UNKNOWN, text, context=(text,), file=text or "x"),)))

    assert len(made) == 32
