"""Lines of `map` and `geo`, and the shares of `split_clients`."""

import itertools
from collections.abc import Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe, none
from converter.derivation.keys import client
from converter.derivation.networks import edges
from converter.derivation.reaching import bases, to_statement
from converter.derivation.sites import Http
from converter.derivation.solving import Solver
from converter.derivation.wanted import Wanted
from converter.derivation.wire import Edit, Edits, edited
from converter.interpreter.places import Place
from converter.interpreter.sites import Site
from converter.interpreter.situation import TABLES
from converter.interpreter.tables import Entry, Table
from converter.interpreter.walk import trace
from converter.model.verification import Request
from converter.nginx.variables import names
from converter.syntax.tree import Directive

_MOST_LINES = 60  # of one table
_SHARES, _KEYS = 24, 400  # requests with differing keys: sent, and tried for one share
Use = tuple[Site, Place | None]


def goals(http: Http) -> Iterator[Goal]:
    """The aims of the tables of an http level."""
    uses, readers = _uses(http), _readers(http)
    for number, table in enumerate(http.tables.values()):
        where = list(itertools.islice(_where(uses, readers, table.defines), 4))
        chosen = _chosen(table)
        for entry in chosen:
            yield _goal(http, table, entry, where, (TABLES - number, table.kind))
        if len(chosen) < len(table.entries):
            text = f"{table.kind} {' '.join(table.directive.args)}: {len(table.entries) - len(chosen)} more lines"
            reason = f"of a large table {_MOST_LINES} lines are asked for"
            yield Goal(table.directive.position, table.kind, text, (TABLES - number, table.kind), reason=partial(str, reason))
    for directive in http.scope.own("split_clients"):
        if len(directive.args) == 2:
            where = list(itertools.islice(_where(uses, readers, directive.args[1].removeprefix("$")), 2))
            yield _shares(http, directive, where)


