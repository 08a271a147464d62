"""The laboratory's own process. It reads jobs from stdin and writes outcomes to stdout; when stdin ends, so does all that it started.

It is the first process of a process namespace: the kernel ends the others with it, and with them the networks, mounts and files in memory.
"""

import json
import os
import queue
import signal
import ssl
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from converter.model.records import replace
from converter.model.verification import Reply
from converter.verify import upstream
from converter.verify.lab import asking, kernel, names, network, repairs, root, servers
from converter.verify.lab.messages import Job, Outcome, Side, job, to_line

_WORK = Path("/dev/shm")  # there on every Linux; covered by a file system of our own, so nothing is ever left on the machine
_LOG = "/run/verify.log"
_OWN = kernel.NEW_MOUNTS | kernel.NEW_NETWORK | kernel.NEW_PIDS
_LATE, _VERY_LATE = 0.05, 0.7  # seconds in which something may still come in; the same where requests are mirrored


Server = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class _Lab:
    net: network.Network
    root: Path
    nginx_settings: str
    envoy: str


def main() -> None:
    """Runs until stdin ends. Arguments: JSON with `nginx`, `folders`, `debugs`, `envoy`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who uses the laboratory is interrupted, and then ends it
    options = json.loads(sys.argv[1])
    try:
        _enter()
        lab = _build(options)
    except OSError as error:
        _say(json.dumps({"unavailable": str(error)}).encode() + b"\n")
        return
    _say(json.dumps({"unavailable": ""}).encode() + b"\n")
    jobs: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    while True:
        _say(to_line(_outcome(lab, jobs.get())))


def _outcome(lab: _Lab, line: bytes) -> Outcome:
    """Whatever goes wrong in one job, the next ones find the laboratory as it was."""
    try:
        return _run(lab, job(line))
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        problem = Side(f"a defect of the laboratory: {type(error).__name__}: {error} ({place.name}, line {place.lineno})")
        return Outcome(problem, problem)


def _read(jobs: "queue.Queue[bytes]") -> None:
    """Takes jobs in, even while one runs: the end of stdin ends everything at once."""
    waiting = bytearray()
    while chunk := os.read(0, 1 << 20):
        waiting += chunk
        if b"\n" in chunk:
            *lines, waiting = waiting.split(b"\n")
            for line in lines:
                jobs.put(bytes(line))
    os._exit(0)


def _say(line: bytes) -> None:
    try:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)  # nobody is there any more


def _enter() -> None:
    """Into namespaces of our own, as their root and first process. Raises OSError where the system forbids it."""
    _unshare(os.getuid(), os.getgid())
    if child := os.fork():
        os.close(0)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    kernel.die_with_parent()
    kernel.make_mounts_private()
    kernel.make_mounts_read_only()
    kernel.mount_memory(str(_WORK))


def _unshare(uid: int, gid: int) -> None:
    """As another user's root where that is allowed; root may do without."""
    try:
        kernel.unshare(kernel.NEW_USER | _OWN)
    except OSError:
        if uid != 0:
            raise
        kernel.unshare(_OWN)
        return
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        Path("/proc/self", name).write_text(text)


def _build(options: dict[str, Any]) -> _Lab:
    place = _WORK / "root"
    place.mkdir()
    root.build(place, options["nginx"], options["folders"])
    level = "debug_http" if options["debugs"] else "error"
    settings = f"daemon off; user root; pid /run/verify.pid; worker_processes 1; error_log {_LOG} {level};"
    net = network.build()
    names.serve()
    with kernel.network(net.nginx):
        names.serve()  # for a resolver on nginx's own host
    return _Lab(net, place, settings, options["envoy"])


def _run(lab: _Lab, job: Job) -> Outcome:
    clients = {request.client for request in job.requests} | {request.address for request in job.requests if request.address}
    for namespace in (lab.net.nginx, lab.net.gateway):
        network.add_addresses(namespace, sorted({*clients, *job.addresses} - {"127.0.0.1"}))
    seen = asking.Witnesses()
    with _upstreams(lab, job, seen), ThreadPoolExecutor(2) as pool:
        nginx = pool.submit(_nginx, lab, job, seen)
        gateway = pool.submit(_gateway, lab, job, seen)
        side, blanked = nginx.result()
        return Outcome(side, gateway.result(), blanked)


