import io
import re
from pathlib import Path

import pytest

from converter.model.findings import Severity
from converter.sources import read_source
from converter.syntax import join, parse
from converter.syntax.codes import EXPLANATIONS, REFUSED_BY_NGINX


def read(tmp_path, files, argument="", **options):
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return parse(read_source(str(tmp_path / argument)), **options)


def names(directives):
    return [f"{d}" if d.block is None else (f"{d}", names(d.block)) for d in directives]


def codes(parsed):
    return [finding.code for finding in parsed.findings]


def test_includes_stand_behind_their_directive(tmp_path):
    parsed = read(
        tmp_path,
        {
            "nginx.conf": "events {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n  gzip on;\n}\n",
            "conf.d/b.conf": "server { include snippets/x; }",
            "conf.d/a.conf": "# nothing\n",
            "snippets/x": "listen 80;",
        },
    )
    server = ("server", ["include snippets/x", "listen 80"])
    assert names(parsed.root) == [("events", []), ("http", ["include /etc/nginx/conf.d/*.conf", server, "gzip on"])]
    assert [(f"{e.position.full}", e.directive, e.context) for e in parsed.entries] == [
        ("nginx.conf:1:1", "events", ()),
        ("nginx.conf:2:1", "http", ()),
        ("nginx.conf:3:3", "include", ("http",)),
        ("nginx.conf:4:3", "gzip", ("http",)),
        ("conf.d/b.conf:1:1", "server", ("http",)),
        ("conf.d/b.conf:1:10", "include", ("http", "server")),
        ("snippets/x:1:1", "listen", ("http", "server")),
    ]
    assert (parsed.context, parsed.findings, parsed.refused, parsed.incomplete) == ((), (), False, frozenset())


def test_a_file_included_twice_has_its_entries_once(tmp_path):
    parsed = read(tmp_path, {"nginx.conf": "events {} http { server { include a; } server { include a; } }", "a": "listen 80;"})
    assert [entry.directive for entry in parsed.entries].count("listen") == 1
    assert names(parsed.root)[1] == ("http", [("server", ["include a", "listen 80"])] * 2)


def test_duplicates_are_seen_across_includes(tmp_path):
    parsed = read(tmp_path, {"nginx.conf": "events {} http { gzip on; include a; }", "a": "gzip off;"})
    assert [finding.code for finding in parsed.findings] == ["NGX023"]
    assert {str(position) for position in parsed.invalid} == {"a:1"}


def test_what_is_missing_is_said_and_marks_what_surrounds_it(tmp_path):
    parsed = read(tmp_path, {"nginx.conf": "events {}\nhttp {\n include gone;\n include none/*;\n gzip on;\n}"})
    assert codes(parsed) == ["NGX011", "NGX018"]
    assert {position.line for position in parsed.incomplete} == {3}
    assert len(parsed.entries) == 5


def test_one_broken_file_costs_only_itself(tmp_path):
    files = {
        "nginx.conf": "events {} http { include d/*; gzip on; }",
        "d/1": "server { listen 80; location / { deny all }",
        "d/2": "server { listen 81; }",
    }
    parsed = read(tmp_path, files)
    assert [finding.position and finding.position.full for finding in parsed.findings] == ["d/1:1:43"]
    first, second = names(parsed.root)[1][1][1:3]
    assert (first, second) == (("server", ["listen 80", ("location /", [])]), ("server", ["listen 81"]))
    assert {place.full for place in parsed.incomplete} == {"d/1:1:1", "d/1:1:21", "nginx.conf:1:18"}


@pytest.mark.parametrize(
    "files", [{"nginx.conf": "include nginx.conf; gzip on;"}, {"nginx.conf": "include a; gzip on;", "a": "include b;", "b": "include a;"}]
)
def test_circles_are_cut_and_reported(tmp_path, files):
    parsed = read(tmp_path, files)
    assert codes(parsed).count("NGX012") == 1
    assert names(parsed.root)[-1] == "gzip on"


def test_a_chain_of_includes_has_a_bound(tmp_path):
    files = {f"{number}": f"include {number + 1};" for number in range(100)}
    parsed = read(tmp_path, {**files, "nginx.conf": "include 0;"})
    assert "NGX012" in codes(parsed)


def test_includes_that_multiply_have_a_bound(tmp_path):
    files = {f"{number}": f"include {number + 1}; include {number + 1};" for number in range(30)}
    parsed = read(tmp_path, {**files, "30": "gzip_vary on;", "nginx.conf": "include 0;"}, bound=1_000)
    assert "NGX009" in codes(parsed)
    assert len(parsed.root) <= 1_100


