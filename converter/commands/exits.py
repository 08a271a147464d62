"""Exit codes of all commands, the same in every format."""

import click

DONE = 0
FINDINGS = 1  # done, but something reaches --fail-on, or files were left alone because a person had edited them
DEFECT = 4  # of the converter itself
INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT
PIPE_CLOSED = 141  # 128 and the number of SIGPIPE


class WrongUse(click.ClickException):
    """The command, the decisions or the output folder cannot be used as they are."""

    exit_code = 2


class NothingToConvert(click.ClickException):
    """The source cannot be read, or holds nothing that could be converted."""

    exit_code = 3
