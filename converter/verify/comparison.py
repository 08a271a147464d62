"""What two servers did with one request, held against each other: only what people would call a difference."""

import email.utils
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.model.verification import Attempt, Difference, Reply
from converter.verify.wire import IDENTITY

# Of a hop, not of a request; or made by Envoy for each request alike.
_REQUEST_IGNORED = re.compile(
    IDENTITY.lower() + r"|connection|proxy-connection|keep-alive|content-length|transfer-encoding|te|x-envoy-.*|x-b3-.*|traceparent"
    r"|tracestate|x-forwarded-client-cert"
)
_ADDED = ("x-forwarded-for", "x-forwarded-proto", "x-request-id")  # Envoy always sends these on
_RESPONSE_IGNORED = re.compile(
    r"server|date|connection|keep-alive|content-length|transfer-encoding|etag|last-modified|accept-ranges|x-upstream|upgrade|x-envoy-.*"
)
_SHADOW = "-shadow"  # what Envoy puts behind the host of mirrored requests
_UNTOUCHED = "as the upstream sent it"
_CLOCKS = 5  # seconds that times of life may differ


@dataclass(frozen=True, slots=True)
class Groups:
    """Upstream servers that may stand for each other: round robin begins anywhere. Each set holds `ip:port`."""

    sets: tuple[frozenset[str], ...] = ()

    def alike(self, one: Sequence[str], other: Sequence[str]) -> bool:
        return len(one) == len(other) and all(
            a == b or any(a in group and b in group for group in self.sets) for a, b in zip(one, other, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A reply, reduced to what is compared. own_page: nginx's own HTML, which nobody configured."""

    single: Mapping[str, object]
    upstreams: tuple[str, ...]
    sent: Mapping[str, str]
    headers: Mapping[str, str]
    body: str
    own_page: bool
    certificate: str


def differences(nginx: Reply, gateway: Reply, groups: Groups = Groups()) -> tuple[Difference, ...]:
    """All differences of two single answers. Order and number of attempts on servers of one group do not count as such."""
    one, other = _seen(nginx), _seen(gateway)
    return tuple(_compared(one, other, groups))


def spread(nginx: Sequence[Reply], gateway: Sequence[Reply]) -> tuple[Difference, ...]:
    """Differences of two distributions of (status, upstream) over as many requests: beyond 4.5 standard deviations, and 3 requests."""
    counts = [Counter((reply.status, tuple(a.address for a in reply.attempts)) for reply in side) for side in (nginx, gateway)]
    total, found = len(nginx), []
    for key in sorted(counts[0] | counts[1]):
        one, other = counts[0][key], counts[1][key]
        share = (one + other) / (2 * total)
        far = abs(one - other) > max(3, 4.5 * math.sqrt(2 * total * share * (1 - share)))
        if far or ((one == 0) != (other == 0) and one + other > 6):
            name = f"{key[0] or 'no answer'} {' '.join(key[1])}".strip()
            found.append(Difference("share", f"{one} of {total}: {name}", f"{other} of {total}: {name}"))
    return tuple(found)


def line(reply: Reply) -> str:
    """An answer in a line, for people."""
    location = next((f" {value}" for name, value in reply.headers if name.lower() == "location"), "")
    to = "".join(f" from {a.address} ({a.method} {a.target})" for a in reply.attempts)
    return f"{reply.status or reply.error}{location}{to}"


def _seen(reply: Reply) -> _Seen:
    own_page = "<center>nginx" in reply.body or (not reply.attempts and 300 <= reply.status < 400)
    from_upstream = _intact(reply)
    headers = _folded(reply.headers, _RESPONSE_IGNORED)
    if (life := _life(headers, reply)) is not None:
        headers["expires"] = f"{life} s after Date"
    location = headers.pop("location", None)
    if own_page or not (from_upstream or reply.body):
        headers.pop("content-type", None)
    attempts = sorted(reply.attempts, key=lambda a: (a.address, a.method, a.target))
    last = reply.attempts[-1] if reply.attempts else None
    single = {
        "status": reply.status or reply.error or "no answer",
        "location": location,
        "request": [f"{a.method} {a.target}" for a in attempts],
        "host": [_host(a) for a in attempts],
        "request body": last.body if last else None,
        "upstream TLS": [last.tls, last.sni] if last else None,
    }
    sent = _folded(last.headers, _REQUEST_IGNORED) if last else {}
    sent.pop("host", None)
    body = _UNTOUCHED if from_upstream else reply.body
    return _Seen(single, tuple(a.address for a in attempts), sent, headers, body, own_page, reply.certificate)


def _intact(reply: Reply) -> bool:
    """Whether the body is what a test upstream told of the request, untouched on its way."""
    if not reply.body.startswith('{"upstream"'):
        return False
    try:
        told = json.loads(reply.body)
    except ValueError:
        return False
    return any(
        told
        == {"upstream": a.address, "line": " ".join((a.method, a.target, a.version)), "headers": [*map(list, a.headers)], "body": a.body}
        for a in reply.attempts
    )


def _host(attempt: Attempt) -> str:
    return next((value for name, value in attempt.headers if name.lower() == "host"), "").removesuffix(_SHADOW)


def _folded(headers: Iterable[tuple[str, str]], ignored: re.Pattern[str]) -> dict[str, str]:
    """Header lines of one name as one, names in lower case."""
    lines: dict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        if not ignored.fullmatch(name.lower()):
            lines[name.lower()].append(value)
    return {name: ",".join(values).replace(", ", ",") for name, values in lines.items()}


def _compared(nginx: _Seen, gateway: _Seen, groups: Groups) -> Iterator[Difference]:
    for field, value in nginx.single.items():
        if value != gateway.single[field]:
            yield _difference(field, value, gateway.single[field])
    if not groups.alike(nginx.upstreams, gateway.upstreams):
        yield _difference("upstream", list(nginx.upstreams), list(gateway.upstreams))
    if nginx.certificate and gateway.certificate and nginx.certificate != gateway.certificate:
        yield _difference("certificate", nginx.certificate, gateway.certificate)
    yield from _headers("request header", nginx.sent, _without_added(nginx.sent, gateway.sent))
    own = ("content-type",) if nginx.own_page else ()
    yield from _headers("response header", nginx.headers, {k: v for k, v in gateway.headers.items() if k not in own})
    if not nginx.own_page and nginx.body != gateway.body:
        yield _difference("body", nginx.body, gateway.body)


def _without_added(nginx: Mapping[str, str], gateway: Mapping[str, str]) -> dict[str, str]:
    """What the gateway sent, without what it adds to every request; a request id has another value each time."""
    sent = {name: value for name, value in gateway.items() if name in nginx or name not in _ADDED}
    if "x-request-id" in sent:
        sent["x-request-id"] = nginx["x-request-id"]
    return sent


def _headers(kind: str, nginx: Mapping[str, str], gateway: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(nginx.keys() | gateway.keys()):
        one, other = nginx.get(name), gateway.get(name)
        if one != other and not (name == "expires" and _same_life(one, other)):
            yield _difference(f"{kind} {name}", one, other)


def _life(headers: Mapping[str, str], reply: Reply) -> int | None:
    """Seconds from Date to Expires, which stay the same whenever an answer is given; None where one of them is no date."""
    date = next((value for name, value in reply.headers if name.lower() == "date"), "")
    try:
        times = [email.utils.parsedate_to_datetime(text) for text in (headers.get("expires", ""), date)]
        return round((times[0] - times[1]).total_seconds())
    except (ValueError, TypeError):
        return None


def _same_life(one: str | None, other: str | None) -> bool:
    """Whether two lives are the same but for the seconds that clocks and long answers take."""
    first, second = (re.fullmatch(r"(-?\d+) s after Date", text or "") for text in (one, other))
    return first is not None and second is not None and abs(int(first[1]) - int(second[1])) <= _CLOCKS


def _difference(field: str, nginx: object, gateway: object) -> Difference:
    return Difference(field, _shown(nginx), _shown(gateway))


def _shown(value: object) -> str:
    if value is None or value == []:
        return "none"
    if value == "":
        return "empty"
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)
