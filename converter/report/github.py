"""Workflow commands that GitHub shows as annotations on the lines of a change.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
Of each level, a step shows ten, and a message has at most 4,096 characters (actions/runner, ExecutionContext). What is more stands in the
step's log as plain lines, which a last annotation says.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.report.review import all_findings
from converter.report.style import counted, printable

SHOWN = 10
LONGEST_MESSAGE = 4096
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotations(conversion: Conversion, folder: str) -> str:
    """The findings, worst first: as commands while GitHub shows them, then as lines of the log. Those that a baseline accepts are only counted.

    `folder` leads from the repository's root to the source's files.
    """
    findings = all_findings(conversion)
    new = [finding for finding in findings if not finding.accepted]
    commands, lines = _divided(new, full=len(new) == len(findings))
    out = [_command(finding, folder) for finding in commands]
    out += [_line(finding, folder) for finding in lines]
    return "".join(f"{line}\n" for line in [*out, *_rest(lines, len(findings) - len(new))])


def below(folder: str, file: str) -> str:
    """The path of a report's file from where the folder leads from, with `/` between its parts; never absolute."""
    return str(PurePosixPath(folder, file.lstrip("/")))


def _divided(findings: Sequence[Finding], full: bool) -> tuple[list[Finding], list[Finding]]:
    """What is shown as annotations, and what is not. full: whether all places are free; otherwise a notice needs one."""
    by_level = {severity: [finding for finding in findings if finding.severity is severity] for severity in _LEVELS}
    if any(len(level) > SHOWN for level in by_level.values()):
        full = False
    places = {severity: SHOWN - (severity is Severity.NOTE and not full) for severity in _LEVELS}
    shown = [finding for severity, level in by_level.items() for finding in level[: places[severity]]]
    return shown, [finding for severity, level in by_level.items() for finding in level[places[severity] :]]


def _rest(lines: Iterable[Finding], accepted: int) -> Iterator[str]:
    counts = Counter(finding.severity for finding in lines)
    parts = [counted(counts[severity], name) for severity, name in _LEVELS.items() if counts[severity]]
    told = [f"{', '.join(parts)} more in the log of this step: GitHub shows {SHOWN} annotations of a level"] if parts else []
    told += [f"{counted(accepted, 'finding')} accepted by the baseline"] if accepted else []
    if told:
        yield f"::notice title=nginx2istio::{_data('. '.join(told))}."


def _command(finding: Finding, folder: str) -> str:
    properties = {"title": finding.code}
    if finding.position:
        place = finding.position
        properties = {"file": below(folder, place.file), "line": str(place.line), "col": str(place.column), "title": finding.code}
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    if len(text) > LONGEST_MESSAGE:
        text = text[: LONGEST_MESSAGE - 1] + "…"
    return f"::{_LEVELS[finding.severity]} {','.join(f'{key}={_property(value)}' for key, value in properties.items())}::{_data(text)}"


def _line(finding: Finding, folder: str) -> str:
    """A line that is no command: GitHub also obeys `##[name]` inside of a line."""
    place = f" {below(folder, finding.position.full)}:" if finding.position else ""
    return printable(f"{_LEVELS[finding.severity]} {finding.code}{place} {finding.message}").replace("##[", "## [")


def _data(text: str) -> str:
    """Escaped as GitHub wants it, without what the terminal of somebody who runs this by hand would obey."""
    lines = (printable(line).replace("%", "%25") for line in text.replace("\r\n", "\n").split("\n"))
    return "%0A".join(lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
