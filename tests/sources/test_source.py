import io
import os
from pathlib import Path

import pytest

from converter.sources import SourceError, read_source
from converter.sources.folder import MOST_NAMES
from converter.sources.texts import LARGEST_TEXT


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def test_a_file_has_its_own_folder_for_root(tmp_path):
    write(tmp_path, {"site.conf": "include a.conf;", "a.conf": "gzip on;"})
    source = read_source(str(tmp_path / "site.conf"))
    assert (source.main, source.texts.find("a.conf").paths) == ("site.conf", ("a.conf",))


@pytest.mark.parametrize("main", ["nginx.conf", "etc/nginx/nginx.conf", "nginx/nginx.conf", "conf/nginx.conf"])
def test_a_prefix_is_found_at_its_usual_places(tmp_path, main):
    prefix = main.removesuffix("nginx.conf")
    write(tmp_path, {main: "events {}", f"{prefix}conf.d/a.conf": ""})
    source = read_source(str(tmp_path))
    assert source.main == main
    for pattern in ("conf.d/*.conf", "/etc/nginx/conf.d/*.conf", "/etc/nginx/conf.d/a.conf", "/usr/local/nginx/conf/conf.d/a.conf"):
        assert source.texts.find(pattern).paths == (f"{prefix}conf.d/a.conf",)


def test_site_files_stand_in_for_a_missing_main_file(tmp_path):
    write(tmp_path, {"b.conf": "", "a.conf": "", "sites-enabled/shop": "", "sites-enabled/.hidden": "", "snippets/x.conf": ""})
    source = read_source(str(tmp_path))
    assert (source.main, source.others) == ("a.conf", ("b.conf", "sites-enabled/shop"))


def test_a_folder_of_sites_without_suffix_is_read_whole(tmp_path):
    source = read_source(str(write(tmp_path, {"shop": "", "blog": ""})))
    assert (source.main, source.others) == ("blog", ("shop",))


def test_globs_are_sorted_by_bytes_and_pass_over_dotfiles_and_folders(tmp_path):
    write(tmp_path, {"nginx.conf": "", "d/b": "", "d/B": "", "d/é": "", "d/a": "", "d/.x": "", "d/sub/y": ""})
    texts = read_source(str(tmp_path)).texts
    assert texts.find("d/*").paths == ("d/B", "d/a", "d/b", "d/é")
    assert texts.find("d/[ab]").paths == ("d/a", "d/b")
    assert texts.find("d/[^ab]").paths == ("d/B", "d/é")
    assert texts.find("*/y").paths == ()
    assert texts.find("d/*/?").paths == ("d/sub/y",)


@pytest.mark.parametrize("argument", ["", "nowhere", "no\0where", "empty"])
def test_nothing_to_read_is_an_error_of_its_own(tmp_path, argument):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError):
        read_source(str(tmp_path / argument) if argument else "")


@pytest.mark.parametrize("pattern", ["../secret", "/../secret", "../*", "a/../../secret", "/etc/nginx/../../../secret"])
def test_no_include_leads_outside_the_root(tmp_path, pattern):
    write(tmp_path, {"secret": "x", "root/nginx.conf": "", "root/etc/nginx/a": ""})
    texts = read_source(str(tmp_path / "root")).texts
    match = texts.find(pattern)
    assert match.paths == ()
    assert match.refusal is None or match.refusal.code == "NGX015"


def test_links_that_lead_outside_are_refused(tmp_path):
    write(tmp_path, {"secret/x.conf": "secret", "root/nginx.conf": ""})
    (tmp_path / "root/link.conf").symlink_to(tmp_path / "secret/x.conf")
    (tmp_path / "root/up.conf").symlink_to("../secret/x.conf")
    (tmp_path / "root/folder").symlink_to(tmp_path / "secret")
    (tmp_path / "root/loop.conf").symlink_to("loop.conf")
    texts = read_source(str(tmp_path / "root")).texts
    for path in ("link.conf", "up.conf", "folder/x.conf"):
        text = texts.read(path)
        assert (text.text, text.refusal and text.refusal.code) == ("", "NGX015")
    assert texts.find("folder/*").paths == ()
    assert texts.read("loop.conf").refusal is not None


def test_links_within_are_followed_and_absolute_ones_are_looked_up_under_the_root(tmp_path):
    write(tmp_path, {"nginx.conf": "", "sites-available/shop": "server {}"})
    (tmp_path / "sites-enabled").mkdir()
    (tmp_path / "sites-enabled/relative").symlink_to("../sites-available/shop")
    (tmp_path / "sites-enabled/absolute").symlink_to("/etc/nginx/sites-available/shop")
    texts = read_source(str(tmp_path)).texts
    assert [texts.read(path).text for path in texts.find("/etc/nginx/sites-enabled/*").paths] == ["server {}", "server {}"]


