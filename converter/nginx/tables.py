"""What became of the variables that `map` and the like define: said of each block and of its lines."""

from converter.model.outcomes import Outcome
from converter.model.values import NO_H2C
from converter.nginx import geo, referers
from converter.nginx.believed import FORWARDED_PROTO, NO_FORWARDED_PROTO
from converter.nginx.geo import Geo
from converter.nginx.maps import Choices
from converter.nginx.referers import Referers
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.nginx.variables import names
from converter.syntax.tree import Directive


def account(maps: Choices, http: Scope, telling: Telling) -> None:
    """Says what became of each map: decided routes or values, feeds logs alone, or is read by nothing that was converted."""
    readers = _readers(http) if maps.maps else {}
    for name, found in maps.maps.items():
        if isinstance(found, Referers):
            referers.account(found, name in readers, telling)
            continue
        if name in maps.used:
            read = names(found.source)
            reason = NO_FORWARDED_PROTO if FORWARDED_PROTO in read else NO_H2C if "http_upgrade" in read else ""
            outcome = (Outcome.APPROXIMATE, reason) if reason else (Outcome.EXACT, "")
        elif name in readers and readers[name] <= {*_LOGGING, _UPGRADE}:
            outcome = (Outcome.BUILTIN, "Envoy upgrades where the client asks for it") if _UPGRADE in readers[name] else _LOGGED
        elif name not in readers:
            outcome = (Outcome.DEAD, "nothing reads it")
        else:
            outcome = (Outcome.UNSUPPORTED, "what reads it is not carried over")
        if not telling.ledger.settled(found.directive.position):
            telling.say(found.directive, *outcome)
        if isinstance(found, Geo):
            geo.account(found, telling)
        for line in found.directive.block or ():
            telling.say(line, *outcome)


_TABLES = ("map", "geo", "split_clients")
_LOGGING = {"access_log", "log_format", "error_log"}
_LOGGED = (Outcome.PROCESS, "only logs read it")
_UPGRADE = "upgrade"  # proxy_set_header of the headers of an upgrade


def _readers(http: Scope) -> dict[str, set[str]]:
    """The names of the directives that read each variable; for one that a table reads, those that read the table's."""
    own: dict[str, set[str]] = {}
    tables: dict[str, set[str]] = {}  # the variables of the tables that read a variable
    for top in http.directives:
        table = top.name in _TABLES and len(top.args) == 2
        for directive in top.walk():
            for text in directive.args[:-1] if directive is top and table else directive.args:
                for name in names(text) if "$" in text else ():
                    found = tables.setdefault(name, set()) if table else own.setdefault(name, set())
                    found.add(top.args[1].removeprefix("$") if table else _word(directive))
    return {name: readers for name in {*own, *tables} if (readers := _behind(name, own, tables))}


def _word(directive: Directive) -> str:
    hop = directive.name == "proxy_set_header" and directive.args[0].lower() in ("connection", "upgrade")
    return _UPGRADE if hop else directive.name


def _behind(name: str, own: dict[str, set[str]], tables: dict[str, set[str]]) -> set[str]:
    """The readers of a variable, by way of tables, too."""
    seen, todo, out = {name}, [name], set[str]()
    while todo:
        one = todo.pop()
        out |= own.get(one, set())
        todo += (new := tables.get(one, set()) - seen)
        seen |= new
    return out
