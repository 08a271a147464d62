"""A text that a user wrote by hand or kept: read whole, within a bound."""

from pathlib import Path


class Unreadable(Exception):
    """What was read is too large, or no text; the message completes `PATH: `."""


def bounded_text(path: Path, largest: int, otherwise: str, undecodable: str = "") -> str:
    """The text of a UTF-8 file of at most `largest` bytes, without byte order mark.

    Raises OSError where it cannot be read, and Unreadable. otherwise, undecodable: what the message adds for a larger file, and for one in
    another encoding.
    """
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise Unreadable(f"is larger than {largest:,} bytes: {otherwise}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8 text (byte {error.start}){undecodable}") from None
