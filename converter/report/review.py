"""The ledger as work for a reader: which rows belong to which host, and what must be done about those that are not settled."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec import Struct

from converter.model.conversion import Conversion, HostSummary
from converter.model.findings import Finding, Severity
from converter.model.fleet import State
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.advice import ADVICE
from converter.report.codes import MEANINGS

TASKS = {
    Outcome.DECISION: "decide",
    Outcome.APPROXIMATE: "accept",
    Outcome.UNSUPPORTED: "replace",
    Outcome.UNKNOWN: "replace",
    Outcome.INVALID: "correct",
}
"""What a reader must do about a row, by its outcome."""

HEADINGS = {
    "decide": "Decide: the answer belongs in the decisions file",
    "accept": "Accept, or change the source: the gateway does nearly the same",
    "replace": "Replace: the gateway does not do it",
    "correct": "Correct: nginx would refuse it",
}

_SEVERITIES = {"decide": Severity.WARNING, "accept": Severity.WARNING, "replace": Severity.ERROR, "correct": Severity.ERROR}


class HostReview(Struct, frozen=True):
    """A host and the rows that concern it, in source order."""

    host: HostSummary
    rows: tuple[Row, ...]


def task(row: Row) -> str:
    """One of HEADINGS, or empty where no reader is needed."""
    return TASKS.get(row.outcome, "")


def shown(row: Row) -> str:
    """The directive's name for readers: the entry of a map for the empty value has none."""
    return row.entry.directive or '""'


def totals(rows: Iterable[Row]) -> dict[str, int]:
    """Rows by outcome, all outcomes in their order."""
    counts = Counter(row.outcome for row in rows)
    return {outcome.value: counts[outcome] for outcome in Outcome}


def tasks(rows: Iterable[Row]) -> dict[str, int]:
    """Rows by what a reader must do; only what occurs, in the order of HEADINGS."""
    counts = Counter(map(task, rows))
    return {name: counts[name] for name in HEADINGS if counts[name]}


def in_baseline(rows: Iterable[Row]) -> int:
    """How many rows the baseline has."""
    return sum(row.accepted is True for row in rows)


def not_in_baseline(rows: Iterable[Row]) -> list[Row]:
    """The rows that the baseline has not: all, where there is none."""
    return [row for row in rows if not row.accepted]


def baseline_mark(told: Row | Finding) -> str:
    """What stands behind a reason or message that the baseline accepts."""
    return " (in the baseline)" if told.accepted else ""


def by_host(conversion: Conversion) -> tuple[tuple[HostReview, ...], tuple[Row, ...]]:
    """The hosts with their rows, and the rows that belong to no host in particular (outside servers, in snippets).

    A row is a host's where it ended in one of its objects, or stands in one of its servers; it can be several hosts'.
    """
    owners = _owners(conversion)
    taken: dict[str, list[Row]] = {host.name: [] for host in conversion.hosts}
    rest = []
    for row, names in owners:
        for name in names:
            taken[name].append(row)
        if not names:
            rest.append(row)
    return tuple(HostReview(host, tuple(taken[host.name])) for host in conversion.hosts), tuple(rest)


def _owners(conversion: Conversion) -> list[tuple[Row, tuple[str, ...]]]:
    by_object: dict[str, list[str]] = {}
    by_origin: dict[str, list[str]] = {}
    for host in conversion.hosts:
        for name in host.objects:
            by_object.setdefault(name, []).append(host.name)
        for origin in host.origins:
            by_origin.setdefault(origin, []).append(host.name)
    servers: dict[str, Row] = {}
    out = []
    for row in conversion.rows:
        server = _enclosing(row, servers)
        names = dict.fromkeys(name for part in row.objects for name in by_object.get(part.partition("#")[0], ()))
        names |= dict.fromkeys(by_origin.get(str(server.entry.position), ()) if server else ())
        out.append((row, tuple(names)))
    return out


def _enclosing(row: Row, servers: dict[str, Row]) -> Row | None:
    """The server block that the row stands in, or is; `servers` holds the last one of each file and is kept up to date."""
    entry = row.entry
    if entry.directive == "server" and "upstream" not in entry.context:
        servers[entry.position.file] = row
        return row
    last = servers.get(entry.position.file)
    if last is None:
        return None
    inside = (*last.entry.context, "server")
    return last if entry.context[: len(inside)] == inside else None


def state(rows: Sequence[Row], refused: bool) -> State:
    """Where a host stands by its rows. refused: all of its routes are closed."""
    outcomes = {row.outcome for row in rows}
    if Outcome.DECISION in outcomes:
        return State.DECIDE
    if refused and outcomes & {Outcome.UNSUPPORTED, Outcome.UNKNOWN, Outcome.INVALID}:
        return State.STAY
    return State.READY if all(outcome.settled or outcome is Outcome.WAIVED for outcome in outcomes) else State.REVIEW


def as_finding(row: Row) -> Finding | None:
    """What a reader must be told about a row; None where nothing."""
    name = task(row)
    if not name:
        return None
    message = f"{shown(row)}: {row.reason}" if row.reason else f"{shown(row)} {MEANINGS[row.outcome]}"
    return Finding(row.code, _SEVERITIES[name], message, row.entry.position, ADVICE[row.outcome], row.accepted)


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as readers get it, and what it was made from."""

    finding: Finding
    origin: Row | Finding


def all_findings(conversion: Conversion) -> list[Finding]:
    """What `told` tells."""
    return [telling.finding for telling in told(conversion)]


def told(conversion: Conversion) -> list[Told]:
    """The conversion's findings, then those of its rows, each in source order, the ones without a place first.

    Where a finding already says why a directive is unknown or invalid, its row is not told again, but its severity counts.
    """
    own = sorted(conversion.findings, key=_place)
    places = {finding.position for finding in own if finding.position}
    of_rows = [Told(finding, row) for row in conversion.rows if (finding := as_finding(row))]
    again = {row.entry.position for row in conversion.rows if row.outcome in _EXPLAINED and row.entry.position in places}
    merged = [Told(replace(f, severity=Severity.ERROR) if f.position in again else f, f) for f in own]
    return merged + [telling for telling in of_rows if telling.finding.position not in again]


_EXPLAINED = (Outcome.UNKNOWN, Outcome.INVALID)


def _place(finding: Finding) -> tuple[str, int, int]:
    position = finding.position
    return (position.file, position.line, position.column) if position else ("", 0, 0)


_COUNTS_AS = {Severity.WARNING: Outcome.APPROXIMATE, Severity.ERROR: Outcome.INVALID}


def reaches(conversion: Conversion, threshold: str) -> bool:
    """Whether a row is as bad as the outcome or worse, or a finding is: an error as `invalid`, a warning as `approximate`. `never` is not reached.

    What the baseline accepts does not count.
    """
    if threshold == "never":
        return False
    told = [_COUNTS_AS[f.severity] for f in conversion.findings if f.severity in _COUNTS_AS and not f.accepted]
    rows = (row.outcome for row in conversion.rows if not row.accepted)
    return any(outcome.rank >= Outcome(threshold).rank for outcome in (*told, *rows))