@contextmanager
def _upstreams(lab: _Lab, job: Job, seen: asking.Witnesses) -> Iterator[None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = _WORK / "upstream.pem"
    pem.write_text(job.upstream_pem)
    context.load_cert_chain(pem)
    with ExitStack() as stack:
        for port in job.ports:
            _serve(stack, upstream.listen(port), seen, context)
        with kernel.network(lab.net.nginx):
            for port in job.loopback if job.main else ():
                _serve(stack, upstream.listen(port, "127.0.0.1"), seen, context)
        yield


def _serve(stack: ExitStack, listener: Any, seen: asking.Witnesses, context: ssl.SSLContext) -> None:
    stack.callback(upstream.stop, listener)
    threading.Thread(target=upstream.serve, args=(listener, seen.note, context), daemon=True).start()


def _nginx(lab: _Lab, job: Job, seen: asking.Witnesses) -> tuple[Side, dict[str, str]]:
    if not job.main:
        return Side(), {}
    setup = repairs.Setup(dict(job.files), set(job.names))
    try:
        repairs.repair(setup, lambda: _complaint(lab, job, setup))
        server = partial(servers.nginx, lab.net.nginx, lab.root, job.main, lab.nginx_settings)
        replies = _asked(lab.net.nginx, "n", job, seen, server)
    except (repairs.Refused, servers.Failed) as problem:
        return Side(str(problem)), setup.said
    taken = asking.locations(servers.log_text(root.inside(lab.root, _LOG)))
    return Side("", replies, _by_request("n", job, taken)), setup.said


def _complaint(lab: _Lab, job: Job, setup: repairs.Setup) -> str:
    root.clear(lab.root)
    addresses = {name: job.names.get(name, "10.250.250.250") for name in setup.hosts}
    root.place(lab.root, setup.files | dict.fromkeys(setup.certificates, job.pem) | {"/etc/hosts": repairs.hosts_file(addresses)})
    for folder in setup.folders:
        root.make(lab.root, folder)
    with kernel.network(lab.net.nginx):
        return servers.nginx_complaint(lab.root, job.main, lab.nginx_settings)


def _gateway(lab: _Lab, job: Job, seen: asking.Witnesses) -> Side:
    if job.bootstrap is None:
        return Side()
    log = _WORK / "access.log"
    log.unlink(missing_ok=True)
    try:
        server = partial(servers.envoy, lab.net.gateway, lab.envoy, _WORK, job.bootstrap)
        replies = _asked(lab.net.gateway, "g", job, seen, server)
    except servers.Failed as problem:
        return Side(str(problem))
    lines = (json.loads(line) for line in servers.log_text(log).splitlines())
    return Side("", replies, _by_request("g", job, {line["id"]: (line["route"] or "", line["details"] or "") for line in lines}))


def _asked(namespace: int, side: str, job: Job, seen: asking.Witnesses, server: Server) -> tuple[tuple[Reply, ...], ...]:
    """The replies to all requests of a job, from as many servers one after the other as it takes."""
    told: list[tuple[list[Reply], list[str]]] = []
    waiting = list(asking.identities(side, job.requests))
    for end in (*(number + 1 for number in job.fresh), len(waiting)):
        if len(told) < end or not waiting:
            with server():
                told += [([asking.ask(namespace, request, name) for name in turns], turns) for request, turns in waiting[len(told) : end]]
                time.sleep(_VERY_LATE if _mirrors(job) else _LATE)
    return tuple(tuple(replace(reply, attempts=seen.of(name)) for reply, name in zip(*pair, strict=True)) for pair in told)


def _mirrors(job: Job) -> bool:
    """Whether one of the sides sends copies of requests, which nobody waits for."""
    return any("mirror" in text for text in job.files.values()) or "mirror_policies" in json.dumps(job.bootstrap)


def _by_request(side: str, job: Job, known: dict[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(known.get(turns[0], ()) for _, turns in asking.identities(side, job.requests))


if __name__ == "__main__":
    main()
