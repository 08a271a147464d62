"""How nginx reads sizes, times and flags (src/core/ngx_parse.c)."""

import re
from functools import lru_cache

_SIZE = re.compile(r"(\d++)([kKmMgG]?)", re.ASCII)
_SIZE_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
_TIME = re.compile(
    r"(?:(\d++)y)? ?(?:(\d++)M)? ?(?:(\d++)w)? ?(?:(\d++)d)? ?(?:(\d++)h)? ?(?:(\d++)m)? ?(?:(\d++)s?)? ?(?:(\d++)ms)?", re.ASCII
)
_SECONDS = (365 * 86400, 30 * 86400, 7 * 86400, 86400, 3600, 60, 1, 0.001)
_LONGEST = 18  # digits: what nginx's 64-bit numbers hold


def parse_size(text: str) -> int | None:
    """Bytes of `8k`, `1m`, `512`; None where nginx would refuse it.

    >>> parse_size("8k")
    8192
    """
    match = _SIZE.fullmatch(text)
    if match is None or len(match[1]) > _LONGEST:
        return None
    return int(match[1]) * _SIZE_UNITS[match[2].lower()]


@lru_cache(maxsize=1024)
def parse_time(text: str) -> float | None:
    """Seconds of `30`, `30s`, `1m30s`, `500ms`; None where nginx would refuse it. Units come once each, the largest first.

    >>> parse_time("1m30s")
    90.0
    """
    match = _TIME.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    if any(len(number) > _LONGEST for number in match.groups() if number):
        return None
    return float(sum(int(number) * unit for number, unit in zip(match.groups(), _SECONDS, strict=True) if number))


def parse_flag(text: str) -> bool | None:
    """`on` or `off` in any case; None for anything else."""
    return {"on": True, "off": False}.get(text.lower())
