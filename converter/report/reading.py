"""Reads report.json back: what `document` has written, checked against its schema before anything is made of it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from converter.model.conversion import Conversion, DecisionNeeded, HostSummary, PlatformNote, SecretNeeded
from converter.model.findings import Finding, Severity
from converter.model.ledger import Entry, Row
from converter.model.outcomes import Outcome, PlatformDifference
from converter.model.places import Position

_MOST_MESSAGES = 5
_LONGEST_MESSAGE = 300  # characters: a value that is wrong may be long


class ReportError(Exception):
    """What was read is no report.json of this version; the message says where and why."""


def conversion_of(text: str) -> tuple[Conversion, bool]:
    """The conversion that a report was made from, but for the manifests' texts; and whether the report also tells of a verification.

    Raises ReportError where the text is no JSON or breaks the schema.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReportError(f"is not JSON: {' '.join(str(error).split())[:_LONGEST_MESSAGE]}") from None
    _check(document)
    conversion = Conversion(
        document["source"],
        rows=tuple(map(_row, document["directives"])),
        findings=tuple(map(_finding, document["findings"])),
        hosts=tuple(map(_host, document["hosts"])),
        platform=tuple(PlatformNote(PlatformDifference(note["id"]), note["reason"]) for note in document["platform_differences"]),
        secrets=tuple(SecretNeeded(*(secret[name] for name in _SECRET)) for secret in document["secrets"]),
        decisions_needed=tuple(DecisionNeeded(needed["key"], needed["question"]) for needed in document["decisions_needed"]),
    )
    return conversion, "verification" in document


_SECRET = ("namespace", "name", "kind", "certificate", "key")


def schema() -> dict[str, Any]:
    """The schema of report.json: inside the package where it is installed, among the project's pages in a checkout."""
    package = Path(__file__).parent
    installed = package / "report.schema.json"
    path = installed if installed.is_file() else package.parent.parent / "docs" / "report.schema.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def _check(document: object) -> None:
    faults = []
    try:
        for error in _validator().iter_errors(document):
            place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path).lstrip(".")
            faults.append(f"{place or 'the whole'}: {error.message[:_LONGEST_MESSAGE]}")
            if len(faults) == _MOST_MESSAGES:
                break
    except (ValueError, RecursionError) as error:  # numbers and nesting that the validator does not take
        faults.append(str(error)[:_LONGEST_MESSAGE])
    if faults:
        raise ReportError(f"is not a report.json of this version: {'; '.join(faults)}")


def _row(item: Mapping[str, Any]) -> Row:
    position = Position(item["file"], item["line"], item["column"])
    entry = Entry(position, item["directive"], tuple(item["args"]), tuple(item["context"]))
    return Row(entry, Outcome(item["outcome"]), item["reason"], tuple(item["objects"]), accepted=item.get("accepted"))


def _finding(item: Mapping[str, Any]) -> Finding:
    placed = item["file"] is not None and item["line"] is not None
    position = Position(item["file"], item["line"], item["column"] or 1) if placed else None
    return Finding(item["code"], Severity[item["severity"].upper()], item["message"], position, item["help"], item.get("accepted"))


def _host(item: Mapping[str, Any]) -> HostSummary:
    lists = {name: tuple(item[name]) for name in ("hosts", "ports", "objects", "origins", "files")}
    return HostSummary(name=item["name"], rules=item["rules"], refused=item["refused"], **lists)
