"""Guards of decision lists, held against one request."""

import contextlib
import ipaddress

from converter.interpreter.reading import header
from converter.interpreter.subjects import compiled_regex, subject
from converter.interpreter.tables import murmur
from converter.interpreter.templates import filled
from converter.model.guards import Condition, Criterion, FromNetworks, Guard, InShare, Listed, Test, lower
from converter.model.verification import Request
from converter.nginx.spelling import octets


def holds(guard: Guard, request: Request) -> bool | None:
    """Whether a request meets every condition; None where one asks for what a request does not show."""
    verdicts = [met(condition, request) for condition in guard]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def met(condition: Criterion, request: Request) -> bool | None:
    """Whether a request meets one condition, or None."""
    if isinstance(condition, FromNetworks):
        return _from(condition, request) == condition.holds
    if isinstance(condition, InShare):
        number = share(condition, request)
        return None if number is None else (number == condition.share) == condition.holds
    if isinstance(condition, Condition) and condition.test is Test.SENT:
        return any(name.lower() == condition.subject.name for name, _ in request.headers) == condition.holds
    value = subject(condition.subject, request)
    if value is None:
        return None
    if isinstance(condition, Listed):
        return (lower(value) in condition.texts) == condition.holds
    return _test(condition, value) == condition.holds


def _test(condition: Condition, value: str) -> bool:
    match condition.test:
        case Test.EXACT:
            return value == condition.text
        case Test.PREFIX:
            return value.startswith(condition.text)
        case Test.PRESENT:
            return value != ""
    compiled = compiled_regex(condition.text)
    return compiled is not None and compiled.fullmatch(value) is not None


def share(condition: InShare, request: Request) -> int | None:
    """The number of the share that a request is in: 0 for none of them, None where its key is not known."""
    key = filled(condition.split.key, request)
    if key is None:
        return None
    found = murmur(octets(key))
    return next((number for number, bound in enumerate(condition.split.bounds, 1) if found < bound), 0)


def _from(condition: FromNetworks, request: Request) -> bool:
    address = ipaddress.ip_address(request.client)
    if condition.proxies is not None and any(address in network for network in condition.proxies if network.version == address.version):
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(header(request, "x-forwarded-for").rpartition(",")[2].strip())
    return any(address in network for network in condition.networks if network.version == address.version)
