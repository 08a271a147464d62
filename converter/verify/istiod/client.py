"""Asks the helper what istiod would send to a gateway."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converter.verify.unavailable import Unavailable

# What a gateway gets from istiod beyond its configuration are filters of Istio's own, which only its own Envoy has. They change no answer.
_FEATURES = {"PILOT_ENABLE_ALPN_FILTER": "false", "PILOT_ENABLE_METADATA_EXCHANGE": "false", "PILOT_ENABLE_TELEMETRY_LABEL": "false"}


class Rejected(Exception):
    """istiod refuses the manifests; the message holds its words."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway's pod as istiod knows it, and the settings of its mesh (YAML of a MeshConfig, or nothing)."""

    namespace: str
    labels: Mapping[str, str]
    mesh: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What istiod's analysers say. level: `Error`, `Warning`, `Info`; object: `namespace/name`."""

    code: str
    level: str
    object: str
    text: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """What istiod sends, as JSON of Envoy's protobuf messages; listeners, routes, clusters and endpoints as lists."""

    resources: Mapping[str, list[Any]]
    messages: tuple[Message, ...]


class Istiod:
    """The running helper. One question at a time."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def configuration(self, manifests: str, gateway: Gateway) -> Configuration:
        """What the gateway is sent for these manifests (YAML documents of Istio's kinds). Raises Rejected."""
        asked = {
            "manifests": manifests,
            "mesh": gateway.mesh,
            "namespace": gateway.namespace,
            "labels": dict(gateway.labels),
            "analyse": True,
        }
        answer = self._ask(json.dumps(asked).encode() + b"\n")
        if answer["error"]:
            raise Rejected(" ".join(str(answer["error"]).split()))
        kinds = ("listeners", "routes", "clusters", "endpoints")
        messages = (Message(m["Code"], m["Level"], m["Object"], m["Text"]) for m in answer["messages"] or ())
        return Configuration({kind: answer[kind] or [] for kind in kinds}, tuple(messages))

    def _ask(self, line: bytes) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            raise Rejected("istiod's code stopped without an answer") from None
        return answer


@contextmanager
def istiod(program: Path) -> Iterator[Istiod]:
    """Starts the helper, and ends it with the block. It also ends by itself when this process is gone, as its input ends then.

    Raises Unavailable where it cannot be started.
    """
    try:
        process = subprocess.Popen(
            [str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_FEATURES},
        )
    except OSError as error:
        raise Unavailable(f"{program} cannot be started: {error.strerror}; delete it, and it is built anew") from None
    with process:
        try:
            yield Istiod(process)
        finally:
            process.kill()
            with suppress(BrokenPipeError):  # what was not written any more
                if process.stdin is not None:
                    process.stdin.close()
