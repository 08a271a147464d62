"""Writes the output folder: whole files only, only where something changes, and never over what a person has edited.

`OUT/.nginx2istio.json` remembers the hash of each file as it was written; a file that differs from both its hash and the new
text has been edited since.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

RECORD = ".nginx2istio.json"


class OutputError(Exception):
    """The folder cannot be written to; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of each file, by its path in the folder, sorted. edited: left alone because a person changed it."""

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Record:
    """Hashes of what was written, by path. unfinished: what a run that has not ended meant to write."""

    files: dict[str, str]
    unfinished: dict[str, str]

    def ours(self, path: str, content: bytes) -> bool:
        return _hash(content) in (self.files.get(path), self.unfinished.get(path))


def write(folder: Path, files: Mapping[str, str], force: bool) -> Written:
    """Brings the folder to hold `files` (path in the folder -> text), and removes what an earlier run wrote and this one does not.

    Files that no run wrote are never touched, those that a person edited only with `force`.
    Raises OutputError where a path leads outside the folder or the system refuses; nothing is half written then.
    """
    try:
        return _write(folder, {path: text.encode("utf-8", "replace") for path, text in files.items()}, force)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise OutputError(f"cannot write to {folder}: {place}{error.strerror or error}") from error


def _write(folder: Path, files: dict[str, bytes], force: bool) -> Written:
    folder.mkdir(parents=True, exist_ok=True)
    record = _read_record(folder)
    stale = sorted(record.files.keys() - files.keys())
    for path in (*files, *stale, RECORD):
        _check_inside(folder, path)
    present = {path: _content(folder / path) for path in (*files, *stale)}
    unchanged = {path for path, content in files.items() if present[path] == content}
    edited = {path for path, content in present.items() if content is not None and path not in unchanged and not record.ours(path, content)}
    kept = {path for path in edited if not force or path in stale}
    removed = [path for path in stale if present[path] is not None and path not in kept]
    written = sorted(files.keys() - unchanged - kept)
    after = {path: _hash(content) for path, content in files.items() if path not in kept}
    after |= {path: record.files[path] for path in kept if path in record.files and path in files}
    if written or removed:
        _write_record(folder, _Record(record.files, after))
    for path in written:
        replace_file(folder / path, files[path])
    for path in removed:
        _remove(folder, path)
    _write_record(folder, _Record(after, {}))
    return Written(tuple(written), tuple(sorted(unchanged)), tuple(sorted(kept)), tuple(removed))


def _check_inside(folder: Path, path: str) -> None:
    """Refuses a path that leaves the folder, by `..` or by a link on the way or in its place."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
        raise OutputError(f"refused to write {path!r}: not a path inside the output folder")
    if not (folder / path).resolve().is_relative_to(folder.resolve()):
        raise OutputError(f"refused to write {path}: a symbolic link leads outside {folder}")


def _content(path: Path) -> bytes | None:
    """What the file holds; None where nothing is there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_record(folder: Path) -> _Record:
    """What earlier runs wrote. A record that cannot be read stands for none: files that differ then count as edited."""
    try:
        document = json.loads((folder / RECORD).read_bytes())
        return _Record(dict(_hashes(document["files"])), dict(_hashes(document.get("unfinished", {}))))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Record({}, {})


def _hashes(values: dict[str, object]) -> Iterator[tuple[str, str]]:
    return ((path, value) for path, value in values.items() if isinstance(value, str))


def _write_record(folder: Path, record: _Record) -> None:
    document: dict[str, object] = {"version": 1, "files": record.files}
    if record.unfinished:
        document["unfinished"] = record.unfinished
    content = (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()
    if _content(folder / RECORD) != content:
        replace_file(folder / RECORD, content)


def replace_file(path: Path, content: bytes) -> None:
    """Puts a whole file in the place of another, or of none, at one stroke. Raises OSError, and leaves what was there, where that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.nginx2istio-new")
    temporary.unlink(missing_ok=True)  # of a run that was killed
    try:
        with temporary.open("xb") as file:
            file.write(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove(folder: Path, path: str) -> None:
    """Removes a file, and the folders that it leaves empty."""
    (folder / path).unlink()
    for parent in list((folder / path).parents)[: len(PurePosixPath(path).parts) - 1]:
        if any(parent.iterdir()):
            return
        parent.rmdir()
