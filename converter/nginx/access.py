"""allow, deny, satisfy, limit_except, and all else that keeps requests out.

Source: ngx_http_access_module; phases in nginx's src/http/ngx_http.c (a `return` runs before access is looked at).
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from converter.model import mappings
from converter.model.guards import Condition, FromNetworks, Network
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace
from converter.nginx import real_ip
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

_EVERYONE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_LISTED = {"allow", "deny", "satisfy", "internal", "limit_except", "ssl_verify_client", "valid_referers", "ssl_client_certificate"}
_MAX_NETWORKS = 512


@dataclass(frozen=True, slots=True)
class Denial:
    """Requests that meet all conditions are refused; no condition: all requests.

    own: nginx answers 403, too, where it refuses; otherwise they are refused in the place of something else, such as a password.
    """

    conditions: tuple[Condition | FromNetworks, ...]
    reason: str
    directive: Directive
    own: bool = False


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What decides on access beside the level itself.

    trusted_proxies: as decided, or None.  waived: whether a directive may be lost.  incomplete: places of which a part is missing.
    """

    trusted_proxies: int | None
    waived: Callable[[Directive], bool]
    incomplete: frozenset[Position] = frozenset()


def denials(scope: Scope, book: Rulebook, telling: Telling) -> Iterator[Denial]:
    """Who is kept out of the content of a level, in the order in which to ask."""
    if book.incomplete and (missing := _missing(scope, book)):
        telling.say(missing, Outcome.UNSUPPORTED, _MISSING)
        yield Denial((), _MISSING, missing)
        return
    authentication = _authentication(scope, book)
    lines = scope.nearest("allow", "deny")
    either = (satisfy := scope.value("satisfy")) is not None and satisfy.args[0] == "any"
    proxies = real_ip.proxies(scope) if lines else None
    if satisfy is not None:
        telling.say(satisfy, Outcome.EXACT)
    for directive in authentication:
        telling.say(directive, Outcome.UNSUPPORTED, _reason(directive))
    if proxies is not None and not (book.trusted_proxies == 1 and real_ip.is_forwarded_for(scope)):
        yield from _behind_proxy(lines, telling)
        return
    if authentication and not (either and lines):
        yield Denial((), f"{authentication[0].name} is not carried over in this version", authentication[0])
        return
    if lines:
        for denial in _addresses(lines, telling):
            yield replace(_believing(denial, proxies), own=denial.own and not authentication)


def _believing(denial: Denial, proxies: tuple[Network, ...] | None) -> Denial:
    return replace(denial, conditions=tuple(replace(c, proxies=proxies) if isinstance(c, FromNetworks) else c for c in denial.conditions))


_MISSING = "a part of the configuration is missing here, which may restrict access: convert the whole of it, or waive the include by name"
_HARMLESS = re.compile(r"(?:^|/)(?:mime\.types|(?:fastcgi|uwsgi|scgi)_params|fastcgi\.conf|koi-\w+|win-utf)$")


def _missing(scope: Scope, book: Rulebook) -> Directive | None:
    """A block that was cut short, or an include whose text is missing, around or on the level."""
    level: Scope | None = scope
    while level is not None:
        if level.block is not None and level.block.position in book.incomplete:
            return level.block
        for include in level.own("include"):
            if include.position in book.incomplete and not book.waived(include) and not _HARMLESS.search(include.args[0]):
                return include
        level = level.parent
    return None


def is_cut_short(table: Directive, book: Rulebook) -> bool:
    """Whether a part of a table (`map`, `geo`) is missing that may not be lost."""
    includes = [line for line in table.block or () if line.name == "include" and not book.waived(line)]
    return any(each.position in book.incomplete for each in (table, *includes))


def _behind_proxy(lines: list[Directive], telling: Telling) -> Iterator[Denial]:
    reason = "the addresses are those that set_real_ip_from takes from a header; say gateway.trusted_proxies, and check the list"
    for line in lines:
        telling.say(line, Outcome.DECISION, reason)
    telling.ask("gateway.trusted_proxies", "How many trusted proxies stand before the gateway? allow and deny depend on set_real_ip_from.")
    if any(line.name == "deny" for line in lines):
        yield Denial((), "allow and deny by an address that a proxy reports", lines[0], own=True)


