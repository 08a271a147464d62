import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pcre2
import pytest
import re2
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from converter.nginx.regex import Pattern, Untranslatable, parse
from converter.nginx.spelling import octets, spelled

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

READABLE = [
    (r"\.php$", r".*\.php"),
    (r"^/v(\d+)/", r"/v(\d+)/.*"),
    (r"^/users/[0-9]+/orders$", r"/users/[0-9]+/orders"),
    (r"^/a$|^/b", r"(?:/a|/b.*)"),
    (r"^/(a|b)$", r"/(a|b)"),
    (r"(^|/)x", r".*?(^|/)x.*"),
    (r"^/x(/|$)", r"/x(/|$).*"),
    (r"/\.", r".*/\..*"),
    (r"/media/(.*)$", r".*?/media/(.*)"),
    (r"^/api/([^/]+)", r"/api/([^/]+).*"),
    (r"^/c/([a-zA-Z_-]+)$", r"/c/([a-zA-Z_-]+)"),
    (r"^/dist/([^/]+)/(.+\.(pod|pm))$", r"/dist/([^/]+)/(.+\.(pod|pm))"),
    (r"^(?<script>.+\.php)(?<path_info>.*)$", r"(.+\.php)(.*)"),
    (r"^(.*)$", r"(.*)"),
    (r"^.+\.(?:jpg|png)$", r".+\.(?:jpg|png)"),
    (r"^", r".*"),
    (r"^/two words$", r"/two%20words"),
    (r"^/é", r"/%[Cc]3%[Aa]9.*"),
    (r"^/[a b]$", r"/(?:[ab]|%20)"),
    (r"^/a.c$", r"/a(?:[^%]|%..)c"),
    (r"", r".*"),
    (r"a.*z", r"(?:[^%]|%..)*a.*z.*"),
    (r"^/\Qa.b\E", r"/a\.b.*"),
    (r"^/a(?i)b$", r"/a[Bb]"),
]


@pytest.mark.parametrize(("source", "expected"), READABLE)
def test_ordinary_patterns_stay_readable(source: str, expected: str) -> None:
    assert parse(source, ignore_case=False).full(spelled=True) == expected


def test_ignoring_case_is_said_once() -> None:
    assert parse(r"\.(jpe?g|gif)$", ignore_case=True).full(spelled=True) == r"(?i).*\.(jpe?g|gif)"
    assert parse(r"^/\d+$", ignore_case=True).full(spelled=True) == r"/\d+"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"^www\.", r"www\..*"),
        (r"(bot|spider)", r".*?(bot|spider).*"),
        (r"a b", r".*a b.*"),
        (r"\bbot\b", r".*\bbot\b.*"),
        (r"[^;]+;", r".*[^;]+;.*"),
    ],
)
def test_plain_text_is_not_encoded(source: str, expected: str) -> None:
    assert parse(source, ignore_case=False).full(spelled=False) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (r"/\.(?!well-known/)[a-z]", "look-ahead (?!...)"),
        (r"(?<=a)b", "look-behind (?<=...)"),
        (r"(a)\1", "back-reference"),
        (r"(?>a)", "atomic"),
        (r"a++", "possessive"),
        (r"\h", r"\h"),
        (r"a\Z", r"\Z"),
        (r"a\Kb", r"\K"),
        (r"(?#x)a", "comment"),
        (r"(?|a|b)", "repeated numbers"),
        (r"(?x) a", "(?x"),
        (r"(?R)", "recursion"),
        (r"(?1)", "(?1)"),
        (r"(?(1)a|b)", "condition"),
        (r"a{1001}", "count above 1000"),
        (r"(*UTF8)a", "verb"),
        (r"\p{L}", r"\p{...}"),
        (r"\y", r"the escape \y"),
        (r"[a", "closing bracket"),
        (r"(a", "without a closing one"),
        (r"a)", "without an opening one"),
        (r"*a", "nothing to repeat"),
        (r"[[:foo:]]", "[:foo:]"),
        (r"[b-a]", "out of order"),
        ("\\", "backslash"),
        ("(" * 51 + ")" * 51, "50 parentheses"),
        ("(" * 4000, "50 parentheses"),
        ("a" * 4097, "4096 characters"),
        (r"(?<n>a)(?<n>b)", "two groups"),
        (r"(a*)*", "match nothing"),
        (r"((a{1000}){1000}){1000}", "RE2 refuses it"),
    ],
)
def test_what_re2_cannot_say_is_named(source: str, reason: str) -> None:
    with pytest.raises(Untranslatable, match=re.escape(reason)):
        parse(source, ignore_case=False).full(spelled=True)


