"""Options that mean the same in several commands."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_FAIL_ON = ("waived", "approximate", "decision", "unsupported", "unknown", "invalid", "never")

Command = TypeVar("Command", bound=Callable[..., Any])


def what_fails(command: Command) -> Command:
    """Adds `fail_on`, `baseline` and `update_baseline`: what makes the exit code 1."""
    options = (
        click.option(
            "--fail-on",
            type=click.Choice(_FAIL_ON),
            default="unsupported",
            show_default=True,
            help="Exit with 1 from this outcome on. An error counts as invalid, a warning as approximate.",
        ),
        click.option(
            "--baseline", metavar="FILE", help="Findings that are accepted for now: only what is not among them makes the exit code 1."
        ),
        click.option("--update-baseline", is_flag=True, help="Write what is found now into the file of --baseline before."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def coloured(command: Command) -> Command:
    """Adds `color`."""
    choice = click.Choice(["auto", "always", "never"])
    return click.option("--color", type=choice, default="auto", show_default=True, help="Colour of the text report.")(command)
