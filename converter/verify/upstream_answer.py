"""What the test upstream answers: what it saw, or what the request asks for in `X-Reply-*` headers."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from converter.model.verification import Attempt

_LONGEST_DELAY = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a request asks of its answer; what cannot be followed is passed over."""

    asked: tuple[tuple[str, str], ...]

    @property
    def closes(self) -> bool:
        return bool(values_of(self.asked, "X-Reply-Close"))

    @property
    def status(self) -> str | None:
        return next((value for value in values_of(self.asked, "X-Reply-Status") if re.fullmatch("[2-9][0-9][0-9]", value)), None)

    @property
    def delay(self) -> float:
        wished = next((value for value in values_of(self.asked, "X-Reply-Delay") if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value)), "0")
        return min(float(wished), _LONGEST_DELAY)

    @property
    def headers(self) -> list[str]:
        return [value for value in values_of(self.asked, "X-Reply-Header") if ":" in value]


def values_of(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for own, value in headers if own.lower() == name.lower()]


def answer(address: str, line: str, attempt: Attempt, wishes: Wishes) -> bytes:
    told: dict[str, Any] = {"upstream": address, "line": line, "headers": attempt.headers, "body": attempt.body}
    body = json.dumps(told).encode()
    status = wishes.status or "200"
    head = [f"HTTP/1.1 {status} Answer"]
    if not any(wish.lower().startswith("content-type:") for wish in wishes.headers):
        head.append("Content-Type: application/json")
    if status not in ("204", "304"):
        head.append(f"Content-Length: {len(body)}")
    without = attempt.method == "HEAD" or status in ("204", "304")
    return head_of([*head, f"X-Upstream: {address}", *wishes.headers]) + (b"" if without else body)


def head_of(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
