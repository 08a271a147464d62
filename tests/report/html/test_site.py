"""Which files make the report, and what may never become markup in them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from converter.commands.decisions import DecisionsError, parse_decisions
from converter.model.conversion import Conversion, DecisionNeeded, PlatformNote, SecretNeeded
from converter.model.findings import Finding, Severity
from converter.model.fleet import State
from converter.model.ledger import Entry, Row
from converter.model.outcomes import Outcome, PlatformDifference
from converter.model.places import Position
from converter.model.records import replace
from converter.report.decisions_file import answer_to
from converter.report.html import (
    Excerpt,
    HostPage,
    Index,
    IndexEntry,
    Note,
    Question,
    assets,
    index,
    page,
    page_path,
    site,
)
from converter.report.html.excerpts import source_texts
from converter.report.html.site import state
from converter.report.review import by_host
from tests.conversions import FILE, convert_text, http
from tests.report.html import sites
from tests.sample_conversion import CONVERSION, row

HTML = Path(__file__).parents[3] / "converter" / "report" / "html"
HOSTILE = "\"'><script>pwned=1</script><img src=x onerror=pwned=1>{{7*7}}{%x%}</pre></table><!--&amp;\x1b[2J\u202ejs`${pwned=1}`javascript:pwned=1"
ALLOWED = set(
    "html head meta title link script body a header button main footer p dialog h1 h2 h3 dl div dt dd kbd label input form nav ol ul li span svg "
    "rect section code pre details summary table caption colgroup col thead tbody tr th td b strong select option".split()
)


class Markup(HTMLParser):
    """The tags and attributes of a page, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.code = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in ("script", "style") and data.strip():
            self.code += data


def hostile_row(outcome: Outcome) -> Row:
    entry = Entry(Position(HOSTILE, 1, 1), HOSTILE, (HOSTILE,), (HOSTILE,))
    return Row(entry, outcome, HOSTILE, (f"{HOSTILE}/{HOSTILE}/{HOSTILE}",))


def hostile_pages() -> dict[str, str]:
    """A page and an index with hostile text in every field."""
    question = Question(DecisionNeeded(HOSTILE, HOSTILE), HOSTILE, (HOSTILE,))
    finding = Finding("NGX001", Severity.ERROR, HOSTILE, Position(HOSTILE, 1, 1), HOSTILE)
    note = Note(HOSTILE, HOSTILE, f"{HOSTILE}\n{HOSTILE}")
    rows = tuple(map(hostile_row, Outcome))
    host = HostPage(
        HOSTILE,
        State.DECIDE,
        ((HOSTILE, HOSTILE),),
        (HOSTILE,) * 9,
        (Excerpt(HOSTILE, 1, HOSTILE),),
        {HOSTILE: f"# {HOSTILE}:1\nkind: {HOSTILE}\na: {HOSTILE}\n"},
        rows,
        (question,),
        (finding,),
        (note,),
    )
    entry = IndexEntry(HOSTILE, page_path(HOSTILE), State.DECIDE, dict.fromkeys(Outcome, 1), (HOSTILE,), (HOSTILE,), 2)
    data = Index(
        HOSTILE,
        dict.fromkeys(Outcome, 1),
        (entry,),
        entry,
        (question,),
        (PlatformNote(PlatformDifference.PROTOCOL, HOSTILE),),
        (SecretNeeded(HOSTILE, HOSTILE, "tls", HOSTILE, HOSTILE),),
        (finding,),
        (note,),
    )
    return {page_path(HOSTILE): page(host, HOSTILE), "report.html": index(data)} | assets()


@pytest.mark.parametrize("path", [page_path(HOSTILE), "report.html"])
def test_text_of_the_source_never_becomes_markup(path: str) -> None:
    text = hostile_pages()[path]
    markup = Markup(text)
    assert {tag for tag, _ in markup.tags} <= ALLOWED
    assert [tag for tag, _ in markup.tags].count("script") == 1
    assert markup.code == ""
    names = {name for _, attributes in markup.tags for name in attributes}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    links = [value for _, attributes in markup.tags for name, value in attributes.items() if name in ("href", "src")]
    assert not [link for link in links if not re.fullmatch(r"#[a-z0-9-]+|[A-Za-z0-9_./-]+", link or "")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)


