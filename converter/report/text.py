"""The summary on a terminal: the hosts, the findings, the totals."""

from collections.abc import Sequence

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.report.review import HostReview, all_findings, by_host, in_baseline, not_in_baseline, tasks, totals
from converter.report.style import counted, paint, printable

_PLACES = 3  # places shown for findings that say the same


def summary(conversion: Conversion, colour: bool = False) -> str:
    """All of it; empty lines stand between the parts, and a newline ends it."""
    findings = all_findings(conversion)
    new = [finding for finding in findings if not finding.accepted]
    parts = [_hosts(conversion, colour), *_findings(new, colour), _notes(conversion), _totals(conversion, findings, colour)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _hosts(conversion: Conversion, colour: bool) -> str:
    reviews, rest = by_host(conversion)
    shared = _open(rest)
    cells = [(review.host.name, ", ".join(map(str, review.host.ports)), counted(review.host.rules, "route")) for review in reviews]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    lines = []
    for review, row in zip(reviews, cells, strict=True):
        columns = "  ".join(printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(f"{columns}  {_verdict(review, bool(shared), colour)}")
        others = [name for name in review.host.hosts if name != review.host.name]
        lines += [paint(f"  also {printable(', '.join(others))}", "faint", colour)] if others else []
    if shared:
        lines.append(f"for all hosts, or in files that several include: {shared}")
    return "\n".join(lines)


def _open(rows: Sequence[Row]) -> str:
    """What a reader must do, and how much the baseline has; empty where nothing."""
    accepted = in_baseline(rows)
    return ", ".join(filter(None, [_to_do(tasks(not_in_baseline(rows))), f"{accepted} in the baseline" if accepted else ""]))


def _verdict(review: HostReview, shared: bool, colour: bool) -> str:
    """`exact`, or what needs a reader. What a server shares with others may concern it too, and is said with it."""
    waived = sum(row.outcome is Outcome.WAIVED for row in review.rows)
    extra = [f"{waived} waived"] if waived else []
    extra += [f"{counted(review.host.refused, 'route')} closed (403)"] if review.host.refused else []
    if own := _open(review.rows):
        return paint(", ".join([own, *extra]), "warning", colour)
    extra += ["see below for all hosts"] if shared else []
    return paint("exact" if not extra else f"exact but: {', '.join(extra)}", "good" if not extra else "warning", colour)


def _to_do(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} to {name}" for name, count in counts.items())


def _findings(findings: Sequence[Finding], colour: bool) -> list[str]:
    """Findings in the manner of cargo; those that say the same are one, with their places."""
    groups: dict[tuple[str, Severity, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.severity, finding.message, finding.help), []).append(finding)
    return [_finding(group, colour) for group in groups.values()]


def _finding(group: Sequence[Finding], colour: bool) -> str:
    first = group[0]
    name = first.severity.name.lower()
    lines = [f"{paint(f'{name}[{first.code}]', name, colour)}: {paint(printable(first.message), 'strong', colour)}"]
    places = [finding.position for finding in group if finding.position]
    lines += [f"  --> {printable(position.full)}" for position in places[:_PLACES]]
    if len(places) > _PLACES:
        lines.append(f"  --> and {counted(len(places) - _PLACES, 'more place')}")
    if first.help:
        lines.append(f"  = help: {printable(first.help)}")
    return "\n".join(lines)


def _notes(conversion: Conversion) -> str:
    lines = [f"decide {printable(needed.key)}: {printable(needed.question)}" for needed in conversion.decisions_needed]
    if conversion.secrets:
        lines.append(f"create {counted(len(conversion.secrets), 'secret')}: {printable(', '.join(s.name for s in conversion.secrets))}")
    if conversion.platform:
        lines.append(f"differs without any directive: {', '.join(note.difference.value for note in conversion.platform)}")
    return "\n".join(lines)


def _totals(conversion: Conversion, findings: Sequence[Finding], colour: bool) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in totals(conversion.rows).items() if count)
    line = f"{printable(conversion.source)}: {counted(len(conversion.hosts), 'host')}, {counted(len(conversion.rows), 'directive')}"
    line += f": {counts}." if counts else "."
    new = [finding for finding in findings if not finding.accepted]
    kinds = [(severity, sum(finding.severity is severity for finding in new)) for severity in reversed(Severity)]
    told = ", ".join(counted(count, severity.name.lower()) for severity, count in kinds if count)
    accepted = f" {counted(len(findings) - len(new), 'finding')} in the baseline." if len(new) < len(findings) else ""
    return paint(f"{line} {counted(len(new), 'finding')}{f': {told}' if told else ''}.{accepted}", "strong", colour)
