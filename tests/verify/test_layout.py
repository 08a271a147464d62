"""Where nginx finds the files of a source, and what of them is never opened."""

import posixpath
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.sources import Source, read_source
from converter.sources.dump import Dump
from converter.sources.texts import Match, Text, Texts
from converter.syntax.parse import parse
from converter.verify.certificates import Authority
from converter.verify.layout import Layout, layout
from tests.conversions import http
from tests.verify.real import written

SECRET = "-----BEGIN PRIVATE KEY----- of the source"
AUTHORITY = Authority()
Lay = Callable[[dict[str, str]], Layout]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Writes files and lays them out."""

    def of(files: dict[str, str]) -> Layout:
        source = written(tmp_path, files)
        return layout(source, parse(source), AUTHORITY)

    return of


class Guarded:
    """Texts that must not be read."""

    def __init__(self, texts: Texts, forbidden: str) -> None:
        self._texts, self._forbidden = texts, forbidden
        self.read_paths: list[str] = []

    def find(self, pattern: str) -> Match:
        return self._texts.find(pattern)

    def read(self, path: str) -> Text:
        assert self._forbidden not in path, f"{path} was read"
        self.read_paths.append(path)
        return self._texts.read(path)


CERTIFICATES = ("ssl_certificate", "ssl_certificate_key", "ssl_client_certificate", "ssl_trusted_certificate")
UPSTREAMS = ("proxy_ssl_certificate", "proxy_ssl_certificate_key", "proxy_ssl_trusted_certificate")


@pytest.mark.parametrize("path", ["secret.pem", "/etc/nginx/secret.pem", "/etc/nginx/./tls/../secret.pem", "../nginx/secret.pem"])
@pytest.mark.parametrize("directive", [*CERTIFICATES, *UPSTREAMS])
def test_keys_and_certificates_of_the_source_are_never_read(directive: str, path: str, tmp_path: Path) -> None:
    for place in ("secret.pem", "nginx/secret.pem", "etc/nginx/secret.pem"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(SECRET, encoding="utf-8")
    source = written(tmp_path, {"nginx.conf": http(f"server {{ listen 443 ssl; {directive} {path}; }}")})
    texts = Guarded(source.texts, "secret")
    placed = layout(Source(source.label, source.main, texts), parse(source), AUTHORITY)
    assert texts.read_paths == ["nginx.conf"]
    assert placed.files["/etc/nginx/secret.pem"].startswith("-----BEGIN CERTIFICATE-----")
    assert not any(SECRET in text for text in placed.files.values())
    assert any("/etc/nginx/secret.pem" in note for note in placed.notes)


def test_a_certificate_and_its_key_fit_each_other_whatever_their_files_are_called(lay: Lay) -> None:
    placed = lay({"nginx.conf": http("server { listen 443 ssl; ssl_certificate a.pem; ssl_certificate_key b.key; }")})
    assert AUTHORITY.key in placed.files["/etc/nginx/a.pem"]
    assert AUTHORITY.key in placed.files["/etc/nginx/b.key"]


@pytest.mark.parametrize("value", ["data:$x", "engine:pkcs11:key", "$ssl_server_name.crt", "/etc/ssl/$host.key"])
def test_a_certificate_that_is_no_file_is_left_to_nginx(value: str, lay: Lay) -> None:
    assert list(lay({"nginx.conf": http(f"server {{ ssl_certificate {value}; }}")}).files) == ["/etc/nginx/nginx.conf"]


@pytest.mark.parametrize(
    ("pattern", "file", "place"),
    [
        ("mime.types", "mime.types", "/etc/nginx/mime.types"),
        ("/etc/nginx/mime.types", "mime.types", "/etc/nginx/mime.types"),
        ("/etc/nginx/mime.types", "etc/nginx/mime.types", "/etc/nginx/mime.types"),
        ("/srv/sites/a.conf", "srv/sites/a.conf", "/srv/sites/a.conf"),
        ("/srv/sites/*.conf", "srv/sites/a.conf", "/srv/sites/a.conf"),
        ("/srv/*/b/?.conf", "srv/x/b/a.conf", "/srv/x/b/a.conf"),
        ("/etc/nginx/conf.d/*.conf", "conf.d/a.conf", "/etc/nginx/conf.d/a.conf"),
        ("/usr/local/nginx/conf/conf.d/*.conf", "conf.d/a.conf", "/usr/local/nginx/conf/conf.d/a.conf"),
        ("conf.d/[ab]*", "conf.d/a.conf", "/etc/nginx/conf.d/a.conf"),
        ("/etc/nginx/conf.d/../sites/*.conf", "sites/a.conf", "/etc/nginx/sites/a.conf"),
        ("/srv/../etc/nginx/a.conf", "etc/nginx/a.conf", "/etc/nginx/a.conf"),
        ("conf.d/../a.conf", "a.conf", "/etc/nginx/a.conf"),
    ],
)
def test_an_include_ends_where_nginx_looks_for_it(pattern: str, file: str, place: str, lay: Lay) -> None:
    placed = lay({"nginx.conf": http(f"include {pattern};"), file: "server { }"})
    assert placed.files[place] == "server { }"
    assert (placed.sources[place], placed.position(f"{place}:3")) == (file, f"{file}:3")


@pytest.mark.parametrize("pattern", ["../../outside.conf", "/../outside.conf", "conf.d/../../../outside.conf"])
def test_what_lies_outside_of_the_source_is_not_laid_out(pattern: str, lay: Lay, tmp_path: Path) -> None:
    (tmp_path.parent / "outside.conf").write_text("server { }", encoding="utf-8")
    assert list(lay({"nginx.conf": http(f"include {pattern};")}).files) == ["/etc/nginx/nginx.conf"]


def test_the_main_file_lies_where_nginx_expects_it_however_deep_it_was_found(tmp_path: Path) -> None:
    written(tmp_path, {"etc/nginx/nginx.conf": http("include conf.d/*.conf; include /etc/nginx/a.conf;")}, "etc/nginx/nginx.conf")
    written(tmp_path, {"etc/nginx/conf.d/b.conf": "server { }", "etc/nginx/a.conf": "server { }"}, "etc/nginx/nginx.conf")
    source = read_source(str(tmp_path))
    placed = layout(source, parse(source), AUTHORITY)
    assert placed.main == "/etc/nginx/nginx.conf"
    assert set(placed.files) == {"/etc/nginx/nginx.conf", "/etc/nginx/conf.d/b.conf", "/etc/nginx/a.conf"}


@pytest.mark.parametrize("prefix", ["/etc/nginx", "/usr/local/nginx/conf", "/opt/own"])
def test_a_dump_is_laid_out_as_nginx_had_its_files(prefix: str) -> None:
    files = {
        f"{prefix}/nginx.conf": http(f"include {prefix}/conf.d/*.conf; include mime.types; include /srv/a.conf;"),
        f"{prefix}/conf.d/b.conf": "server { }",
        f"{prefix}/mime.types": "types { }",
        "/srv/a.conf": "server { listen 81; }",
    }
    dump = Dump("".join(f"# configuration file {path}:\n{text}\n" for path, text in files.items()).encode())
    source = Source("-", dump.main, dump)
    placed = layout(source, parse(source), AUTHORITY)
    assert placed.files[placed.main] == files[f"{prefix}/nginx.conf"]
    for path in (f"{prefix}/conf.d/b.conf", "/srv/a.conf"):
        assert placed.files[path] == files[path]
    assert placed.files[posixpath.join(posixpath.dirname(placed.main), "mime.types")] == "types { }"


def test_a_password_file_that_the_source_has_is_taken_and_another_one_replaced(lay: Lay) -> None:
    main = http("server { auth_basic x; auth_basic_user_file own; location / { auth_basic_user_file /srv/missing; } }")
    placed = lay({"nginx.conf": main, "own": "jane:{PLAIN}ü\n"})
    assert placed.files["/etc/nginx/own"].encode("latin-1").decode() == "jane:{PLAIN}ü\n"
    assert "{PLAIN}" in placed.files["/srv/missing"]
    assert placed.notes == ("replaced by a user whom no request names: /srv/missing",)


def test_every_file_is_named_by_one_note_only_once(lay: Lay) -> None:
    servers = [
        f"server {{ listen 443 ssl; server_name s{number}; ssl_certificate a.pem; ssl_certificate_key a.pem; }}" for number in range(3)
    ]
    (note,) = lay({"nginx.conf": http(*servers)}).notes
    assert note.count("/etc/nginx/a.pem") == 1


@pytest.mark.parametrize("name", ["site.conf", "a[1]*?.conf", 'a"b\\.conf', "bücher.conf", "two words.conf"])
@pytest.mark.parametrize("text", ["server { listen 80; }", "location / { return 204; }"])
def test_fragments_stand_in_the_blocks_that_they_were_written_for(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    source = read_source(str(tmp_path / name))
    placed = layout(source, parse(source), AUTHORITY)
    (place,) = placed.sources
    assert (placed.files[place], placed.sources[place]) == (text, name)
    found = parse(Source("", "etc/nginx/nginx.conf", Latin1(placed.files)))
    (statement,) = [entry for entry in found.entries if entry.directive == text.split(" ")[0] and entry.position.file.endswith(".conf")][
        -1:
    ]
    assert statement.context == ("http", "server")[: 1 if text.startswith("server") else 2]


class Latin1:
    """Files as nginx finds them: an include is a path in octets, or a pattern, from the root of the file system on."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = {path.encode().decode("latin-1").lstrip("/"): text for path, text in files.items()}

    def find(self, pattern: str) -> Match:
        plain = not set("*?[") & set(pattern)
        return Match(tuple(path for path in self._files if plain and path == pattern.lstrip("/")), plain)

    def read(self, path: str) -> Text:
        return Text(path, self._files[path])


