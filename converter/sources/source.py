"""From the argument of a command to a source."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from converter.sources.dump import Dump, is_dump
from converter.sources.folder import Folder
from converter.sources.patterns import is_plain
from converter.sources.texts import LARGEST_TEXT, Match, Source, SourceError, Text, Tree, decoded

_MAIN_FILES = ("nginx.conf", "etc/nginx/nginx.conf", "nginx/nginx.conf", "conf/nginx.conf")
_SITE_PATTERNS = ("*.conf", "conf.d/*.conf", "http.d/*.conf", "sites-enabled/*", "vhosts/*.conf", "vhosts.d/*.conf")


class SingleText:
    """One text that stands alone: no include finds anything."""

    def __init__(self, path: str, content: bytes) -> None:
        self._text = decoded(path, content)

    def find(self, pattern: str) -> Match:
        return Match((), is_plain(pattern))

    def read(self, path: str) -> Text:
        return self._text


def read_source(argument: str, stdin: BinaryIO | None = None) -> Source:
    """Recognises what the user named: a file, a folder, a dump of `nginx -T`, or `-` for standard input.

    Raises SourceError where there is nothing to read.
    """
    if argument == "-":
        if stdin is None:
            raise SourceError("standard input is not available: name a file or a folder")
        return _from_bytes("<stdin>", stdin.read(LARGEST_TEXT + 1))
    try:
        mode = os.stat(argument).st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise SourceError(f"{argument} cannot be read: {reason}") from None
    if stat.S_ISDIR(mode):
        return _from_folder(argument)
    return _from_file(argument, stat.S_ISREG(mode))


def _from_bytes(label: str, content: bytes) -> Source:
    if not content.strip():
        raise SourceError(f"{label} is empty")
    if is_dump(content):
        dump = Dump(content)
        return Source(label, dump.main, dump)
    return Source(label, label, SingleText(label, content))


def _from_file(argument: str, regular: bool) -> Source:
    try:
        with open(argument, "rb") as file:
            content = file.read(LARGEST_TEXT + 1)
    except OSError as error:
        raise SourceError(f"{argument} cannot be read: {error.strerror}") from None
    if not regular or is_dump(content):
        return _from_bytes(argument, content)
    path = Path(argument)
    return Source(argument, path.name, Folder(path.parent, named=path.name))


def _from_folder(argument: str) -> Source:
    return from_tree(argument, lambda prefix: Folder(Path(argument), prefix))


def from_tree(label: str, tree: Callable[[str], Tree]) -> Source:
    """The source that a folder holds: that of its nginx.conf, or of its site files. tree: the folder's texts, by the main file's folder.

    Raises SourceError where it holds neither.
    """
    top = tree("")
    for main in _MAIN_FILES:
        if top.find(main).paths and not top.is_folder(main):
            return Source(label, main, tree(main.rpartition("/")[0]))
    sites = _site_files(top)
    if not sites:
        raise SourceError(f"{label} holds no nginx.conf and no site files (*.conf, conf.d, sites-enabled)")
    return Source(label, sites[0], top, tuple(sites[1:]))


def _site_files(folder: Tree) -> list[str]:
    """Site files by their usual places; in a folder that has none of them, such as sites-enabled itself, all its files."""
    found = [path for pattern in _SITE_PATTERNS for path in folder.find(pattern).paths]
    if found:
        return found
    match = folder.find("*")
    if match.refusal is not None:
        raise SourceError(match.refusal.message)
    return list(match.paths)
