"""Where something stands in the source."""

from msgspec import Struct


class Position(Struct, frozen=True, order=True, gc=False, cache_hash=True):  # millions of look-ups hash it
    """A place in a source text: a path relative to the root that was given, line and column counted from 1 (column in characters)."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def full(self) -> str:
        """`file:line:column`, the form that editors follow."""
        return f"{self.file}:{self.line}:{self.column}"
