"""Timeouts and further tries: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import Proxy, Retries
from converter.nginx.facts import Fact, IdleTimeout, Place, Said
from converter.syntax.tree import Directive
from converter.syntax.values import parse_time

NAMES = ("proxy_read_timeout", "proxy_send_timeout", "proxy_next_upstream", "proxy_next_upstream_tries", "proxy_next_upstream_timeout")


def apply(place: Place) -> Iterator[Fact]:
    """How long a silent upstream is waited for, and which failures another server is tried after."""
    if not isinstance(place.action, Proxy):
        return
    read = place.scope.value("proxy_read_timeout")
    if read is not None and (seconds := parse_time(read.args[0])):
        yield Said(read, Outcome.EXACT)
        yield IdleTimeout(seconds)
    if (send := place.scope.value("proxy_send_timeout")) is not None:
        yield Said(
            send,
            Outcome.APPROXIMATE,
            "the time between two writes to the upstream is not limited; a silent upstream is, by proxy_read_timeout",
        )
    yield from _tries(place)


def _tries(place: Place) -> Iterator[Fact]:
    when, tries, limit = (place.scope.value(f"proxy_next_upstream{end}") for end in ("", "_tries", "_timeout"))
    conditions = when.args if when else ("error", "timeout")
    if limit is not None:
        zero = parse_time(limit.args[0]) == 0
        yield Said(limit, *((Outcome.EXACT, "") if zero else (Outcome.APPROXIMATE, "the time for all tries together is not limited")))
    if tries is not None:
        yield Said(tries, Outcome.EXACT)
    if when is not None:
        yield from _said(when, place.servers)
    number = int(tries.args[0]) if tries and tries.args[0].isdigit() and tries.args[0] != "0" else place.servers
    attempts = min(number, place.servers) - 1
    if attempts > 0 and "off" not in conditions:
        yield Retries(attempts, tuple(_on(conditions)))


def _said(when: Directive, servers: int) -> Iterator[Said]:
    codes = [c for c in when.args if c.startswith("http_")]
    if servers < 2 or "off" in when.args:
        yield Said(when, Outcome.EXACT)
    elif codes and "non_idempotent" not in when.args:
        yield Said(
            when,
            Outcome.APPROXIMATE,
            "after a status (http_...) nginx repeats no POST; the gateway repeats no request then, so that none is sent twice",
        )
    else:
        yield Said(
            when,
            Outcome.APPROXIMATE,
            "a connection that breaks after the request was sent is not tried again elsewhere, unless non_idempotent is written",
        )


def _on(conditions: tuple[str, ...]) -> Iterator[str]:
    """What another server is tried after. A request that may have reached a server is repeated only where `non_idempotent` says so."""
    yield "connect"
    if "non_idempotent" in conditions:
        yield "reset"
        yield from (c.removeprefix("http_") for c in conditions if c.startswith("http_"))
