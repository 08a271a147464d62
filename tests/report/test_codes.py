"""Every code of the ledger is explained."""

from converter.model.ledger import Entry, Row
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.report.codes import EXPLANATIONS, MEANINGS


def test_every_outcome_of_a_row_has_its_explanation() -> None:
    entry = Entry(Position("nginx.conf", 1, 1), "gzip", ("on",), ("http",))
    codes = [Row(entry, outcome).code for outcome in Outcome]
    assert [code for code in EXPLANATIONS if code.startswith("NGX1")] == codes == [f"NGX{number}" for number in range(101, 111)]
    for outcome, code in zip(Outcome, codes, strict=True):
        assert EXPLANATIONS[code].startswith(f"{outcome.value}: {MEANINGS[outcome]}.\n\n")
