"""Linux system calls that Python 3.11 does not have. All raise OSError with the kernel's reason."""

import ctypes
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEW_MOUNTS, NEW_NETWORK, NEW_PIDS, NEW_USER = 0x00020000, 0x40000000, 0x20000000, 0x10000000  # linux/sched.h
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000  # linux/mount.h
_KEPT = {"nosuid": 0x2, "nodev": 0x4, "noexec": 0x8}  # what a mount may not lose (mount_namespaces(7))
_DETACH = 0x2
_HIDDEN = 22  # EINVAL: another mount lies over it
_PARENT_DEATH_SIGNAL = 1  # linux/prctl.h

_libc = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Leaves namespaces for new ones; those of the network concern the calling thread alone."""
    _checked(_libc.unshare(flags), "unshare")


@contextmanager
def network(namespace: int) -> Iterator[None]:
    """The calling thread, and what it starts, is in the network namespace (a file descriptor) for the time of the block."""
    before = here()
    try:
        _enter(namespace)
        yield
    finally:
        _enter(before)
        os.close(before)


def new_network() -> int:
    """A file descriptor of a new network namespace; the calling thread stays where it is."""
    before = here()
    try:
        unshare(NEW_NETWORK)
        return here()
    finally:
        _enter(before)
        os.close(before)


def here() -> int:
    """A file descriptor of the calling thread's network namespace."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _enter(namespace: int) -> None:
    _checked(_libc.setns(namespace, NEW_NETWORK), "setns")


def make_mounts_private() -> None:
    """What is mounted from now on is seen in this mount namespace only."""
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)


def make_mounts_read_only() -> None:
    """Nothing that is mounted in this mount namespace can be changed through it any more."""
    for fields in _mounts():
        flags = sum(flag for name, flag in _KEPT.items() if name in fields[5].split(","))
        if fields[fields.index("-") + 1] == "autofs":
            continue  # holds nothing, and would mount something when it is touched
        try:
            _mount("none", fields[4], "", _REMOUNT | _BIND | _READ_ONLY | flags)
        except OSError as error:
            if error.errno != _HIDDEN:
                raise


def mounted(source: str) -> list[str]:
    """Where file systems of this source are mounted, the last one first."""
    return [fields[4] for fields in reversed(_mounts()) if fields[fields.index("-") + 2] == source]


def _mounts() -> list[list[str]]:
    """The lines of proc_pid_mountinfo(5), in words."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return [[re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), word) for word in line.split(" ")] for line in lines]


def mount_memory(place: str, source: str = "tmpfs") -> None:
    """An empty file system in memory, gone with the namespace."""
    _mount(source, place, "tmpfs", 0)


def unmount(place: str) -> None:
    """Takes away what was mounted there last, and all that is mounted below it."""
    _checked(_libc.umount2(os.fsencode(place), _DETACH), f"unmount {place}")


def mount_again(what: str, place: str) -> None:
    """A folder or file of the system in a second place, with all that is mounted below it."""
    _mount(what, place, "", _BIND | _RECURSIVE)


def die_with_parent() -> None:
    """This process is killed when the one that started it ends."""
    _checked(_libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "prctl")


def _mount(source: str, target: str, kind: str, flags: int) -> None:
    result = _libc.mount(os.fsencode(source), os.fsencode(target), kind.encode() or None, ctypes.c_ulong(flags), None)
    _checked(result, f"mount {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
