import ipaddress

import re2
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from converter.istio.formats import Inexpressible
from converter.istio.matches import match
from converter.istio.yaml import plain
from converter.model.guards import HOST, METHOD, PATH, RAW_PATH, Condition, FromNetworks, Guard, Test
from converter.model.values import Source, Variable
from tests.virtualservice import Request, meets

QUERY, AUTHORITY = Variable(Source.QUERY), Variable(Source.AUTHORITY)
ARGUMENTS, COOKIES = ("a", "b"), ("s", "t")


def value(subject: Variable, request: Request) -> str:
    """What a variable of nginx holds; of several arguments or cookies of one name the first, whatever the case of its name."""
    match subject.source:
        case Source.ARGUMENT:
            return _first([piece.partition("=") for piece in request.query.split("&")], subject.name)
        case Source.COOKIE:
            return _first([piece.strip(" ").partition("=") for piece in request.headers.get("cookie", "").split(";")], subject.name)
        case Source.REQUEST_HEADER:
            return request.headers.get(subject.name, "")
        case Source.HOST:
            return request.host.lower().partition(":")[0].removesuffix(".")
    own = {PATH: request.path, RAW_PATH: request.target, QUERY: request.query, METHOD: request.method, AUTHORITY: request.host}
    return own[subject]


def _first(pairs: list[tuple[str, str, str]], name: str) -> str:
    return next((text for key, sign, text in pairs if sign and key.lower() == name.lower()), "")


def holds(guard: Guard, request: Request) -> bool:
    return all(_holds(condition, request) for condition in guard)


def _holds(condition: Condition | FromNetworks, request: Request) -> bool:
    if isinstance(condition, FromNetworks):
        return any(ipaddress.ip_address(request.client) in network for network in condition.networks) == condition.holds
    text = value(condition.subject, request)
    match condition.test:
        case Test.EXACT:
            found = text == condition.text
        case Test.PREFIX:
            found = text.startswith(condition.text)
        case Test.PRESENT:
            found = text != ""
        case Test.REGEX:
            found = re2.fullmatch(condition.text, text) is not None
    return found == condition.holds


SHORT = st.text("ab/.", max_size=3)
PATHS = SHORT.map(lambda rest: f"/{rest}")
WORDS = st.text("ab1", max_size=3)
PATH_REGEXES = (r".*\.b", r"/a.*", r".*a.*", r"/(?:a|b)", r"(?i).*A", r"[^.]*", r"|/a", r"/|/b", r".*", r"/(a)?b", r"[ab/]+", r"/[^/]*")
# Of a header, a cookie, an argument or the query no guard asks for what the empty text meets: what is lacking would have to meet it, too.
FILLED_REGEXES = (r"a|b", r"(a)?b", r"[ab]+", r"(?:0.+|[^0].*)", r"(?i)A.*", r"[^/]+", r".*1", r"1[^1]*", r"(?i)b|.*A")


def conditions(subject: Variable, texts: st.SearchStrategy[str], *tests: Test) -> st.SearchStrategy[Condition]:
    regexes = st.sampled_from(PATH_REGEXES if subject in (PATH, RAW_PATH) else FILLED_REGEXES)

    def made(test: Test) -> st.SearchStrategy[Condition]:
        text = {Test.REGEX: regexes, Test.PRESENT: st.just("")}.get(test, texts)
        return st.builds(Condition, st.just(subject), st.just(test), text, st.booleans())

    return st.sampled_from(tests).flatmap(made)


EVERY = (Test.EXACT, Test.REGEX, Test.PRESENT)
NETWORKS = st.lists(
    st.sampled_from(["10.0.0.0/8", "10.1.2.3/32", "192.168.0.0/17", "172.16.0.0/12", "::/0", "203.0.113.8/31"]), min_size=1, max_size=2
)
CONDITIONS = st.one_of(
    conditions(PATH, PATHS, Test.EXACT, Test.PREFIX, Test.REGEX),
    conditions(PATH, PATHS, Test.EXACT, Test.PREFIX, Test.REGEX),
    conditions(RAW_PATH, st.builds("{}?{}".format, PATHS, WORDS), Test.EXACT, Test.PREFIX, Test.REGEX),
    conditions(QUERY, st.just("a=1"), *EVERY),
    conditions(METHOD, st.sampled_from(["GET", "POST"]), Test.EXACT),
    conditions(HOST, st.sampled_from(["a.example", "b.example"]), Test.EXACT, Test.REGEX),
    conditions(AUTHORITY, st.sampled_from(["a.example", "A.example:80"]), Test.EXACT, Test.REGEX),
    st.sampled_from(["x-a", "x-b"]).flatmap(lambda name: conditions(Variable(Source.REQUEST_HEADER, name), WORDS.filter(bool), *EVERY)),
    st.sampled_from(ARGUMENTS).flatmap(lambda name: conditions(Variable(Source.ARGUMENT, name), WORDS.filter(bool), *EVERY)),
    st.sampled_from(COOKIES).flatmap(lambda name: conditions(Variable(Source.COOKIE, name), WORDS.filter(bool), *EVERY)),
    st.builds(FromNetworks, NETWORKS.map(lambda texts: tuple(map(ipaddress.ip_network, texts))), st.booleans()),
)
QUERIES = st.lists(st.builds("{}={}".format, st.sampled_from([*ARGUMENTS, "A", "ab"]), WORDS), max_size=3).map("&".join)
COOKIE_LINES = st.lists(st.builds("{}={}".format, st.sampled_from([*COOKIES, "S", "st"]), WORDS), max_size=3).map("; ".join)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    query = draw(QUERIES)
    headers = draw(st.dictionaries(st.sampled_from(["x-a", "x-b"]), WORDS, max_size=2))
    if cookie := draw(COOKIE_LINES):
        headers["cookie"] = cookie
    return Request(
        draw(PATHS) + (f"?{query}" if query else ""),
        draw(st.sampled_from(["GET", "POST", "HEAD"])),
        draw(st.sampled_from(["a.example", "A.example:80", "b.example.", "b.example"])),
        headers,
        draw(st.sampled_from(["10.1.2.3", "10.200.0.1", "192.168.127.1", "192.168.128.1", "172.31.0.1", "203.0.113.9", "2001:db8::1"])),
    )


@settings(max_examples=250)
@given(st.lists(CONDITIONS, max_size=3), st.lists(requests(), min_size=1, max_size=8), st.booleans())
def test_match_means_what_its_guard_means(found: list[Condition | FromNetworks], asked: list[Request], prefix_counts: bool) -> None:
    guard = tuple(found)
    try:
        written = plain(match(guard, prefix_counts))
    except Inexpressible:
        assume(False)
    assert isinstance(written, dict)
    for request in asked:
        assert meets(written, request) == holds(guard, request), (written, request)
