"""Two ends of one request, held against each other."""

import re
from collections.abc import Iterator

from converter.interpreter.outcome import Answered, End, Headers, Sent, Unknown
from converter.model.verification import Difference

_BY_ITSELF = re.compile(r"x-forwarded-(?:for|proto)|x-request-id|x-envoy-.*", re.IGNORECASE)  # what gateways write whatever they are told


def differences(nginx: End, gateway: End) -> tuple[Difference, ...]:
    """What the gateway does otherwise; empty where they are the same, or one of them is not known."""
    if isinstance(nginx, Unknown) or isinstance(gateway, Unknown):
        return ()
    if isinstance(nginx, Answered) and isinstance(gateway, Answered):
        return tuple(_of_answers(nginx, gateway))
    if isinstance(nginx, Sent) and isinstance(gateway, Sent):
        return tuple(_of_requests(nginx, gateway))
    return (Difference("status", shown(nginx), shown(gateway)),)


def shown(end: End) -> str:
    """An end in a few words."""
    match end:
        case Answered(status=status, location=location):
            return f"answered with {status}{f' {location}' if location else ''}"
        case Sent():
            return f"sent to {end.upstream} as {end.method} {end.target}"
        case Unknown(reason=reason):
            return f"not known: {reason}"


def _of_answers(nginx: Answered, gateway: Answered) -> Iterator[Difference]:
    if nginx.status != gateway.status:
        yield Difference("status", str(nginx.status), str(gateway.status))
    if (nginx.location or None) != (gateway.location or None):
        yield Difference("location", nginx.location or "none", gateway.location or "none")
    if nginx.body is not None and gateway.body is not None and nginx.body != gateway.body:
        yield Difference("body", nginx.body, gateway.body)
    yield from _of_headers("response", nginx.headers, gateway.headers)


def _of_requests(nginx: Sent, gateway: Sent) -> Iterator[Difference]:
    own, other = (sorted({server.lower() for server in (*sent.servers, *sent.backups)}) for sent in (nginx, gateway))
    if own != other:
        yield Difference("upstream", ", ".join(own), ", ".join(other))
    if nginx.scheme != gateway.scheme:
        yield Difference("upstream TLS", nginx.scheme, gateway.scheme)
    one, two = (f"{sent.method} {sent.target}" for sent in (nginx, gateway))
    if one != two:
        yield Difference("request", one, two)
    if nginx.host is not None and gateway.host is not None and nginx.host != gateway.host:
        yield Difference("host", nginx.host, gateway.host)
    yield from _of_headers("request", nginx.headers, gateway.headers)


def _of_headers(kind: str, nginx: Headers, gateway: Headers) -> Iterator[Difference]:
    """Header lines whose name begins with X-, in any order."""
    for name in sorted({n.lower() for n, _ in (*nginx, *gateway) if n.lower().startswith("x-") and not _BY_ITSELF.fullmatch(n)}):
        own, other = ([value for n, value in lines if n.lower() == name] for lines in (nginx, gateway))
        if None not in (*own, *other) and sorted(map(str, own)) != sorted(map(str, other)):
            yield Difference(f"{kind} header {name}", ", ".join(map(str, own)) or "none", ", ".join(map(str, other)) or "none")
