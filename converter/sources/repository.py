"""Finds the nginx configurations in a repository of machines, in whatever layout: prefixes, dumps of `nginx -T`, folders of site files.

No file is converted here: a look at the beginning of each that may be one decides.
"""

import fnmatch
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from converter.sources.dump import is_dump
from converter.sources.texts import SourceError

MOST_FOLDERS = 500_000  # that are looked into
_HEAD = 256 * 1024  # bytes of a file that decide what it is
_MAIN = re.compile(rb"^[ \t]*(?:events|http)\s*\{", re.MULTILINE)
_SITE = re.compile(rb"^[ \t]*server\s*\{", re.MULTILINE)
_SITE_FOLDERS = ("conf.d", "http.d", "sites-enabled", "vhosts", "vhosts.d")
_OLD = (".bak", ".default", ".dpkg-dist", ".dpkg-old", ".old", ".orig", ".rpmnew", ".rpmsave", ".save", ".swp", "~")
_GENERIC = ("config", "dump", "nginx", "nginx-t", "nginx.conf", "nginx_t", "output")


@dataclass(frozen=True, slots=True)
class Machine:
    """A configuration that was found.

    name: the folder's, relative to the repository (a file's, where a folder holds several); unique.
    path: what is to be read, relative to the repository.  kind: `prefix`, `dump`, `file` or `sites`.  why: a sentence for people.
    """

    name: str
    path: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    kind: str
    why: str
    names: tuple[str, ...]  # as it may be called, the nicest first


def machines(root: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> list[Machine]:
    """The machines of a repository, by name. include, exclude: globs over their names and paths; nothing included means all.

    Links to folders, links that lead out of the root, and hidden folders are not followed.

    Raises SourceError where the root is no folder, or holds too much.
    """
    if not root.is_dir():
        raise SourceError(f"{root} is no folder: name the folder that holds the machines' configurations")
    taken: dict[str, _Found] = {}
    for found in _search(root):
        others = (f"{found.path}-{number}" for number in itertools.count(2))
        name = next(name for name in itertools.chain(found.names, (found.path,), others) if name and name not in taken)
        taken[name] = found
    out = [Machine(name, found.path, found.kind, found.why) for name, found in taken.items()]
    return sorted((m for m in out if _wanted(m, include, exclude)), key=lambda machine: machine.name)


def _wanted(machine: Machine, include: Sequence[str], exclude: Sequence[str]) -> bool:
    texts = (machine.name, machine.path)

    def meets(patterns: Sequence[str]) -> bool:
        return any(fnmatch.fnmatchcase(text, pattern) for text in texts for pattern in patterns)

    return (not include or meets(include)) and not meets(exclude)


def _search(root: Path) -> Iterator[_Found]:
    """What is found, folder by folder, each before the folders in it. Below a configuration only whole other ones count."""
    pending = [("", False)]
    seen = 0
    while pending:
        folder, covered = pending.pop()
        seen += 1
        if seen > MOST_FOLDERS:
            raise SourceError(f"{root} holds more than {MOST_FOLDERS:,} folders: name the folder of the configurations")
        files, folders = _entries(root, folder)
        found = list(_in_folder(root, folder, files, folders, covered))
        yield from found
        covered = covered or any(f.kind in ("prefix", "sites") for f in found)
        pending += [(_join(folder, name), covered) for name in reversed(folders)]


def _entries(root: Path, folder: str) -> tuple[list[str], list[str]]:
    """Names of files and of folders in a folder, sorted; nothing of one that cannot be read, and no links that lead out of the root."""
    files, folders = [], []
    try:
        with os.scandir(root / folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_file() and (not entry.is_symlink() or _inside(root, entry.path)):
                    files.append(entry.name)
    except OSError:
        return [], []
    return sorted(files), sorted(name for name in folders if not name.startswith("."))


def _inside(root: Path, path: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _in_folder(root: Path, folder: str, files: list[str], folders: list[str], covered: bool) -> Iterator[_Found]:
    if "nginx.conf" in files and _MAIN.search(_head(root / folder / "nginx.conf")):
        path = _prefix(root, folder)
        yield _Found(path, "prefix", f"{_join(folder, 'nginx.conf')} has an events or http block", _prefix_names(root, folder))
        return
    if covered:
        return
    heads = [(name, _head(root / folder / name)) for name in files if not name.startswith(".") and not name.endswith(_OLD)]
    for name, head in heads:
        if is_dump(head):
            yield _Found(_join(folder, name), "dump", f"{_join(folder, name)} is the output of nginx -T", _file_names(folder, name))
    mains = [name for name, head in heads if ".conf" in name and _MAIN.search(head) and not is_dump(head)]
    for name in mains:
        yield _Found(_join(folder, name), "file", f"{_join(folder, name)} has an events or http block", (_join(folder, name),))
    if place := _sites(root, folder, [(n, h) for n, h in heads if n not in mains], folders):
        yield _Found(folder or ".", "sites", f"{place} has a server block and no nginx.conf around it", (folder, root.resolve().name))


def _sites(root: Path, folder: str, heads: list[tuple[str, bytes]], folders: list[str]) -> str:
    """The first site file of a folder or of the usual folders in it; empty where there is none."""
    bare = PurePosixPath(folder).name in ("sites-enabled", "sites-available")
    for name, head in heads:
        if (bare or name.endswith(".conf")) and _SITE.search(head) and not is_dump(head):
            return _join(folder, name)
    for inner in (name for name in folders if name in _SITE_FOLDERS):
        for name in _entries(root, _join(folder, inner))[0]:
            if (name.endswith(".conf") or inner == "sites-enabled") and _SITE.search(_head(root / folder / inner / name)):
                return _join(folder, inner, name)
    return ""


def _prefix(root: Path, folder: str) -> str:
    """The folder whose paths the includes of an `etc/nginx` mean: the one that stands for `/`, where nothing else there is a main file."""
    if folder == "etc/nginx" or folder.endswith("/etc/nginx"):
        above = folder.removesuffix("etc/nginx").rstrip("/")
        if not (root / above / "nginx.conf").exists():
            return above or "."
    return folder or "."


def _prefix_names(root: Path, folder: str) -> tuple[str, ...]:
    short = folder
    for ending in ("etc/nginx", "nginx", "conf"):
        if short == ending or short.endswith(f"/{ending}"):
            short = short.removesuffix(ending).rstrip("/")
            break
    return short, folder, root.resolve().name


def _file_names(folder: str, name: str) -> tuple[str, ...]:
    stem = name.rpartition(".")[0] or name
    return (folder, _join(folder, stem), _join(folder, name)) if stem.lower() in _GENERIC else (_join(folder, stem), _join(folder, name))


def _head(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            return file.read(_HEAD) or b""
    except OSError:
        return b""


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
