import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.decisions import Waiver
from converter.model.ledger import Entry, Row
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.waivers import apply_waivers, unmet_entries


def row(directive: str = "proxy_cache", outcome: Outcome = Outcome.UNSUPPORTED, file: str = "conf.d/a.conf", line: int = 3) -> Row:
    return Row(Entry(Position(file, line, 5), directive, ("x",), ("http",)), outcome, "why", ("Gateway/a/b",))


@pytest.mark.parametrize("where", ["", "conf.d/a.conf:3", "conf.d/a.conf", "conf.d/*.conf", "*"])
def test_a_waiver_that_fits_lets_the_directive_go_with_its_reason(where: str) -> None:
    rows, findings = apply_waivers([row()], [Waiver("proxy_cache", "the CDN caches", where)])
    assert [(r.outcome, r.reason, r.objects) for r in rows] == [(Outcome.WAIVED, "the CDN caches", ("Gateway/a/b",))]
    assert findings == ()


@pytest.mark.parametrize("where", ["conf.d/a.conf:4", "conf.d/b.conf", "sites/*", "a.conf"])
def test_a_waiver_for_another_place_is_stale_and_told_where_the_directive_stands(where: str) -> None:
    rows, findings = apply_waivers([row()], [Waiver("proxy_cache", "r", where)])
    assert rows == (row(),)
    assert [(f.code, f.help) for f in findings] == [("NGX501", "proxy_cache stands at conf.d/a.conf:3: correct `where`")]


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome.settled or outcome is Outcome.INVALID])
def test_what_is_settled_or_invalid_cannot_be_waived(outcome: Outcome) -> None:
    rows, findings = apply_waivers([row(outcome=outcome)], [Waiver("proxy_cache", "r")])
    assert rows == (row(outcome=outcome),)
    assert [f.help for f in findings] == [f"delete it: conf.d/a.conf:3 is {outcome.value}"]


def test_a_misspelt_waiver_gets_a_suggestion() -> None:
    _, findings = apply_waivers([row()], [Waiver("proxy_cash", "r")])
    assert [f.help for f in findings] == ["did you mean proxy_cache?"]


def test_the_first_of_two_waivers_gives_the_reason_and_both_count_as_used() -> None:
    rows, findings = apply_waivers([row()], [Waiver("proxy_cache", "one", "conf.d/*"), Waiver("proxy_cache", "two")])
    assert rows[0].reason == "one"
    assert findings == ()


@given(st.lists(st.sampled_from(Outcome)), st.lists(st.sampled_from(["proxy_cache", "deny"])))
def test_rows_are_neither_lost_nor_moved(outcomes: list[Outcome], directives: list[str]) -> None:
    before = [row(outcome=outcome, line=line) for line, outcome in enumerate(outcomes, 1)]
    rows, findings = apply_waivers(before, [Waiver(directive, "r") for directive in directives])
    assert [r.entry for r in rows] == [r.entry for r in before]
    assert len(findings) <= len(directives)


def test_an_entry_that_names_no_host_is_told_with_the_nearest_name() -> None:
    findings = unmet_entries("hosts", ["shop.example.com", "shp.example.com", "x"], {"shop.example.com"})
    assert [f.help for f in findings] == ["did you mean shop.example.com?", "delete the entry, or correct its name"]
