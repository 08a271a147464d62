"""Durations as Istio reads them: Go's `time.ParseDuration`, such as `60s`, `1.5s`, `1h30m`."""

import re
from fractions import Fraction
from functools import lru_cache

_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = r"(\d{1,12}\.?\d{0,12}|\.\d{1,12})(ns|us|µs|ms|s|m|h)"
_DURATION = re.compile(rf"(?:{_PART})+", re.ASCII)
_LONGEST = 2**63 - 1


@lru_cache(maxsize=1024)
def nanoseconds(text: str) -> int | None:
    """The length of a duration that is not negative, or None where Go would not read it."""
    if text == "0":
        return 0
    if len(text) > 60 or not _DURATION.fullmatch(text):
        return None
    total = sum(int(Fraction(f"0{number}") * _NANOSECONDS[unit]) for number, unit in re.findall(_PART, text, re.ASCII))
    return total if total <= _LONGEST else None
