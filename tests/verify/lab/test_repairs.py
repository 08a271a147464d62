"""What of a configuration is left out so that it runs here: never more than that, and always said."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.syntax.lexer import location, statements
from converter.verify.lab.repairs import PROCESS, Refused, Setup, complaint, hosts_file, repair, without_process

PATH = "/etc/nginx/nginx.conf"


def words(text: str, without: frozenset[str] = frozenset()) -> list[tuple[tuple[str, ...], str, tuple[int, int]]]:
    """All statements with their places, but for those that begin with these words."""
    return [(s.words, s.end, location(text, s.start)) for s in statements(text) if not s.words or s.words[0] not in without]


NAMES = st.sampled_from(["listen", "return", "location", "proxy_pass", "'a b'", '"}{;"', "$x", "users", "access_logs"])
GAPS = st.sampled_from([" ", "\n", "\t", " # user x;\n", "\r\n"])
SIMPLE = st.tuples(NAMES | st.sampled_from(sorted(PROCESS)), GAPS, NAMES, GAPS).map(lambda parts: "".join(parts) + ";")
TREES = st.recursive(
    SIMPLE,
    lambda inner: st.tuples(st.sampled_from(["http", "server", "location /a", "if ($x)"]), GAPS, st.lists(inner, max_size=3), GAPS).map(
        lambda parts: f"{parts[0]}{{{parts[1]}{parts[1].join(parts[2])}{parts[3]}}}"
    ),
    max_leaves=8,
)
TEXTS = st.lists(TREES, max_size=4).map("\n".join)


@settings(max_examples=50)
@given(TEXTS)
def test_what_concerns_the_process_goes_and_every_other_statement_keeps_its_place(text: str) -> None:
    left = without_process(text)
    assert words(left) == words(text, PROCESS)
    assert (len(left), [len(line) for line in left.split("\n")]) == (len(text), [len(line) for line in text.split("\n")])


@settings(max_examples=40)
@given(st.text(max_size=60) | TEXTS)
def test_blanking_is_done_at_once(text: str) -> None:
    assert without_process(without_process(text)) == without_process(text)
    assert without_process(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("block", ["stream", "mail", "rtmp"])
def test_an_outermost_block_that_answers_nothing_of_http_goes_as_a_whole(block: str) -> None:
    text = f"events {{ }}\n{block} {{\n server {{ listen 25; map {{ a b; }} }}\n}}\nhttp {{ server {{ {block} on; }} }}\n"
    assert words(without_process(text)) == [entry for entry in words(text) if not 2 <= entry[2][0] <= 4]


@pytest.mark.parametrize("table", ["map $a $b", "geo $a", "types", "split_clients $a $b", "charset_map a b"])
def test_an_entry_of_a_table_is_none_of_the_process(table: str) -> None:
    text = f"http {{ {table} {{ user 1; pid 2; daemon 3; }} user x; }}"
    assert words(without_process(text)) == [entry for entry in words(text) if entry[0] != ("user", "x")]


def test_a_text_that_cannot_be_read_is_left_to_nginx() -> None:
    assert without_process("user x; a 'b") == "user x; a 'b"


class Nginx:
    """Complains of one thing after the other, as far as it is still there."""

    def __init__(self, setup: Setup, *complaints: str) -> None:
        self._setup, self._complaints, self.asked = setup, list(complaints), 0

    def __call__(self) -> str:
        self.asked += 1
        return self._complaints.pop(0) if self._complaints else ""


def repaired(text: str, *complaints: str) -> Setup:
    setup = Setup({PATH: text})
    repair(setup, Nginx(setup, *complaints))
    return setup


def test_what_nginx_is_content_with_stays_as_it_is() -> None:
    setup = repaired("user x;")
    assert setup == Setup({PATH: "user x;"})


@pytest.mark.parametrize(
    "said", ['host not found in upstream "a.b-c"', 'host not found in "a.b-c:80" of the "listen"', 'host not found in resolver "a.b-c"']
)
def test_a_host_that_is_missed_gets_an_address(said: str) -> None:
    setup = repaired("x;", f"{said} in {PATH}:1")
    assert (setup.hosts, setup.files[PATH], setup.said) == ({"a.b-c"}, "x;", {})


@pytest.mark.parametrize(
    "said",
    [
        'cannot load certificate "/a b.pem": BIO_new_file() failed',
        'cannot load certificate key "/a b.pem": x',
        'SSL_CTX_load_verify_locations("/a b.pem") failed (SSL: error)',
        'BIO_new_file("/a b.pem") failed',
    ],
)
def test_a_certificate_that_is_missed_is_made(said: str) -> None:
    assert repaired("x;", said).certificates == {"/a b.pem"}


@pytest.mark.parametrize("number", [2, 13, 30])
def test_a_folder_that_cannot_be_written_to_is_made(number: int) -> None:
    assert repaired("x;", f'open() "/srv/a/b.log" failed ({number}: why)').folders == {"/srv/a"}


LINES = "http {\n a 1;\n b\n 2 ;\n c 3; d 4;\n e 5; e 6;\n server { f 7; }\n}\n"


@pytest.mark.parametrize(
    ("said", "line", "gone"),
    [
        ('unknown directive "a"', 2, ("a", "1")),
        ("invalid something", 2, ("a", "1")),
        ('invalid value "2"', 4, ("b", "2")),
        ('"d" is not allowed', 5, ("d", "4")),
        ('invalid value "3"', 5, ("c", "3")),
        ('unknown directive "f"', 7, ("f", "7")),
    ],
)
def test_the_statement_that_nginx_complains_of_is_blanked_and_no_other(said: str, line: int, gone: tuple[str, ...]) -> None:
    setup = repaired(LINES, f"{said} in {PATH}:{line}")
    assert words(setup.files[PATH]) == [entry for entry in words(LINES) if entry[0] != gone]
    (place,) = setup.said
    (statement,) = [s for s in statements(LINES) if s.words == gone]
    assert place == f"{PATH}:{location(LINES, statement.start)[0]}"
    assert setup.said[place] == f"without {' '.join(gone)}: {said}"


@pytest.mark.parametrize(
    ("said", "line"),
    [("something is wrong", 5), ('unknown directive "server"', 1), ("x", 8), ("x", 99), ('"a" is not allowed', 8)],
)
def test_what_cannot_be_told_apart_is_refused_and_not_guessed(said: str, line: int) -> None:
    setup = Setup({PATH: LINES})
    with pytest.raises(Refused, match=re.escape(said)):
        repair(setup, Nginx(setup, f"{said} in {PATH}:{line}"))
    assert (setup.files[PATH], setup.said) == (LINES, {})


def test_everything_that_goes_is_said_even_of_one_line() -> None:
    setup = repaired(LINES, f'unknown directive "c" in {PATH}:5', f'unknown directive "d" in {PATH}:5')
    assert re.findall(r"without (\S+ \S+):", setup.said[f"{PATH}:5"]) == ["c 3", "d 4"]


def test_a_complaint_without_an_answer_is_refused_in_nginxs_words() -> None:
    setup = Setup({PATH: "x;"})
    with pytest.raises(Refused, match=r'^unknown "nowhere" variable$'):
        repair(setup, Nginx(setup, 'unknown "nowhere" variable'))


@pytest.mark.parametrize("said", ['host not found in upstream "a"', 'cannot load certificate "/a"', 'open() "/srv/a/b" failed (2: x)'])
def test_a_complaint_that_comes_again_is_not_answered_for_ever(said: str) -> None:
    setup = Setup({PATH: "x;"})
    nginx = Nginx(setup, *[said] * 1000)
    with pytest.raises(Refused):
        repair(setup, nginx)
    assert nginx.asked == 2


def test_a_configuration_of_which_little_would_be_left_is_refused() -> None:
    text = "".join(f"a{number} x;\n" for number in range(300))
    setup = Setup({PATH: text})
    with pytest.raises(Refused, match=r"more than [0-9]+ things"):
        repair(setup, Nginx(setup, *(f"x in {PATH}:{number}" for number in range(1, 301))))


def test_nginxs_own_word_is_taken_out_of_what_it_prints() -> None:
    said = (
        'nginx: [warn] 1#1: a\n2026/11/24 10:00:00 [emerg] 7#7: unknown directive "x" in /a:1 \nnginx: configuration file /a test failed\n'
    )
    assert complaint(said) == 'unknown directive "x" in /a:1'
    assert complaint('nginx: [emerg] unknown directive "x" in /a:1') == 'unknown directive "x" in /a:1'
    assert complaint("nginx: the configuration file /a syntax is ok\n") == ""


@settings(max_examples=40)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.ip_addresses(v=4).map(str), max_size=4))
def test_every_host_stands_in_the_file_of_hosts(addresses: dict[str, str]) -> None:
    lines = [line.split(" ") for line in hosts_file(addresses).splitlines()]
    assert {name: address for address, name in lines[2:]} == addresses
    assert [line[1] for line in lines[:2]] == ["localhost"] * 2


def test_a_host_outside_ascii_stands_in_the_file_of_hosts_in_octets() -> None:
    (line,) = hosts_file({"дом.example": "10.0.0.1"}).splitlines()[2:]
    assert line.encode("latin-1").decode() == "10.0.0.1 дом.example"
