"""Times."""

from functools import lru_cache


@lru_cache(maxsize=1024)
def duration(seconds: float) -> str:
    """Seconds as Istio writes them, to the millisecond.

    >>> duration(90), duration(0.5)
    ('90s', '0.5s')
    """
    return f"{round(seconds, 3):.3f}".rstrip("0").rstrip(".") + "s"
