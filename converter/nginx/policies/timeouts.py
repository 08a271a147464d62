"""Timeouts and further tries: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream"""

from collections.abc import Iterator
from functools import lru_cache

from converter.model.guards import METHOD, Condition, Test
from converter.model.outcomes import Outcome
from converter.model.rules import Proxy, Retries
from converter.nginx.facts import Fact, IdleTimeout, Place, Said
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive
from converter.syntax.values import parse_time

NAMES = ("proxy_read_timeout", "proxy_send_timeout", "proxy_next_upstream", "proxy_next_upstream_tries", "proxy_next_upstream_timeout")
ALWAYS = True

UNSAFE = Condition(METHOD, Test.REGEX, "POST|LOCK|PATCH")


def apply(place: Place) -> Iterator[Fact]:
    """How long a silent upstream is waited for, and which failures another server is tried after."""
    if not isinstance(place.action, Proxy):
        return
    read, send, when, tries, limit = place.scope.values(*NAMES)  # in the order of the names above
    if read is not None and (seconds := parse_time(read.args[0])):
        yield Said(read, Outcome.EXACT)
        yield IdleTimeout(seconds)
    if send is not None:
        yield Said(
            send,
            Outcome.APPROXIMATE,
            "the time between two writes to the upstream is not limited; a silent upstream is, by proxy_read_timeout",
        )
    if limit is not None:
        zero = parse_time(limit.args[0]) == 0
        yield Said(limit, *((Outcome.EXACT, "") if zero else (Outcome.APPROXIMATE, "the time for all tries together is not limited")))
    if tries is not None:
        yield Said(tries, Outcome.EXACT)
    if when is not None:
        yield from _said(when, place.servers)
    if (further := _further_tries(place, when, tries)) is not None:
        yield further


def _further_tries(place: Place, when: Directive | None, tries: Directive | None) -> Retries | None:
    conditions = when.args if when else ("error", "timeout")
    number = int(tries.args[0]) if tries and tries.args[0].isdigit() and tries.args[0] != "0" else place.servers
    attempts = min(number, place.servers) - 1
    if attempts <= 0 or "off" in conditions:
        return None
    return _retries(attempts, conditions, when is not None, UNSAFE not in place.state.guard)


def _said(when: Directive, servers: int) -> Iterator[Said]:
    if servers > 1 and any(condition.startswith("http_5") or condition == "http_429" for condition in when.args):
        yield Said(
            when,
            Outcome.APPROXIMATE,
            "a server that answers so is tried again with the next request; nginx passes it over for fail_timeout",
        )
    elif servers > 1 and "timeout" in when.args and "off" not in when.args:
        yield Said(when, Outcome.APPROXIMATE, "after a timeout no other server is tried")
    else:
        yield Said(when, Outcome.EXACT)


def repeats_by_method(scope: Scope) -> bool:
    """Whether further tries depend on the method: nginx does not send a POST, LOCK or PATCH twice, unless told to."""
    when = scope.value("proxy_next_upstream")
    return when is not None and "off" not in when.args and "non_idempotent" not in when.args


@lru_cache(maxsize=1024)
def _retries(attempts: int, conditions: tuple[str, ...], configured: bool, safe: bool) -> Retries:
    """What another server is tried after. By default only what was surely not sent yet: see the platform difference `retry-default`."""
    if not (configured and safe):
        return Retries(attempts, ("connect",))
    return Retries(attempts, ("connect", "reset", *(c.removeprefix("http_") for c in conditions if c.startswith("http_"))))
