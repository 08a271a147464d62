"""`nginx2istio init`: a first decisions file, with what the source holds."""

from pathlib import Path

import click

from converter.commands import exits
from converter.commands.terminal import emit


@click.command("init", short_help="Write a first decisions file, with every key explained.")
@click.argument("source")
@click.option("-o", "--output", metavar="FILE", default="migration.yaml", show_default=True, help="Where to write it; - for stdout.")
@click.option("--force", is_flag=True, help="Replace a file that differs from what would be written.")
def command(source: str, output: str, force: bool) -> int:
    """Writes the decisions file of SOURCE: its hosts, certificates and upstreams, with every key explained.

    A file that is there already is only replaced with --force: it may hold decisions.
    """
    from converter.commands.inputs import converted
    from converter.model.decisions import Decisions
    from converter.report.decisions_file import render

    conversion = converted(source, Decisions())
    if not conversion.hosts:
        raise exits.NothingToConvert(f"{conversion.source}: no server and no location was found in it")
    if output == "-":
        emit(render(conversion))
    else:
        write_first(Path(output), render(conversion), force)
    return exits.DONE


def write_first(path: Path, text: str, force: bool) -> None:
    """Writes the file, unless another is there. Raises WrongUse where it is left alone or cannot be written."""
    from converter.output import replace_file

    content = text.encode("utf-8", "replace")
    try:
        present = path.read_bytes() if path.exists() else None
        if present not in (None, content) and not force:
            raise exits.WrongUse(f"{path} is there and differs from what init would write: --force replaces it")
        if present != content:
            replace_file(path, content)
    except OSError as error:
        raise exits.WrongUse(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"{path}: {'unchanged' if present == content else 'written'}", err=True)
