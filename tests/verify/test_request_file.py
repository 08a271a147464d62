from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.verification import Request
from converter.verify.request_file import MOST_REQUESTS, RequestFileError, read_requests, requests_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "requests.yaml"


def read(place: Path, text: str) -> tuple[Request, ...]:
    place.write_text(text, encoding="utf-8")
    return read_requests(place)


def faults(place: Path, text: str) -> list[str]:
    with pytest.raises(RequestFileError) as caught:
        read(place, text)
    return [message.removeprefix(f"{place}:") for message in caught.value.messages]


def one(**item: Any) -> Request:
    (request,) = requests_of([item], "case")
    return request


def refusal(**item: Any) -> str:
    with pytest.raises(RequestFileError) as caught:
        requests_of([item], "case")
    return "\n".join(caught.value.messages)


def test_every_key_of_a_url_request_is_read(place: Path) -> None:
    text = """\
requests:
  - post: https://shop.example.com:8443/orders/1?x=1#part
    headers: {X-User: "42", X-On: on, X-Octal: 010}
    body: "a=1"
    from: 203.0.113.9
    to: 192.0.2.1
    sni: other.example.com
    repeat: 30
    about: [location, proxy_pass]
"""
    assert read(place, text) == (
        Request(
            "POST",
            "/orders/1?x=1",
            "shop.example.com:8443",
            "https",
            8443,
            "other.example.com",
            (("X-User", "42"), ("X-On", "on"), ("X-Octal", "010")),
            "a=1",
            "203.0.113.9",
            "192.0.2.1",
            repeat=30,
            reasons=(f"{place}:2", "location", "proxy_pass"),
        ),
    )


def test_a_list_without_the_key_is_read_alike(place: Path) -> None:
    assert [str(request) for request in read(place, "- get: http://a/\n- head: https://a/x")] == ["GET http://a/", "HEAD https://a/x"]


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options", "patch"])
def test_the_key_names_the_method(method: str) -> None:
    assert one(**{method: "http://a/"}).method == method.upper()


def test_any_method_can_be_given_with_a_url() -> None:
    assert one(method="PURGE", url="http://a/x") == Request("PURGE", "/x", "a")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ('http://a/x/../y//z/%2e%2E/%7e;p=[1]|"?q=a b', '/x/../y//z/%2e%2E/%7e;p=[1]|"?q=a b'),
        ("http://a", "/"),
        ("http://a?x=1", "?x=1"),
        ("http://a/\\b?c?d/e", "/\\b?c?d/e"),
        ("http://a/ü", "/\xc3\xbc"),
        ("http://a/#x", "/"),
    ],
)
def test_the_target_is_what_stands_behind_the_authority(url: str, target: str) -> None:
    assert one(get=url).target == target


@pytest.mark.parametrize(
    ("url", "scheme", "port", "host", "sni"),
    [
        ("http://a.example.com/", "http", 80, "a.example.com", ""),
        ("https://a.example.com/", "https", 443, "a.example.com", "a.example.com"),
        ("HTTPS://A.example.com.:8443/", "https", 8443, "A.example.com.:8443", "a.example.com"),
        ("https://192.0.2.1/", "https", 443, "192.0.2.1", ""),
        ("https://[2001:db8::1]:444/", "https", 444, "[2001:db8::1]:444", ""),
    ],
)
def test_the_authority_gives_port_host_and_server_name(url: str, scheme: str, port: int, host: str, sni: str) -> None:
    request = one(get=url)
    assert (request.scheme, request.port, request.host, request.sni) == (scheme, port, host, sni)


def test_a_host_header_overrides_that_of_the_url_but_not_the_server_name() -> None:
    request = one(get="https://a.example.com/", headers={"host": "B.example.com", "X": "1"})
    assert (request.host, request.sni, request.headers) == ("B.example.com", "a.example.com", (("X", "1"),))


def test_a_host_without_a_value_sends_none() -> None:
    assert one(get="http://a/", headers={"Host": None}).host is None


def test_an_empty_sni_sends_none(place: Path) -> None:
    assert read(place, "- get: https://a.example.com/\n  sni:\n- get: https://a.example.com/\n  sni: ''")[0].sni == ""


def test_names_of_headers_can_be_repeated_in_a_list() -> None:
    request = one(get="http://a/", headers=[{"X-A": 1}, ["x-a", "2"], {"Host": "b"}, {"Host": "c"}])
    assert (request.host, request.headers) == ("b", (("X-A", "1"), ("x-a", "2"), ("Host", "c")))


def test_a_body_is_its_utf8_octets() -> None:
    assert one(post="http://a/", body="ü\n").body == "\xc3\xbc\n"


def test_a_raw_request_is_kept_and_says_to_people_what_it_asks() -> None:
    raw = "GET /a/../b HTTP/1.1\r\nhost: shop.example.com\r\n\r\n"
    assert one(raw=raw, port=8443, scheme="https") == Request(
        "GET", "/a/../b", "shop.example.com", "https", 8443, "shop.example.com", raw=raw
    )
    assert one(raw="GET / HTTP/1.0\r\n\r\n").host is None


