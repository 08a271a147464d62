"""Texts in a folder of this machine. Nothing outside the folder is opened, whatever includes and links say."""

import os
import posixpath
import stat
from pathlib import Path

from converter.sources.patterns import candidates, expand, is_plain, leaves_root
from converter.sources.texts import LARGEST_TEXT, Match, Refusal, Text, decoded, too_large

MOST_NAMES = 20_000  # names listed in all folders of a source
MOST_LINKS = 40  # as Linux follows


class _TooManyNames(Exception):
    """The folders hold more names than this program is willing to list."""


class Folder:
    """Texts below `root`.

    prefix: the main file's folder, relative to the root.
    named:  a file that the user named: it is read even where it is a link that leads elsewhere.
    """

    def __init__(self, root: Path, prefix: str = "", named: str = "") -> None:
        self._root = os.path.realpath(root)
        self._prefix = prefix
        self._named = named
        self._listed: dict[str, tuple[str, ...]] = {}
        self._names_seen = 0

    def find(self, pattern: str) -> Match:
        plain = is_plain(pattern)
        places = candidates(pattern, self._prefix)
        if not places:
            return Match((), plain, _outside(pattern))
        try:
            for place in places:
                paths = tuple(path for path in self._matches(place) if plain or not self.is_folder(path))
                if paths:
                    return Match(paths, plain)
        except _TooManyNames:
            message = f"the folders hold more than {MOST_NAMES} names: {pattern} was not expanded"
            return Match((), plain, Refusal("NGX017", message, "Give the nginx folder itself."))
        return Match((), plain)

    def read(self, path: str) -> Text:
        real = os.path.realpath(os.path.join(self._root, path)) if path == self._named else self._real(path)
        if real is None:
            return Text(path, "", _outside(path))
        try:
            return _read(path, real)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no such path"
            return Text(path, "", Refusal("NGX016", f"{path} cannot be read: {reason}", "Make the file readable."))

    def is_folder(self, path: str) -> bool:
        real = self._real(path)
        return real is not None and os.path.isdir(real)

    def _matches(self, place: str) -> list[str]:
        if is_plain(place):
            return [place] if self._exists(place) else []
        return [path for path in expand(place, self._names) if self._exists(path)]

    def _exists(self, path: str) -> bool:
        try:
            return os.path.lexists(os.path.join(self._root, path))
        except ValueError:  # a NUL in the name
            return False

    def _names(self, folder: str) -> tuple[str, ...]:
        """Names in a folder, listed once; none for what is no folder or lies outside."""
        if folder not in self._listed:
            real = self._real(folder)
            self._listed[folder] = self._list(real) if real is not None else ()
        return self._listed[folder]

    def _list(self, real: str) -> tuple[str, ...]:
        names = []
        try:
            with os.scandir(real) as entries:
                for entry in entries:
                    names.append(entry.name)
                    if self._names_seen + len(names) > MOST_NAMES:
                        raise _TooManyNames
        except (OSError, ValueError):
            return ()
        self._names_seen += len(names)
        return tuple(names)

    def _real(self, path: str) -> str | None:
        """Where a path ends up after its links; None outside the root.

        An absolute link, such as those of a copied sites-enabled, is looked up under the root, as absolute includes are.
        """
        for _ in range(MOST_LINKS):
            if leaves_root(posixpath.normpath(path)):
                return None
            real = os.path.realpath(os.path.join(self._root, path))
            if self._inside(real):
                return real
            target = self._absolute_target(path)
            if target is None:
                return None
            path = target
        return None

    def _absolute_target(self, path: str) -> str | None:
        """The place under the root that stands for the target of an absolute link."""
        try:
            target = os.readlink(os.path.join(self._root, path))
        except (OSError, ValueError):
            return None
        if not target.startswith("/"):
            return None
        return next((place for place in candidates(target, self._prefix) if self._exists(place)), None)

    def _inside(self, real: str) -> bool:
        return real == self._root or real.startswith(self._root.rstrip("/") + "/")


def _read(path: str, real: str) -> Text:
    with open(real, "rb", opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return Text(path, "", Refusal("NGX016", f"{path} is no regular file", "Name a file."))
        if status.st_size > LARGEST_TEXT:
            return Text(path, "", too_large(path))
        return decoded(path, file.read(LARGEST_TEXT + 1))


def _without_waiting(path: str, flags: int) -> int:
    """Opens a pipe that nobody writes to, too."""
    return os.open(path, flags | os.O_NONBLOCK)


def _outside(path: str) -> Refusal:
    return Refusal(
        "NGX015",
        f"{path} leads outside the folder that was given and was not read",
        "Give the folder that holds all files, or the output of `nginx -T`.",
    )
