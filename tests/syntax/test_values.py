import pytest

from converter.syntax.values import parse_flag, parse_size, parse_time


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("512", 512),
        ("8k", 8192),
        ("8K", 8192),
        ("1m", 2**20),
        ("1G", 2**30),
        ("", None),
        ("k", None),
        ("1.5m", None),
        ("1 k", None),
        ("-1", None),
        ("1kb", None),
        ("٣", None),
        ("9" * 30, None),
    ],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30),
        ("30s", 30),
        ("500ms", 0.5),
        ("1m30s", 90),
        ("1m 30s", 90),
        ("1h", 3600),
        ("1d", 86400),
        ("1w", 604800),
        ("1M", 2592000),
        ("1y", 31536000),
        ("1s500ms", 1.5),
        ("0", 0),
        ("1m30", 90),
        ("", None),
        ("s", None),
        ("1.5s", None),
        ("30s1m", None),
        ("1m1m", None),
        ("-1", None),
        ("1x", None),
        ("9" * 30, None),
    ],
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(("text", "flag"), [("on", True), ("ON", True), ("off", False), ("yes", None), ("", None)])
def test_flags(text, flag):
    assert parse_flag(text) is flag
