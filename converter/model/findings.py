"""What a reader must be told, apart from the outcome of each directive."""

import enum

from msgspec import Struct

from converter.model.places import Position


class Severity(enum.IntEnum):
    """How much a finding matters; the order is that of `--fail-on`."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


class Finding(Struct, frozen=True):
    """One sentence for people: what, where, what to do.

    code: `NGX` and three digits, explained by `nginx2istio explain CODE`; never used for another meaning.
    accepted: whether the baseline has it; None without a baseline.
    """

    code: str
    severity: Severity
    message: str
    position: Position | None = None
    help: str = ""
    accepted: bool | None = None
