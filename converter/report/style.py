"""Text on a terminal: colour where it is wanted, and nothing that a source text could do to the reader's screen."""

import re
from collections.abc import Mapping

_CODES = {"error": "1;31", "warning": "1;33", "note": "1;36", "good": "32", "strong": "1", "faint": "2"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def paint(text: str, style: str, colour: bool) -> str:
    """The text in a style (`error`, `warning`, `note`, `good`, `strong`, `faint`) if `colour`, otherwise as it is."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if colour else text


def printable(text: str) -> str:
    """The text with control characters, which a terminal would obey, written out, on one line.

    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\n", "\\n").replace("\t", " "))


def wants_colour(choice: str, terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether to colour: `choice` is `always`, `never`, or `auto`: on a terminal, unless the environment says otherwise.

    The environment is read as no-color.org and bixense.com/clicolors have it: NO_COLOR before FORCE_COLOR, empty values are none.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE"):
        return True
    return terminal and environment.get("TERM") != "dumb"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 host`, `2 hosts`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
