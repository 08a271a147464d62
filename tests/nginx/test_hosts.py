"""Which server answers which host on which port."""

import pytest

from converter.model.findings import Severity
from tests.conversions import convert_text, http, objects, outcomes, routes
from tests.gateway import answer, request
from tests.real_nginx import PROGRAM, running


def servers(*parts: str) -> str:
    """Servers on port 80: each part is the names, or the names, a bar and more; the answer of each is its number."""
    out = []
    for number, part in enumerate(parts, 1):
        names, _, more = part.partition("|")
        default = "default_server" if "default" in more else ""
        out.append(
            f'server {{ listen 80 {default}; {f"server_name {names};" if names.strip() else ""} location = / {{ return 200 "{number}"; }} }}'
        )
    return "\n".join(out)


CASES = [
    pytest.param(
        ("a.example", "b.example"), {"a.example": "1", "b.example": "2", "c.example": "1"}, id="the first server is the default one"
    ),
    pytest.param(("a.example", "b.example|default"), {"a.example": "1", "c.example": "2"}, id="default_server"),
    pytest.param(("_|default", "a.example"), {"a.example": "2", "_": "1", "x.a.example": "1"}, id="a name that nobody asks for"),
    pytest.param(
        ("_", "*.example.com", "www.example.com", "*.www.example.com"),
        {"www.example.com": "3", "a.example.com": "2", "a.b.example.com": "2", "a.www.example.com": "4", "example.com": "1"},
        id="longest wildcard",
    ),
    pytest.param(
        ("_", ".example.com", "a.example.com"), {"example.com": "2", "b.example.com": "2", "a.example.com": "3"}, id="leading dot"
    ),
    pytest.param(
        ("_", "www.example.*", "www.example.org"),
        {"www.example.co.uk": "2", "www.example.org": "3", "example.org": "1"},
        id="tail wildcard",
    ),
    pytest.param(
        ("_", r"~^(www\.)?shop\d+\.example$", r"~\.example$", "shop1.example"),
        {"shop2.example": "2", "www.shop3.example": "2", "shop.example": "3", "shop1.example": "4"},
        id="regexes in their order",
    ),
    pytest.param(
        ("_", "*.example.com", "www.example.*", r"~^www\.example\.com$"),
        {"www.example.com": "2", "www.example.org": "3"},
        id="head before tail",
    ),
    pytest.param(
        ("_", "a.example", "a.example b.example"), {"a.example": "2", "b.example": "3"}, id="a name twice: the first server has it"
    ),
    pytest.param(("_", "A.Example"), {"a.example": "2", "A.EXAMPLE": "2", "a.example:8080": "2"}, id="case and port"),
    pytest.param(
        ("*.example.com", "www.example.com"),
        {"www.example.com": "2", "a.example.com": "1", "b.example": "1"},
        id="a default server with a wildcard",
    ),
    pytest.param(
        ("www.example.com", "*.example.com"),
        {"www.example.com": "1", "a.example.com": "2", "b.example": "1"},
        id="a default server below a wildcard",
    ),
    pytest.param(("_", "10.0.0.1", "a.example"), {"10.0.0.1": "2", "10.0.0.2": "1"}, id="an address as name"),
]


@pytest.mark.parametrize(("parts", "expected"), CASES)
def test_host_is_answered_by_nginx_s_server(parts: tuple[str, ...], expected: dict[str, str]) -> None:
    text = servers(*parts)
    conversion = convert_text(http(text))
    assert {host: answer(conversion, request("/", host)) for host in expected} == {
        host: f"200 {number}" for host, number in expected.items()
    }
    if PROGRAM is not None:
        with running(text.replace("listen 80", "listen SOCKET")) as nginx:
            assert {host: nginx.ask("/", Host=host).body for host in expected} == expected


def test_a_name_that_is_lost_is_told() -> None:
    conversion = convert_text(http(servers("_", "a.example", "a.example b.example")))
    (finding,) = conversion.findings
    assert (finding.code, finding.severity, finding.position and finding.position.line) == ("NGX050", Severity.WARNING, 5)


def test_a_regex_with_look_around_as_name_is_told_and_closed() -> None:
    conversion = convert_text(http(servers("_", r"~^(?!www)\w+\.example$")))
    assert [finding.code for finding in conversion.findings] == ["NGX051"]
    assert "unsupported" in [outcome.value for outcome in outcomes(conversion)["server"]]


def test_ports_have_their_own_default_servers() -> None:
    conversion = convert_text(
        http(
            "server { listen 80; listen 8080 default_server; server_name a.example; location = / { return 200 a; } }",
            "server { listen 80 default_server; listen 8080; server_name b.example; location = / { return 200 b; } }",
        )
    )
    hosts = {(tuple(host.hosts), host.ports) for host in conversion.hosts}
    assert hosts == {(("a.example", "*"), (80, 8080)), (("*", "b.example"), (80, 8080))} or len(objects(conversion, "VirtualService")) == 4


def test_captures_of_the_name_are_usable() -> None:
    server = r"server { listen 80; server_name ~^(?<user>\w+)\.example$; location = / { return 302 https://e.example/$user; } }"
    conversion = convert_text(http("server { listen 80 default_server; return 404; }", server))
    assert answer(conversion, request("/", "joe.example")) == "302 https://e.example/joe"


@pytest.mark.parametrize(
    ("listen", "outcome", "ports"),
    [
        ("80", "exact", [80]),
        ("*:8080", "exact", [8080]),
        ("8000-8002", "exact", [8000, 8001, 8002]),
        ("[::]:80", "approximate", [80]),
        ("10.0.0.1:81", "approximate", [81]),
        ("localhost:81", "unsupported", [81]),
        ("127.0.0.1:81", "unsupported", [81]),
        ("unix:/run/x.sock", "unsupported", []),
        ("80 proxy_protocol", "decision", [80]),
    ],
)
def test_listen(listen: str, outcome: str, ports: list[int]) -> None:
    conversion = convert_text(http(f"server {{ listen {listen}; server_name a.example; return 404; }}"))
    assert [found.value for found in outcomes(conversion)["listen"]] == [outcome]
    assert [server["port"]["number"] for gateway in objects(conversion, "Gateway") for server in gateway["spec"]["servers"]] == ports


def test_a_server_without_listen_is_on_port_80() -> None:
    conversion = convert_text(http("server { server_name a.example; return 404; }"))
    assert objects(conversion, "Gateway")[0]["spec"]["servers"][0]["port"] == {"number": 80, "name": "http-80", "protocol": "HTTP"}


LOOPBACK = "server { listen 127.0.0.1:80; server_name a.example; location / { proxy_pass http://10.0.0.1; } }"


def test_a_port_that_only_the_host_itself_can_reach_serves_nothing() -> None:
    conversion = convert_text(http(LOOPBACK))
    assert answer(conversion, request("/", "a.example")) == "403"
    assert [found.value for found in outcomes(conversion)["proxy_pass"]] == ["unsupported"]


def test_a_server_on_a_loopback_address_beside_public_ones_is_left_out() -> None:
    conversion = convert_text(http("server { listen 80; server_name b.example; location / { proxy_pass http://10.0.0.2; } }", LOOPBACK))
    assert answer(conversion, request("/", "a.example")) == "10-0-0-2 10.0.0.2 /"


def test_default_server_below_a_wildcard_keeps_its_own_name() -> None:
    conversion = convert_text(http(servers("www.example.com", "*.example.com")))
    assert routes(conversion, "www.example.com")[0]["directResponse"]["body"] == {"string": "1"}