def test_a_result_beyond_the_limit_of_istio_is_refused() -> None:
    with pytest.raises(Untranslatable, match="1024"):
        parse("^/" + "a." * 300, ignore_case=False).full(spelled=True)


def test_a_boundary_that_encoding_would_move_is_refused_for_paths_alone() -> None:
    pattern = parse(r"\bfoo", ignore_case=False)
    assert pattern.full(spelled=False) == r".*\bfoo.*"
    with pytest.raises(Untranslatable, match="word boundary"):
        pattern.full(spelled=True)
    assert parse(r"^/foo\b", ignore_case=False).full(spelled=True) == r"/foo\b.*"


@pytest.mark.parametrize(
    ("source", "ignore_case", "expected"),
    [
        (r"^/api/?(.*)", False, "/api"),
        (r"^/a b\.c", False, "/a b.c"),
        (r"^(/core/doc/[^/]+)$", False, "/core/doc/"),
        (r"^/v(\d)", True, "/"),
        (r"/api", False, None),
        (r"^/a|^/b", False, None),
        (r"^.*", False, None),
        (r"^/é?", False, "/"),
    ],
)
def test_the_literal_start_of_anchored_patterns(source: str, ignore_case: bool, expected: str | None) -> None:
    assert parse(source, ignore_case).anchored_prefix == expected


@pytest.mark.parametrize("source", ["^", "", ".*", "^.*$", "^/", "^(.*)$", "/", "^/(.*)$", "(.*)", "^.+$", "a|", ".", "^(/.*)$"])
def test_patterns_that_every_path_meets(source: str) -> None:
    assert parse(source, ignore_case=False).matches_everything


@pytest.mark.parametrize("source", ["^/$", "^/a", r"\.php$", "^/(.+)$", "^/.+", "$a", "a*$b", "^[^a]*$", r"^/\B"])
def test_patterns_that_some_path_fails(source: str) -> None:
    assert not parse(source, ignore_case=False).matches_everything


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"^/a,b@c", "/,@"),
        (r"^/x[;:]", "/;:"),
        (r"^[^/]+", "/"),
        (r"\.php$", "\n"),
        (r"^\w", ""),
        (r"^[^ ]", ""),
    ],
)
def test_the_characters_whose_escapes_would_be_read_otherwise(source: str, expected: str) -> None:
    assert parse(source, ignore_case=False).literal_punctuation() == frozenset(expected)


def test_names_are_numbers() -> None:
    pattern = parse(r"^/(a)(?<one>b)(?P<two>c)(?'three'd)(?:e)", ignore_case=False)
    assert pattern.groups == 4
    assert pattern.names == {"one": 2, "two": 3, "three": 4}


def test_a_text_is_searched_as_nginx_does() -> None:
    pattern = parse(r"/(\w+)(\.x)?$", ignore_case=False)
    assert pattern.search("/a/été/b") == ("b", None)
    assert pattern.search("/a/") is None
    assert parse(r"/([^/]+)$", ignore_case=False).search("/a/é b") == ("é b",)


def test_a_rewrite_pattern_takes_the_whole_path() -> None:
    assert parse("^/(a|b)/(.*)", ignore_case=False).rewrite_pattern() == "^/(a|b)/(.*)$"


# Real configurations

REAL = re.compile(
    r"""^\s*(?:location\s*~\*?|rewrite|server_name\s[^;]*~)\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s{;]+))""", re.MULTILINE
)


def _refusal(source: str) -> str | None:
    try:
        pattern = parse(source, ignore_case=True)
        assert re2.compile(pattern.full(spelled=True)).groups == pattern.groups
    except Untranslatable as problem:
        return str(problem)
    return None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real configurations is not beside the repository")
def test_every_real_pattern_is_translated_or_refused_with_a_sentence() -> None:
    texts = (path.read_bytes().decode(errors="surrogateescape") for path in CORPUS.rglob("*") if path.is_file())
    found = {next(filter(None, match.groups()), "") for text in texts for match in REAL.finditer(text)}
    refused = {source: reason for source in found if (reason := _refusal(source)) is not None}
    assert all(refused.values())
    assert len(found) > 10 * len(refused) > 0


# Against nginx's own engine

