"""Builds the helper from the Go sources beside this file, once for each change of them."""

import fcntl
import hashlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from converter.verify import programs
from converter.verify.unavailable import Unavailable

SOURCES = ("main.go", "go.mod", "go.sum")
LEAST_GO = (1, 26)  # what istio.io/istio asks for
_HERE = Path(__file__).parent
_KEPT = 12  # lines of what Go says that are shown where it fails
_PAUSE = 15  # seconds between two words about the progress


def helper(tell: Callable[[str], None]) -> Path:
    """The program, built where it is not there yet. `tell` gets sentences about the progress. Raises Unavailable."""
    program = _place() / "istiodprint"
    if program.exists():
        return program
    try:
        program.parent.mkdir(parents=True, exist_ok=True)
        with _alone(program.parent):
            if not program.exists():
                go = programs.go(LEAST_GO)
                tell("building istiod's configuration code once: this takes about 5 minutes and 3 GB of disk")
                started = time.monotonic()
                _build(go, program, tell)
                tell(f"built istiod's configuration code in {time.monotonic() - started:.0f} s: {program}")
    except OSError as error:
        where = f"{program.parent} ({error.strerror or error})"
        raise Unavailable(f"istiod's configuration code cannot be built in {where}: name another cache with XDG_CACHE_HOME") from None
    return program


def _place() -> Path:
    """A folder of the user's cache for exactly these sources."""
    key = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in SOURCES)).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache) / "nginx2istio" / f"istiod-{key}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time builds; the others wait for it."""
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(go: str, program: Path, tell: Callable[[str], None]) -> None:
    with tempfile.NamedTemporaryFile(dir=program.parent, prefix="new-", delete=False) as made:
        new = Path(made.name)
    command = [go, "build", "-v", "-trimpath", "-tags", "vtprotobuf", "-ldflags=-s -w", "-o", str(new), "."]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    try:
        with subprocess.Popen(
            command, cwd=_HERE, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, errors="replace"
        ) as build:
            assert build.stderr is not None
            said = _followed(build.stderr, tell)
        if build.returncode:
            raise Unavailable("istiod's configuration code cannot be built (it is fetched as Go modules):\n  " + "\n  ".join(said))
        new.chmod(0o755)
        os.replace(new, program)
    finally:
        new.unlink(missing_ok=True)


def _followed(lines: Iterable[str], tell: Callable[[str], None]) -> list[str]:
    """Counts what Go says, with a word now and then. Returns its last lines."""
    progress = {"modules fetched": 0, "packages compiled": 0}
    last: list[str] = []
    done = threading.Event()
    threading.Thread(target=_words, args=(progress, done, tell), daemon=True).start()
    try:
        for line in lines:
            progress["modules fetched" if line.startswith("go: downloading") else "packages compiled"] += 1
            last = [*last[1 - _KEPT :], line.rstrip()]
    finally:
        done.set()
    return last


def _words(progress: dict[str, int], done: threading.Event, tell: Callable[[str], None]) -> None:
    started = time.monotonic()
    while not done.wait(_PAUSE):
        counts = ", ".join(f"{count} {what}" for what, count in progress.items())
        tell(f"still building after {time.monotonic() - started:.0f} s: {counts}")
