"""A verification for readers: nothing silent is hidden, nothing of what servers said reaches the terminal as a command."""

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from fractions import Fraction

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.records import replace
from converter.model.verification import Covered, Difference, Request, Result, Verdict, Verification
from converter.report.document import document as whole_document
from converter.report.document import to_json
from converter.report.markdown import report
from converter.report.reading import schema
from converter.report.verification import document, figures, junit, section, text
from tests.sample_conversion import CONVERSION, HOSTILE

COMMAND = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
BAD = f"{HOSTILE}\x9b2J\u202e\x00\ud800"


def request(target: str = "/", count: int = 1) -> Request:
    return Request("GET", target, "shop", headers=(("X-User", "42"),), count=count, reasons=("nginx.conf:3 location /",))


AGREED = Result(request("/agreed"), Verdict.AGREE, answers=("200", "200"))
ANNOUNCED = Result(
    request("/announced"),
    Verdict.ANNOUNCED,
    (Difference("status", "200", "404"),),
    "nginx.conf:7 rewrite (approximate)",
    "n",
    "g",
    ("200", "404"),
)
SILENT = Result(
    request("/silent"),
    Verdict.SILENT,
    (Difference("status", "200", "503"), Difference("upstream", "a", "b")),
    nginx="nginx.conf:12 location /silent",
    gateway="shop/virtualservice.yaml:33 route shop.silent",
    answers=("200 from a", "503 from b"),
)
WHOLE = Verification(
    "shop",
    (AGREED, ANNOUNCED, SILENT),
    (Covered("routes", 1, 3, ("a:1 one", "a:2 two")), Covered("locations", 2, 2)),
    notes=("a file was replaced",),
    programs=("nginx 1.31.0", "Envoy 1.40.0"),
)
SOUND = replace(WHOLE, results=(AGREED,))


def test_what_is_silent_is_shown_in_full() -> None:
    shown = text(WHOLE)
    for words in (
        "SILENT GET http://shop/silent | X-User: 42 from",
        "nginx    200 from a  (nginx.conf:12 location /silent)",
        "gateway  503 from b  (shop/virtualservice.yaml:33 route shop.silent)",
        "status: nginx 200 / gateway 503",
        "upstream: nginx a / gateway b",
        "asked for nginx.conf:3 location /",
    ):
        assert words in shown


def test_what_is_announced_is_shown_by_its_reason_with_an_example() -> None:
    results = (*[replace(ANNOUNCED, request=request(f"/{number}")) for number in range(3)], replace(ANNOUNCED, because="another"))
    shown = text(replace(WHOLE, results=results))
    assert f"announced 3 requests: {ANNOUNCED.because}\n  such as GET http://shop/0: nginx 200 / gateway 404\n" in shown
    assert shown.index("announced 3 requests") < shown.index("announced 1 request: another")
    assert "http://shop/1" not in shown


def test_every_request_is_shown_where_that_is_asked_for() -> None:
    shown = text(WHOLE, verbose=True)
    assert all(str(result.request) in shown for result in WHOLE.results)
    assert f"announced by {ANNOUNCED.because}" in shown
    assert str(AGREED.request) not in text(WHOLE)


def test_the_last_lines_have_the_figures_and_who_was_asked() -> None:
    assert text(WHOLE).splitlines()[-2:] == [
        "shop: 3 requests: 1 agree, 1 announced, 1 silent. 1 of 3 routes taken. 2 of 2 locations taken.",
        "nginx 1.31.0, Envoy 1.40.0",
    ]


def test_what_was_let_in_is_called_by_its_name() -> None:
    found = replace(WHOLE, results=(replace(SILENT, widened=True),))
    assert "SILENT, lets in what nginx keeps out GET" in text(found)
    assert "1 silent (1 let in what nginx keeps out)" in figures(found)
    (case,) = document(found)["requests"]
    assert case["widened"] is True


