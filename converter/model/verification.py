"""What a verification asks, sees and concludes: plain data for the room that asks and for the reports."""

import enum
from dataclasses import dataclass

CLIENT = "198.51.100.7"  # where requests come from that name no address (RFC 5737: documentation only)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes on the wire, on a connection of its own. Texts are Latin-1: one character an octet.

    target:  path and query exactly as on the request line; no client tidies it.
    host:    the Host header; None sends none.
    sni:     the TLS server name of `https` requests; empty sends none.
    headers: further header lines, in their order; `Connection: close` is added where none is named.
    client:  the address that the connection comes from.
    address: the address of the gateway that it goes to; empty for the usual one.
    raw:     the whole request instead: what `method`, `target`, `host`, `headers` and `body` say is then only for people.
    repeat:  how often it is sent; more than once is compared as a distribution.
    count:   how many requests of an access log it stands for.
    reasons: why it is asked, for people, such as `nginx.conf:12 location /orders/`.
    """

    method: str
    target: str
    host: str | None
    scheme: str = "http"
    port: int = 80
    sni: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    client: str = CLIENT
    address: str = ""
    raw: str = ""
    repeat: int = 1
    count: int = 1
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        usual = {"http": 80, "https": 443}[self.scheme]
        authority = "(no Host)" if self.host is None else self.host
        port = "" if self.port == usual or ":" in authority else f":{self.port}"
        return f"{self.method} {self.scheme}://{authority}{port}{self.target}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a test upstream saw of a request. address: `ip:port` that was connected to; sni: None without TLS."""

    address: str
    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    body: str
    tls: bool = False
    sni: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What one side answered. status 0: no answer, and `error` says why; certificate: a hash of the one that was shown."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error: str = ""
    certificate: str = ""
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two sides did otherwise. field: `status`, `location`, `upstream`, `request`, `host`, `request body`,
    `upstream TLS`, `body`, `certificate`, `share`, `request header NAME`, `response header NAME`."""

    field: str
    nginx: str
    gateway: str


class Verdict(enum.Enum):
    """How a request ended."""

    AGREE = "agree"
    ANNOUNCED = "announced"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one request.

    because: for ANNOUNCED, where the report says it: a directive with its place and outcome, or a platform difference.
    nginx, gateway: who decided on either side, for people: `nginx.conf:12 location /orders/`, `shop/virtualservice.yaml:33 route shop.orders`.
    answers: what both answered, in a line each.
    widened: nginx refused (401, 403) what the gateway let through.
    """

    request: Request
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    because: str = ""
    nginx: str = ""
    gateway: str = ""
    answers: tuple[str, str] = ("", "")
    widened: bool = False


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the requests went. kind: `routes` of the manifests and `locations` of nginx that took any, `statements` of the source that
    some were made for; missed: for people, with their places."""

    kind: str
    taken: int
    total: int
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """A whole verification.

    problems: why there are no results, or not all: a side that refuses its configuration.
    notes:    what was replaced or left out so that nginx runs here; what istiod's analysers say of the manifests.
    programs: names and versions of what was asked.
    refused:  nginx itself refuses the configuration: there is nothing to compare.
    """

    source: str
    results: tuple[Result, ...] = ()
    coverage: tuple[Covered, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    refused: bool = False

    def number(self, verdict: Verdict, weighted: bool = False) -> int:
        """How many requests ended so; `weighted`: each as often as an access log has it."""
        return sum(result.request.count if weighted else 1 for result in self.results if result.verdict is verdict)

    @property
    def proved(self) -> bool:
        """Whether nothing is silent and nothing went wrong."""
        return not self.problems and not self.number(Verdict.SILENT)
