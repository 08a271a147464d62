"""What goes between the laboratory and who uses it: one JSON text a line."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from converter.model.verification import Attempt, Reply, Request


@dataclass(frozen=True, slots=True)
class Job:
    """One configuration on both sides, and the requests for it.

    files, main: nginx's files by absolute path (Latin-1: one character an octet), and which of them is the main one; no main: no nginx.
    bootstrap:   Envoy's; None: no gateway.
    names:       host names with their addresses in the test network.
    pem:         certificate and key for whatever the configuration names beyond its files.
    upstream_pem: of the test upstreams, likewise.
    ports:       those on which test upstreams answer, on every address; `loopback`: those that answer on 127.0.0.1 beside nginx.
    addresses:   further addresses of the two servers.
    fresh:       numbers of requests after which both servers begin anew, as they remember failures of their upstreams.
    """

    requests: tuple[Request, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    main: str = ""
    bootstrap: dict[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    pem: str = ""
    upstream_pem: str = ""
    ports: tuple[int, ...] = ()
    loopback: tuple[int, ...] = ()
    addresses: tuple[str, ...] = ()
    fresh: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """What came of one side. replies: for each request, one for each time it was sent. problem: why there are none.

    decided: for each request what is known of who decided: nginx: names of locations, in the order in which they were taken; the gateway:
    the name of the route, and Envoy's `%RESPONSE_CODE_DETAILS%`.
    """

    problem: str = ""
    replies: tuple[tuple[Reply, ...], ...] = ()
    decided: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job. blanked: by `path:line`, what nginx could not use here, and its words."""

    nginx: Side
    gateway: Side
    blanked: Mapping[str, str] = field(default_factory=dict)


def to_line(message: Job | Outcome) -> bytes:
    """The message as a line."""
    return json.dumps(asdict(message)).encode() + b"\n"


def job(line: bytes) -> Job:
    """The job of a line."""
    data: dict[str, Any] = json.loads(line)
    data["requests"] = tuple(_request(item) for item in data["requests"])
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Job(**plain)


def outcome(line: bytes) -> Outcome:
    """The outcome of a line."""
    data = json.loads(line)
    return Outcome(_side(data["nginx"]), _side(data["gateway"]), data["blanked"])


def _request(data: dict[str, Any]) -> Request:
    return Request(**{**data, "headers": _pairs(data["headers"]), "reasons": tuple(data["reasons"])})


def _side(data: dict[str, Any]) -> Side:
    replies = tuple(tuple(_reply(reply) for reply in turns) for turns in data["replies"])
    return Side(data["problem"], replies, tuple(tuple(words) for words in data["decided"]))


def _reply(data: dict[str, Any]) -> Reply:
    attempts = tuple(Attempt(**{**attempt, "headers": _pairs(attempt["headers"])}) for attempt in data["attempts"])
    return Reply(**{**data, "headers": _pairs(data["headers"]), "attempts": attempts})


def _pairs(data: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in data)
