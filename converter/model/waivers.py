"""Decisions held against what the source holds: waivers are carried out, and entries that meet nothing are told."""

import difflib
import fnmatch
from collections.abc import Collection, Iterable, Sequence

from converter.model.decisions import Waiver
from converter.model.findings import Finding, Severity
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace

STALE = "NGX501"

EXPLANATIONS = {
    STALE: "A waiver of the decisions file meets no directive that it could let go. Either the directive is gone or has moved, and the "
    "waiver's `where` must follow it, or the directive is settled without it, and the waiver can be deleted.",
    "NGX502": "The decisions file speaks of a host or an upstream that the configuration does not have. Nothing was done with the entry: "
    "correct its name or delete it.",
}

WAIVABLE = (Outcome.APPROXIMATE, Outcome.DECISION, Outcome.UNSUPPORTED, Outcome.UNKNOWN)
"""What a waiver can let go: what is lost or differs."""


def apply_waivers(rows: Sequence[Row], waivers: Sequence[Waiver]) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """The rows with those waived that a waiver names, and a finding for each waiver that meets none.

    Only what is lost or differs can be waived: a settled or invalid row stays as it is. The first waiver that fits gives its reason.
    """
    if not waivers:
        return tuple(rows), ()
    used: set[Waiver] = set()
    out = tuple(_waived(row, waivers, used) for row in rows)
    return out, tuple(_stale(waiver, rows) for waiver in waivers if waiver not in used)


def _waived(row: Row, waivers: Sequence[Waiver], used: set[Waiver]) -> Row:
    fitting = [waiver for waiver in waivers if row.outcome in WAIVABLE and _fits(waiver, row.entry.directive, row.entry.position)]
    used.update(fitting)
    return replace(row, outcome=Outcome.WAIVED, reason=fitting[0].reason) if fitting else row


def waived(directive: str, position: Position, waivers: Iterable[Waiver]) -> bool:
    """Whether a decision lets a directive be lost: what it restricts is then open."""
    return any(_fits(waiver, directive, position) for waiver in waivers)


def _fits(waiver: Waiver, directive: str, position: Position) -> bool:
    if directive != waiver.directive:
        return False
    places = (str(position), position.file)
    return not waiver.where or waiver.where in places or any(fnmatch.fnmatchcase(place, waiver.where) for place in places)


def _stale(waiver: Waiver, rows: Iterable[Row]) -> Finding:
    where = f" at {waiver.where}" if waiver.where else ""
    message = f"the waiver of {waiver.directive}{where} meets no directive that is lost or differs"
    return Finding(STALE, Severity.WARNING, message, help=_advice(waiver, list(rows)))


def _advice(waiver: Waiver, rows: list[Row]) -> str:
    same = [row for row in rows if row.entry.directive == waiver.directive]
    there = [row for row in same if _fits(waiver, row.entry.directive, row.entry.position)]
    if there:
        return f"delete it: {there[0].entry.position} is {there[0].outcome.value}"
    open_ones = [str(row.entry.position) for row in same if row.outcome in WAIVABLE]
    if open_ones:
        return f"{waiver.directive} stands at {', '.join(open_ones[:3])}{' and elsewhere' if len(open_ones) > 3 else ''}: correct `where`"
    close = difflib.get_close_matches(waiver.directive, {row.entry.directive for row in rows}, 1)
    return f"did you mean {close[0]}?" if close and not same else "delete it"


def unmet_entries(section: str, names: Iterable[str], known: Collection[str]) -> tuple[Finding, ...]:
    """A finding for each entry of a section (`hosts`, `upstreams`, `cutover`) of the decisions that names nothing known."""
    return tuple(_unmet(section, name, known) for name in names if name not in known)


def _unmet(section: str, name: str, known: Collection[str]) -> Finding:
    close = difflib.get_close_matches(name, known, 1)
    advice = f"did you mean {close[0]}?" if close else "delete the entry, or correct its name"
    return Finding("NGX502", Severity.WARNING, f"the decisions file has {name} under {section}, the configuration does not", help=advice)
