"""A side from an output folder: manifests and ledger as they stand on the disk."""

import os
from pathlib import Path

from converter.difference.side import Side
from converter.model.ledger import Row
from converter.output import RECORD
from converter.report.fleet_reading import machine_reports, under
from converter.report.reading import ReportError, conversion_of

_REPORT = "report.json"
_LARGEST, _MOST = 64 * 1024 * 1024, 512 * 1024 * 1024  # octets of a file, and of all of them


class FolderError(Exception):
    """The folder cannot be read; the message is a sentence for people."""


def is_output(path: str) -> bool:
    """Whether a folder was written by `convert -o` or `batch -o`."""
    return os.path.isdir(path) and any(os.path.isfile(os.path.join(path, name)) for name in (RECORD, _REPORT))


def read_folder(path: str) -> Side:
    """The side that a folder holds; links are not followed. Raises FolderError."""
    files: dict[str, str] = {}
    notes: list[str] = []
    left = _MOST
    try:
        for place in _manifests(path):
            content = _content(Path(path, place), min(_LARGEST, left))
            left -= len(content)
            files[place] = content.decode("utf-8", "replace")
        rows = _rows(path, notes)
    except OSError as error:
        raise FolderError(f"{path} cannot be read: {error.strerror}") from None
    return Side(path, files, rows, None, tuple(notes))


def _rows(path: str, notes: list[str]) -> tuple[Row, ...] | None:
    """The ledger of a folder, that of a fleet put together from its machines'; None, and a note, where there is none that can be read."""
    reports = machine_reports(Path(path))
    if reports is None:
        return _read(path, "", notes)
    parts = [(machine, _read(path, f"machines/{machine}/", notes) or ()) for machine in reports]
    return tuple(row for machine, rows in parts for row in under(machine, rows))


def _read(path: str, folder: str, notes: list[str]) -> tuple[Row, ...] | None:
    name = os.path.join(path, folder, _REPORT)
    if not os.path.isfile(name) or os.path.islink(name):
        notes.append(f"{path} holds no {folder}{_REPORT}: outcomes are not compared")
        return None
    try:
        return conversion_of(_content(Path(name), _LARGEST).decode("utf-8", "replace"))[0].rows
    except ReportError:
        notes.append(f"{name} is no report of one source: outcomes are not compared")
    return None


def _manifests(path: str) -> list[str]:
    """The YAML files below a folder, by their paths in it."""
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = (os.path.join(folder, name) for name in names if name.endswith((".yaml", ".yml")))
        found += [Path(p).relative_to(path).as_posix() for p in inside if os.path.isfile(p) and not os.path.islink(p)]
    return sorted(found)


def _content(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise FolderError(f"{path} is too large to be compared: {_LARGEST // 2**20} MiB a file, {_MOST // 2**20} MiB together")
    return content