def _chosen(table: Table) -> list[Entry]:
    """All lines of a table, or of a large one the first, the default, and some of the rest at even distances."""
    lines = list(table.entries)
    if len(lines) <= _MOST_LINES:
        return lines
    step = len(lines) // (_MOST_LINES // 2)
    kept = list(dict.fromkeys([*lines[: _MOST_LINES // 2], *lines[::step]]))[: _MOST_LINES - 1]
    return kept + [line for line in (table.default,) if line is not None and line not in kept]


def _uses(http: Http) -> dict[str, list[Use]]:
    """Where each variable is read, by server and location; what stands around the servers counts for the first of them."""
    found: dict[str, dict[Use, None]] = {}
    levels: list[tuple[tuple[Directive, ...], Use]] = []
    for site in http.sites:
        levels.append((site.scope.directives, (site, None)))
        levels += [(place.scope.directives, (site, place)) for place in site.every()]
    if http.sites:
        own = tuple(d for d in http.scope.directives if d.name not in ("map", "geo", "split_clients", "server", "log_format", "access_log"))
        levels.append((own, (http.sites[0], None)))
    for directives, use in levels:
        for directive in (d for top in directives if top.name not in ("location", "access_log") for d in top.walk()):
            for name in (n for text in directive.args if "$" in text for n in sorted(names(text))):
                found.setdefault(name, {})[use] = None
    return {name: list(where) for name, where in found.items()}


def _readers(http: Http) -> dict[str, list[str]]:
    """The tables that read each variable, by the variables that they define."""
    found: dict[str, list[str]] = {}
    for table in http.tables.values():
        texts = [table.source, *itertools.islice((e.value for e in table.entries if "$" in e.value), 200)]
        for name in dict.fromkeys(name for text in texts for name in sorted(names(text))):
            found.setdefault(name, []).append(table.defines)
    return found


def _where(uses: dict[str, list[Use]], readers: dict[str, list[str]], name: str) -> Iterator[Use]:
    """Where a variable is read, also by way of other tables."""
    seen = [name]
    for one in seen:
        yield from uses.get(one, ())
        seen += [other for other in dict.fromkeys(readers.get(one, ())) if other not in seen][: 50 - len(seen)]


def _goal(http: Http, table: Table, entry: Entry, where: list[Use], group: tuple[int, str]) -> Goal:
    shown = {"regex": f"~{entry.text}", "default": "default"}.get(entry.kind, entry.text)
    text = f"{table.kind} {' '.join(table.directive.args)}: {shown}"[:200]
    misses = partial(_misses, http, table, entry, where) if entry.kind != "default" else none
    reason = "nothing that was found reads it" if not where else "no request was found for which this line is chosen"
    return Goal(entry.position, table.kind, text, group, partial(_hits, http, table, entry, where), misses, reason=partial(str, reason))


def _hits(http: Http, table: Table, entry: Entry, where: list[Use]) -> Iterator[Probe]:
    for site, place in where:
        if table.kind == "split_clients":
            yield from itertools.islice(_in_share(http, site, place, table, entry), 2)
            continue
        ways = itertools.chain([()], _ways(http, site, table, entry))
        yield from (Probe(r, "chosen") for r, _ in itertools.islice(to_statement(http, site, place, entry.position, ways), 3))


def _ways(http: Http, site: Site, table: Table, entry: Entry) -> Iterator[Edits]:
    if entry.kind == "network":
        yield from ((Edit("client", address),) for address in edges(entry.text)[0])
    yield from Solver(http, site).entry(table, entry)


def _misses(http: Http, table: Table, entry: Entry, where: list[Use]) -> Iterator[Probe]:
    """Values that are nearly those of a line."""
    for site, place in where[:1]:
        for edits in _nearly(http, site, table, entry):
            for start in itertools.islice(bases(http, site, place), 2):
                request = edited(start, edits)
                if request is not None and (TABLES, entry.position) not in trace(http, request).seen:
                    yield Probe(request, f"{edits[0].part} {edits[0].value[:40]!r}" if edits else "other value")


def _nearly(http: Http, site: Site, table: Table, entry: Entry) -> Iterator[Edits]:
    if entry.kind == "network":
        yield from ((Edit("client", address),) for address in edges(entry.text)[1])
    for edits in itertools.islice(Solver(http, site).entry(table, entry), 1):
        for number, edit in enumerate(edits):
            if edit.part in ("header", "argument", "cookie", "method", "host"):
                yield (*edits[:number], Edit(edit.part, edit.value + "X", edit.name), *edits[number + 1 :])


def _in_share(http: Http, site: Site, place: Place | None, table: Table, entry: Entry) -> Iterator[Probe]:
    """Requests whose key has a hash that is in a share."""
    for start in itertools.islice(bases(http, site, place), 2):
        for request in _keyed(http, site, start, table.source, _KEYS):
            if (TABLES, entry.position) in trace(http, request).seen:
                yield Probe(request, "chosen")


def _shares(http: Http, directive: Directive, where: list[Use]) -> Goal:
    text = f"split_clients {' '.join(directive.args)}"

    def hits() -> Iterator[Probe]:
        for site, place in where:
            start = next(iter(bases(http, site, place)), None)
            if start is not None:
                yield from (Probe(r, "one of many keys") for r in _keyed(http, site, start, directive.args[0], _SHARES))

    return Goal(directive.position, "split_clients", text, (TABLES, "split_clients"), hits)


def _keyed(http: Http, site: Site, start: Request, source: str, most: int) -> Iterator[Request]:
    """Requests whose keys differ."""
    solver = Solver(http, site)
    for number in range(most):
        edits = [Edit("client", client(number))]
        for name in sorted(names(source) - {"remote_addr"}):
            value = f"{start.target.partition('?')[0]}{number}" if name in ("uri", "request_uri") else f"probe{number}"
            edits += next(iter(_value(solver, name, value)), ())
        if (request := edited(start, edits)) is not None:
            yield request


def _value(solver: Solver, name: str, value: str) -> Iterator[Edits]:
    return solver.variable(name, Wanted("=", value)) if not name.startswith(("host", "http_host", "request_method")) else iter(())
