"""report.md: the account for people. What a reader must do comes first, what is settled last. Nothing in it depends on time or place."""

import re
from collections.abc import Iterable, Iterator, Sequence

from converter.model.conversion import Conversion, SecretNeeded
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.verification import Verification
from converter.report.codes import MEANINGS
from converter.report.review import HEADINGS, HostReview, baseline_mark, by_host, shown, task, tasks, totals
from converter.report.style import printable
from converter.report.verification import section


def report(conversion: Conversion, verification: Verification | None = None) -> str:
    """The text of report.md, with what a verification found, ending in a newline."""
    reviews, rest = by_host(conversion)
    parts = (
        _title(conversion),
        section(verification) if verification is not None else (),
        _hosts(reviews, rest),
        _decisions(conversion),
        secrets_to_create(conversion.secrets),
        _findings(conversion),
        _platform(conversion),
        _open_rows(conversion),
        _settled(conversion),
    )
    return "\n".join(line for part in parts for line in part)


def _title(conversion: Conversion) -> Iterator[str]:
    yield f"# Migration of {code(conversion.source)}\n"
    yield f"{len(conversion.rows)} directives. Each is in exactly one line of this table.\n"
    rows = [(name, str(count), MEANINGS[Outcome(name)]) for name, count in totals(conversion.rows).items()]
    yield from table(("outcome", "directives", "meaning"), rows)


def _hosts(reviews: Sequence[HostReview], rest: Sequence[Row]) -> Iterator[str]:
    yield "## Hosts\n"
    for review in reviews:
        yield from _host(review)
    if tasks(rest):
        yield "### For all hosts, or in files that several include\n"
        yield from _to_do(rest)
    if not reviews:
        yield "None: the source holds no server that could be converted.\n"


def _host(review: HostReview) -> Iterator[str]:
    host = review.host
    yield f"### {code(host.name)}\n"
    yield f"- names: {', '.join(map(code, host.hosts))}"
    yield f"- ports: {', '.join(map(str, host.ports))}"
    closed = f", {host.refused} of them closed (403)" if host.refused else ""
    yield f"- routes: {host.rules}{closed}"
    yield f"- from: {', '.join(map(code, host.origins))}"
    if host.files:
        yield f"- files: {', '.join(map(code, host.files))}"
    yield ""
    settled = sum(row.outcome.settled for row in review.rows)
    yield f"{settled} of {len(review.rows)} directives need no reader.\n"
    yield from _to_do(review.rows)


def _to_do(rows: Sequence[Row]) -> Iterator[str]:
    for name in tasks(rows):
        yield f"**{HEADINGS[name]}**\n"
        yield from _rows(row for row in rows if task(row) == name)


def _rows(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield f"- {code(str(row.entry.position))} {code(shown(row))}: {text(row.reason or MEANINGS[row.outcome])}{baseline_mark(row)}"
    yield ""


def _decisions(conversion: Conversion) -> Iterator[str]:
    if conversion.decisions_needed:
        yield "## Decisions needed\n"
        yield "Answers belong in the decisions file; `nginx2istio init` writes one with every key explained.\n"
        yield from table(("key", "question"), [(code(d.key), text(d.question)) for d in conversion.decisions_needed])


def secrets_to_create(secrets: Sequence[SecretNeeded]) -> Iterator[str]:
    """The section with the commands that create them; nothing where there are none."""
    if secrets:
        yield "## Secrets to create\n"
        yield "The manifests name them; certificates and keys were not read. Run where the files are:\n"
        commands = [printable(secret.command) for secret in secrets]
        marks = fence("\n".join(commands), 3)
        yield from (f"{marks}sh", *commands, f"{marks}\n")


def _findings(conversion: Conversion) -> Iterator[str]:
    if conversion.findings:
        yield "## Findings\n"
        for finding in conversion.findings:
            place = f" {code(finding.position.full)}" if finding.position else ""
            advice = f" {text(finding.help)}" if finding.help else ""
            yield f"- {finding.severity.name.lower()} {finding.code}{place}: {text(finding.message)}.{advice}{baseline_mark(finding)}"
        yield ""


def _platform(conversion: Conversion) -> Iterator[str]:
    if conversion.platform:
        yield "## Platform differences\n"
        yield "nginx behaves so without any directive, and a gateway does not.\n"
        yield from table(("id", "when"), [(note.difference.value, text(note.reason)) for note in conversion.platform])


def _open_rows(conversion: Conversion) -> Iterator[str]:
    rows = [row for row in conversion.rows if not row.outcome.settled]
    if rows:
        yield "## Every directive that is not settled\n"
        yield from table(("place", "directive", "outcome", "reason", "objects"), map(_cells, rows))


def _cells(row: Row) -> tuple[str, ...]:
    statement = " ".join((shown(row), *row.entry.args))
    short = statement if len(statement) <= 100 else f"{statement[:99]}…"
    outcome = row.outcome.value + baseline_mark(row)
    return code(str(row.entry.position)), code(short), outcome, text(row.reason), ", ".join(map(code, row.objects))


def _settled(conversion: Conversion) -> Iterator[str]:
    yield "## Settled\n"
    counts: dict[str, dict[Outcome, int]] = {}
    for row in conversion.rows:
        if row.outcome.settled:
            by_outcome = counts.setdefault(row.entry.directive, {})
            by_outcome[row.outcome] = by_outcome.get(row.outcome, 0) + 1
    if not counts:
        yield "None.\n"
        return
    settled = [outcome for outcome in Outcome if outcome.settled]
    cells = [(code(name), *(str(counts[name].get(outcome, "")) for outcome in settled)) for name in sorted(counts)]
    yield from table(("directive", *(outcome.value for outcome in settled)), cells)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'|'.join('---' for _ in heads)}|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def fence(text: str, shortest: int) -> str:
    """More backticks in a row than the text holds."""
    return "`" * max(shortest, *(len(run) + 1 for run in re.findall("`+", text)), 0)


def code(text: str) -> str:
    """A code span that holds exactly this text, whatever is in it."""
    shown = printable(text) or " "
    marks = fence(shown, 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{marks}{pad}{shown}{pad}{marks}"


def text(plain: str) -> str:
    """Running text in which nothing is taken for markup; code spans stay."""
    return re.sub(r"([<>*\[\]\\])", r"\\\1", printable(plain)) if "`" not in plain else printable(plain).replace("<", "&lt;")
