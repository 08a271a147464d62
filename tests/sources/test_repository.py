"""Machines in a repository: what counts as one, what it is called, and what is never looked at."""

import os
from pathlib import Path

import pytest

from converter.sources import SourceError, read_source
from converter.sources.repository import Machine, machines

SERVER = "server {\n    listen 80;\n}\n"
MAIN = "events {\n}\nhttp {\n    include conf.d/*.conf;\n}\n"
DUMP = f"nginx: configuration file /etc/nginx/nginx.conf test is successful\n# configuration file /etc/nginx/nginx.conf:\n{MAIN}"


def laid(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def found(root: Path, files: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(m.name, m.path, m.kind) for m in machines(laid(root, files))]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"web/etc/nginx/nginx.conf": MAIN, "web/etc/nginx/conf.d/a.conf": SERVER}, ("web", "web", "prefix")),
        ({"web/nginx/nginx.conf": MAIN}, ("web", "web/nginx", "prefix")),
        ({"web/nginx.conf": MAIN}, ("web", "web", "prefix")),
        ({"dc/rack/web/conf/nginx.conf": MAIN}, ("dc/rack/web", "dc/rack/web/conf", "prefix")),
        ({"web.txt": DUMP}, ("web", "web.txt", "dump")),
        ({"web/nginx-T": DUMP}, ("web", "web/nginx-T", "dump")),
        ({"web/sites-enabled/shop": SERVER}, ("web", "web", "sites")),
        ({"web/conf.d/shop.conf": SERVER}, ("web", "web", "sites")),
        ({"web/shop.conf": SERVER}, ("web", "web", "sites")),
        ({"web/main.conf": MAIN}, ("web/main.conf", "web/main.conf", "file")),
    ],
)
def test_each_layout_is_one_machine_that_can_be_read(tmp_path: Path, files: dict[str, str], expected: tuple[str, str, str]) -> None:
    assert found(tmp_path, files) == [expected]
    source = read_source(str(tmp_path / expected[1]))
    assert any(word in source.texts.read(source.main).text for word in ("server", "http"))


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "ask the web team\n"},
        {"snippets/ssl.conf": "ssl_protocols TLSv1.3;\n"},
        {"upstreams/orders.conf": "upstream orders {\n    server 10.0.0.1;\n}\n"},
        {"nginx.conf": "# nothing yet\n"},
        {".git/nginx.conf": MAIN},
        {"web/shop.conf.bak": SERVER, "web/shop.conf~": SERVER},
    ],
)
def test_what_holds_no_configuration_is_no_machine(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, files) == []


def test_what_a_prefix_holds_is_part_of_it_unless_it_is_a_whole_configuration_itself(tmp_path: Path) -> None:
    files = {"nginx.conf": MAIN, "conf.d/a.conf": SERVER, "sites-enabled/b": SERVER, "canary/nginx.conf": MAIN, "old/dump.txt": DUMP}
    assert [name for name, *_ in found(tmp_path / "web", files)] == ["canary", "web"]


def test_machines_that_would_share_a_name_each_keep_one(tmp_path: Path) -> None:
    root = tmp_path / "web"
    names = [name for name, *_ in found(root, {"nginx.conf": MAIN, "web/nginx.conf": MAIN, "web/etc/nginx/nginx.conf": MAIN})]
    assert len(names) == len(set(names)) == 3


def test_the_order_in_which_files_are_made_changes_nothing(tmp_path: Path) -> None:
    files = {"b/nginx.conf": MAIN, "a.txt": DUMP, "c/sites-enabled/x": SERVER, "c/sites-enabled/w": SERVER}
    one, other = laid(tmp_path / "one", files), laid(tmp_path / "other", dict(reversed(files.items())))
    assert machines(one) == machines(other)


def test_each_machine_says_why_it_is_one(tmp_path: Path) -> None:
    files = {"a/nginx.conf": MAIN, "b.txt": DUMP, "c/sites-enabled/x": SERVER}
    assert [m.why for m in machines(laid(tmp_path, files))] == [
        "a/nginx.conf has an events or http block",
        "b.txt is the output of nginx -T",
        "c/sites-enabled/x has a server block and no nginx.conf around it",
    ]


@pytest.mark.parametrize(
    ("include", "exclude", "names"),
    [
        ((), (), ["dc/a", "dc/b", "web"]),
        (("dc/*",), (), ["dc/a", "dc/b"]),
        (("*.txt",), (), ["web"]),
        ((), ("*/a", "web"), ["dc/b"]),
        (("dc/*", "web"), ("dc/b",), ["dc/a", "web"]),
        (("none",), (), []),
    ],
)
def test_globs_over_names_and_paths_choose(tmp_path: Path, include: tuple[str, ...], exclude: tuple[str, ...], names: list[str]) -> None:
    root = laid(tmp_path, {"dc/a/nginx.conf": MAIN, "dc/b/nginx.conf": MAIN, "web.txt": DUMP})
    assert [machine.name for machine in machines(root, include, exclude)] == names


def test_no_link_is_followed_out_of_the_repository(tmp_path: Path) -> None:
    outside = laid(tmp_path / "outside", {"nginx.conf": MAIN, "dump.txt": DUMP, "shop.conf": SERVER})
    root = laid(tmp_path / "root", {"inside/nginx.conf": MAIN, "readme.md": "text"})
    (root / "folder").symlink_to(outside, target_is_directory=True)
    for name, target in (
        ("web/nginx.conf", "nginx.conf"),
        ("web.txt", "dump.txt"),
        ("main.conf", "nginx.conf"),
        ("sites/conf.d/shop.conf", "shop.conf"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(outside / target)
    assert [machine.name for machine in machines(root)] == ["inside"]


def test_a_link_within_the_repository_counts(tmp_path: Path) -> None:
    root = laid(tmp_path, {"sites-available/shop": SERVER, "web/sites-enabled/.keep": ""})
    (root / "web/sites-enabled/shop").symlink_to("../../sites-available/shop")
    assert ("web", "sites") in [(machine.name, machine.kind) for machine in machines(root)]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    root = laid(tmp_path, {"a/nginx.conf": MAIN})
    os.mkfifo(root / "nginx.conf")
    assert [machine.name for machine in machines(root)] == ["a"]


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(MAIN)
    for path in (tmp_path / "file", tmp_path / "nowhere"):
        with pytest.raises(SourceError, match="is no folder"):
            machines(path)


def test_a_machine_is_plain_data(tmp_path: Path) -> None:
    (one,) = machines(laid(tmp_path, {"web/nginx.conf": MAIN}))
    assert one == Machine("web", "web", "prefix", "web/nginx.conf has an events or http block")
