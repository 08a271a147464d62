import re
from pathlib import Path

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from converter.sources import read_source
from converter.syntax import parse
from converter.verify.log_format import COMBINED, NAMED, LogFormat, LogFormatError, formats_of, log_format


def default_escape(octets: bytes) -> str:
    """ngx_http_log_escape."""
    return "".join(f"\\x{octet:02X}" if octet in b'"\\' or not 0x20 <= octet <= 0x7E else chr(octet) for octet in octets)


def json_escape(octets: bytes) -> str:
    """ngx_escape_json."""
    short = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x08: "\\b", 0x0C: "\\f"}
    return "".join(short.get(octet) or (f"\\u00{octet:02X}" if octet < 0x20 else chr(octet)) for octet in octets)


def taken_apart(read: LogFormat, line: str) -> dict[str, str] | None:
    for pattern in (read.pattern, read.loose):
        found = re2.fullmatch(pattern, line)
        if found:
            return dict(zip(read.names, found.groups()[1:], strict=True))
    return None


@given(st.binary(max_size=60), st.sampled_from(["default", "json"]))
def test_octets_that_nginx_escaped_come_back(octets: bytes, escape: str) -> None:
    written = {"default": default_escape, "json": json_escape}[escape](octets)
    assert log_format(f"escape={escape} $request").octets(written).encode("latin-1") == octets


@given(st.binary(max_size=40), st.binary(max_size=40), st.booleans())
def test_a_line_of_the_combined_format_is_taken_apart(target: bytes, agent: bytes, plain: bool) -> None:
    user = "-" if plain else "a user [x"
    request = default_escape(b"GET " + target + b" HTTP/1.1")
    line = f'::1 - {user} [24/Nov/2026:21:39:05 +0000] "{request}" 200 0 "-" "{default_escape(agent)}"'
    assert taken_apart(log_format("combined"), line) == {"request": request}


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_line_of_a_json_format_is_taken_apart(target: bytes, host: bytes) -> None:
    read = log_format(
        'escape=json {"host":"$http_host","status":$status,"uri":"$request_uri","method":"$request_method","ua":"$http_user_agent"}'
    )
    line = f'{{"host":"{json_escape(host)}","status":200,"uri":"{json_escape(target)}","method":"GET","ua":"a\\"b"}}'
    found = taken_apart(read, line)
    assert found is not None
    assert read.octets(found["request_uri"]).encode("latin-1") == target
    assert read.octets(found["http_host"]).encode("latin-1") == host


def test_a_value_that_holds_what_stands_behind_it_is_found_all_the_same() -> None:
    read = log_format('$http_user_agent "$request" $status')
    assert taken_apart(read, 'a "b c "GET / HTTP/1.1" 200') == {"request": "GET / HTTP/1.1"}


@pytest.mark.parametrize(
    "line", ["", "x", '1.1.1.1 - - [x] "GET / HTTP/1.1" 200 0 "-"', '1.1.1.1 - - [x] "GET / HTTP/1.1" 200 0 "-" "-" more']
)
def test_a_line_of_another_format_is_not_taken_apart(line: str) -> None:
    assert taken_apart(log_format("combined"), line) is None


def test_literal_text_of_a_format_is_only_itself() -> None:
    read = log_format("ü.*[(${request_method})]|$request_uri|")
    assert taken_apart(read, "\xc3\xbc.*[(GET)]|/a|b|") == {"request_method": "GET", "request_uri": "/a|b"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("comined", "is no log format: give combined or main"),
        ("$remote_addr $status", "does not say the method"),
        ("$request_method $status", "does not say the path"),
        ("$request\n$status", "writes several lines"),
        ("$request costs $ 5", "has a \\$ without a variable's name"),
    ],
)
def test_a_format_that_cannot_be_used_is_refused(text: str, fault: str) -> None:
    with pytest.raises(LogFormatError, match=fault):
        log_format(text)


@given(st.text(max_size=30).map(lambda text: "$request" + text))
def test_any_format_gives_a_regex_or_is_refused(text: str) -> None:
    try:
        read = log_format(text)
    except LogFormatError:
        return
    assert re2.compile(read.pattern)
    assert re2.compile(read.loose)


@given(st.binary(max_size=12), st.sampled_from(["default", "json"]))
def test_a_value_with_a_line_break_or_nul_is_known(octets: bytes, escape: str) -> None:
    written = {"default": default_escape, "json": json_escape}[escape](octets)
    assert bool(re.search(log_format(f"escape={escape} $request").broken, written)) == bool(set(octets) & set(b"\r\n\0"))


def test_the_formats_of_a_configuration_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(
        """
        events {}
        stream { log_format one '$remote_addr'; }
        http {
            log_format one '$remote_addr "$request" '
                           '$status';
            include logs.conf;
            log_format plain escape=default "$request";
        }
        """
    )
    (tmp_path / "logs.conf").write_text('log_format two escape=json \'{"host":"$host",\' \'"r":"$request"}\';')
    formats = formats_of(parse(read_source(str(tmp_path / "nginx.conf"))))
    assert formats == {
        "one": '$remote_addr "$request" $status',
        "two": 'escape=json {"host":"$host","r":"$request"}',
        "plain": "$request",
    }
    assert log_format(formats["two"]).escape == "json"


def test_the_packaged_format_is_combined_with_the_forwarded_addresses() -> None:
    assert NAMED["main"] == COMBINED + ' "$http_x_forwarded_for"'