def test_templates_mark_nothing_as_safe() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (*HTML.rglob("*.j2"), *HTML.rglob("*.py"))]
    assert len(texts) > 10
    assert not [text for text in texts if re.search(r"\|\s*safe|Markup\(|autoescape\s+false|innerHTML", text)]
    script = assets()["report/assets/report.js"]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp|import\(", script)


def test_hostile_text_does_nothing_in_a_browser(chromium: object, tmp_path: Path) -> None:
    from tests.report.html.opened import opened

    with opened(chromium, tmp_path, hostile_pages()) as found:
        for path in (page_path(HOSTILE), "report.html"):
            opened_page = found.go(path)
            assert opened_page.evaluate("typeof pwned") == "undefined"
            assert opened_page.locator("h1").inner_text().count("<script>") == 1


def test_every_row_is_on_the_page_of_each_of_its_hosts_or_on_that_of_all() -> None:
    conversion, texts = sites.converted(sites.SAMPLES / "shop")
    files = site(conversion, texts)
    reviews, rest = by_host(conversion)
    for path, rows in [*((page_path(review.host.name), review.rows) for review in reviews), ("report/all-hosts.html", rest)]:
        lines = re.findall(r'<tr id="s\d+-(\d+)"[^>]*class="l-(?!none)', files[path])
        assert lines == [str(line) for line in sorted({entry.entry.position.line for entry in rows})]


def test_a_line_that_all_hosts_share_leads_to_each_hosts_own_objects() -> None:
    servers = "".join(
        f"server {{ listen 80; server_name h{n}.example; location / {{ proxy_pass http://10.0.0.1; }} }}\n" for n in range(20)
    )
    text = http("proxy_set_header X-A $remote_addr;", servers)
    conversion = convert_text(text)
    files = site(conversion, {FILE: text})
    (own,) = [[name for name in entry.objects if "/h7-example" in name] for entry in conversion.rows if entry.entry.position.line == 3]
    shared = re.search(r'<tr id="s1-3"[^>]*data-to="([^"]*)', files["report/hosts/h7.example.html"])
    assert shared
    assert len(shared[1].split()) == len(own) > 0


def test_the_files_name_only_each_other() -> None:
    files = sites.shop()
    assert set(files) == {
        "report.html",
        "report/all-hosts.html",
        "report/hosts/default.html",
        "report/hosts/shop.example.com.html",
        "report/assets/report.css",
        "report/assets/report.js",
    }
    for path, text in files.items():
        for link in re.findall(r'(?:href|src)="([^"#]+)', text) if path.endswith(".html") else ():
            assert (Path("/") / path).parent.joinpath(link).resolve().relative_to("/").as_posix() in files


def test_the_same_conversion_gives_the_same_bytes() -> None:
    assert site(CONVERSION, {}) == site(replace(CONVERSION), {})


def test_a_conversion_of_nothing_has_an_index_all_the_same() -> None:
    assert "None: the source holds no server" in site(Conversion("<stdin>"), {})["report.html"]


def test_names_share_no_page() -> None:
    names = [
        "a.example",
        "A.example",
        "a_example",
        "a/example",
        "../a",
        "con",
        "con.example",
        "",
        "é.example",
        "a" * 300,
        "a" * 301,
        "*",
        "\ud800",
    ]
    paths = [page_path(name) for name in names]
    assert len({path.lower() for path in paths}) == len(names)
    assert all(re.fullmatch(r"report/hosts/[a-z0-9._-]{1,100}\.html", path) for path in paths)


@pytest.mark.parametrize(
    ("outcomes", "closed", "expected"),
    [
        ([Outcome.EXACT, Outcome.DEAD, Outcome.WAIVED], False, State.READY),
        ([Outcome.EXACT, Outcome.APPROXIMATE], False, State.REVIEW),
        ([Outcome.UNSUPPORTED], True, State.STAY),
        ([Outcome.EXACT], True, State.READY),
        ([Outcome.DECISION, Outcome.UNSUPPORTED], True, State.DECIDE),
    ],
)
def test_the_state_of_a_host_follows_from_its_rows(outcomes: list[Outcome], closed: bool, expected: State) -> None:
    assert state([row(1, "x", outcome) for outcome in outcomes], closed) is expected


@pytest.mark.parametrize("key", ["gateway.trusted_proxies", "upstreams.orders", "upstreams.10.0.0.1:80", 'upstreams.a "b"'])
def test_an_answer_to_paste_is_refused_until_its_capitals_are_replaced_and_taken_then(key: str) -> None:
    text = answer_to(DecisionNeeded(key, "?"))
    with pytest.raises(DecisionsError):
        parse_decisions(text, "migration.yaml")
    answered = text.replace("NUMBER", "1").replace("SERVICE.NAMESPACE", "orders.shop").replace("PORT", "80")
    decisions = parse_decisions(answered, "migration.yaml")
    section, _, name = key.partition(".")
    assert decisions.gateway.trusted_proxies == 1 if section == "gateway" else name in decisions.upstreams


def test_source_texts_are_those_that_rows_stand_in() -> None:
    assert set(source_texts({"nginx.conf": "", "key.pem": "secret"}, CONVERSION.rows)) == {"nginx.conf"}
