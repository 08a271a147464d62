"""set_real_ip_from: whose word on the client's address is taken (https://nginx.org/en/docs/http/ngx_http_realip_module.html)."""

import ipaddress

from converter.model.guards import Network
from converter.nginx.scope import Scope


def proxies(scope: Scope) -> tuple[Network, ...] | None:
    """The networks of trusted proxies in effect; None where the address is that of the connection."""
    lines = scope.nearest("set_real_ip_from")
    if not lines:
        return None
    return tuple(network for line in lines if line.args and (network := _network(line.args[0])) is not None)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_forwarded_for(scope: Scope) -> bool:
    """Whether the address comes from X-Forwarded-For, where a gateway looks for it, too."""
    header = scope.value("real_ip_header")
    return header is not None and header.args[:1] != () and header.args[0].lower() == "x-forwarded-for"