def test_many_notes_and_many_missed_places_are_counted_and_shown_where_that_is_asked_for() -> None:
    names = tuple(f"name-{number}" for number in range(30))
    found = replace(WHOLE, notes=names, coverage=(Covered("routes", 0, 30, names),))
    short, long = text(found), text(found, verbose=True)
    assert [short.count(name) for name in ("name-29", "and 10 more (--verbose", "and 25 more")] == [0, 1, 1]
    assert [len(re.findall(rf"\b{name}\b", long)) for name in names] == [2] * 30


def test_a_problem_is_an_error_and_no_proof() -> None:
    found = replace(SOUND, problems=("istiod refuses the manifests: why",))
    assert "error: istiod refuses the manifests: why\n" in text(found)
    assert (SOUND.proved, found.proved, WHOLE.proved) == (True, False, False)


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text(WHOLE, verbose=True, colour=True)
    assert coloured != text(WHOLE, verbose=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == text(WHOLE, verbose=True)


HOSTILE_RESULT = Result(
    Request("GET", f"/{BAD}", BAD, headers=((BAD, BAD),), client=BAD, reasons=(BAD,)),
    Verdict.SILENT,
    (Difference(f"response header {BAD}", BAD, BAD),),
    BAD,
    BAD,
    BAD,
    (BAD, BAD),
)
HOSTILE_WHOLE = Verification(
    BAD,
    (HOSTILE_RESULT, replace(HOSTILE_RESULT, verdict=Verdict.ANNOUNCED), replace(HOSTILE_RESULT, verdict=Verdict.AGREE)),
    (Covered("routes", 0, 1, (BAD,)),),
    (BAD,),
    (BAD,),
    (BAD,),
)


@pytest.mark.parametrize("verbose", [False, True])
def test_nothing_that_was_said_reaches_the_terminal_as_a_command(verbose: bool) -> None:
    shown = text(HOSTILE_WHOLE, verbose)
    assert not COMMAND.search(shown)
    assert not [line for line in shown.splitlines() if line.startswith("::")]


@pytest.mark.parametrize("found", [HOSTILE_WHOLE, WHOLE])
def test_the_section_of_the_report_keeps_to_its_fences(found: Verification) -> None:
    inner = replace(found, results=tuple(replace(result, because="```\n# x") for result in found.results))
    lines = "\n".join(section(inner)).splitlines()
    assert lines[0] == "## Verification"
    assert lines.count("```") == 2 * len({result.verdict for result in found.results} - {Verdict.AGREE})
    assert not [line for line in lines if line.startswith("# ") or "```" in line.replace("```", "", line == "```")]
    assert not COMMAND.search("\n".join(lines))


def test_the_report_has_the_section_before_the_hosts() -> None:
    shown = report(CONVERSION, WHOLE)
    assert shown.index("## Verification") < shown.index("### Silent") < shown.index("### Announced") < shown.index("## Hosts")
    assert "- 1 of 3 routes taken; not: a:1 one; a:2 two\n" in shown
    assert "## Verification" not in report(CONVERSION)


def test_the_document_holds_everything_in_a_stable_order() -> None:
    found = json.loads(to_json(document(WHOLE)))
    assert found["totals"] == {"agree": 1, "announced": 1, "silent": 1}
    assert [case["verdict"] for case in found["requests"]] == ["agree", "announced", "silent"]
    assert found["requests"][2]["differences"][0] == {"field": "status", "nginx": "200", "gateway": "503"}
    assert found["requests"][2]["nginx"] == {"answer": "200 from a", "decided": "nginx.conf:12 location /silent"}
    assert found["coverage"][0] == {"kind": "routes", "taken": 1, "total": 3, "missed": ["a:1 one", "a:2 two"]}
    assert list(found) == ["totals", "programs", "problems", "notes", "coverage", "requests"]


def weighted(agreeing: Sequence[int], other: Sequence[int]) -> Verification:
    """Requests that stand for so many of an access log."""
    agreed = [replace(AGREED, request=request(count=count)) for count in agreeing]
    return Verification("shop", (*agreed, *(replace(SILENT, request=request(count=count)) for count in other)))


COUNTS = st.lists(st.integers(1, 100_000), max_size=4)


@given(COUNTS, COUNTS)
def test_a_share_is_rounded_down_to_a_hundredth(agreeing: list[int], other: list[int]) -> None:
    total = sum(agreeing + other)
    told = re.search(r"([\d.]+) % of ([\d,]+) requests", figures(weighted(agreeing, other)))
    assert (told is not None) is (total > len(agreeing + other))
    if told:
        share, said = Fraction(100 * sum(agreeing), total), Fraction(told[1])
        assert said <= share < said + Fraction(1, 100)
        assert (said == 100) is (not other)
        assert int(told[2].replace(",", "")) == total


@pytest.mark.parametrize(("agree", "other", "told"), [(29, 9_971, "0.29"), (99_999, 1, "99.99"), (1, 1_000_000, "0"), (9, 0, "100")])
def test_a_share_is_written_as_people_do(agree: int, other: int, told: str) -> None:
    assert f" {told} % of {agree + other:,} requests" in figures(weighted([agree], [other] if other else []))


def suite(verification: Verification) -> ElementTree.Element:
    (found,) = ElementTree.fromstring(junit(verification))
    return found


def test_each_request_is_a_test_case_and_what_is_silent_has_failed() -> None:
    found = suite(WHOLE)
    cases = found.findall("testcase")
    assert [[child.tag for child in case] for case in cases] == [[], ["system-out"], ["failure"]]
    assert [case.get("classname") for case in cases] == ["verify", "n", "nginx_conf:12"]
    (failure,) = found.iter("failure")
    assert failure.get("message") == "status: nginx 200, gateway 503; upstream: nginx a, gateway b"
    assert "nginx.conf:12 location /silent" in str(failure.text)


@pytest.mark.parametrize("problems", [(), ("one",), ("one", "two")])
@pytest.mark.parametrize("results", [(), (AGREED,), WHOLE.results])
def test_the_counts_are_those_of_the_cases(problems: tuple[str, ...], results: tuple[Result, ...]) -> None:
    found = suite(replace(WHOLE, results=results, problems=problems))
    counted = {name: int(str(found.get(name))) for name in ("tests", "failures", "errors")}
    assert counted == {
        "tests": len(found.findall("testcase")),
        "failures": len(list(found.iter("failure"))),
        "errors": len(list(found.iter("error"))),
    }


ANY = st.text(st.characters(), max_size=8) | st.sampled_from([BAD, "]]>", "\ufffe", "&#0;", "\r\n"])
RESULTS = st.builds(
    Result,
    st.builds(
        Request, ANY, ANY, st.none() | ANY, headers=st.lists(st.tuples(ANY, ANY), max_size=2).map(tuple), client=ANY, reasons=st.tuples(ANY)
    ),
    st.sampled_from(Verdict),
    st.lists(st.builds(Difference, ANY, ANY, ANY), max_size=2).map(tuple),
    ANY,
    ANY,
    ANY,
    st.tuples(ANY, ANY),
)
VERIFICATIONS = st.builds(
    Verification,
    ANY,
    st.lists(RESULTS, max_size=2).map(tuple),
    problems=st.lists(ANY, max_size=2).map(tuple),
    notes=st.lists(ANY, max_size=1).map(tuple),
    programs=st.lists(ANY, max_size=1).map(tuple),
)


@given(VERIFICATIONS)
def test_junit_is_well_formed_whatever_was_said(found: Verification) -> None:
    told = junit(found).encode()
    assert len(ElementTree.fromstring(told).findall("testsuite/testcase")) == len(found.results) + len(found.problems)


@given(VERIFICATIONS)
def test_text_is_printable_and_the_document_is_json_whatever_was_said(found: Verification) -> None:
    assert not COMMAND.search(text(found, verbose=True))
    assert text(found).endswith("\n")
    assert json.loads(to_json(document(found)))["notes"] == list(found.notes)


@pytest.mark.parametrize("verification", [WHOLE, SOUND, Verification("shop")])
def test_a_report_with_a_verification_is_as_the_schema_says(verification: Verification) -> None:
    jsonschema_rs.validator_for(schema()).validate(json.loads(to_json(whole_document(CONVERSION, verification))))
