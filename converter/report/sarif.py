"""The findings in SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
GitHub refuses a file with more than 25,000 results in a run or with more than 10 MB when compressed, and a result without a place:
https://docs.github.com/code-security/reference/code-scanning/sarif-files/troubleshoot-sarif-uploads
So the least severe results are left out, and what has no place is a notification.
"""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from converter import __version__
from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.report.document import to_json
from converter.report.github import below
from converter.report.identity import fingerprints
from converter.report.review import Told, told
from converter.report.style import counted, printable

MOST_RESULTS = 25_000
LARGEST_COMPRESSED = 10_000_000  # bytes
_LONGEST_MESSAGE = 2_000  # characters; nothing says how much is too much
_LEVELS = {Severity.NOTE: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}
_FINGERPRINT = "nginx2istio/v1"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is not in a conversion. explanations: a text for each code; folder: leads from the repository's root to the source's files."""

    explanations: Mapping[str, str]
    folder: str = ""


def sarif(conversion: Conversion, around: Surroundings) -> str:
    """The log file, one run of one tool, the worst results first. What a baseline accepts is `unchanged`."""
    found = sorted(told(conversion), key=lambda telling: -telling.finding.severity)
    placed = [telling for telling in found if telling.finding.position]
    kept = min(len(placed), MOST_RESULTS)
    while True:
        text = to_json(_log(conversion, found, kept, around))
        if len(text) <= LARGEST_COMPRESSED or not kept or len(gzip.compress(text.encode("utf-8", "replace"))) <= LARGEST_COMPRESSED:
            return text
        kept //= 2


def _log(conversion: Conversion, found: Sequence[Told], kept: int, around: Surroundings) -> dict[str, object]:
    placed = [telling for telling in found if telling.finding.position]
    rules = sorted({telling.finding.code for telling in placed[:kept]})
    prints = fingerprints(conversion)
    run = {
        "tool": {"driver": _driver(rules, found, around.explanations)},
        "automationDetails": {"id": f"nginx2istio/{printable(conversion.source)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolConfigurationNotifications": _notifications(found, len(placed) - kept)}],
        "results": [_result(telling, rules, prints[telling.origin], around.folder) for telling in placed[:kept]],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [run]}


def _driver(rules: Iterable[str], found: Iterable[Told], explanations: Mapping[str, str]) -> dict[str, object]:
    worst: dict[str, Severity] = {}
    for telling in found:
        worst.setdefault(telling.finding.code, telling.finding.severity)
    rows = [_rule(code, explanations[code], _LEVELS[worst[code]]) for code in rules]
    return {"name": "nginx2istio", "version": __version__, "semanticVersion": __version__, "rules": rows}


def _rule(code: str, explanation: str, level: str) -> dict[str, object]:
    """The first sentence says what it is in short."""
    first, _, rest = explanation.partition("\n\n")
    short = first if rest else first.partition(". ")[0].rstrip(".") + "."
    return {
        "id": code,
        "shortDescription": {"text": short},
        "fullDescription": {"text": explanation},
        "help": {"text": f"{explanation}\n\nnginx2istio explain {code}"},
        "defaultConfiguration": {"level": level},
    }


def _result(telling: Told, rules: Sequence[str], fingerprint: str, folder: str) -> dict[str, object]:
    finding = telling.finding
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": rules.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _location(finding, folder)}],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if finding.accepted is not None:
        result["baselineState"] = "unchanged" if finding.accepted else "new"
    return result


def _location(finding: Finding, folder: str) -> dict[str, object]:
    if finding.position is None:
        return {}
    uri = quote(below(folder, finding.position.file).encode("utf-8", "replace"))
    return {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": finding.position.line, "startColumn": finding.position.column},
    }


def _message(finding: Finding) -> str:
    """One paragraph in which nothing of the source makes a link."""
    whole = f"{finding.message.removesuffix('.')}. {finding.help}" if finding.help else finding.message
    text = printable(whole).replace("](", "] (")
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def _notifications(found: Iterable[Told], left_out: int) -> list[dict[str, object]]:
    """What no line of the source can be shown for."""
    out = [_notification(t.finding.code, _LEVELS[t.finding.severity], _message(t.finding)) for t in found if not t.finding.position]
    if left_out:
        words = f"{counted(left_out, 'result')} left out, the least severe ones: GitHub takes no more of one file. report.json holds all"
        out.append(_notification("left-out", "warning", words))
    return out


def _notification(code: str, level: str, text: str) -> dict[str, object]:
    return {"descriptor": {"id": code}, "level": level, "message": {"text": text}}