def test_all_faults_are_told_at_once_each_with_its_line_and_key(place: Path) -> None:
    text = """\
- gt: http://a/
- get: ftp://a/
  headrs: {a: b}
  port: 80
- {get: http://a/, post: http://a/}
- text
- get: http://a/
  repeat: lots
  from: nowhere
- raw: "GET / HTTP/1.1\\n\\n"
  headers: {a: b}
"""
    assert faults(place, text) == [
        "1: [0].gt: is not a known key: did you mean get?",
        "1: [0]: asks nothing: give one of get, head, post, put, delete, options, patch, url, raw",
        "2: [1].get: must be a URL such as https://shop.example.com:8443/orders/1",
        "3: [1].headrs: is not a known key: did you mean headers?",
        "4: [1].port: can stand only beside raw: it is part of the URL",
        "5: [2]: holds get and post: keep one: give one of get, head, post, put, delete, options, patch, url, raw",
        "6: [3]: must be a mapping such as `get: https://shop.example.com/`",
        "8: [4].repeat: must be a whole number from 1 to 10,000, not 'lots'",
        "9: [4].from: must be an IP address such as 203.0.113.9, not 'nowhere'",
        "11: [5].headers: cannot stand beside raw: write it into the raw request",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "must be a list of requests"),
        ("get: http://a/", "get: is not a known key"),
        ("requets: []", "did you mean requests?"),
        ("- get: &a http://a/\n- get: *a", "anchors and aliases are not supported"),
        ("- get: !secret http://a/", "the tag !secret is not supported"),
        ("- get: http://a/\n  get: http://b/", "is given twice, first in line 1"),
        ("- [", "is not YAML"),
        ("- get: http://a/\n---\n- get: http://a/", "a second document begins"),
        ("[" * 100_000, "nest"),
        ("- get:", "must be a URL"),
        ("- ? [a]\n  : b", "a key must be a text"),
        ("\x07", "is not YAML"),
    ],
)
def test_a_file_that_is_no_list_of_requests_is_refused_with_its_fault(place: Path, text: str, fault: str) -> None:
    assert fault in "\n".join(faults(place, text))


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ({"get": "http://u:p@a/"}, "as the header Authorization"),
        ({"get": "http://bücher.example/"}, "write it as xn--"),
        ({"get": "http:///x"}, "holds no host name"),
        ({"get": "http://a:99999/"}, "holds the port 99999"),
        ({"get": "http://a/\r\nX: y"}, "can only be given as raw"),
        ({"get": "http://a/", "headers": {"X": "1\n2"}}, "X: holds a line break"),
        ({"get": "http://a/", "headers": {"X": [1, 2]}}, "make headers a list"),
        ({"get": "http://a/", "headers": {"X": True}}, "X: must be text: put it in quotes"),
        ({"get": "http://a/", "headers": {"X:": "1"}}, "cannot be the name of a header"),
        ({"get": "http://a/", "headers": "X: 1"}, "must be a mapping such as"),
        ({"get": "http://a/", "headers": [{"A": 1, "B": 2}]}, "must hold one header an entry"),
        ({"get": "http://a/", "method": "PUT"}, "write url instead of get"),
        ({"method": "A B", "url": "http://a/"}, "must be one word"),
        ({"raw": "GET /ł HTTP/1.1\r\n\r\n"}, "holds a character outside Latin-1"),
        ({"raw": ""}, "is empty"),
        ({"raw": "x", "scheme": "ftp"}, "must be http or https"),
        ({"raw": "x", "port": 0}, "from 1 to 65,535"),
    ],
)
def test_a_value_that_cannot_be_sent_is_refused_with_what_to_write(item: dict[str, Any], fault: str) -> None:
    assert fault in refusal(**item)


def test_a_file_that_is_too_large_or_missing_is_refused(place: Path) -> None:
    with pytest.raises(RequestFileError, match="cannot be read"):
        read_requests(place)
    place.write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    with pytest.raises(RequestFileError, match="larger than 16,777,216 bytes"):
        read_requests(place)
    place.write_bytes(b"\xff")
    with pytest.raises(RequestFileError, match="is not UTF-8"):
        read_requests(place)


def test_more_requests_than_the_bound_are_refused() -> None:
    with pytest.raises(RequestFileError, match="100,000 are the most"):
        requests_of([{}] * (MOST_REQUESTS + 1), "case")
    with pytest.raises(RequestFileError, match="repeats counted"):
        requests_of([{"get": "http://a/", "repeat": 10_000}] * 11, "case")


def test_endless_faults_end_in_their_number() -> None:
    with pytest.raises(RequestFileError) as caught:
        requests_of([{}] * 500, "case")
    assert caught.value.messages[-1] == "case: and 400 more faults"


_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["http://a/", "GET"])
_KEYS = st.sampled_from(["get", "raw", "url", "method", "headers", "from", "to", "sni", "repeat", "port", "scheme", "about", "x"]) | _PLAIN


@given(st.recursive(_PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12))
def test_any_data_is_read_or_refused(data: object) -> None:
    with suppress(RequestFileError):
        assert all(request.method for request in requests_of(data, "case"))
