"""`verify --against`: an nginx and a gateway that serve people are asked, and only what changes nothing."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from converter.commands.main import run
from converter.conversion import convert_whole
from converter.model.decisions import Decisions
from converter.model.verification import Difference, Request, Verdict, Verification
from converter.sources import read_source
from converter.verify.manifests import from_texts
from converter.verify.running import compare_running
from converter.verify.subject import Subject
from tests.conversions import http

NGINX = http(
    "server { listen 80; server_name shop.example.com;",
    "location / { proxy_pass http://10.0.0.1; }",
    "location /legacy/ { proxy_cache zone; proxy_pass http://10.0.0.1; }",
    "location /closed { deny all; }",
    "}",
)
FAST = 10_000.0
Answer = tuple[int, dict[str, str], str]
Answers = Callable[[str, int], Answer]


@dataclass
class Server:
    """Answers by path and number of the request; notes what it was asked."""

    answers: Answers
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)


def plain(path: str, number: int) -> Answer:
    return 200, {"X-Path": path}, "same"


@pytest.fixture
def serving() -> Iterator[Callable[[Answers], Server]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answers: Answers) -> Server:
        own = Server(answers)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(own))
        own.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return own

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def handler(own: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            own.asked.append((self.command, self.path))
            status, headers, body = own.answers(self.path, sum(path == self.path for _, path in own.asked))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode() if self.command != "HEAD" else b"")

        do_GET = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815  # the names that http.server calls

        def log_message(self, *_: object) -> None:
            return

    return Handler


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "nginx.conf").write_text(NGINX, encoding="utf-8")
    return tmp_path / "nginx.conf"


@pytest.fixture
def compared(source: Path, serving: Callable[[Answers], Server]) -> Callable[..., Verification]:
    """What comes of asking two servers some paths."""

    def compare(nginx: Answers, gateway: Answers, *requests: Request) -> Verification:
        read = read_source(str(source))
        whole = convert_whole(read, Decisions())
        subject = Subject(read, whole, Decisions(), from_texts(whole.conversion.files))
        return compare_running(subject, requests, serving(nginx).url, serving(gateway).url, FAST)

    return compare


def get(path: str, repeat: int = 1) -> Request:
    return Request("GET", path, "shop.example.com", repeat=repeat)


def fields(found: Verification) -> list[list[str]]:
    return [[difference.field for difference in result.differences] for result in found.results]


def test_servers_that_answer_alike_agree(compared: Callable[..., Verification]) -> None:
    found = compared(plain, plain, get("/a"), get("/b?c"), Request("HEAD", "/a", "shop.example.com"))
    assert [result.verdict for result in found.results] == [Verdict.AGREE] * 3
    assert found.proved
    assert [name.split(" ")[0] for name in found.programs] == ["nginx", "gateway"]


def test_a_difference_that_the_report_says_is_announced_and_another_one_silent(compared: Callable[..., Verification]) -> None:
    found = compared(plain, lambda path, _: (404, {"X-Path": path}, "same"), get("/legacy/a"), get("/a"))
    assert [result.verdict for result in found.results] == [Verdict.ANNOUNCED, Verdict.SILENT]
    assert "proxy_cache" in found.results[0].because
    assert found.results[1].differences == (Difference("status", "200", "404"),)
    assert found.results[1].nginx == "nginx.conf:4 location /"


def test_what_nginx_itself_answers_otherwise_each_time_is_no_difference(compared: Callable[..., Verification]) -> None:
    def clock(path: str, number: int) -> Answer:
        return 200, {"X-Time": f"{id(clock)}{number}", "X-Path": path}, f"it is {number}"

    found = compared(clock, lambda path, _: (200, {"X-Time": "0", "X-Path": path}, "it is late"), get("/a"))
    assert (fields(found), found.results[0].verdict) == ([[]], Verdict.AGREE)


def test_what_nginx_answers_alike_still_counts_beside_what_it_does_not(compared: Callable[..., Verification]) -> None:
    def nginx(path: str, number: int) -> Answer:
        return 200, {"X-Time": str(number), "X-Own": "1"}, "same"

    found = compared(nginx, lambda path, _: (200, {"X-Time": "0"}, "same"), get("/a"))
    assert fields(found) == [["response header x-own"]]


def test_a_request_is_steadied_by_its_own_answers_and_not_by_those_of_another_one(compared: Callable[..., Verification]) -> None:
    def other(path: str, _: int) -> Answer:
        return 500, {}, "broken"

    found = compared(plain, other, get("/a", repeat=3), get("/b"), get("/c", repeat=2))
    assert [result.verdict for result in found.results] == [Verdict.SILENT] * 6
    assert all("status" in names for names in fields(found))


def test_only_what_differs_is_asked_again_and_only_of_nginx(source: Path, serving: Callable[[Answers], Server]) -> None:
    nginx, gateway = serving(plain), serving(lambda path, _: (200 if path == "/a" else 404, {"X-Path": path}, "same"))
    run_verify(source, nginx, gateway, ["get: http://shop.example.com/a", "get: http://shop.example.com/b"])
    assert sorted(gateway.asked) == [("GET", "/a"), ("GET", "/b")]
    assert sorted(set(nginx.asked)) == [("GET", "/a"), ("GET", "/b")]
    assert (nginx.asked.count(("GET", "/a")), nginx.asked.count(("GET", "/b")) > 1) == (1, True)


def test_an_answer_that_is_let_in_is_called_by_its_name(compared: Callable[..., Verification]) -> None:
    (result,) = compared(lambda path, _: (403, {}, ""), plain, get("/legacy/a")).results
    assert (result.verdict, result.widened) == (Verdict.SILENT, True)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_only_get_and_head_are_sent(method: str, source: Path, serving: Callable[[Answers], Server]) -> None:
    nginx, gateway = serving(plain), serving(plain)
    requests = [f"{method.lower()}: http://shop.example.com/a", "head: http://shop.example.com/b", "get: http://shop.example.com/c"]
    code, found = run_verify(source, nginx, gateway, requests)
    for server in (nginx, gateway):
        assert sorted(server.asked) == [("GET", "/c"), ("HEAD", "/b")]
    assert code == 0
    assert f"1 requests with the method {method} were not sent: only GET and HEAD are" in found


def run_verify(source: Path, nginx: Server, gateway: Server, requests: list[str], *more: str) -> tuple[int, str]:
    """The exit code, and what is in report.json."""
    wanted = source.parent / "requests.yaml"
    wanted.write_text("".join(f"- {request}\n" for request in requests), encoding="utf-8")
    arguments = [
        "verify",
        str(source),
        "--requests",
        str(wanted),
        "--budget",
        "0",
        "--rate",
        str(FAST),
        "--against",
        nginx.url,
        gateway.url,
    ]
    code = run([*arguments, "--report", str(source.parent / "report"), *more])
    return code, (source.parent / "report" / "report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("status", "path", "code"), [(200, "/a", 0), (404, "/a", 1), (404, "/legacy/a", 0)])
def test_the_exit_code_tells_whether_anything_is_silent(
    status: int, path: str, code: int, source: Path, serving: Callable[[Answers], Server]
) -> None:
    gateway = serving(lambda path, _: (status, {"X-Path": path}, "same"))
    ended, report = run_verify(source, serving(plain), gateway, [f"get: http://shop.example.com{path}"])
    assert (ended, json.loads(report)["verification"]["totals"]["silent"]) == (code, code)


def test_servers_that_are_not_there_prove_nothing(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = Server(plain, "http://127.0.0.1:1")
    code, report = run_verify(source, nobody, nobody, ["get: http://shop.example.com/a"])
    problems = json.loads(report)["verification"]["problems"]
    assert code == 1
    assert [problem.partition(" could not be asked: no connection")[0] for problem in problems] == [
        f"{name} at {nobody.url}" for name in ("nginx", "the gateway")
    ]
    assert "error: nginx at" in capsys.readouterr().out


def test_an_nginx_that_fails_when_it_is_asked_again_hides_nothing(compared: Callable[..., Verification]) -> None:
    turns = itertools.count()

    def nginx(path: str, number: int) -> Answer:
        if next(turns):
            raise ConnectionError
        return 200, {}, "same"

    assert fields(compared(quiet(nginx), lambda *_: (404, {}, "same"), get("/a"))) == [["status"]]


def quiet(answers: Answers) -> Answers:
    """A ConnectionError of these answers ends the connection without a word."""

    def answer(path: str, number: int) -> Answer:
        try:
            return answers(path, number)
        except ConnectionError:
            return 0, {}, ""

    return answer


@pytest.mark.parametrize("url", ["shop", "ftp://shop", "http://shop/path", "http://user@shop"])
def test_a_url_that_cannot_be_used_is_wrong_use(url: str, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(source), "--budget", "1", "--against", url, "http://127.0.0.1:1"]) == 2
    assert url in capsys.readouterr().err


def test_no_program_is_needed(source: Path, serving: Callable[[Answers], Server], monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("converter.verify.programs.nginx", forbidden)
    monkeypatch.setattr("converter.verify.istiod.build.helper", forbidden)
    assert run_verify(source, serving(plain), serving(plain), ["get: http://shop.example.com/a"])[0] == 0
