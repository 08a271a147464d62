import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from converter.model.outcomes import Outcome
from converter.report.identity import fingerprints
from converter.report.spreadsheet import COLUMNS, guarded, table
from tests.sample_conversion import CONVERSION, row


def lines(conversion: Conversion) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(conversion), newline=""), strict=True))


def test_each_directive_is_one_line_with_its_place_outcome_and_fingerprint() -> None:
    made = lines(CONVERSION)

    assert len(made) == len(CONVERSION.rows) == table(CONVERSION).count("\r\n") - 1 == len(table(CONVERSION).splitlines()) - 1
    assert [made[6][name] for name in COLUMNS] == [
        *("nginx.conf", "8", "5", "proxy_pass", "http://orders", "http > server 443 ssl", "exact", "NGX101", ""),
        *("VirtualService/apps/shop.example.com#root", "", fingerprints(CONVERSION)[CONVERSION.rows[6]]),
    ]


def test_outcomes_and_reasons_are_those_of_the_ledger() -> None:
    assert [line["outcome"] for line in lines(CONVERSION)] == [row.outcome.value for row in CONVERSION.rows]
    assert lines(CONVERSION)[10]["reason"] == "counts from the first byte"


@pytest.mark.parametrize("start", "=+-@\t\r\n'＝＋－＠")
def test_a_cell_that_a_spreadsheet_would_compute_gets_an_apostrophe(start: str) -> None:
    assert guarded(f"{start}1+1") == f"'{start}1+1"
    assert guarded(f"1{start}") == f"1{start}"


@given(st.text(st.characters(codec=None), min_size=1))
def test_no_text_of_the_source_becomes_a_formula_or_another_cell(text: str) -> None:
    found = (row(1, text, Outcome.UNKNOWN, text, file=text, context=(text,), reason=text), row(2, "listen", Outcome.EXACT))
    made = lines(Conversion("x", rows=found))

    assert [line["line"] for line in made] == ["1", "2"]
    assert [cell for line in made for cell in line.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@given(st.text(st.characters(codec=None)))
def test_the_guard_can_be_taken_off(text: str) -> None:
    assert guarded(text).removeprefix("'") == text
