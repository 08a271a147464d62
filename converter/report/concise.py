"""A line for each finding, `file:line:column: severity CODE message`: editors and hooks follow it."""

from converter.model.conversion import Conversion
from converter.model.findings import Finding
from converter.report.github import below
from converter.report.review import all_findings
from converter.report.style import printable


def concise(conversion: Conversion, folder: str) -> str:
    """The findings that no baseline accepts, in the order of the report. `folder` leads to the source's files."""
    return "".join(f"{_line(finding, folder)}\n" for finding in all_findings(conversion) if not finding.accepted)


def _line(finding: Finding, folder: str) -> str:
    place = f"{below(folder, finding.position.full)}: " if finding.position else ""
    return printable(f"{place}{finding.severity.name.lower()} {finding.code} {finding.message}")
