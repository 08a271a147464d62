"""report.json: the whole account for other programs. docs/report.schema.json describes it."""

import json
from collections.abc import Mapping

from converter.model.conversion import Conversion
from converter.model.findings import Finding
from converter.model.ledger import Row
from converter.model.verification import Verification
from converter.report import verification as proof
from converter.report.review import HostReview, by_host, totals

VERSION = 1


def document(conversion: Conversion, verification: Verification | None = None) -> dict[str, object]:
    """The report as plain data, in a stable order, with what a verification found. Lines and columns count from 1."""
    verified = {} if verification is None else {"verification": proof.document(verification)}
    return _account(conversion) | verified


def _account(conversion: Conversion) -> dict[str, object]:
    return {
        "version": VERSION,
        "source": conversion.source,
        "totals": totals(conversion.rows),
        "directives": [_directive(row) for row in conversion.rows],
        "hosts": [_host(review) for review in by_host(conversion)[0]],
        "platform_differences": [{"id": note.difference.value, "reason": note.reason} for note in conversion.platform],
        "decisions_needed": [{"key": needed.key, "question": needed.question} for needed in conversion.decisions_needed],
        "findings": [finding_document(finding) for finding in conversion.findings],
        "secrets": [
            {name: getattr(secret, name) for name in ("namespace", "name", "kind", "certificate", "key", "command")}
            for secret in conversion.secrets
        ],
    }


def to_json(data: Mapping[str, object]) -> str:
    """The text of report.json: lists of scalars stay on one line, everything else is one item a line."""
    return _value(data, "") + "\n"


def _directive(row: Row) -> dict[str, object]:
    entry = row.entry
    return {
        "file": entry.position.file,
        "line": entry.position.line,
        "column": entry.position.column,
        "directive": entry.directive,
        "args": list(entry.args),
        "context": list(entry.context),
        "outcome": row.outcome.value,
        "code": row.code,
        "reason": row.reason,
        "objects": list(row.objects),
        **_accepted(row.accepted),
    }


def _host(review: HostReview) -> dict[str, object]:
    host = review.host
    return {
        "name": host.name,
        "hosts": list(host.hosts),
        "ports": list(host.ports),
        "rules": host.rules,
        "refused": host.refused,
        "outcomes": totals(review.rows),
        "objects": list(host.objects),
        "origins": list(host.origins),
        "files": list(host.files),
    }


def finding_document(finding: Finding) -> dict[str, object]:
    """A finding as plain data."""
    position = finding.position
    return {
        "code": finding.code,
        "severity": finding.severity.name.lower(),
        "message": finding.message,
        "help": finding.help,
        "file": position.file if position else None,
        "line": position.line if position else None,
        "column": position.column if position else None,
        **_accepted(finding.accepted),
    }


def _accepted(accepted: bool | None) -> dict[str, bool]:
    return {} if accepted is None else {"accepted": accepted}


def _value(value: object, pad: str) -> str:
    inner = pad + " "
    if isinstance(value, Mapping) and value:
        items = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_value(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{pad}}}"
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return "[\n" + ",\n".join(inner + _value(item, inner) for item in value) + f"\n{pad}]"
    return json.dumps(value, ensure_ascii=False)
