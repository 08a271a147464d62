"""How a request arrives: which server takes it, and what nginx refuses before any program runs.

Sources: ngx_http_process_request_line, ngx_http_process_request_header, ngx_http_validate_host, ngx_http_set_virtual_server in
nginx's src/http/ngx_http_request.c.
"""

import re
from dataclasses import dataclass

from converter.interpreter.addresses import client
from converter.interpreter.outcome import Assumed, Doubt, Failed
from converter.interpreter.reading import bare, decoded, query_of, text_of
from converter.interpreter.sites import Door, Http, Site
from converter.interpreter.situation import Situation
from converter.model.records import replace
from converter.model.verification import Request

_METHOD = re.compile(r"[A-Z_-]+")
_TARGET = re.compile(r"[!-~\x80-\xff]+")
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=-]+(?::\d*)?|\[[0-9A-Fa-f:.]+\](?::\d*)?")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)(.*)", re.DOTALL)
_LINE = re.compile(r"(\S+) (\S+) (HTTP/1\.[01])")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request at its server. failed: what nginx refuses it with at once."""

    situation: Situation
    failed: Failed | None = None


def arrive(http: Http, request: Request, assumed: Assumed | None = None, strict: bool = True) -> Arrived:
    """The request at the server that answers it. Raises Doubt where that cannot be told."""
    version = "HTTP/1.1"
    if request.raw:
        request, version = _read(request)
    door = http.door(request)
    if door is None or door.default is None:
        raise Doubt(f"nothing listens on port {request.port}")
    if door.proxy_protocol:
        raise Doubt(f"port {request.port} expects the PROXY protocol")
    if request.scheme == "https" and not door.tls:
        raise Doubt(f"port {request.port} speaks no TLS")
    greeter = _greeter(http, door, request)
    situation = Situation(http, greeter, request, "/", "", strict, assumed, request.method, request.client, version)
    failed = _refused(situation, request, greeter) or _served_by(situation, door)
    if not failed and request.scheme == "http" and door.tls:
        failed = Failed(497)
    return Arrived(situation, failed or _of_tls(situation, greeter) or _of_method(situation))


def _greeter(http: Http, door: Door, request: Request) -> Site:
    """The server whose settings count before Host is read: that of the TLS name, or the default one."""
    site = door.chosen(bare(request.sni), http.work)[0] if request.sni and request.scheme == "https" else None
    found = site or door.default
    assert found is not None
    if request.scheme == "https" and found.scope.flag("ssl_reject_handshake", default=False):
        raise Doubt("the TLS handshake is refused (ssl_reject_handshake)")
    if request.scheme == "https" and any("$" in text for line in found.scope.nearest("ssl_certificate") for text in line.args):
        raise Doubt("the certificate depends on a variable")
    return found


def _read(request: Request) -> tuple[Request, str]:
    """A raw request as far as it is an ordinary one. Raises Doubt."""
    head, _, body = request.raw.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    found = _LINE.fullmatch(first)
    pairs = [line.partition(":") for line in lines]
    if found is None or not all(re.fullmatch(r"[!#-'*+.^_`|~0-9A-Za-z-]+", name) and colon for name, colon, _ in pairs):
        raise Doubt("the request is not written as HTTP/1 has it")
    headers = [(name, value.strip()) for name, _, value in pairs]
    hosts = [value for name, value in headers if name.lower() == "host"]
    rest = tuple(pair for pair in headers if pair[0].lower() != "host" or len(hosts) > 1)
    made = replace(request, method=found[1], target=found[2], host=hosts[0] if hosts else None, headers=rest, body=body, raw="")
    return made, found[3]


def _refused(situation: Situation, request: Request, greeter: Site) -> Failed | None:
    """400 for a request line or a Host that nginx does not take; otherwise path, query and headers are read."""
    target, host = request.target, request.host
    if absolute := _ABSOLUTE.fullmatch(target):
        host, target = absolute[1] or host, absolute[2] if absolute[2].startswith("/") else f"/{absolute[2]}"
    path = decoded(target, greeter.scope.flag("merge_slashes", default=True))
    lines = [name for name, _ in request.headers if name.lower() == "host"]
    bad_host = (host is None and situation.version == "HTTP/1.1") or len(lines) > (host is None)
    if path is None or not _METHOD.fullmatch(request.method) or not _TARGET.fullmatch(target) or bad_host:
        situation.said("nginx refuses the request line, or the Host")
        return Failed(400)
    if host is not None and not _HOST.fullmatch(host):
        if re.search(r"^$|[/\0-\x20\x7f]|\.\.", host):
            return Failed(400)
        situation.doubt("versions of nginx differ on such a Host")
    if host is not None and ".." in host:
        return Failed(400)
    situation.request = replace(request, target=target, host=host)
    situation.path, situation.args = path, text_of(query_of(target))
    raw = re.split("[?#]", target, maxsplit=1)[0]
    situation.odd = "%" in raw or "+" in raw
    return None


def _served_by(situation: Situation, door: Door) -> Failed | None:
    """The server by name, with what its regex captures, and the headers that it reads."""
    host, work = situation.request.host, situation.http.work
    if host is None:
        situation.site = door.nameless or situation.site
    else:
        site, regex = door.chosen(bare(text_of(host)), work)
        assert site is not None
        situation.site = site
        if regex is not None:
            situation.capture(regex, bare(text_of(host)))
    scope = situation.site.scope
    situation.level = scope
    situation.saw(situation.site.block.position, _chosen(situation, door))
    kept = tuple(pair for pair in situation.request.headers if _read_header(pair[0], situation))
    situation.request = replace(situation.request, headers=kept)
    situation.client = client(situation, scope)
    return None


def _chosen(situation: Situation, door: Door) -> str:
    host = situation.request.host
    named = host is not None and door.chosen(bare(host), situation.http.work)[0] is not door.default
    default = situation.site is door.default and not named
    known = any(name.kind == "exact" and name.text == bare(host or "") for name in situation.site.names)
    return f"{situation.site.label}{'' if known or not default else ', the default server of its port'}"


def _read_header(name: str, situation: Situation) -> bool:
    """Whether nginx takes a header line: others are passed over (ignore_invalid_headers, underscores_in_headers)."""
    scope = situation.site.scope
    if not scope.flag("ignore_invalid_headers", default=True):
        return True
    letters = "A-Za-z0-9-" + ("_" if scope.flag("underscores_in_headers", default=False) else "")
    return re.fullmatch(f"[{letters}]+", name) is not None


def _of_tls(situation: Situation, greeter: Site) -> Failed | None:
    """What is missing of the client's certificate; no client here has one."""
    request, line = situation.request, situation.site.scope.value("ssl_verify_client")
    if request.scheme != "https" or line is None or not line.args or line.args[0] == "off":
        return None
    if request.sni and request.sni.lower() != bare(request.host or ""):
        return Failed(421)
    if line.args[0] == "on":
        situation.saw(line.position, "a client's certificate is missing")
        return Failed(496)
    return None


def _of_method(situation: Situation) -> Failed | None:
    if situation.method == "CONNECT":
        raise Doubt("CONNECT is not followed")
    return Failed(405) if situation.method == "TRACE" else None
