import gzip
import http.client
import os
import resource
import socket
import sys
import time
from pathlib import Path

import pytest

from converter.model.verification import Request
from converter.verify.access_log import LogError, LogFormatError, LogSummary, LogsUnavailable, read_access_log
from tests.real_nginx import PROGRAM, running

pytest.importorskip("duckdb", reason="the extra `logs` is not installed")

HOSTED = '$remote_addr "$request" $status "$http_host" $scheme $server_port'


def combined(request: str, agent: str = "curl") -> str:
    return f'192.0.2.1 - - [24/Nov/2026:21:39:05 +0000] "{request}" 200 5 "-" "{agent}"'


def hosted(request: str, host: str = "a.example.com", scheme: str = "http", port: int = 80) -> str:
    return f'192.0.2.1 "{request}" 200 "{host}" {scheme} {port}'


def summary(place: Path, lines: list[str], format: str = "combined", most: int = 100, **usual: str) -> LogSummary:
    log = place / "access.log"
    log.write_bytes("".join(f"{line}\n" for line in lines).encode("latin-1"))
    return read_access_log([log], format, most, **usual)


def test_lines_become_distinct_requests_the_most_frequent_first(tmp_path: Path) -> None:
    lines = [
        hosted(f"{method} /{path} HTTP/1.1")
        for method, path, times in (("GET", "b", 2), ("HEAD", "a", 3), ("GET", "c", 2))
        for _ in range(times)
    ]
    found = summary(tmp_path, lines, HOSTED)
    assert found.requests == (
        Request("HEAD", "/a", "a.example.com", count=3, reasons=("access log, 3 times",)),
        Request("GET", "/b", "a.example.com", count=2, reasons=("access log, 2 times",)),
        Request("GET", "/c", "a.example.com", count=2, reasons=("access log, 2 times",)),
    )
    assert (found.lines, found.usable, found.distinct, found.kept, found.share, found.left_out, found.notes) == (7, 7, 3, 7, 1.0, (), ())


def test_host_scheme_and_port_keep_requests_apart(tmp_path: Path) -> None:
    request = "GET / HTTP/2.0"
    lines = [hosted(request), hosted(request, "A.example.com"), hosted(request, scheme="https", port=8443)]
    found = {(one.host, one.scheme, one.port, one.sni) for one in summary(tmp_path, lines, HOSTED).requests}
    assert found == {
        ("a.example.com", "http", 80, ""),
        ("A.example.com", "http", 80, ""),
        ("a.example.com", "https", 8443, "a.example.com"),
    }


def test_what_is_left_out_is_counted_and_nothing_is_lost(tmp_path: Path) -> None:
    lines = [
        *[hosted(f"GET /{number} HTTP/1.1") for number in range(5)],
        hosted("POST / HTTP/1.1"),
        hosted("POST /x HTTP/1.1"),
        hosted("PUT / HTTP/1.1"),
        hosted("\\x16\\x03\\x01"),
        hosted("GET /\\x0D HTTP/1.1"),
        hosted("GET / HTTP/1.1", host="-"),
        "another format",
        "",
        "x" * 300_000,
    ]
    found = summary(tmp_path, lines, HOSTED, most=2)
    assert dict(found.left_out) == {
        "method POST": 2,
        "method PUT": 1,
        "not in the log format": 3,
        "no request of HTTP": 2,
        "no host, and none was given": 1,
        "beyond the 2 most frequent": 3,
    }
    assert (found.lines, found.usable, found.kept, found.share) == (14, 5, 2, 0.4)
    assert found.kept + sum(count for _, count in found.left_out) == found.lines


def test_a_log_without_hosts_needs_one_and_says_so(tmp_path: Path) -> None:
    lines = [combined("GET / HTTP/1.1")]
    assert summary(tmp_path, lines).left_out == (("no host, and none was given", 1),)
    found = summary(tmp_path, lines, host="shop.example.com:8443", scheme="https")
    assert [str(request) for request in found.requests] == ["GET https://shop.example.com:8443/"]
    assert found.requests[0].port == 8443
    assert any("does not say the host" in note for note in found.notes)


def test_many_methods_that_nobody_knows_are_counted_together(tmp_path: Path) -> None:
    found = summary(tmp_path, [combined(f"M{number} / HTTP/1.1") for number in range(15)], host="h")
    assert len(found.left_out) == 11
    assert found.left_out[-1] == ("further methods", 5)


def test_octets_that_nginx_escaped_are_asked_as_they_were(tmp_path: Path) -> None:
    found = summary(tmp_path, [combined("GET /\\xC3\\xBC/\\x22\\x5Cx41?a b%20 HTTP/1.1")], host="h")
    assert found.requests[0].target == '/\xc3\xbc/"\\x41?a b%20'


def test_octets_that_nginx_does_not_escape_in_json_are_kept(tmp_path: Path) -> None:
    octets = bytes(octet for octet in range(0x21, 0x100) if octet not in b'"\\').decode("latin-1")
    lines = [f'{{"h":"a.example.com","m":"GET","u":"/{octets}\\"\\\\\\u001F"}}']
    found = summary(tmp_path, lines, 'escape=json {"h":"$host","m":"$request_method","u":"$request_uri"}')
    assert found.requests[0].target == f'/{octets}"\\\x1f'


