"""A side from an output folder: manifests and ledger as they stand on the disk."""

import os
from collections.abc import Iterator
from pathlib import Path

from converter.difference.side import Side
from converter.model.ledger import Row
from converter.output import RECORD
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
    machines = _machines(path)
    if machines is None:
        return _read(path, "", notes)
    parts = [_read(path, f"machines/{machine}/", notes) for machine in machines]
    return tuple(row for machine, part in zip(machines, parts, strict=True) for row in _under(machine, part or ()))


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


def _machines(path: str) -> list[str] | None:
    """The machines of a fleet whose reports are in its folder; None where the folder is that of one source."""
    folder = Path(path, "machines")
    if not folder.is_dir() or folder.is_symlink():
        return None
    found = (Path(place) for place, _, names in os.walk(folder) if _REPORT in names)
    return sorted(place.relative_to(folder).as_posix() for place in found)


def _under(machine: str, rows: tuple[Row, ...]) -> Iterator[Row]:
    """Rows with their places behind the machine's name."""
    for row in rows:
        position = row.entry.position
        yield row._replace(entry=row.entry._replace(position=position._replace(file=f"{machine}/{position.file}")))


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
