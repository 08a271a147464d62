"""Machines with the same texts are one configuration: it is read once, whatever machine it comes from."""

from collections.abc import Iterable
from pathlib import Path

from converter.fleet.glance import Configuration
from converter.model.fleet import Failed
from converter.sources import SourceError, read_source
from converter.sources.reach import digest
from converter.sources.repository import Machine


def configurations(root: Path, machines: Iterable[Machine]) -> tuple[list[Configuration], list[Failed]]:
    """The distinct configurations, by the name of their first machine, and the machines that cannot be read."""
    found: dict[str, list[Machine]] = {}
    failed = []
    for machine in machines:
        try:
            found.setdefault(digest(read_source(str(root / machine.path))), []).append(machine)
        except SourceError as error:
            failed.append(Failed((machine.name,), str(error)))
    return [Configuration(tuple(m.name for m in same), str(root / same[0].path)) for same in found.values()], failed
