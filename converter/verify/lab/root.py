"""What nginx sees of the file system: the system's programs and libraries, the configuration, empty folders to write to. Nothing of the user's.

What is the system's can only be read. Where a configuration has files in its folders, a folder of our own takes the place of each of them.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from converter.verify.lab import kernel

PROGRAM = "/nginx"  # where its binary lies
_SYSTEM = ("usr", "lib", "lib32", "lib64", "libx32", "bin", "sbin", "dev", "proc", "nix", "gnu")
_COPIED = ("etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/ld.so.cache", "etc/localtime")
_COVER = "verify-cover"  # what a folder is mounted as that takes the place of one of the system
_MOST_LINKS = 40  # as Linux follows
_FOLDERS = ("etc", "run", "tmp", "var/log/nginx", "var/cache/nginx", "var/tmp")


def build(root: Path, program: str, folders: Iterable[str]) -> None:
    """Makes the root in a folder of a private mount namespace. folders: what the binary was built to write to; empty from now on."""
    for name in _SYSTEM:
        _see(Path("/") / name, root / name)
    (root / PROGRAM[1:]).touch()
    kernel.mount_again(program, str(root / PROGRAM[1:]))
    for folder in folders:
        _hide(root, folder)
    clear(root)


def clear(root: Path) -> None:
    """Takes away what a configuration brought and what nginx wrote."""
    for cover in kernel.mounted(_COVER):
        kernel.unmount(cover)
    for path in root.iterdir():
        if path.name not in (*_SYSTEM, PROGRAM[1:]):
            shutil.rmtree(path, ignore_errors=True)
    for name in _FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        if Path("/", name).is_file():
            shutil.copyfile(Path("/", name), root / name)


def place(root: Path, files: Mapping[str, str]) -> None:
    """Writes texts (Latin-1: one character an octet) to absolute paths within the root. Paths are the configuration's: none leads out."""
    for path, text in files.items():
        with suppress(IsADirectoryError, NotADirectoryError, FileExistsError):  # a file and a folder of one name: nginx says what is wrong
            target = _followed(root, path)
            _make(target.parent, root)
            if target.is_file() and _read_only(target):
                kernel.unmount(str(target))
            target.write_bytes(text.encode("latin-1"))


def inside(root: Path, path: str) -> Path:
    """The path within the root. `..` ends at the root, as it does for a program that lives there."""
    return root / os.path.normpath("/" + path.lstrip("/")).lstrip("/")


def make(root: Path, path: str) -> None:
    """A folder within the root that can be written to, with what the system has in it where it is one of the system's."""
    _make(_followed(root, path), root)


def _make(folder: Path, root: Path) -> None:
    there = folder
    while not there.exists():
        there = there.parent
    if _read_only(there) and there.is_dir():
        kernel.mount_memory(str(there), _COVER)
        for outside in (Path("/") / there.relative_to(root)).iterdir():
            _see(outside, there / outside.name)
    folder.mkdir(parents=True, exist_ok=True)


def _read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _followed(root: Path, path: str) -> Path:
    """The path within the root behind all links, absolute ones from the root on, as for a program that lives there."""
    waiting, found, links = inside(root, path).relative_to(root).parts, "/", 0
    while waiting:
        step, *rest = waiting
        link = inside(root, f"{found}/{step}")
        if link.is_symlink() and links < _MOST_LINKS:
            aim, links = os.readlink(link), links + 1
            waiting, found = (*Path(inside(Path("/"), f"{'' if aim.startswith('/') else found}/{aim}")).parts[1:], *rest), "/"
        else:
            waiting, found = tuple(rest), f"{found}/{step}"
    return inside(root, found)


def _see(outside: Path, within: Path) -> None:
    """A folder of the system in the root, a link as the same link."""
    if outside.is_symlink():
        within.symlink_to(os.readlink(outside))
    elif outside.is_dir():
        within.mkdir()
        kernel.mount_again(str(outside), str(within))
    elif outside.exists():
        within.touch()
        kernel.mount_again(str(outside), str(within))


def _hide(root: Path, folder: str) -> None:
    """An empty folder over one of the system that lies within what is seen."""
    place = inside(root, folder)
    if place.is_dir() and folder.split("/")[1] in _SYSTEM and not folder.endswith("/modules"):
        kernel.mount_memory(str(place))
