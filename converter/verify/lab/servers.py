"""Starts and stops the real programs within their namespaces."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from converter.verify.lab import kernel, root
from converter.verify.lab.repairs import complaint

_LIMIT = 20.0  # seconds for a program to be ready


class Failed(Exception):
    """A program does not start; the message holds its words."""


def nginx_complaint(place: Path, main: str, settings: str) -> str:
    """What `nginx -t` has against the configuration; empty where it is content."""
    done = subprocess.run(
        _nginx(place, main, settings, "-t"), capture_output=True, text=True, errors="replace", timeout=_LIMIT, check=False
    )
    said = complaint(done.stderr)
    return said if said or done.returncode == 0 else (done.stderr.strip().splitlines() or ["it ends without a word"])[-1]


@contextmanager
def nginx(namespace: int, place: Path, main: str, settings: str) -> Iterator[None]:
    """nginx runs in the root `place` for the time of the block. Raises Failed."""
    ready = root.inside(place, "/run/verify.pid")
    ready.unlink(missing_ok=True)
    with kernel.network(namespace):
        process = subprocess.Popen(
            _nginx(place, main, settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
    with process:
        try:
            _wait(process, lambda: ready.exists() and ready.stat().st_size > 0, "nginx")
            yield
        finally:
            process.terminate()
            _stopped(process)


def _nginx(place: Path, main: str, settings: str, *more: str) -> list[str]:
    return ["chroot", str(place), root.PROGRAM, "-p", main.rpartition("/")[0] + "/", "-c", main, "-g", settings, *more]


@contextmanager
def envoy(namespace: int, program: str, folder: Path, bootstrap: dict[str, Any]) -> Iterator[None]:
    """Envoy runs with the bootstrap for the time of the block; files of its own go to the folder. Raises Failed."""
    admin, log = folder / "admin.sock", folder / "envoy.log"
    admin.unlink(missing_ok=True)
    bootstrap["admin"] = {"address": {"pipe": {"path": str(admin)}}}
    (folder / "envoy.json").write_text(json.dumps(bootstrap), encoding="utf-8")
    options = ["-c", str(folder / "envoy.json"), "--use-dynamic-base-id", "--disable-hot-restart", "--concurrency", "1", "-l", "warning"]
    options += ["--file-flush-interval-msec", "50"]
    with log.open("w", encoding="utf-8") as said, kernel.network(namespace):
        process = subprocess.Popen([program, *options], stdout=said, stderr=said)
    with process:
        try:
            _wait(process, lambda: _is_live(admin), "Envoy", log)
            yield
        finally:
            process.kill()
            _stopped(process)


def _is_live(admin: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(admin))
            connection.sendall(b"GET /ready HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")
            return b"LIVE" in connection.recv(4096)
    except OSError:
        return False


def _wait(process: "subprocess.Popen[Any]", ready: Any, name: str, log: Path | None = None) -> None:
    until = time.monotonic() + _LIMIT
    while not ready():
        if process.poll() is not None:
            said = log.read_text(encoding="utf-8", errors="replace") if log else process.stderr.read() if process.stderr else ""
            raise Failed(f"{name} does not start: {_words(said.splitlines())}")
        if time.monotonic() > until:
            raise Failed(f"{name} is not ready after {_LIMIT:.0f} s")
        time.sleep(0.01)


def _words(lines: Sequence[str]) -> str:
    """What is wrong, out of a log."""
    wrong = [line for line in lines if "error" in line or "critical" in line or "[emerg]" in line]
    return " ".join(wrong or lines[-3:])[:600]


def _stopped(process: "subprocess.Popen[Any]") -> None:
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def log_text(path: Path) -> str:
    """A log as far as it is written; empty where there is none."""
    return path.read_text(encoding="latin-1") if os.path.exists(path) else ""
