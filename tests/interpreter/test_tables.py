"""Lookups in tables, one value each."""

import pytest

from converter.interpreter.patterns import Work
from converter.interpreter.tables import murmur, read_tables
from converter.nginx.scope import Scope
from tests.derivation.derivations import parsed_text


def looked_up(text: str, *values: str) -> list[str]:
    """What the only table of an http level gives for each value."""
    (table,) = read_tables(Scope.open("http", None, parsed_text(f"http {{ {text} }}").root[0].block or ()), Work()).values()
    found = [table.entry(value) for value in values]
    return [entry.value if entry else "" for entry in found]


def test_a_map_is_asked_in_the_order_of_nginx() -> None:
    text = "map $host $m { hostnames; default d; *.b.test head; b.* tail; ~^x\\. regex; A.b.test exact; .c.test both; }"
    values = ("a.B.test", "z.b.test", "b.org", "x.org", "c.test", "y.c.test", "other", "z.b.test.", ".b.test")
    assert looked_up(text, *values) == ["exact", "head", "tail", "regex", "both", "both", "d", "head", "head"]


def test_no_regex_takes_the_empty_text() -> None:
    assert looked_up("map $arg_a $m { default d; ~^$ regex; }", "", "x") == ["d", "d"]


def test_the_smallest_network_counts() -> None:
    text = "geo $g { default no; 10.0.0.0/8 wide; 10.1.0.0/16 narrow; 10.1.2.3 one; }"
    assert looked_up(text, "10.1.2.3", "10.1.9.9", "10.9.9.9", "192.0.2.1", "x") == ["one", "narrow", "wide", "no", "no"]


@pytest.mark.parametrize(("data", "code"), [(b"", 0), (b"a", 0x92685F5E), (b"abcd", 0x26873021)])
def test_hashes_are_those_of_nginx(data: bytes, code: int) -> None:
    assert murmur(data) == code


def test_shares_come_near_what_is_written() -> None:
    found = looked_up("split_clients $arg_a $s { 25% a; 50.5% b; * c; }", *map(str, range(4000)))
    assert [found.count(share) / 4000 for share in "abc"] == pytest.approx([0.25, 0.505, 0.245], abs=0.03)
