"""A side from an output folder: manifests and ledger as they stand on the disk."""

import os
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
    files, notes, left = {}, [], _MOST
    try:
        for place in _manifests(path):
            content = _content(Path(path, place), min(_LARGEST, left))
            left -= len(content)
            files[place] = content.decode("utf-8", "replace")
        report = _content(Path(path, _REPORT), _LARGEST) if os.path.isfile(Path(path, _REPORT)) else None
    except OSError as error:
        raise FolderError(f"{path} cannot be read: {error.strerror}") from None
    rows: tuple[Row, ...] | None = None
    try:
        rows = conversion_of(report.decode("utf-8", "replace"))[0].rows if report is not None else None
    except ReportError:
        notes.append(f"{os.path.join(path, _REPORT)} is no report of one source: outcomes are not compared")
    if report is None:
        notes.append(f"{path} holds no {_REPORT}: outcomes are not compared")
    return Side(path, files, rows, None, tuple(notes))


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
