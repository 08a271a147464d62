"""The baseline: findings that a project accepts for now, so that only new ones fail.

An entry is what a finding is wherever it stands (`identity`), and how many like it there are: lines that move meet it again, and a directive
whose outcome has changed does not. The reasons of outcomes do not count: their wording may change from version to version.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.ledger import Row
from converter.model.records import replace
from converter.report.identity import Identity, of_finding, of_rows

VERSION = 1
STALE = "NGX503"

_HEAD = """\
# What nginx2istio found and this project accepts for now. --update-baseline writes this file anew.
version: 1
accepted:
"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An entry of the file. times: how many findings like this there are; line: where it stands in the file."""

    identity: Identity
    times: int = 1
    line: int = 0


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file. name: how messages call it."""

    name: str
    entries: tuple[Accepted, ...] = ()

    def left(self) -> Counter[Identity]:
        """How many of each identity can still be accepted, before anything is."""
        left: Counter[Identity] = Counter()
        for entry in self.entries:
            left[entry.identity] += entry.times
        return left


def compared(conversion: Conversion, baseline: Baseline) -> Conversion:
    """The conversion with each unsettled row and each finding marked as accepted or new, and a finding for each entry that met too few."""
    left = baseline.left()
    marked = accept(conversion, left)
    return replace(marked, findings=(*marked.findings, *stale(baseline, left, [conversion])))


def accept(conversion: Conversion, left: Counter[Identity]) -> Conversion:
    """Marks what `left` still holds as accepted and takes it out of there, and everything else as new; the first of several likes come first.

    What an earlier comparison said of stale entries is dropped.
    """
    rows = zip(conversion.rows, of_rows(conversion.rows), strict=True)
    return replace(
        conversion,
        rows=tuple(row if row.outcome.settled else replace(row, accepted=_take(identity, left)) for row, identity in rows),
        findings=tuple(replace(f, accepted=_take(of_finding(f), left)) for f in conversion.findings if f.code != STALE),
    )


def stale(baseline: Baseline, left: Counter[Identity], conversions: Iterable[Conversion]) -> list[Finding]:
    """A finding for each entry of which `left` still holds some, after all conversions had what they needed."""
    now = {(i.file, i.inside, i.text): i.found for conversion in conversions for i in of_rows(conversion.rows)} if left.total() else {}
    out, told = [], set()
    for entry in baseline.entries:
        identity = entry.identity
        if left[identity] and identity not in told:
            told.add(identity)
            out.append(_stale(baseline, entry, left[identity], now.get((identity.file, identity.inside, identity.text), "")))
    return out


def render(conversion: Conversion) -> str:
    """The text of a baseline file (YAML) that accepts everything that is found now: an entry a line, in an order that lines do not change."""
    found = Counter(identity for _, identity in _unsettled(conversion))
    lines = [f"  - {{{', '.join(_fields(identity, found[identity]))}}}\n" for identity in sorted(found)]
    return _HEAD + "".join(lines) if lines else _HEAD.replace("accepted:\n", "accepted: []\n")


def _unsettled(conversion: Conversion) -> list[tuple[Row | Finding, Identity]]:
    rows = zip(conversion.rows, of_rows(conversion.rows), strict=True)
    of_conversion = [(finding, of_finding(finding)) for finding in conversion.findings if finding.code != STALE]
    return [*((row, identity) for row, identity in rows if not row.outcome.settled), *of_conversion]


def _take(identity: Identity, left: Counter[Identity]) -> bool:
    if not left[identity]:
        return False
    left[identity] -= 1
    return True


def _stale(baseline: Baseline, entry: Accepted, number: int, now: str) -> Finding:
    identity = entry.identity
    place = f"{baseline.name}:{entry.line}"
    where = f" in {' > '.join((identity.file, *identity.inside))}" if identity.file else ""
    times = f" {number} times more than it is found" if number > 1 or entry.times > number else ", and is no longer found"
    changed = f"it is {now} now; " if now and now != identity.found else ""
    message = f"{place}: {identity.text} ({identity.found}){where} is accepted{times}"
    return Finding(STALE, Severity.WARNING, message, None, f"{changed}take the entry out, or let --update-baseline do it", accepted=False)


def _fields(identity: Identity, times: int) -> list[str]:
    fields = [("file", _quoted(identity.file))] if identity.file else []
    fields += [("in", _list(identity.inside))] if identity.inside else []
    fields += [("text", _quoted(identity.text)), ("found", identity.found)]
    fields += [("times", str(times))] if times > 1 else []
    return [f"{key}: {value}" for key, value in fields]


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """In double quotes as YAML has them: those of JSON, without what a reader of YAML takes for a mark of byte order."""
    return json.dumps(text, ensure_ascii=False).replace("\ufeff", "\\uFEFF")
