"""The command line itself: finds the command, runs it, and turns whatever happens into an exit code and a sentence."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from converter import __version__
from converter.commands import exits

COMMANDS = ("batch", "convert", "diff", "explain", "init", "report", "trace", "verify")

_EXIT_CODES = """\b
Exit codes: 0 done; 1 done, with findings (see --fail-on), a silent difference, or files left alone because they were edited;
2 wrong usage, decisions or baseline; 3 nothing to convert; 4 a defect of nginx2istio itself."""


class _Commands(click.Group):
    """A group whose commands are modules of this package, imported when they are needed: start-up stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = importlib.import_module(f"converter.commands.{cmd_name}").command
        return found if isinstance(found, click.Command) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f"No such command {args[0]!r}. {f'Did you mean {close[0]!r}?' if close else ''}".rstrip())
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "NGINX2ISTIO", "max_content_width": 120},
    epilog=_EXIT_CODES,
)
@click.version_option(__version__, message="nginx2istio %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of a defect of nginx2istio itself.")
def cli() -> None:
    """Converts nginx configurations into Istio manifests that answer the same requests the same way.

    Each option can also come from the environment: convert's --fail-on, for example, from NGINX2ISTIO_CONVERT_FAIL_ON.
    """


def main() -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command; the result is the exit code. Nothing but the end of the process itself gets past it."""
    try:
        return int(cli.main(list(arguments), prog_name="nginx2istio", standalone_mode=False) or exits.DONE)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("nginx2istio: interrupted", err=True)
        return exits.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader has gone: nothing more can be said to it at exit
        return exits.PIPE_CLOSED
    except Exception as error:  # the last line of defence: whatever it is, people get a sentence
        _report_defect(error, arguments)
        return exits.DEFECT


def _report_defect(error: Exception, arguments: Sequence[str]) -> None:
    import traceback

    if "--debug" in arguments or os.environ.get("NGINX2ISTIO_DEBUG"):
        traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    where = f"{os.path.basename(os.path.dirname(place.filename))}/{os.path.basename(place.filename)}:{place.lineno}"
    click.echo(f"nginx2istio: a defect of the converter itself: {what} (in {where})", err=True)
    click.echo("Please report it with the input that shows it; `nginx2istio --debug ...` adds the traceback.", err=True)
