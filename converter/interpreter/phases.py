"""The phases of a request, from the server's program to the end: ngx_http_core_run_phases in nginx's src/http/ngx_http_core_module.c."""

from converter.interpreter.answering import answered
from converter.interpreter.content import served
from converter.interpreter.escapes import escaped_path
from converter.interpreter.handlers import handler_of
from converter.interpreter.missing import whole
from converter.interpreter.outcome import Anew, Answered, Failed, Named, Onward, Said, Search, Sent, Turn
from converter.interpreter.pages import finished, intercepted
from converter.interpreter.places import Place
from converter.interpreter.program import run
from converter.interpreter.situation import Situation
from converter.nginx.scope import Scope
from converter.syntax.values import parse_size

_MOST_TURNS = 200
_BODY = 2**20  # octets: client_max_body_size where nobody sets it


def concluded(situation: Situation, turn: Turn | None = None) -> Answered | Sent:
    """Follows a request from the server's program (or from a turn) to its end. May raise Doubt."""
    found: Turn | Answered = turn or _server(situation)
    for _ in range(_MOST_TURNS):
        if isinstance(found, Answered):
            return found
        if isinstance(found, Sent) and not intercepted(situation, situation.assumed):
            return found
        found = _next(situation, found)
    situation.doubt("nginx goes in circles")
    return Answered(500)


def _next(situation: Situation, turn: Turn) -> Turn | Answered:
    match turn:
        case Search() | Onward():
            return _search(situation)
        case Anew(path, args):
            return _anew(situation, path, args)
        case Named(name):
            return _named(situation, name)
        case Failed(status):
            return finished(situation, status)
        case Said(status, text):
            return answered(situation, status, text)
        case Sent():
            assert situation.assumed is not None
            situation.before.append(turn)
            situation.said(f"the upstream answers {situation.assumed.status}, as is assumed")
            return finished(situation, situation.assumed.status)


def _server(situation: Situation) -> Turn:
    """The server's own program; then a location is searched whatever became of the path."""
    situation.level, situation.place, situation.handler = situation.site.scope, None, None
    whole(situation, situation.site.scope)
    turn = run(situation, situation.site.scope)
    return Search() if isinstance(turn, Onward) else turn


def _anew(situation: Situation, path: str, args: str) -> Turn:
    """ngx_http_internal_redirect."""
    situation.changes_left -= 1
    if not situation.changes_left:
        return _cycle(situation)
    situation.path, situation.args = path, args
    situation.internal, situation.raw, situation.whole = True, False, False
    situation.said(f"it goes on inside nginx as {path}{f'?{args}' if args else ''}")
    return _server(situation)


def _cycle(situation: Situation) -> Turn:
    situation.said("the path changes for the eleventh time")
    return Failed(500)


def _named(situation: Situation, name: str) -> Turn:
    """ngx_http_named_location: path, query and method stay."""
    situation.changes_left -= 1
    place = next((place for place in situation.site.every() if place.kind == "named" and place.text == name), None)
    if not situation.changes_left:
        return _cycle(situation)
    if place is None:
        situation.said(f"there is no location {name}")
        return Failed(500)
    situation.internal, situation.changed, situation.handler = True, False, None
    return _entered(situation, place)


def _search(situation: Situation) -> Turn:
    """ngx_http_core_find_config_phase."""
    situation.changed, situation.handler = False, None
    found = situation.site.level.find(situation.path)
    for place in found.regexes:
        if place.regex is not None:
            situation.capture(place.regex, situation.path)
    situation.place, situation.level = found.place, found.place.scope if found.place else situation.site.scope
    internal = situation.scope.nearest("internal")
    if found.place is None:
        situation.said(f"no location takes {situation.path}")
    elif internal and not situation.internal:
        _saw(situation, found.place)
        situation.saw(internal[-1].position, "internal: not for clients")
        return Failed(404)
    elif found.slash:
        _limited(situation)
        situation.location = escaped_path(found.place.text) + (f"?{situation.args}" if situation.args else "")
        situation.said(f"{found.place.label}: its name less the slash is redirected to it", found.place.position)
        return Failed(413 if _too_large(situation) else 301)
    return _entered(situation, found.place, fresh=True)


def _entered(situation: Situation, place: Place | None, fresh: bool = False) -> Turn:
    """The location's program, then what it serves."""
    situation.place, situation.level = place, place.scope if place else situation.site.scope
    if place is not None:
        _saw(situation, place)
        whole(situation, place.scope)
    _limited(situation)
    if fresh and _too_large(situation):
        return Failed(413)
    turn: Turn = run(situation, situation.scope) if place is not None else Onward()
    if not isinstance(turn, Onward):
        return turn
    if not situation.changed:
        return served(situation)
    situation.changes_left -= 1
    if not situation.changes_left:
        return _cycle(situation)
    return Search()


def _saw(situation: Situation, place: Place) -> None:
    situation.saw(place.position, place.label)
    parent = place.parent
    while place.kind == "regex" and parent is not None and parent.kind == "regex":
        situation.saw(parent.position)
        parent = parent.parent


def _limited(situation: Situation) -> None:
    """limit_except takes the place of its location, program and all, for other methods (ngx_http_update_location_config)."""
    scope = situation.scope
    situation.handler = handler_of(scope) or situation.handler
    for limit in scope.own("limit_except"):
        listed = {method.upper() for method in limit.args}
        if situation.method in listed | ({"HEAD"} if "GET" in listed else set()):
            situation.missed(limit.position)
            continue
        situation.saw(limit.position, f"{limit} takes {situation.method}")
        situation.level = Scope.open("limit_except", limit, limit.block or (), scope)
        situation.handler = handler_of(situation.level) or situation.handler


def _too_large(situation: Situation) -> bool:
    line = situation.scope.value("client_max_body_size")
    most = parse_size(line.args[0]) if line and line.args else _BODY
    length = situation.header("content-length")
    size = int(length) if length.isdigit() and len(length) < 19 else len(situation.request.body)
    if not most or size <= most or situation.discarded:
        return False
    if line is not None:
        situation.applied(line, f"a body of {size} octets is too large")
    return True
