"""Options that mean the same in several commands."""

from collections.abc import Callable, Sequence
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
    return _all(options, command)


def how_written(command: Command) -> Command:
    """Adds `force`, `diff` and `check`: how the output folder is treated."""
    options = (
        click.option("--force", is_flag=True, help="Also replace files in DIR that were edited since they were written."),
        click.option(
            "--diff",
            is_flag=True,
            help="Show what would change in DIR, as `nginx2istio diff` does; nothing is written. Exit with 1 if it would.",
        ),
        click.option("--check", is_flag=True, help="Only say whether DIR is up to date; nothing is written. Exit with 1 if it is not."),
    )
    return _all(options, command)


def _all(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def coloured(command: Command) -> Command:
    """Adds `color`."""
    choice = click.Choice(["auto", "always", "never"])
    return click.option("--color", type=choice, default="auto", show_default=True, help="Colour of the text report.")(command)
