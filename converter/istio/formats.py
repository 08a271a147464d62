"""Values as Envoy's format strings.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
"""

import re

from converter.model.values import Source, Template, Variable, unseen

_PLAIN = {
    Source.CLIENT: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    Source.CLIENT_PORT: "%DOWNSTREAM_REMOTE_PORT%",
    Source.FORWARDED_FOR: "%REQ(x-forwarded-for)%",
    Source.LOCAL_PORT: "%DOWNSTREAM_LOCAL_PORT%",
    Source.LOCAL_ADDRESS: "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%",
    Source.METHOD: "%REQ(:method)%",
    Source.SCHEME: "%REQ(:scheme)%",
    Source.PROTOCOL: "%PROTOCOL%",
    Source.QUERY: "%CEL(request.query)%",
    Source.PATH: "%PATH(NQ)%",
    Source.REQUEST_ID: "%REQ(x-request-id)%",
    Source.STATUS: "%RESPONSE_CODE%",
    Source.UPSTREAM_ADDRESS: "%UPSTREAM_REMOTE_ADDRESS%",
}
_TLS = {
    "protocol": "%DOWNSTREAM_TLS_VERSION%",
    "cipher": "%DOWNSTREAM_TLS_CIPHER%",
    "server name": "%REQUESTED_SERVER_NAME%",
    "client subject": "%DOWNSTREAM_PEER_SUBJECT%",
    "client issuer": "%DOWNSTREAM_PEER_ISSUER%",
    "client serial": "%DOWNSTREAM_PEER_SERIAL%",
    "client fingerprint": "%DOWNSTREAM_PEER_FINGERPRINT_1%",
    "client certificate": "%DOWNSTREAM_PEER_CERT%",
}


_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Inexpressible(Exception):
    """A value or condition that Istio has no words for; the message is a sentence for people."""


def _literal(text: str) -> str:
    """A text in a format string. Raises Inexpressible for what no header may hold."""
    if _CONTROL.search(text):
        raise Inexpressible("a header cannot hold control characters")
    return text.replace("%", "%%")


def request(value: Template, kept: frozenset[Variable] = frozenset()) -> str:
    """A value for request headers and Locations, as the client sent things. kept: what the script keeps. Raises Inexpressible."""
    return "".join(_literal(part) if isinstance(part, str) else _operator(part, False, kept) for part in value.parts)


def text(value: Template) -> str:
    """A value for a body, which may hold any character. Raises Inexpressible."""
    return "".join(part.replace("%", "%%") if isinstance(part, str) else _operator(part, False) for part in value.parts)


def response(value: Template, kept: frozenset[Variable] = frozenset()) -> str:
    """A value for response headers, where the route may have changed the request's own. kept: what the script keeps of that.

    Raises Inexpressible.
    """
    return "".join(_literal(part) if isinstance(part, str) else _operator(part, True, kept) for part in value.parts)


def kept_name(variable: Variable) -> str:
    """Under which name the script keeps a variable of the request."""
    return f"{variable.source.name.lower()}_{variable.name}".rstrip("_")


def _operator(variable: Variable, answered: bool, kept: frozenset[Variable] = frozenset()) -> str:
    source = variable.source
    if variable in kept:
        return f"%DYNAMIC_METADATA(nginx:{kept_name(variable)})%"
    if source is Source.HOST and variable.name == "bare":
        raise Inexpressible("a header cannot hold the host without its port")
    if source in (Source.HOST, Source.AUTHORITY):
        return "%REQ(x-envoy-original-host?:authority)%" if answered else "%REQ(:authority)%"
    if source is Source.RAW_PATH:
        return "%REQ(x-envoy-original-path?:path)%" if answered else "%REQ(:path)%"
    if source is Source.REQUEST_HEADER:
        return f"%REQ({variable.name})%"
    if source is Source.RESPONSE_HEADER:
        return f"%RESP({variable.name})%"
    if source is Source.ARGUMENT:
        return f"%QUERY_PARAM({variable.name})%"
    if source is Source.TLS and variable.name in _TLS:
        return _TLS[variable.name]
    if source in _PLAIN:
        return _PLAIN[source]
    raise Inexpressible(f"a header cannot hold the {source.value} {variable.name.split(' ')[0]}".rstrip())


def reads_argument(value: Template) -> bool:
    """Whether a value holds an argument of the query, which a script finds as nginx does, and a format nearly so."""
    return any(variable.source is Source.ARGUMENT for variable in value.variables)


def inexact(value: Template, kept: frozenset[Variable] = frozenset()) -> str:
    """What a format string gets slightly wrong, in one clause; empty where nothing. kept: what the script keeps."""
    for variable in value.variables:
        if reason := unseen(variable):
            return reason
        if variable in kept and variable.source is not Source.PATH:
            continue
        if variable.source is Source.ARGUMENT:
            return "arguments are found by their names with their case, and arrive decoded"
        if variable.source is Source.PATH:
            return "an encoded path stays encoded, where nginx decodes it"
        if variable.source is Source.PROTOCOL:
            return "HTTP/2 is spelled HTTP/2, not HTTP/2.0"
        if variable.source is Source.REQUEST_ID:
            return "the id is a UUID, not 32 hexadecimal digits"
        if variable.source in (Source.LOCAL_PORT, Source.LOCAL_ADDRESS):
            return "port and address are those of the gateway's pod"
        if variable.source is Source.UPSTREAM_ADDRESS:
            return "only the last server that was tried"
        if variable.source is Source.TLS:
            return "names are written in Envoy's form"
    return ""


def regexes(match: dict[str, object]) -> list[str]:
    """The texts of a route's match that are regexes, or that count as long as one."""
    out = []
    for found in match.values():
        for inner in found.values() if isinstance(found, dict) else ():
            out.append(inner.get("regex", "") if isinstance(inner, dict) else inner)
    return out
