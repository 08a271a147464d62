"""`geo`: a variable whose value depends on the client's address (https://nginx.org/en/docs/http/ngx_http_geo_module.html).

Source: nginx's src/http/modules/ngx_http_geo_module.c. The longest prefix counts; with `ranges` the last line that covers an address does, and
IPv6 addresses get the default.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from converter.model.guards import FromNetworks, Network
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx import real_ip
from converter.nginx.access import Rulebook, collapsed, is_cut_short, overlap
from converter.nginx.state import CannotFollow, State
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

MAX_NETWORKS = 4096
_ALL_V6: Network = ipaddress.ip_network("::/0")
_IPV6 = "IPv6 networks of a geo cannot be told apart in a route: whatever depends on one is closed for clients with IPv6 addresses"
_UNDECIDED = "the client's address is what a trusted proxy says: set gateway.trusted_proxies to 1, and have it report X-Forwarded-For"
_LEVELS = "set_real_ip_from stands on the level of a location, and which address a geo is asked with depends on when it is read"
_WITH_PORT = "an address that the proxy reports with a port is in none of the networks"
CUT_SHORT = "a part of its list is missing, so what its values are cannot be told"
_BLOCK = 0x10000  # nginx keeps ranges in pieces of so many addresses


@dataclass(frozen=True, slots=True)
class Geo:
    """A geo block. source: what is asked for its address.

    branches: networks and their value, in the order in which to ask; what is in none of them has the default.
    proxies:  networks whose word on the address the block itself takes.  problem: why it cannot be decided; empty where it can.
    """

    source: str
    branches: tuple[tuple[tuple[Network, ...], Template], ...]
    default: str
    proxies: tuple[Network, ...]
    directive: Directive
    problem: str = ""


class _Unreadable(Exception):
    """A block that cannot be carried over; the text says why."""


def read(directive: Directive, book: Rulebook) -> Geo:
    """A geo block."""
    source = directive.args[0] if len(directive.args) > 1 else "$remote_addr"
    lines = [line for line in directive.block or () if line.args and line.name != "include"]
    default = next((line.args[0] for line in reversed(lines) if line.name == "default"), "")
    try:
        if source not in ("$remote_addr", "${remote_addr}"):
            raise _Unreadable(f"a gateway chooses by the address of the client, not by one in {source}")
        if any(line.name == "proxy_recursive" and not line.args for line in directive.block or ()):
            raise _Unreadable("with proxy_recursive the address comes from as many proxies as there are; a route looks behind one")
        if is_cut_short(directive, book):
            raise _Unreadable(CUT_SHORT)
        proxies = tuple(_network(line.args[0]) for line in lines if line.name == "proxy")
        entries = [line for line in lines if line.name not in ("proxy", "default")]
        ranges = any(line.name == "ranges" and not line.args for line in directive.block or ())
        values = _ranges(entries) if ranges else _networks(entries)
        if len(values) > MAX_NETWORKS:
            raise _Unreadable(f"it comes to more than {MAX_NETWORKS} networks")
    except _Unreadable as problem:
        return Geo(source, (), default, (), directive, str(problem))
    four, six = ({n: value for n, value in values.items() if n.version == version} for version in (4, 6))
    return Geo(source, (*_sixth(_needed(six, default)), *_layers(_needed(four, default))), default, proxies, directive)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _Unreadable(f"{text} is not a network") from None


def _networks(entries: list[Directive]) -> dict[Network, str]:
    """The value of each network; of two lines for one the last counts."""
    out: dict[Network, str] = {}
    for line in entries:
        if line.name == "delete":
            out.pop(_network(line.args[0]), None)
        else:
            out[_network(line.name)] = line.args[0]
    return out


def _ranges(entries: list[Directive]) -> dict[Network, str]:
    """Ranges as networks. Source: ngx_http_geo_add_range, ngx_http_geo_delete_range (which takes ranges away as they stand alone)."""
    blocks: dict[int, dict[tuple[int, int], str]] = {}
    for line in entries:
        deletes = line.name == "delete"
        first, last = _range(line.args[0] if deletes else line.name)
        if last // _BLOCK - first // _BLOCK + len(blocks) > MAX_NETWORKS:
            raise _Unreadable(f"it comes to more than {MAX_NETWORKS} networks")
        for block in range(first // _BLOCK, last // _BLOCK + 1):
            piece = max(first, block * _BLOCK), min(last, block * _BLOCK + _BLOCK - 1)
            known = blocks.setdefault(block, {})
            if deletes:
                known.pop(piece, None)
            else:
                blocks[block] = _painted(known, piece, line.args[0])
    pieces = [(piece, value) for known in blocks.values() for piece, value in known.items()]
    return {network: value for (low, high), value in pieces for network in _summarized(low, high)}


def _range(text: str) -> tuple[int, int]:
    try:
        first, last = (int(ipaddress.IPv4Address(part)) for part in text.split("-"))
    except ValueError:
        first, last = 1, 0
    if first > last:
        raise _Unreadable(f"{text} is not a range of IPv4 addresses")
    return first, last


def _painted(known: dict[tuple[int, int], str], piece: tuple[int, int], value: str) -> dict[tuple[int, int], str]:
    """The pieces of a block once a new one has covered a part of an old one, or stands beside them."""
    out: dict[tuple[int, int], str] = {}
    for (low, high), old in known.items():
        if high < piece[0] or low > piece[1]:
            out[low, high] = old
            continue
        if low < piece[0]:
            out[low, piece[0] - 1] = old
        if high > piece[1]:
            out[piece[1] + 1, high] = old
    out[piece] = value
    return out


def _summarized(low: int, high: int) -> Iterator[Network]:
    yield from ipaddress.summarize_address_range(ipaddress.IPv4Address(low), ipaddress.IPv4Address(high))


def _around(network: Network, values: dict[Network, str]) -> Iterator[Network]:
    """The networks of the block around one, the smallest first."""
    for length in range(network.prefixlen - 1, -1, -1):
        if (wider := network.supernet(new_prefix=length)) in values:
            yield wider


def _needed(values: dict[Network, str], default: str) -> dict[Network, str]:
    """Without the networks whose value is that of what is around them."""
    around = {network: next((values[n] for n in _around(network, values)), default) for network in values}
    return {network: value for network, value in values.items() if value != around[network]}


def _layers(values: dict[Network, str]) -> Iterator[tuple[tuple[Network, ...], Template]]:
    """Networks of equal value together, each behind those of another value within it."""
    depth = dict.fromkeys(values, 0)
    for network in sorted(values, key=lambda n: -n.prefixlen):
        for wider in _around(network, values):
            depth[wider] = max(depth[wider], depth[network] + (values[wider] != values[network]))
    folded: dict[tuple[int, str], list[Network]] = {}
    for network, value in values.items():
        folded.setdefault((depth[network], value), []).append(network)
    for (_, value), networks in sorted(folded.items(), key=lambda item: item[0][0]):
        yield collapsed(networks), Template.of(value)


def _sixth(values: dict[Network, str]) -> Iterator[tuple[tuple[Network, ...], Template]]:
    """IPv6: one value for all of it, or one that the gateway cannot know."""
    if not values:
        return
    sole = Template.of(values[_ALL_V6]) if set(values) == {_ALL_V6} else Template.of(Variable(Source.UNKNOWN, _IPV6))
    yield (_ALL_V6,), sole


def decide(found: Geo, name: str, state: State, trusted_proxies: int | None) -> Iterator[State]:
    """The states for each value, in the order in which to ask. trusted_proxies: as decided. Raises CannotFollow."""
    if found.problem:
        raise CannotFollow(found.directive, found.problem)
    proxies = _believed(found, state, trusted_proxies)
    for networks, value in found.branches:
        if (there := _within(state, FromNetworks(networks, proxies=proxies))) is not None:
            yield replace(there.by(found.directive), values={**there.values, name: value})
    yield replace(state.by(found.directive), values={**state.values, name: Template.of(found.default)})


def _believed(found: Geo, state: State, trusted_proxies: int | None) -> tuple[Network, ...] | None:
    """Whose word on the address is taken; None: the address is that of the connection. Raises CannotFollow."""
    level = state.level
    reported = real_ip.proxies(level) if level else None
    if level is not None and level.nearest("set_real_ip_from") != (level.enclosing("server") or level).nearest("set_real_ip_from"):
        raise CannotFollow(found.directive, _LEVELS)
    if reported is not None and found.proxies:
        raise CannotFollow(found.directive, "a geo with proxies of its own beside set_real_ip_from")
    if reported is not None and level is not None and not (trusted_proxies == 1 and real_ip.is_forwarded_for(level)):
        raise CannotFollow(found.directive, _UNDECIDED)
    if found.proxies and trusted_proxies != 1:
        raise CannotFollow(found.directive, _UNDECIDED)
    return found.proxies or reported


def _within(state: State, asked: FromNetworks) -> State | None:
    """The state where the address is in these networks, too; None where it cannot be."""
    earlier = next((c for c in state.guard if isinstance(c, FromNetworks) and c.holds and c.proxies == asked.proxies), None)
    if earlier is None:
        return replace(state, guard=(*state.guard, asked))
    both = collapsed([common for one in earlier.networks for other in asked.networks if (common := overlap(one, other))])
    if not both:
        return None
    return replace(state, guard=tuple(replace(earlier, networks=both) if c is earlier else c for c in state.guard))


def account(found: Geo, telling: Telling) -> None:
    """Says of the lines what became of the block, and of those that no route can tell apart."""
    unknown = any(value.variables for _, value in found.branches)
    closed = telling.ledger.outcome(found.directive.position) in (Outcome.UNSUPPORTED, Outcome.DECISION)
    for line in found.directive.block or ():
        if unknown and ":" in line.name:
            telling.say(line, Outcome.UNSUPPORTED, _IPV6)
        elif line.name == "proxy" and not closed:
            telling.say(line, Outcome.APPROXIMATE, _WITH_PORT)
        elif closed and not unknown:
            telling.say(line, Outcome.UNSUPPORTED, found.problem or "what the geo decides is not carried over everywhere")