def test_blocks_through_includes_have_a_bound(tmp_path):
    files = {"nginx.conf": "include a;", **{f"a{'x' * n}": "b { " * 20 + f"include a{'x' * (n + 1)};" + "}" * 20 for n in range(10)}}
    parsed = read(tmp_path, files)
    assert "NGX008" in codes(parsed)
    assert all(sum(1 for _ in directive.walk()) for directive in parsed.root)


@pytest.mark.parametrize("include", ["/etc/passwd", "../../../../../../etc/passwd", "/../etc/passwd", "../*", "evil/passwd", "evil.conf"])
def test_hostile_includes_read_nothing(tmp_path, include):
    root = tmp_path / "root"
    root.mkdir()
    (root / "evil").symlink_to("/etc")
    (root / "evil.conf").symlink_to("/etc/passwd")
    parsed = read(root, {"nginx.conf": f"events {{}} http {{ include {include}; }}"})
    assert {entry.position.file for entry in parsed.entries} == {"nginx.conf"}
    assert set(codes(parsed)) <= {"NGX011", "NGX015", "NGX018"}
    assert "root:" not in str(parsed)


def test_a_template_is_refused_and_as_an_include_costs_only_itself(tmp_path):
    parsed = read(tmp_path, {"nginx.conf": "events {} http { include t; gzip on; }", "t": "server { listen {{ port }}; }"})
    assert (codes(parsed), parsed.refused) == (["NGX020"], False)
    assert [entry.directive for entry in parsed.entries] == ["events", "http", "include", "gzip"]
    alone = read(tmp_path, {}, "t")
    assert (codes(alone), alone.refused, alone.root, alone.entries) == (["NGX020"], True, (), ())


def test_a_binary_file_is_refused_without_an_exception(tmp_path):
    (tmp_path / "nginx.conf").write_bytes(b"\0\1\2")
    parsed = parse(read_source(str(tmp_path)))
    assert (codes(parsed), parsed.refused) == (["NGX016"], True)


def test_a_fragment_says_where_it_was_thought_to_stand(tmp_path):
    parsed = read(tmp_path, {"site": "server { listen 80; }"}, "site")
    assert parsed.context == ("http",)
    assert [(f.code, f.severity) for f in parsed.findings] == [("NGX010", Severity.NOTE)]
    assert [entry.context for entry in parsed.entries] == [("http",), ("http", "server")]


def test_site_files_are_read_one_behind_the_other(tmp_path):
    files = {
        "a.conf": "server { listen 80; include snippet.conf; }",
        "b.conf": "server { listen 81; }",
        "snippet.conf": "location / { }",
        "stray.conf": "location /stray { deny all; }",
    }
    parsed = read(tmp_path, files)
    assert parsed.context == ("http",)
    assert [str(directive.position) for directive in parsed.root] == ["a.conf:1", "b.conf:1"]
    assert codes(parsed) == ["NGX010", "NGX014"]
    assert {entry.position.file for entry in parsed.entries} == set(files)


def test_a_dump_needs_no_other_file():
    dump = (
        b"# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { include /etc/nginx/sites-enabled/*; }\n\n"
        b"# configuration file /etc/nginx/sites-enabled/shop:\nserver {\n  include snippets/tls.conf; }\n\n"
        b"# configuration file /etc/nginx/snippets/tls.conf:\nssl_protocols TLSv1.2;\n\n"
    )
    parsed = parse(read_source("-", io.BytesIO(dump)))
    assert parsed.findings == ()
    assert [entry.position.full for entry in parsed.entries][-2:] == ["sites-enabled/shop:2:3", "snippets/tls.conf:1:1"]
    assert "ssl_protocols TLSv1.2" in str(names(parsed.root))


def test_lua_yields_one_entry_without_code(tmp_path):
    text = "server { location / { content_by_lua_block { ngx.say('}') } } }"
    parsed = read(tmp_path, {"a.conf": text}, "a.conf")
    [entry] = [entry for entry in parsed.entries if "lua" in entry.directive]
    assert (entry.args, parsed.lua) == ((), {entry.position})


def test_findings_have_a_bound_but_invalid_directives_do_not(monkeypatch):
    monkeypatch.setattr(join, "MOST_FINDINGS", 5)
    parsed = parse(read_source("-", io.BytesIO(b"events {} http {" + b"listen 80;\n" * 20 + b"}")))
    assert (len(parsed.findings), parsed.findings[-1].code, len(parsed.invalid)) == (6, "NGX019", 20)


def test_every_code_is_explained():
    rooms = Path(join.__file__).parent.parent
    used = {
        code for room in ("sources", "syntax") for path in (rooms / room).glob("*.py") for code in re.findall(r"NGX\d{3}", path.read_text())
    }
    assert used == set(EXPLANATIONS)
    assert set(EXPLANATIONS) >= REFUSED_BY_NGINX
    assert all(len(text) > 20 for text in EXPLANATIONS.values())