SINGLE = ["a", "b", "2", "0", "C", "F", "/", ".", "-", " ", "%", ",", "é", r"\.", r"\d", r"\w", r"\W", r"\s", r"\S", r"\D"]
CLASSES = [
    "[ab]",
    "[^/]",
    "[a b]",
    "[^ %]",
    "[^a]",
    "[a-c2-4]",
    "[^,]",
    "[é]",
    r"[\w-]",
    "[[:alpha:]]",
    "[[:^punct:]]",
    "[^.?]",
    r"[\s/]",
    "[]^]",
]
ATOMS = st.sampled_from(SINGLE + CLASSES)
QUANTIFIERS = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,}"])


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    row = st.lists(inner, min_size=1, max_size=4).map("".join)
    return st.one_of(
        row,
        st.lists(row, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.lists(row, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(ATOMS, QUANTIFIERS).map("".join),
        st.tuples(row.map(lambda part: f"({part})"), QUANTIFIERS).map("".join),
        row.map(lambda part: f"(?i:{part})"),
    )


INNER = st.recursive(ATOMS | st.sampled_from(["^", "$", "/", r"\b"]), _joined, max_leaves=8)
ENDS = st.sampled_from(["$", "", ".*", "(.*)$"])
REGEXES = st.lists(st.builds("{}{}{}".format, st.sampled_from(["^", "^/", "", ""]), INNER, ENDS), min_size=1, max_size=2).map("|".join)
PATHS = st.text(st.sampled_from("ab20CF/.-_ %,é?#+[]c\\"), max_size=8).map(lambda rest: "/" + rest)


def _translated(source: str, ignore_case: bool) -> tuple[Pattern, "pcre2.Pattern[bytes]"]:
    try:
        engine = pcre2.compile(source.encode(), pcre2.I if ignore_case else 0)
    except pcre2.error:
        assume(False)
    try:
        return parse(source, ignore_case), engine
    except Untranslatable:
        assume(False)
    raise AssertionError


def _captures(engine: "pcre2.Pattern[bytes]", text: str) -> tuple[bytes | None, ...] | None:
    found = engine.search(text.encode())
    return None if found is None else found.groups()


@settings(max_examples=300, deadline=None)
@given(REGEXES, st.booleans(), st.lists(PATHS, min_size=1, max_size=6), st.booleans())
def test_an_encoded_path_matches_as_the_decoded_one_does_in_nginx(source: str, ignore_case: bool, paths: list[str], small: bool) -> None:
    pattern, engine = _translated(source, ignore_case)
    try:
        full = pattern.full(spelled=True)
    except Untranslatable:
        assume(False)
    for path in paths:
        text = re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), spelled(path)) if small else spelled(path)
        found = re2.fullmatch(full, text)
        got = None if found is None else tuple(None if part is None else unquote_to_bytes(part) for part in found.groups())
        assert got == _captures(engine, path), (full, text)


@settings(max_examples=200, deadline=None)
@given(REGEXES, st.booleans(), st.lists(PATHS, min_size=1, max_size=6))
def test_a_plain_text_matches_as_in_nginx(source: str, ignore_case: bool, texts: list[str]) -> None:
    pattern, engine = _translated(source, ignore_case)
    try:
        full = pattern.full(spelled=False)
    except Untranslatable:
        assume(False)
    for text in filter(str.isascii, texts):
        found = re2.fullmatch(full, text)
        got = None if found is None else tuple(None if part is None else part.encode() for part in found.groups())
        assert got == _captures(engine, text), (full, text)


@settings(max_examples=200, deadline=None)
@given(REGEXES, st.booleans(), st.lists(PATHS, min_size=1, max_size=6))
def test_a_search_finds_what_nginx_does(source: str, ignore_case: bool, texts: list[str]) -> None:
    pattern, engine = _translated(source, ignore_case)
    for text in texts:
        found = pattern.search(text)
        got = None if found is None else tuple(None if part is None else octets(part) for part in found)
        assert got == _captures(engine, text)


@pytest.mark.parametrize(
    ("regex", "begins"),
    [
        (r"^(.*)\.html$", True),
        (r"^(.*)$", True),
        (r"^(/.*)/$", True),
        (r"^(.+)/$", True),
        (r"^(.*)/$", False),
        (r"^(.*?)", False),
        (r"(.*)\.html$", False),
        (r"^/(.*)$", False),
        (r"^(a|b)|(.*)$", False),
    ],
)
def test_whether_a_capture_begins_the_path(regex: str, begins: bool) -> None:
    assert parse(regex, ignore_case=False).begins_the_path(1) is begins
