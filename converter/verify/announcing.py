"""Whether the report had said that a request would be answered otherwise: about a directive that the request meets, or as a difference of
the platforms that an unusual request shows."""

import re
from collections.abc import Iterable, Iterator, Sequence

from converter.model.conversion import Conversion
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.outcomes import PlatformDifference as Platform
from converter.model.places import Position
from converter.model.verification import Difference, Reply, Request
from converter.verify.concerns import EVERYTHING, PLATFORM, concerns, covers
from converter.verify.wire import to_bytes

_METHODS = frozenset(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
_GATEWAY_FAILED = (502, 503, 504)
_LONGEST = 60  # characters of a directive that are shown
_MOST_BODY = 1024 * 1024  # client_max_body_size where nobody sets it
_ODD_PATH = re.compile(r"%|//|/\.\.?(?:/|$)|\\|#|[^\x21-\x7e]|\.\.;")
_ADDRESS = re.compile(
    r"https?://[\w.-]+(?::\d+)?(?:[/?][^#\x00-\x20\x7f-\U0010ffff]*)?", re.ASCII
)  # of a page; with a fragment it counts as odd
_ODD_QUERY = re.compile(r"[#\"|\\<>^`{}]|[^\x21-\x7e]|%(?![0-9A-Fa-f]{2})")


class Announced:
    """What the report of a conversion says, ready to be asked."""

    def __init__(self, conversion: Conversion) -> None:
        self._rows = {row.entry.position: row for row in conversion.rows if not row.outcome.settled}
        self._platform = {note.difference for note in conversion.platform}

    def because(self, request: Request, replies: tuple[Reply, Reply], found: Sequence[Difference], met: Iterable[Position]) -> str:
        """Where the report says all of these differences; empty where it does not say one of them.

        replies: nginx's and the gateway's.  met: places of the directives that the request meets, the innermost ones last.
        """
        rows = [self._rows[position] for position in reversed([*met]) if position in self._rows]
        let_in = widened(*replies)  # no approximation and no difference of the platforms excuses that, only who has said so
        rows = [row for row in rows if row.outcome is Outcome.WAIVED or not let_in]
        rows.sort(key=_specific)
        known = set() if let_in else self._platform & unusual(request, *replies)
        odd = [platform for platform in Platform if platform in known]
        excuses = [(PLATFORM.get(platform, EVERYTHING), f"platform difference {platform.value}") for platform in odd]
        excuses += [
            (concerns(row.entry.directive, reason, request, *replies), _of_row(row))
            for row in rows
            for reason in row.reasons or (row.reason,)
        ]
        return "; ".join(dict.fromkeys(_excused(excuses, [difference.field for difference in found])))


def widened(nginx: Reply, gateway: Reply) -> bool:
    """Whether the gateway lets in what nginx kept out."""
    kept_out = nginx.status in (401, 403) and not nginx.attempts
    return kept_out and (bool(gateway.attempts) or 200 <= gateway.status < 300)


def _specific(row: Row) -> bool:
    """Blocks last: what stands in them says more."""
    return row.entry.directive in ("server", "location", "http", "if")


def _excused(excuses: Sequence[tuple[frozenset[str], str]], fields: Sequence[str]) -> list[str]:
    """An excuse for each field, or nothing. Where the status may differ, so may all that comes with it."""
    if "status" in fields and (text := next((text for names, text in excuses if covers(names, "status")), "")):
        return [text]
    found = [next((text for names, text in excuses if covers(names, field)), "") for field in fields]
    return found if all(found) else []


def _of_row(row: Row) -> str:
    reason = f": {row.reason}" if row.reason else ""
    name = " ".join(text or '""' for text in (row.entry.directive, *row.entry.args))
    return f"{row.entry.position} {name if len(name) <= _LONGEST else name[: _LONGEST - 1] + '…'} ({row.outcome.value}){reason}"


def unusual(request: Request, nginx: Reply, gateway: Reply) -> set[Platform]:
    """The platform differences that a request may fall under: by what is odd about it, whatever the configuration says."""
    head = to_bytes(request).decode("latin-1").partition("\r\n\r\n")[0]
    start, *lines = head.split("\r\n")
    target = (start.split(" ") + ["", ""])[1]
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return {*_odd_target(target), *_odd_head(request, start, headers), *_odd_course(request, nginx, gateway)}


def _odd_target(target: str) -> Iterator[Platform]:
    path, mark, query = target.partition("?")
    if _ODD_PATH.search(path) or not path.startswith("/") or (mark and not query) or _ODD_QUERY.search(query):
        yield Platform.PATH_SPELLING


def _odd_head(request: Request, start: str, headers: Sequence[tuple[str, str]]) -> Iterator[Platform]:
    names = [name for name, _ in headers]
    hosts = [value for name, value in headers if name == "host"]
    host = hosts[0] if hosts else ""
    usual = host if request.port in (80, 443) else f"{host.rpartition(':')[0]}:{request.port}"
    if len(hosts) != 1 or re.search(r"[A-Z]|\.(?::|$)|^$", host) or host != usual or (request.port in (80, 443) and ":" in host):
        yield Platform.HOST_SPELLING
    if request.scheme == "https" and host.partition(":")[0].lower() != request.sni.lower():
        yield Platform.SNI_DIFFERS
    if "x-forwarded-proto" in names:
        yield Platform.RESPONSE_HEADERS
    referers = [value for name, value in headers if name == "referer"]
    odd_name = any(re.search(r"[^a-z0-9-]", name) for name in names)
    once = [name for name in names if name not in ("host", "x-reply-header")]
    if (
        not start.endswith(" HTTP/1.1")
        or start.split(" ")[0] not in _METHODS
        or odd_name
        or any(value and not _ADDRESS.fullmatch(value) for value in referers)
        or len(once) != len(set(once))
        or {"expect", "upgrade"} & set(names)
        or len(start) + sum(len(n) + len(v) for n, v in headers) > 8000
    ):
        yield Platform.PROTOCOL


def _odd_course(request: Request, nginx: Reply, gateway: Reply) -> Iterator[Platform]:
    """What is odd about how it went."""
    if nginx.status in (502, 504) and gateway.status in _GATEWAY_FAILED:
        yield Platform.UPSTREAM_FAILURE_STATUS
    if nginx.status >= 300:
        yield Platform.ERROR_PAGE_BODY
    if len(request.body) > _MOST_BODY and nginx.status == 413:
        yield Platform.BODY_LIMIT_DEFAULT
    if any(name.lower() == "x-reply-close" for name, _ in request.headers):
        yield Platform.RETRY_DEFAULT
    if any("x-accel" in value.lower() for name, value in request.headers if name.lower() == "x-reply-header"):
        yield Platform.RESPONSE_HEADERS
