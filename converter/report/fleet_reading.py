"""The reports of a fleet's machines, read back as one: each place stands behind the name of its machine."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from converter.model.conversion import Conversion, HostSummary
from converter.model.findings import Finding
from converter.model.ledger import Row
from converter.model.records import replace

REPORT = "report.json"


def machine_reports(folder: Path) -> dict[str, Path] | None:
    """The reports in a folder that `batch -o` wrote, by machine; None where it is that of one source. Links are not followed."""
    inside = folder / "machines"
    if not inside.is_dir() or inside.is_symlink():
        return None
    found = sorted(Path(place) for place, _, names in os.walk(inside) if REPORT in names)
    return {place.relative_to(inside).as_posix(): place / REPORT for place in found if not (place / REPORT).is_symlink()}


def joined(source: str, parts: Iterable[tuple[str, Conversion]]) -> Conversion:
    """One conversion of those of some machines, by name. source: what it is called. A host is that of the machine it is written from."""
    placed = [(machine, conversion) for machine, conversion in parts]
    return Conversion(
        source,
        rows=tuple(row for machine, part in placed for row in under(machine, part.rows)),
        findings=tuple(_finding(machine, finding) for machine, part in placed for finding in part.findings),
        hosts=tuple(_host(machine, host) for machine, part in placed for host in part.hosts if host.files),
        platform=tuple({note.difference: note for _, part in placed for note in part.platform}.values()),
        decisions_needed=tuple(dict.fromkeys(needed for _, part in placed for needed in part.decisions_needed)),
    )


def under(machine: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows with their places behind the machine's name."""
    for row in rows:
        position = row.entry.position
        yield replace(row, entry=replace(row.entry, position=replace(position, file=f"{machine}/{position.file}")))


def _finding(machine: str, finding: Finding) -> Finding:
    position = finding.position
    return replace(finding, position=replace(position, file=f"{machine}/{position.file}") if position else None)


def _host(machine: str, host: HostSummary) -> HostSummary:
    return replace(host, origins=tuple(f"{machine}/{origin}" for origin in host.origins))
