"""A folder or file as a revision of a git repository has it, read through `git` into memory.

Only `rev-parse`, `ls-tree` and `cat-file` are run: nothing is checked out, and no hook, filter or pager of the repository takes part.
"""

import os
import posixpath
import subprocess
from dataclasses import dataclass, field

from converter.sources.dump import Dump, is_dump
from converter.sources.folder import MOST_LINKS, MOST_NAMES
from converter.sources.patterns import candidates, expand, is_plain, leaves_root
from converter.sources.source import from_tree
from converter.sources.texts import LARGEST_TEXT, Match, Refusal, Source, SourceError, Text, decoded, too_large

_SECONDS = 60
_QUIET = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}
_LINK, _FILES = "120000", ("100644", "100755", "100664", "120000")


class GitError(Exception):
    """git cannot be asked, or knows no such revision or path; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class _Blob:
    """A file or link of a tree. name: of the object; size: in octets."""

    mode: str
    name: str
    size: int


@dataclass(slots=True)
class Revision:
    """The texts below a folder of a revision. prefix: the main file's folder. Links are followed inside of the folder alone."""

    blobs: dict[str, _Blob]
    prefix: str = ""
    _children: dict[str, dict[str, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.blobs:
            while path:
                folder, _, name = path.rpartition("/")
                self._children.setdefault(folder, {})[name] = None
                path = folder

    def find(self, pattern: str) -> Match:
        plain = is_plain(pattern)
        places = candidates(pattern, self.prefix)
        if not places:
            return Match((), plain, _outside(pattern))
        for place in places:
            found = [place] if plain else expand(place, lambda folder: self._children.get(self._real(folder) or "\0", ()))
            paths = tuple(path for path in found if self._exists(path) and (plain or not self.is_folder(path)))
            if paths:
                return Match(paths, plain)
        return Match((), plain)

    def read(self, path: str) -> Text:
        real = self._real(path)
        if real is None:
            return Text(path, "", _outside(path))
        blob = self.blobs.get(real)
        if blob is None:
            return Text(path, "", Refusal("NGX016", f"{path} cannot be read: no such file in the revision", "Name a file."))
        return Text(path, "", too_large(path)) if blob.size > LARGEST_TEXT else decoded(path, _git("cat-file", "blob", blob.name))

    def is_folder(self, path: str) -> bool:
        return self._real(path) in self._children

    def _exists(self, path: str) -> bool:
        real = self._real(path)
        return path in self.blobs or real in self.blobs or real in self._children

    def _real(self, path: str) -> str | None:
        """Where a path ends up after its links; None outside of the folder."""
        path = "" if path == "." else path
        for _ in range(MOST_LINKS):
            if leaves_root(path):
                return None
            link = next((place for place in _upwards(path) if place in self.blobs and self.blobs[place].mode == _LINK), None)
            if link is None:
                return path
            target = _git("cat-file", "blob", self.blobs[link].name)[:4096].decode("utf-8", "surrogateescape")
            places = candidates(target, self.prefix) if target.startswith("/") else (posixpath.join(posixpath.dirname(link), target),)
            if not places:
                return None
            path = posixpath.normpath(posixpath.join(places[0], path[len(link) :].lstrip("/"))).removesuffix("/.")
            path = "" if path == "." else path
        return None


def _upwards(path: str) -> list[str]:
    """A path's folders, the outermost first, and the path itself."""
    parts = path.split("/")
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _outside(path: str) -> Refusal:
    return Refusal("NGX015", f"{path} leads outside the folder that was given and was not read", "Name the folder that holds all files.")


def read_revision(revision: str, path: str) -> Source:
    """What a revision (`main`, `HEAD~2`, a hash) of the repository around the working directory has at a path.

    Raises GitError, and SourceError where there is nothing to read.
    """
    label = f"{revision}:{path}"
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", fault=f"{revision}: no such revision")
    place = _place(path)
    blobs = _listed(commit.decode().strip(), place)
    if place in blobs and blobs[place].mode != _LINK:
        return _of_file(label, commit.decode().strip(), place, blobs[place])
    inside = {name[len(place) + 1 :] if place else name: blob for name, blob in blobs.items() if name != place}
    if not inside:
        raise SourceError(f"{label}: the revision has nothing there")
    return from_tree(label, lambda prefix: Revision(inside, prefix))


def _of_file(label: str, commit: str, place: str, blob: _Blob) -> Source:
    if blob.size > LARGEST_TEXT:
        raise SourceError(too_large(place).message)
    content = _git("cat-file", "blob", blob.name)
    if is_dump(content):
        dump = Dump(content)
        return Source(label, dump.main, dump)
    folder, _, name = place.rpartition("/")
    found = _listed(commit, folder)
    return Source(label, name, Revision({path[len(folder) + 1 :] if folder else path: blob for path, blob in found.items()}))


def _place(path: str) -> str:
    """A path of the working directory as one from the top of the repository."""
    top = os.path.realpath(_git("rev-parse", "--show-toplevel", fault="not in a git repository").decode().rstrip("\n"))
    place = os.path.relpath(os.path.join(os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.basename(path.rstrip("/"))), top)
    place = os.path.relpath(os.path.realpath(path), top) if os.path.basename(path.rstrip("/")) in ("", ".", "..") else place
    if leaves_root(place):
        raise GitError(f"{path} is outside of the git repository {top}")
    return "" if place == "." else place


def _listed(commit: str, place: str) -> dict[str, _Blob]:
    """Files and links at a place and below it, by their paths from the top."""
    listing = _git("ls-tree", "-r", "-z", "-l", "--full-tree", commit, *(["--", place] if place else []))
    found: dict[str, _Blob] = {}
    for line in listing.split(b"\0"):
        head, tab, path = line.partition(b"\t")
        if tab and (parts := head.decode().split())[0] in _FILES:
            found[path.decode("utf-8", "surrogateescape")] = _Blob(parts[0], parts[2], int(parts[3]))
        if len(found) > MOST_NAMES:
            raise GitError(f"{place or 'the repository'} holds more than {MOST_NAMES} files: name the folder of the configuration")
    return found


def _git(*arguments: str, fault: str = "") -> bytes:
    """What git prints. Raises GitError."""
    command = ["git", "--no-pager", "--no-replace-objects", "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, env={**os.environ, **_QUIET}, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed: it is what revisions are read by") from None
    except (subprocess.TimeoutExpired, OSError, ValueError) as error:
        raise GitError(f"git cannot be asked: {' '.join(str(error).split())[:200]}") from None
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        raise GitError("; ".join(part for part in (fault, said) if part) or "git failed")
    return done.stdout