def test_a_file_that_the_user_names_may_be_a_link(tmp_path):
    write(tmp_path, {"sites-available/shop": "server {}"})
    (tmp_path / "sites-enabled").mkdir()
    (tmp_path / "sites-enabled/shop").symlink_to("../sites-available/shop")
    source = read_source(str(tmp_path / "sites-enabled/shop"))
    assert source.texts.read(source.main).text == "server {}"


def test_a_folder_and_a_pipe_in_place_of_a_file_are_refused_at_once(tmp_path):
    write(tmp_path, {"nginx.conf": "", "d/x": ""})
    os.mkfifo(tmp_path / "pipe")
    texts = read_source(str(tmp_path)).texts
    for path in ("d", "pipe"):
        refusal = texts.read(path).refusal
        assert refusal is not None
        assert refusal.code == "NGX016"


def test_bounds_on_files_and_folders(tmp_path, monkeypatch):
    assert (LARGEST_TEXT, MOST_NAMES) == (64 * 2**20, 20_000)
    monkeypatch.setattr("converter.sources.folder.LARGEST_TEXT", 10)
    monkeypatch.setattr("converter.sources.folder.MOST_NAMES", 3)
    write(tmp_path, {"nginx.conf": "x" * 11, "d/1": "", "d/2": "", "d/3": "", "d/4": ""})
    texts = read_source(str(tmp_path)).texts
    large, many = texts.read("nginx.conf").refusal, texts.find("d/*").refusal
    assert large is not None
    assert many is not None
    assert (large.code, many.code) == ("NGX017", "NGX017")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("gzip on; # é".encode(), "gzip on; # é"),
        (b"\xef\xbb\xbfgzip on;", "gzip on;"),
        (b"gzip on; # \xe9", "gzip on; # é"),
        (b"a 1;\r\nb 2;\r\n", "a 1;\nb 2;\n"),
    ],
)
def test_decoding(tmp_path, content, text):
    write(tmp_path, {"a.conf": content})
    assert read_source(str(tmp_path / "a.conf")).texts.read("a.conf").text == text


def test_binary_files_are_refused(tmp_path):
    write(tmp_path, {"a.conf": b"\x7fELF\0\0"})
    refusal = read_source(str(tmp_path / "a.conf")).texts.read("a.conf").refusal
    assert refusal is not None
    assert refusal.code == "NGX016"


def test_standard_input_holds_a_single_text():
    source = read_source("-", io.BytesIO(b"server {}"))
    assert (source.label, source.main, source.texts.read("<stdin>").text) == ("<stdin>", "<stdin>", "server {}")
    assert source.texts.find("/etc/passwd").paths == ()
    with pytest.raises(SourceError):
        read_source("-", io.BytesIO(b" \n"))
    with pytest.raises(SourceError):
        read_source("-", None)


DUMP = b"""nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
# configuration file /etc/nginx/nginx.conf:
events {}
http { include conf.d/*.conf; include /usr/share/nginx/x.conf; }

# configuration file /etc/nginx/conf.d/b.conf:
server {}

# configuration file /etc/nginx/conf.d/a.conf:
# b
# configuration file /usr/share/nginx/x.conf:
gzip on;
"""


@pytest.mark.parametrize("through", ["stdin", "file"])
def test_a_dump_is_a_file_system_of_its_own(tmp_path, through):
    write(tmp_path, {"dump.txt": DUMP})
    source = read_source("-", io.BytesIO(DUMP)) if through == "stdin" else read_source(str(tmp_path / "dump.txt"))
    texts = source.texts
    assert source.main == "nginx.conf"
    assert texts.read("nginx.conf").text == "events {}\nhttp { include conf.d/*.conf; include /usr/share/nginx/x.conf; }\n"
    assert texts.find("conf.d/*.conf").paths == ("conf.d/a.conf", "conf.d/b.conf")
    assert texts.find("/etc/nginx/*/a.conf").paths == ("conf.d/a.conf",)
    assert texts.find("/usr/share/nginx/x.conf").paths == ("usr/share/nginx/x.conf",)
    assert texts.read("conf.d/a.conf").text == "# b"
    assert texts.find("/etc/passwd").paths == ()
    assert texts.read("/etc/passwd").refusal is not None


def test_a_comment_that_looks_like_a_marker_makes_no_dump():
    content = b"server {}\n# configuration file /etc/nginx/nginx.conf:\nserver {}\n"
    assert read_source("-", io.BytesIO(content)).main == "<stdin>"
