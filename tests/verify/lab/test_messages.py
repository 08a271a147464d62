"""What goes to the laboratory and back arrives as it was."""

from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.verification import Attempt, Reply, Request
from converter.verify.lab.messages import Job, Outcome, Side, job, outcome, to_line

TEXTS = st.text(max_size=8)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)
NAMED = st.dictionaries(TEXTS, TEXTS, max_size=3)
PORTS = st.lists(st.integers(1, 65535), max_size=3).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
)
REQUESTS = st.builds(
    Request,
    TEXTS,
    TEXTS,
    st.none() | TEXTS,
    st.sampled_from(["http", "https"]),
    st.integers(1, 65535),
    headers=PAIRS,
    body=TEXTS,
    raw=TEXTS,
    repeat=st.integers(1, 9),
    reasons=st.lists(TEXTS, max_size=2).map(tuple),
)
ATTEMPTS = st.builds(Attempt, TEXTS, TEXTS, TEXTS, TEXTS, PAIRS, TEXTS, st.booleans(), st.none() | TEXTS)
REPLIES = st.builds(Reply, st.integers(0, 599), PAIRS, TEXTS, TEXTS, TEXTS, st.lists(ATTEMPTS, max_size=2).map(tuple))
TURNS = st.lists(st.lists(REPLIES, max_size=2).map(tuple), max_size=2).map(tuple)
SIDES = st.builds(Side, TEXTS, TURNS, st.lists(st.lists(TEXTS, max_size=2).map(tuple), max_size=2).map(tuple))
JOBS = st.builds(
    Job,
    st.lists(REQUESTS, max_size=2).map(tuple),
    NAMED,
    TEXTS,
    st.none() | st.dictionaries(TEXTS, JSON, max_size=2),
    NAMED,
    ports=PORTS,
    loopback=PORTS,
    addresses=st.lists(TEXTS, max_size=2).map(tuple),
    fresh=PORTS,
)


@settings(max_examples=40)
@given(JOBS)
def test_a_job_arrives_as_it_was_sent(sent: Job) -> None:
    line = to_line(sent)
    assert job(line) == sent
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@settings(max_examples=40)
@given(st.builds(Outcome, SIDES, SIDES, NAMED))
def test_an_outcome_arrives_as_it_was_sent(sent: Outcome) -> None:
    line = to_line(sent)
    assert outcome(line) == sent
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
