"""What the commands say, and to whom: results to stdout, everything else to stderr."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from converter.report.style import wants_colour


def emit(text: str, err: bool = False) -> None:
    """Writes text as UTF-8 whatever the locale: YAML and JSON are UTF-8."""
    click.echo(text.encode("utf-8", "replace"), nl=False, err=err)


def colour(choice: str, stream: TextIO) -> bool:
    """Whether text for the stream is to be coloured, by `--color` and the environment."""
    return wants_colour(choice, stream.isatty(), os.environ)


@contextmanager
def progress(message: str) -> Iterator[None]:
    """Shows the message on stderr while the body runs, if that is a terminal and the body takes longer than a second."""
    if not sys.stderr.isatty():
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
