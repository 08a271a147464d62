"""What the commands say, and to whom: results to stdout, everything else to stderr."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from converter.commands import exits
from converter.report.style import wants_colour


def emit(text: str, err: bool = False) -> None:
    """Writes text as UTF-8 whatever the locale: YAML and JSON are UTF-8. Raises WrongUse where the system refuses, as on a full disk."""
    try:
        click.echo(text.encode("utf-8", "replace"), nl=False, err=err)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise exits.WrongUse(f"cannot write to {'stderr' if err else 'stdout'}: {error.strerror}") from None


def colour(choice: str, stream: TextIO | None) -> bool:
    """Whether text for the stream is to be coloured, by `--color` and the environment."""
    return wants_colour(choice, is_terminal(stream), os.environ)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at the stream; Python has none (None) where it was closed before the start."""
    return stream is not None and stream.isatty()


@contextmanager
def progress(message: str) -> Iterator[None]:
    """Shows the message on stderr while the body runs, if that is a terminal and the body takes longer than a second."""
    if not is_terminal(sys.stderr):
        yield
        return
    shown = threading.Event()

    def show() -> None:
        shown.set()
        click.echo(message, nl=False, err=True)

    timer = threading.Timer(1, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if shown.is_set():
            click.echo("\r\x1b[K", nl=False, err=True)
