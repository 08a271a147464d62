"""Workflow commands that GitHub shows as annotations on the lines of a change.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from pathlib import PurePosixPath

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.report.review import all_findings
from converter.report.style import printable

_LEVELS = {Severity.NOTE: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def annotations(conversion: Conversion, folder: str) -> str:
    """One line a finding, the ones that matter most first: GitHub shows ten a step. `folder` leads from the repository's root to the source's."""
    findings = sorted(all_findings(conversion), key=lambda finding: -finding.severity)
    return "".join(f"{_command(finding, folder)}\n" for finding in findings)


def _command(finding: Finding, folder: str) -> str:
    properties = {"title": finding.code}
    if finding.position:
        place = finding.position
        path = str(PurePosixPath(folder, place.file))
        properties = {"file": path, "line": str(place.line), "col": str(place.column), "title": finding.code}
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    return f"::{_LEVELS[finding.severity]} {','.join(f'{key}={_property(value)}' for key, value in properties.items())}::{_data(text)}"


def _data(text: str) -> str:
    """Escaped as GitHub wants it, without what the terminal of somebody who runs this by hand would obey."""
    lines = (printable(line).replace("%", "%25") for line in text.replace("\r\n", "\n").split("\n"))
    return "%0A".join(lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
