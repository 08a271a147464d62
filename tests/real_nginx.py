"""The real nginx, where it is installed: what it does with a configuration is asked over a unix socket, as port 80 may be taken."""

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class _Connection(http.client.HTTPConnection):
    def __init__(self, place: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(str(self._place))


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Nginx:
    """One that runs. Each server must `listen SOCKET;`, which stands for the place of its socket; SOCKET2 is that of servers behind it."""

    place: Path

    def ask(self, target: str, method: str = "GET", **headers: str) -> Reply:
        """A request; keywords are headers, `x_y` for `x-y`."""
        connection = _Connection(self.place)
        try:
            connection.request(method, target, headers={"Host": "localhost", **{k.replace("_", "-"): v for k, v in headers.items()}})
            reply = connection.getresponse()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read().decode("utf-8", "replace"))
        finally:
            connection.close()


@contextmanager
def running(http_block: str) -> Iterator[Nginx]:
    """Runs nginx with the contents of an http block. Raises ValueError with its words where it refuses them."""
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory(prefix="nginx") as folder:
        place = Path(folder)
        text = http_block.replace("SOCKET2", f"unix:{place / 'behind'}").replace("SOCKET", f"unix:{place / 's'}")
        main = "user root; " if os.geteuid() == 0 else ""
        main += f"daemon off; master_process off; pid {place}/pid; error_log {place}/log;\nevents {{ worker_connections 64; }}\n"
        own = f"access_log off; server_names_hash_bucket_size 128; root {place}/none;"
        (place / "nginx.conf").write_text(f"{main}http {{\n{own}\n{text}\n}}\n", encoding="utf-8")
        process = subprocess.Popen(
            [PROGRAM, "-p", folder, "-c", str(place / "nginx.conf"), "-e", str(place / "log")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _wait(process, place)
            yield Nginx(place / "s")
        finally:
            process.terminate()
            try:
                process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _wait(process: "subprocess.Popen[str]", place: Path) -> None:
    for _ in range(500):
        if process.poll() is not None:
            raise ValueError(process.communicate()[1])
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(place / "s")) == 0:
                return
        time.sleep(0.01)
    raise ValueError("nginx does not start")
