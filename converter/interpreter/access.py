"""Who may pass: allow and deny, auth_basic, auth_request, satisfy.

Source: ngx_http_access_module.c, ngx_http_auth_basic_module.c, and ngx_http_core_access_phase in ngx_http_core_module.c.
"""

import ipaddress

from converter.interpreter.addresses import client
from converter.interpreter.handlers import FOREIGN
from converter.interpreter.outcome import Failed, Turn
from converter.interpreter.situation import Situation
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive

_ALLOWED, _NOTHING = 0, -1  # beside a status


def refused(situation: Situation) -> Turn | None:
    """The answer to a request that may not pass; None for one that may. May raise Doubt."""
    if situation.client == situation.request.client:
        situation.client = client(situation, situation.scope)
    for line in situation.scope.nearest("limit_req") + situation.scope.nearest("limit_conn"):
        situation.said(f"{line} counts it: once there are too many, they are refused", line.position)
    satisfy = situation.scope.value("satisfy")
    any_of_them = satisfy is not None and satisfy.args[:1] == ("any",)
    kept = 0
    for check in (_addresses, _password, _others):
        status = check(situation)
        if status == _ALLOWED and any_of_them:
            return None
        if status > 0 and not any_of_them:
            return Failed(status)
        if status > 0:
            kept = kept if kept == 401 else status
    return Failed(kept) if kept else None


def _addresses(situation: Situation) -> int:
    line = decider(situation)
    if line is None:
        return _NOTHING
    situation.applied(line, f"{line} decides for {situation.client}")
    return 403 if line.name == "deny" else _ALLOWED


def decider(situation: Situation) -> Directive | None:
    """The line of allow and deny that the client's address meets first."""
    scope = situation.scope
    lines = scope.nearest("allow", "deny")
    if not lines:
        return None
    ranges = situation.http.access.get(scope)
    if ranges is None:
        ranges = situation.http.access[scope] = [bounds for line in lines if line.args for bounds in _bounds(line)]
    situation.http.work.left -= len(ranges) // 10
    if situation.http.work.spent:
        return None
    address = ipaddress.ip_address(situation.client)
    place, version = int(address), address.version
    return next((line for kind, low, high, line in ranges if kind == version and low <= place <= high), None)


def _bounds(line: Directive) -> list[tuple[int, int, int, Directive]]:
    """The networks of a line: version, first and last address."""
    try:
        networks = [
            ipaddress.ip_network(text, strict=False) for text in (("0.0.0.0/0", "::/0") if line.args[0] == "all" else line.args[:1])
        ]
    except ValueError:
        return []
    return [(network.version, int(network[0]), int(network[-1]), line) for network in networks]


def _password(situation: Situation) -> int:
    line, file = situation.scope.value("auth_basic"), situation.scope.value("auth_basic_user_file")
    if line is None or file is None or not line.args or (realm := situation.known(line.args[0])) == "off":
        return _NOTHING
    if realm is None or (situation.strict and situation.value("remote_user")):
        situation.doubt("passwords are not read")
        return _NOTHING
    situation.applied(line, "auth_basic asks for a user and a password")
    return 401


def _others(situation: Situation) -> int:
    """What asks somebody else. Raises Doubt."""
    asked = situation.scope.value("auth_request")
    if asked is not None and asked.args and asked.args[0] != "off":
        situation.saw(asked.position)
        situation.doubt(f"{asked} ({asked.position}) asks another location, whose answer decides")
    return _NOTHING


def foreign(situation: Situation, scope: Scope) -> None:
    """Raises Doubt where a module that is not followed has its say on a level."""
    for name, lines in scope.effective.items() if situation.strict else ():
        if lines[-1].args != ("off",) and FOREIGN.fullmatch(name):
            situation.doubt(f"{name} ({lines[-1].position}) is a module's that is not followed")