def _authentication(scope: Scope, book: Rulebook) -> list[Directive]:
    """Directives in effect that let only some requests through, other than by address, and that may not be lost."""
    found = []
    for row in _restrictions(tuple(scope.effective)):
        directive = scope.effective[row.directive][0]
        if not row.asks_nothing(directive.args) and not book.waived(directive):
            found.append(directive)
    return found


@lru_cache(maxsize=512)
def _restrictions(names: tuple[str, ...]) -> tuple[mappings.Mapping, ...]:
    """What the tables say of those directives that restrict access, and that no code here reads."""
    rows = [row for name in names if name not in _LISTED and (row := mappings.lookup(name)) is not None]
    return tuple(row for row in rows if row.restricts)


def _reason(directive: Directive) -> str:
    row = mappings.lookup(directive.name)
    return row.reason if row else "the route is closed"


def _addresses(lines: list[Directive], telling: Telling) -> Iterator[Denial]:
    """Refusals by address. The first line that matches decides; where none does, access is allowed."""
    entries = [(line, _networks(line)) for line in lines]
    for line, networks in entries:
        telling.say(line, Outcome.EXACT if networks is not None else Outcome.UNSUPPORTED, "" if networks is not None else "not an address")
    if any(networks is None and line.name == "deny" for line, networks in entries):
        yield Denial((), "a deny line whose address cannot be read", lines[0], own=True)
        return
    usable = [(line.name, networks) for line, networks in entries if networks]
    leading = 0
    while leading < len(usable) and usable[leading][0] == "deny" and usable[leading][1] != _EVERYONE:
        leading += 1
    first: list[Network] = [network for _, networks in usable[:leading] for network in networks]
    if first:
        yield Denial((FromNetworks(collapsed(first)),), "denied addresses", lines[0], own=True)
    allowed = _allowed(usable[leading:])
    if allowed is None:
        return
    if not allowed:
        yield Denial((), "deny all", lines[0], own=True)
    elif len(allowed) > _MAX_NETWORKS:
        yield Denial((), f"the allow and deny lines come to more than {_MAX_NETWORKS} networks", lines[0], own=True)
    else:
        yield Denial((FromNetworks(allowed, holds=False),), "all but the allowed addresses", lines[0], own=True)


def _networks(line: Directive) -> tuple[Network, ...] | None:
    """The networks of one line; none for `unix:`; None where it cannot be read."""
    text = line.args[0] if line.args else ""
    if text == "all":
        return _EVERYONE
    if text == "unix:":
        return ()
    try:
        return (ipaddress.ip_network(text, strict=False),)
    except ValueError:
        return None


def _allowed(entries: list[tuple[str, tuple[Network, ...]]]) -> tuple[Network, ...] | None:
    """All networks that get in; None where everybody does."""
    undecided, allowed = list(_EVERYONE), list[Network]()
    for kind, networks in entries:
        for network in networks:
            if kind == "allow":
                allowed += [common for u in undecided if (common := overlap(u, network))]
            undecided = [rest for u in undecided for rest in _without(u, network)]
            if len(undecided) + len(allowed) > 64 * _MAX_NETWORKS:
                return ()
    result = collapsed(allowed + undecided)
    return None if set(result) == set(_EVERYONE) else result


def overlap(a: Network, b: Network) -> Network | None:
    """What two networks have in common: one of them, or nothing."""
    if a.version != b.version or not a.overlaps(b):
        return None
    return a if a.prefixlen >= b.prefixlen else b


def _without(whole: Network, part: Network) -> list[Network]:
    if whole.version != part.version or not whole.overlaps(part):
        return [whole]
    if part.prefixlen <= whole.prefixlen:
        return []
    if isinstance(whole, ipaddress.IPv4Network) and isinstance(part, ipaddress.IPv4Network):
        return list(whole.address_exclude(part))
    assert isinstance(whole, ipaddress.IPv6Network)
    assert isinstance(part, ipaddress.IPv6Network)
    return list(whole.address_exclude(part))


def collapsed(networks: list[Network]) -> tuple[Network, ...]:
    """The same addresses in as few networks as there can be, IPv4 first."""
    v4 = [n for n in networks if isinstance(n, ipaddress.IPv4Network)]
    v6 = [n for n in networks if isinstance(n, ipaddress.IPv6Network)]
    return (*ipaddress.collapse_addresses(v4), *ipaddress.collapse_addresses(v6))
