"""Two sources have the same digest only where they hold the same texts, as far as includes can reach."""

from pathlib import Path

import pytest

from converter.sources import read_source
from converter.sources.reach import digest

MAIN = "events { }\nhttp { server { listen 80; include extra/*.inc; } }\n"


def made(place: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return digest(read_source(str(place)))


def alike(place: Path, one: dict[str, str], other: dict[str, str]) -> bool:
    return made(place / "one", one) == made(place / "other", other)


def test_the_place_does_not_matter(tmp_path: Path) -> None:
    files = {"nginx.conf": MAIN, "extra/a.inc": "gzip on;"}
    assert alike(tmp_path, files, files)


def test_files_that_nothing_includes_do_not_matter(tmp_path: Path) -> None:
    assert alike(tmp_path, {"nginx.conf": MAIN}, {"nginx.conf": MAIN, "conf.d/unused.conf": "server { }", "extra/a.txt": "x"})


@pytest.mark.parametrize(
    ("include", "file"),
    [
        ("include deep/a.inc;", "deep/a.inc"),
        ("include /etc/nginx/deep/a.inc;", "deep/a.inc"),
        ('include "deep/a.inc";', "deep/a.inc"),
        ("include 'deep/a.inc';", "deep/a.inc"),
        ('"include" deep/a.inc;', "deep/a.inc"),
        ('include "deep/with space.inc";', "deep/with space.inc"),
        ("include # where it is\n    deep/a.inc;", "deep/a.inc"),
        ("include\n\tdeep/*.inc;", "deep/a.inc"),
        ("include deep/[ab].inc;", "deep/a.inc"),
        ("types { include deep/a.inc; }", "deep/a.inc"),
        ("map $uri $x{include deep/a.inc;}", "deep/a.inc"),
        ("gzip on;include deep/a.inc;", "deep/a.inc"),
        ("# include deep/a.inc;", "deep/a.inc"),
        ("include deep/b.inc;", "deep/a.inc"),
    ],
)
def test_what_an_include_can_reach_counts(tmp_path: Path, include: str, file: str) -> None:
    main = f"events {{ }}\nhttp {{ {include}\n}}\n"
    one = {"nginx.conf": main, file: "# one", "deep/b.inc": "include deep/a.inc;"}
    assert not alike(tmp_path, one, {**one, file: "# other"})


def test_one_file_more_under_a_glob_counts(tmp_path: Path) -> None:
    assert not alike(tmp_path, {"nginx.conf": MAIN, "extra/a.inc": ""}, {"nginx.conf": MAIN, "extra/a.inc": "", "extra/b.inc": ""})


def test_the_name_of_a_file_counts_as_it_gives_the_order(tmp_path: Path) -> None:
    one = {"nginx.conf": MAIN, "extra/a.inc": "gzip on;", "extra/b.inc": "gzip off;"}
    assert not alike(tmp_path, one, {"nginx.conf": MAIN, "extra/b.inc": "gzip on;", "extra/a.inc": "gzip off;"})


def test_all_files_of_a_folder_of_sites_count(tmp_path: Path) -> None:
    one = {"a.conf": "server { listen 80; }", "conf.d/b.conf": "server { listen 81; }"}
    assert not alike(tmp_path, one, {**one, "conf.d/b.conf": "server { listen 82; }"})


def test_a_pattern_that_only_nginx_can_read_makes_a_source_like_no_other(tmp_path: Path) -> None:
    files = {"nginx.conf": 'events { }\nhttp { include "a\\"b.conf"; }\n', 'a"b.conf': "gzip on;"}
    assert not alike(tmp_path, files, files)


def test_includes_that_go_round_end(tmp_path: Path) -> None:
    files = {"nginx.conf": "include a.conf;", "a.conf": "include nginx.conf; include a.conf;"}
    assert alike(tmp_path, files, files)


def test_dumps_count_as_a_whole(tmp_path: Path) -> None:
    marker = "# configuration file /etc/nginx/"
    text = f"{marker}nginx.conf:\nevents {{ }}\nhttp {{ include conf.d/*.conf; }}\n\n{marker}conf.d/a.conf:\n"
    for name, more in (("one", "gzip on;"), ("same", "gzip on;"), ("other", "gzip off;")):
        (tmp_path / f"{name}.txt").write_text(f"{text}{more}\n", encoding="utf-8")
    one, same, other = (digest(read_source(str(tmp_path / f"{name}.txt"))) for name in ("one", "same", "other"))
    assert one == same != other
