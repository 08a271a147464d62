"""The laboratory for who uses it: a process of its own that takes jobs."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from converter.verify import programs
from converter.verify.lab.messages import Job, Outcome, outcome, to_line
from converter.verify.unavailable import Unavailable

_ALLOW = (
    "verify needs network namespaces, which this system does not allow: run it as root, or allow unprivileged user namespaces"
    " (sysctl kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0; in a container: --privileged)"
)


class Laboratory:
    """One job at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def run(self, job: Job) -> Outcome:
        """Runs both sides. What a side refuses is in its `problem`. Raises Unavailable where the laboratory itself has gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(to_line(job))
            self._process.stdin.flush()
            return outcome(self._process.stdout.readline())
        except (OSError, ValueError):
            raise Unavailable("the laboratory stopped without an answer: something ended its process, or the memory is used up") from None


@contextmanager
def laboratory(nginx: programs.Nginx, envoy: str) -> Iterator[Laboratory]:
    """Builds it, and takes it down with the block, or when this process ends, however that happens. Raises Unavailable."""
    options = {"nginx": nginx.path, "folders": nginx.folders, "debugs": nginx.debugs, "envoy": envoy}
    command = [sys.executable, "-m", "converter.verify.lab.inside", json.dumps(options)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            reason = json.loads(first)["unavailable"] if first else "it ends without a word"
            if reason:
                raise Unavailable(f"{_ALLOW} ({reason})")
            yield Laboratory(process)
        finally:
            process.kill()
            with suppress(BrokenPipeError):  # what was not written any more
                if process.stdin is not None:
                    process.stdin.close()
