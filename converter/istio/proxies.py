"""Routes to an upstream: with which path and Host it is asked, how long it may be silent, and how often it is tried."""

from functools import lru_cache

from converter.istio import failures, scripted
from converter.istio.durations import duration
from converter.istio.parts import Parts
from converter.istio.scripted import Allowance
from converter.istio.yaml import Written
from converter.model.outcomes import Outcome
from converter.model.rules import Proxy, Retries, Rule


def proxy(rule: Rule, action: Proxy, destination: Written, allowance: Allowance, idle: bool) -> Parts:
    """The parts of a route to an upstream, but for headers. idle: whether to wait as nginx does, for the next byte. Raises Inexpressible."""
    parts = Parts({})
    rewrite = scripted.path(parts.script, action.rewrite, allowance) if action.rewrite is not None else {}
    if action.host is not None:
        _host(parts, rule, action, rewrite, allowance)
    scripted.method(parts.script, action.method, allowance)
    if rewrite:
        parts.http["rewrite"] = rewrite
    parts.http["route"] = [{"destination": destination}]
    if (seconds := rule.policies.idle_timeout) is not None:
        _wait(parts, rule, seconds, allowance, idle)
    parts.http["retries"] = _retries(rule.policies.retries)
    return parts


def _host(parts: Parts, rule: Rule, action: Proxy, rewrite: dict[str, object], allowance: Allowance) -> None:
    assert action.host is not None
    if (literal := action.host.literal) is not None:
        rewrite["authority"] = literal
    elif allowance.filters:
        scripted.host(parts.script, action.host)
    else:
        for origin in (rule.cause, action.host_origin):
            allowance.losses.add(origin, Outcome.APPROXIMATE, "the Host that the upstream sees needs an EnvoyFilter; the client's is sent")


def _wait(parts: Parts, rule: Rule, seconds: float, allowance: Allowance, idle: bool) -> None:
    if allowance.filters and idle:
        parts.envoy["route"] = _idle(seconds)
    else:
        parts.http["timeout"] = duration(seconds)
        reason = "proxy_read_timeout limits the whole answer, not the time between two reads"
        allowance.losses.add(rule.cause, Outcome.APPROXIMATE, reason)


@lru_cache(maxsize=256)
def _retries(retries: Retries) -> Written:
    return Written({"attempts": retries.attempts, "retryOn": failures.retry_on(retries.on)} if retries.attempts else {"attempts": 0})


@lru_cache(maxsize=256)
def _idle(seconds: float) -> Written:
    """The time without a byte after which Envoy gives up, as fields of its route."""
    return Written({"idle_timeout": duration(seconds)})