def test_a_path_that_nginx_decoded_is_encoded_again_and_a_note_says_so(tmp_path: Path) -> None:
    found = summary(tmp_path, ["GET|/a b\\xFF%|c=%20&d|h", "GET|/a|-|h"], "$request_method|$uri|$args|$host")
    assert [request.target for request in found.requests] == ["/a", "/a%20b%FF%25?c=%20&d"]
    assert any("nginx normalised" in note for note in found.notes)


def test_the_name_of_a_server_stands_in_for_a_host_where_it_is_one(tmp_path: Path) -> None:
    format = '$server_name:$server_port "$request"'
    found = summary(tmp_path, ['a.example.com:443 "GET / HTTP/1.1"', '_:80 "GET / HTTP/1.1"'], format)
    assert [str(request) for request in found.requests] == ["GET https://a.example.com/"]
    assert found.left_out == (("no host, and none was given", 1),)


def test_packed_logs_of_several_parts_are_read_beside_plain_ones(tmp_path: Path) -> None:
    line = combined("GET / HTTP/1.1").encode()
    (tmp_path / "a.log").write_bytes(line)  # its last line has no end
    (tmp_path / "b.log.1").write_bytes(gzip.compress(line + b"\n") + gzip.compress(line + b"\r\n" + line))
    (tmp_path / "empty").touch()
    found = read_access_log([tmp_path / name for name in ("a.log", "b.log.1", "empty")], "combined", 5, "h")
    assert (found.lines, found.requests[0].count) == (4, 4)


@pytest.mark.parametrize("name", ["it's.log", "*.log", "a[b]?.log", 'x"y.log', "$pattern.log", "-"])
def test_a_name_of_a_file_means_nothing_but_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / "other.log").write_text(combined("GET /other HTTP/1.1") + "\n")
    (tmp_path / name).write_text(combined("GET /own HTTP/1.1") + "\n")
    assert [request.target for request in read_access_log([tmp_path / name], "combined", 5, "h").requests] == ["/own"]


def test_a_log_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="missing: cannot be read"):
        read_access_log([tmp_path / "missing"], "combined", 5)
    with pytest.raises(LogError, match="Is a directory"):
        read_access_log([tmp_path], "combined", 5)
    with pytest.raises(LogError, match="/dev/null: is not a file"):
        read_access_log([Path("/dev/null")], "combined", 5)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(os.urandom(5000))[:-50])
    with pytest.raises(LogError, match=r"cut\.gz: cannot be read to its end"):
        read_access_log([tmp_path / "cut.gz"], "combined", 5)


def test_a_format_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(LogFormatError):
        read_access_log([tmp_path / "missing"], "comined", 5)


def test_without_duckdb_the_sentence_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(LogsUnavailable, match=r"pip install nginx2istio\[logs\]"):
        summary(tmp_path, [])


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    summary(tmp_path, [combined("GET / HTTP/1.1")], host="h")
    with pytest.raises(LogError):
        read_access_log([tmp_path / "missing"], "combined", 5)
    assert not list((tmp_path / "t").iterdir())


def test_200_000_lines_are_folded_within_bounds(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    with log.open("w") as file:
        file.writelines(combined(f"GET /{number % 1000}/{'x' * 300} HTTP/1.1") + "\n" for number in range(200_000))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    found = read_access_log([log], "combined", 10, "h")
    assert (found.lines, found.distinct, found.kept) == (200_000, 1000, 2000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024  # KiB; the log alone has 80 MB
    assert time.monotonic() - start < 30


ODD_TARGETS = ["/\xff\x80\x7f", '/"q"?\\x', "/%20%zz//../a", "/\x01", "/plain?x={[|]}^`"]


@pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")
@pytest.mark.parametrize(("escape", "format"), [("default", '"$request" "$http_host"'), ("json", '{"r":"$request","h":"$http_host"}')])
def test_what_a_real_nginx_logs_comes_back_octet_by_octet(tmp_path: Path, escape: str, format: str) -> None:
    log = tmp_path / "odd.log"
    tmp_path.chmod(0o777)
    text = f"log_format odd escape={escape} '{format}'; server {{ listen SOCKET; access_log {log} odd; return 200; }}"
    with running(text) as nginx:
        for target in ODD_TARGETS:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(nginx.place))
                connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\xe9.example.com\r\nConnection: close\r\n\r\n".encode("latin-1"))
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                answer.read()
        deadline = time.monotonic() + 5
        while log.read_bytes().count(b"\n") < len(ODD_TARGETS) and time.monotonic() < deadline:
            time.sleep(0.01)
    found = read_access_log([log], f"escape={escape} {format}", 100, "unread.example.com")
    assert sorted(request.target for request in found.requests) == sorted(ODD_TARGETS)
    assert {request.host for request in found.requests} == {
        "a\xe9.example.com",
        "unread.example.com",
    }  # nginx refuses some before it reads Host
