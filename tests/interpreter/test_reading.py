"""Requests as nginx reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.interpreter.reading import bare, decoded, query_of
from converter.nginx.spelling import spelled


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1).filter(lambda t: t not in (".", "..")))
def test_a_path_is_read_as_it_was_written(segment: str) -> None:
    assert decoded(spelled(f"/{segment}")) == f"/{segment}"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("//a///b", "/a/b"),
        ("/a/../b/", "/b/"),
        ("/a/.", "/a/"),
        ("/a/b/..", "/a/"),
        ("/%2E%2e/a", None),
        ("/a%2Fb", "/a/b"),
        ("/%zz", None),
    ],
)
def test_paths_are_tidied_as_nginx_does(target: str, path: str | None) -> None:
    assert decoded(target) == path


@pytest.mark.parametrize(("target", "path"), [("//a", "//a"), ("/a//b/../c", "/a//c"), ("/a//..", "/a/"), ("/..", None), ("/a/./", "/a/")])
def test_slashes_stay_where_they_are_not_merged(target: str, path: str | None) -> None:
    assert decoded(target, merge=False) == path


def test_a_fragment_belongs_to_no_query() -> None:
    assert [query_of(target) for target in ("/a?x=1#y", "/a#?x=1", "/a?", "/a")] == ["x=1", "", "", ""]


def test_a_host_is_known_by_its_name_alone() -> None:
    assert [bare(host) for host in ("Shop.Example.com:8080", "shop.example.com.", "[::1]:80")] == ["shop.example.com"] * 2 + ["[::1]"]