def test_fragments_whose_paths_are_alike_without_wildcards_are_kept_apart(tmp_path: Path) -> None:
    files = {"a*.conf": "server { listen 81; }", "a?.conf": "server { listen 82; }", "a_.conf": "server { listen 83; }"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = read_source(str(tmp_path))
    placed = layout(source, parse(source), AUTHORITY)
    assert {source: placed.files[place] for place, source in placed.sources.items()} == files


def test_what_concerns_the_process_is_blanked_but_for_entries_of_tables(lay: Lay) -> None:
    files = {"nginx.conf": "user www;\n" + http("map $a $b { include b.map; user 1; }"), "b.map": "pid 2;\n", "c.conf": "pid 2;\n"}
    placed = lay(files | {"nginx.conf": files["nginx.conf"] + "include c.conf;"})
    assert "user www;" not in placed.files["/etc/nginx/nginx.conf"]
    assert "user 1;" in placed.files["/etc/nginx/nginx.conf"]
    assert (placed.files["/etc/nginx/b.map"].strip(), placed.files["/etc/nginx/c.conf"].strip()) == ("pid 2;", "")


@given(st.from_regex(r"[a-zà-ÿ*?./ ]{1,12}", fullmatch=True), st.sampled_from(CERTIFICATES))
def test_every_place_is_absolute_and_never_climbs(path: str, directive: str) -> None:
    source = Source(
        "x", "nginx.conf", Single(http(f'server {{ {directive} "{path}"; include "{path}"; auth_basic_user_file "/{path}"; }}'))
    )
    for place in layout(source, parse(source), AUTHORITY).files:
        assert place.startswith("/")
        assert ".." not in place.split("/")


class Single:
    """One main file; every include finds nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, pattern: str) -> Match:
        return Match((), not set("*?[") & set(pattern))

    def read(self, path: str) -> Text:
        return Text(path, self._text)
