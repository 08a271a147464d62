"""`nginx2istio batch`: a repository of machines as one set of manifests."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.options import coloured, how_written
from converter.commands.telling import tell_edited
from converter.commands.terminal import colour, emit, progress

if TYPE_CHECKING:
    from converter.model.decisions import Decisions
    from converter.model.fleet import Fleet
    from converter.output import Written
    from converter.sources.repository import Machine

_FAIL_ON = ("review", "decide", "stay", "never")


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    output: str | None
    decisions: str | None
    processes: int
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    show_hosts: bool
    prune: bool
    force: bool
    diff: bool
    check: bool
    fail_on: str
    format: str
    report: str | None
    color: str
    quiet: bool


@click.command("batch", short_help="Convert a repository of machines.")
@click.argument("repository")
@click.option("-o", "--output", metavar="DIR", help="Write manifests and reports into DIR.")
@click.option("--decisions", metavar="FILE", help="Decisions, as for convert; also which machine counts where several differ.")
@click.option(
    "-j",
    "--jobs",
    "processes",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="one a processor",
    help="Processes that convert at the same time.",
)
@click.option("--include", metavar="GLOB", multiple=True, help="Only machines whose name or path fits. May be repeated.")
@click.option("--exclude", metavar="GLOB", multiple=True, help="No machines whose name or path fits. May be repeated.")
@click.option("--show-hosts", is_flag=True, help="Show which machines were found, and why, and convert nothing.")
@click.option("--prune", is_flag=True, help="Delete what earlier runs wrote for hosts that are not written any more.")
@how_written
@click.option(
    "--fail-on",
    type=click.Choice(_FAIL_ON),
    default="decide",
    show_default=True,
    help="Exit with 1 where a host is in this state, or further from moving; a machine that cannot be converted counts as stay.",
)
@click.option("--report", type=click.Choice(["html"]), help="Also write report.html: an index of all hosts, and a page for each.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of the report on stdout.")
@coloured
@click.option("-q", "--quiet", is_flag=True, help="No text report; errors are still told.")
def command(repository: str, **options: Any) -> int:
    """Converts the machines in REPOSITORY, a folder of nginx prefixes, `nginx -T` dumps and folders of site files in any layout.

    What comes out is one set of manifests for each host name, however many machines serve it.
    """
    return convert_repository(repository, Options(**options))


def convert_repository(repository: str, options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.commands.inputs import decided
    from converter.sources import SourceError
    from converter.sources.repository import machines

    decisions = decided(options.decisions)
    root = Path(repository)
    try:
        found = machines(root, options.include, options.exclude)
    except SourceError as error:
        raise exits.NothingToConvert(str(error)) from None
    if not found:
        raise exits.NothingToConvert(f"{repository}: no nginx configuration was found in it")
    if options.show_hosts:
        return _show(found)
    if not options.output:
        raise click.UsageError("Missing option '-o' / '--output': the folder for manifests and reports.")
    if options.diff or options.check:
        return _compare(root, found, decisions, options)
    with progress(f"converting {len(found)} machines …"):
        fleet, written = _converted(root, found, decisions, options)
    _tell(fleet, written, options)
    return _exit_code(fleet, written, options.fail_on)


def _show(found: "list[Machine]") -> int:
    width = max(len(machine.name) for machine in found)
    for machine in found:
        emit(f"{machine.name:{width}}  {machine.kind:6}  {machine.why}\n")
    emit(f"{len(found)} machine{'' if len(found) == 1 else 's'}\n", err=True)
    return exits.DONE


def _converted(root: Path, found: "list[Machine]", decisions: "Decisions", options: Options) -> "tuple[Fleet, Written]":
    """Converts all and writes the folder. Raises WrongUse where it cannot be written."""
    import tempfile

    from converter.fleet.batch import Order, batch
    from converter.fleet.distinct import configurations
    from converter.fleet.pool import pool
    from converter.fleet.reports import finished
    from converter.output import OutputError, Writing

    distinct, unreadable = configurations(root, found)
    name = os.path.basename(os.path.abspath(root))
    try:
        writing = Writing(Path(options.output or ""), options.force)
        with tempfile.TemporaryDirectory(prefix="nginx2istio-") as spool, pool(min(options.processes, len(distinct) or 1)) as run:
            came = batch(Order(name, decisions, bool(options.report)), distinct, Path(spool), run, writing)
        return finished(came, unreadable, writing, bool(options.report), options.prune)
    except OutputError as error:
        raise exits.WrongUse(str(error)) from None


def _compare(root: Path, found: "list[Machine]", decisions: "Decisions", options: Options) -> int:
    """Shows, or with --check only says, what a run would change in the folder: it is made beside it, in a place of its own."""
    import tempfile

    from converter.commands.diff import show_or_say, side_of_folder
    from converter.difference.compare import compare
    from converter.model.records import replace

    assert options.output is not None
    old = side_of_folder(options.output)
    with tempfile.TemporaryDirectory(prefix="nginx2istio-") as folder:
        with progress(f"converting {len(found)} machines …"):
            _converted(root, found, decisions, replace(options, output=folder, report=None))
        new = replace(side_of_folder(folder), label=str(root))
    return show_or_say(compare(old, new), options.check, options.format, options.color)


def _tell(fleet: "Fleet", written: "Written", options: Options) -> None:
    from converter.report.document import to_json
    from converter.report.fleet_document import document
    from converter.report.fleet_text import summary

    folder = Path(options.output or "")
    tell_edited(folder, written)
    if written.left:
        hosts = sorted({path.partition("/")[0] for path in written.left})
        click.echo(f"{folder}: no longer produced, left as it is (--prune deletes it): {', '.join(hosts)}", err=True)
    if options.format == "json":
        emit(to_json(document(fleet)))
    elif not options.quiet:
        emit(summary(fleet, colour(options.color, sys.stdout)))
        counts = f"{len(written.written)} written, {len(written.unchanged)} unchanged, {len(written.removed)} removed"
        click.echo(f"{folder}: {counts}", err=True)


def _exit_code(fleet: "Fleet", written: "Written", fail_on: str) -> int:
    from converter.model.fleet import reaches

    if any(failed.defect for failed in fleet.failed):
        return exits.DEFECT
    if not fleet.sites:
        raise exits.NothingToConvert(f"{fleet.source}: no server that a gateway could serve was found")
    return exits.FINDINGS if written.edited or reaches(fleet, fail_on) else exits.DONE
