"""Whose address a request comes from: ngx_http_realip_module, and ngx_http_get_forwarded_addr in ngx_http_core_module.c."""

import ipaddress
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from converter.nginx.scope import Scope

if TYPE_CHECKING:
    from converter.interpreter.situation import Situation

_MOST_HOPS = 200


def within(address: str, network: str) -> bool:
    """Whether an address is in a network as `allow`, `deny` and `set_real_ip_from` write it."""
    if network == "all":
        return True
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def client(situation: "Situation", scope: Scope) -> str:
    """The client's address by the real_ip settings of a level."""
    trusted = [line.args[0] for line in scope.nearest("set_real_ip_from") if line.args]
    if not trusted:
        return situation.request.client
    named = scope.value("real_ip_header")
    name = named.args[0].lower() if named and named.args else "x-real-ip"
    if name == "proxy_protocol":
        situation.doubt("the client's address comes with the PROXY protocol")
    return _last_hop(situation.request.client, situation.header(name), trusted, scope.flag("real_ip_recursive", default=False))


def forwarded(situation: "Situation", address: str, trusted: Iterable[str], recursive: bool) -> str:
    """The address that a geo block with `proxy` looks up."""
    return _last_hop(address, situation.header("x-forwarded-for"), trusted, recursive)


def _last_hop(address: str, chain: str, trusted: Iterable[str], recursive: bool) -> str:
    """The last address that a trusted peer names; with `recursive` the last that is not trusted itself."""
    trusted = tuple(trusted)
    hops = [hop for hop in re.split("[, ]+", chain) if hop][-_MOST_HOPS:]
    while hops and any(within(address, network) for network in trusted):
        found = _address(hops.pop())
        if found is None:
            break
        address = found
        if not recursive:
            break
    return address


def _address(text: str) -> str | None:
    """An address with or without a port."""
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::\d+)?", text)
    plain = bracketed[1] if bracketed else re.sub(r"^([\d.]+):\d+$", r"\1", text)
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        return None
