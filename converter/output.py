"""Writes the output folder: whole files only, only where something changes, and never over what a person has edited.

`OUT/.nginx2istio.json` remembers the hash of each file as it was written; a file that differs from both its hash and the new
text has been edited since. While a run writes, `OUT/.nginx2istio.journal` says what it has begun with: after a run that was killed,
the next one knows its files.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

RECORD = ".nginx2istio.json"
JOURNAL = ".nginx2istio.journal"


class OutputError(Exception):
    """The folder cannot be written to; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of each file, by its path in the folder, sorted. edited: left alone because a person changed it.

    left: no longer produced, and still there.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def write(folder: Path, files: Mapping[str, str], force: bool) -> Written:
    """Brings the folder to hold `files` (path in the folder -> text), and removes what an earlier run wrote and this one does not.

    Files that no run wrote are never touched, those that a person edited only with `force`.
    Raises OutputError where a path leads outside the folder or the system refuses; nothing is half written then.
    """
    with _sentences(folder):
        writing = Writing(folder, force)
        for path in (*files, *writing.before):
            _check_inside(folder.resolve(), path)
        for path, text in files.items():
            writing.put(path, text)
        return writing.finish()


@dataclass(slots=True)
class Writing:
    """A run that brings a folder up to date file by file: `put` each, then `finish`. Both raise OutputError as `write` does.

    before: what earlier runs wrote, with the hashes that a file of theirs may have.  after: hashes of what this run vouches for.
    """

    folder: Path
    force: bool
    before: dict[str, set[str]] = field(init=False)
    after: dict[str, str] = field(default_factory=dict, init=False)
    _kinds: dict[str, str] = field(default_factory=dict, init=False)
    _root: Path = field(init=False)

    def __post_init__(self) -> None:
        with _sentences(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._root = self.folder.resolve()
            for path in (RECORD, JOURNAL):
                _check_inside(self._root, path)
            self.before = {path: {digest} for path, digest in _read_record(self.folder).items()}
            for path, digest in _read_journal(self.folder):
                self.before.setdefault(path, set()).add(digest)

    def put(self, path: str, text: str) -> None:
        """Brings one file up to date."""
        with _sentences(self.folder):
            content = text.encode("utf-8", "replace")
            _check_inside(self._root, path)
            present = _content(self.folder / path)
            if present == content:
                self._settle(path, "unchanged", _hash(content))
            elif present is not None and not self.force and _hash(present) not in self.before.get(path, ()):
                self._settle(path, "edited", next(iter(self.before.get(path, ())), None))
            else:
                self._note(path, _hash(content))
                replace_file(self.folder / path, content)
                self._settle(path, "written", _hash(content))

    def finish(self, keep: Callable[[str], bool] = lambda _: False) -> Written:
        """Removes what is no longer produced, unless `keep` says of its path that it stays, and remembers what was written."""
        with _sentences(self.folder):
            for path in sorted(self.before.keys() - self._kinds.keys()):
                self._stale(path, keep(path))
            _write_record(self.folder, self.after)
            (self.folder / JOURNAL).unlink(missing_ok=True)
        kinds = {kind: tuple(sorted(p for p, k in self._kinds.items() if k == kind)) for kind in set(self._kinds.values())}
        return Written(**kinds)

    def _stale(self, path: str, keep: bool) -> None:
        _check_inside(self._root, path)
        present = _content(self.folder / path)
        if present is None:
            return
        if _hash(present) not in self.before[path]:
            self._settle(path, "edited", None)
        elif keep:
            self._settle(path, "left", _hash(present))
        else:
            _remove(self.folder, path)
            self._settle(path, "removed", None)

    def _settle(self, path: str, kind: str, digest: str | None) -> None:
        self._kinds[path] = kind
        if digest is not None:
            self.after[path] = digest

    def _note(self, path: str, digest: str) -> None:
        """Says in the journal, before it happens, what will be written."""
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps([path, digest]) + "\n")


@contextmanager
def _sentences(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise OutputError(f"cannot write to {folder}: {place}{error.strerror or error}") from error


def _check_inside(root: Path, path: str) -> None:
    """Refuses a path that leaves the folder, by `..` or by a link on the way or in its place."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
        raise OutputError(f"refused to write {path!r}: not a path inside the output folder")
    if not (root / path).resolve().is_relative_to(root):
        raise OutputError(f"refused to write {path}: a symbolic link leads outside {root}")


def _content(path: Path) -> bytes | None:
    """What the file holds; None where nothing is there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_record(folder: Path) -> dict[str, str]:
    """Hashes of what earlier runs wrote. A record that cannot be read stands for none: files that differ then count as edited."""
    try:
        files = json.loads((folder / RECORD).read_bytes())["files"]
        return {path: value for path, value in files.items() if isinstance(value, str)}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _read_journal(folder: Path) -> Iterator[tuple[str, str]]:
    """What runs that did not end have begun to write. A line that was cut short wrote nothing."""
    try:
        lines = (folder / JOURNAL).read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            path, digest = json.loads(line)
        except (ValueError, TypeError, RecursionError):
            continue
        if isinstance(path, str) and isinstance(digest, str):
            yield path, digest


def _write_record(folder: Path, files: Mapping[str, str]) -> None:
    content = (json.dumps({"version": 1, "files": files}, indent=1, sort_keys=True) + "\n").encode()
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
