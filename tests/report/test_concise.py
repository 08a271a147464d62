from hypothesis import given
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.concise import concise
from tests.sample_conversion import CONVERSION, SOUND, row


def test_each_finding_is_a_line_that_editors_follow() -> None:
    assert "conf/nginx.conf:18:5: warning NGX106 proxy_read_timeout: counts from the first byte\n" in concise(CONVERSION, "conf")
    assert len(concise(CONVERSION, "").splitlines()) == 6
    assert concise(SOUND, "") == ""


def test_a_finding_without_a_place_begins_with_what_it_is() -> None:
    assert concise(Conversion("x", findings=(Finding("NGX053", Severity.WARNING, "nothing"),)), "") == "warning NGX053 nothing\n"


def test_what_a_baseline_accepts_is_left_out() -> None:
    rows = tuple(replace(row(n, "a", Outcome.UNSUPPORTED), accepted=n > 1) for n in range(1, 4))
    assert concise(Conversion("x", rows=rows), "").count("\n") == 1


@given(st.text(st.characters(codec=None), min_size=1))
def test_any_text_stays_on_its_line(text: str) -> None:
    found = (row(1, text, Outcome.UNKNOWN, file=text, reason=text),)
    assert len(concise(Conversion("x", rows=found), "").splitlines()) == 1
