"""Access logs as one stream of lines for DuckDB: it opens no file itself, so that no name of a file means anything to it."""

import gzip
import stat
import zlib
from collections.abc import Iterator, Sequence
from io import BufferedIOBase
from pathlib import Path
from typing import IO

_BLOCK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_CLEAN = bytes([1, *range(1, 256)])  # NUL would end a column; no request line holds one


class LogError(Exception):
    """An access log cannot be read; the message says which and why."""


def check_logs(paths: Sequence[Path]) -> None:
    """Raises LogError where one of the files cannot be opened, or is none (a folder, a device)."""
    for path in paths:
        try:
            with path.open("rb"):
                regular = stat.S_ISREG(path.stat().st_mode)
        except OSError as error:
            raise LogError(f"{path}: cannot be read: {error.strerror}") from None
        if not regular:
            raise LogError(f"{path}: is not a file: write the log into one first")


def pour(paths: Sequence[Path], sink: int) -> int:
    """Writes the lines of all files, plain or gzip, to the pipe `sink` and closes it; the number of lines.

    What is written is UTF-8 with one character an octet of the log; carriage returns are dropped, NUL is U+0001. Ends early without an error
    where nobody reads any more. Raises LogError where a file cannot be read to its end.
    """
    lines = 0
    try:
        with open(sink, "wb", buffering=0) as out:
            for path in paths:
                for block in _blocks(path):
                    lines += block.count(b"\n")
                    _write(out, block)
    except BrokenPipeError:
        pass
    return lines


def _write(out: IO[bytes], block: bytes) -> None:
    rest = memoryview(block if block.isascii() else block.decode("latin-1").encode())
    while rest:
        rest = rest[out.write(rest) :]


def _blocks(path: Path) -> Iterator[bytes]:
    """What stands in the file, in blocks; the last line has an end."""
    last = b"\n"
    try:
        with path.open("rb") as plain:
            file: BufferedIOBase = gzip.GzipFile(fileobj=plain) if plain.peek(2)[:2] == _GZIP else plain
            while block := file.read(_BLOCK):
                if b"\r" in block or b"\0" in block:
                    block = block.translate(_CLEAN, b"\r")
                last = block[-1:] or last
                yield block
    except (OSError, EOFError, zlib.error) as error:
        raise LogError(f"{path}: cannot be read to its end: {error}") from None
    if last != b"\n":
        yield b"\n"
