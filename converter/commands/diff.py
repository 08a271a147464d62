"""`nginx2istio diff`: what differs between two configurations, for who reviews it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.options import coloured
from converter.commands.terminal import colour, emit

if TYPE_CHECKING:
    from converter.difference.side import Side
    from converter.model.changes import Changes
    from converter.model.conversion import Conversion
    from converter.model.decisions import Decisions
    from converter.sources import Source

LAYERS = ("behaviour", "objects", "ledger")
FORMATS = ("text", "json", "markdown")
_MOST_NOTES = 5  # on one side
LARGEST_COMMENT = 65_536  # characters of a comment on GitHub


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    decisions: str | None
    old_decisions: str | None
    only: tuple[str, ...]
    format: str
    max_size: int
    color: str


class _Diff(click.Command):
    """A command that knows what stands behind `--`: paths in a repository."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.obj = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])


@click.command("diff", cls=_Diff, short_help="Show for which requests two configurations answer differently.")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--decisions", metavar="FILE", help="Decisions for both sides, as for convert.")
@click.option("--old-decisions", metavar="FILE", help="Decisions for OLD, where they are others.")
@click.option("--only", type=click.Choice(LAYERS), multiple=True, help="Show and count this layer alone. May be repeated.")
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True, help="Of what is printed.")
@click.option(
    "--max-size",
    type=click.IntRange(1_000),
    default=LARGEST_COMMENT,
    show_default=True,
    metavar="CHARACTERS",
    help="Of markdown: the least important entries are left out, and counted.",
)
@coloured
@click.pass_obj
def command(paths: tuple[str, ...], /, old: str, new: str | None, **options: Any) -> int:
    """Compares OLD with NEW: each a file, a folder, the output of `nginx -T`, - for standard input, or a folder that `convert -o` wrote.

    In a git repository, `diff main..HEAD -- configs/` compares two revisions of a path, and `diff main -- configs/` a revision with the
    files as they are; nothing is checked out.

    Three layers, the most important first: for which requests the answer changes, each with a request that shows it, and access that is
    wider now before all others; objects of the manifests that were added, changed, moved or removed; directives whose outcome in the
    report changed. Ends with 1 where anything differs.
    """
    return compare_sources(old, new, paths, Options(**options))


def compare_sources(old: str, new: str | None, paths: tuple[str, ...], options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.commands.inputs import decided
    from converter.difference.compare import compare

    decisions = decided(options.decisions)
    earlier = decided(options.old_decisions) if options.old_decisions else decisions
    changes = only(compare(*_sides(old, new, paths, (earlier, decisions))), options.only)
    show(changes, options.format, options.color, options.max_size)
    return exits.FINDINGS if changes else exits.DONE


def only(changes: "Changes", layers: tuple[str, ...]) -> "Changes":
    """The changes of some layers; of all where none is named."""
    from converter.model.changes import Changes

    kept = layers or LAYERS
    behaviour = changes.behaviour if "behaviour" in kept else ()
    objects = changes.objects if "objects" in kept else ()
    return Changes(changes.old, changes.new, behaviour, objects, changes.ledger if "ledger" in kept else (), changes.notes)


def show(changes: "Changes", form: str, color: str, most: int = LARGEST_COMMENT) -> None:
    """Prints the changes in a format."""
    from converter.report import changes as shown
    from converter.report.changes_document import document
    from converter.report.changes_markdown import markdown
    from converter.report.document import to_json

    if form == "json":
        emit(to_json(document(changes)))
    elif form == "markdown":
        emit(markdown(changes, most))
    else:
        emit(shown.text(changes, colour(color, sys.stdout)))


def show_or_say(changes: "Changes", check: bool, form: str, color: str) -> int:
    """What writing a folder would change: all of it, or with `check` one line. Returns the exit code."""
    from converter.report.changes import totals

    if check:
        click.echo(totals(changes))
        for note in changes.notes:
            click.echo(f"note: {note}", err=True)
    else:
        show(changes, form, color)
    return exits.FINDINGS if changes else exits.DONE


def _sides(old: str, new: str | None, paths: tuple[str, ...], decisions: "tuple[Decisions, Decisions]") -> "tuple[Side, Side]":
    if new is None or paths:
        return _revisions(old, new, paths, decisions)
    if old == new == "-":
        raise exits.WrongUse("only one side can be read from standard input")
    return side(old, decisions[0]), side(new, decisions[1])


def _revisions(old: str, new: str | None, paths: tuple[str, ...], decisions: "tuple[Decisions, Decisions]") -> "tuple[Side, Side]":
    from converter.sources.git import GitError, read_revision

    if len(paths) != 1:
        raise exits.WrongUse(
            "name what to compare: two sources, or revisions and one path behind `--`, as in `diff main..HEAD -- configs/`"
        )
    first, dots, second = old.partition("..")
    if new is not None and dots:
        raise exits.WrongUse(f"{old} names two revisions already: leave {new} out")
    if second.startswith("."):
        raise exits.WrongUse(f"{old}: write `$(git merge-base {first or 'HEAD'} {second[1:] or 'HEAD'})..{second[1:] or 'HEAD'}` instead")
    second = new if new is not None else second or ("HEAD" if dots else "")
    sides = []
    for revision, own in zip((first or "HEAD", second), decisions, strict=True):
        if not revision:
            sides.append(side(paths[0], own))
            continue
        try:
            sides.append(_converted(f"{revision}:{paths[0]}", own, partial(read_revision, revision, paths[0])))
        except GitError as error:
            raise exits.WrongUse(str(error)) from None
    return sides[0], sides[1]


def side(argument: str, decisions: "Decisions") -> "Side":
    """A side from what the user named. Raises NothingToConvert, WrongUse."""
    from converter.difference.folder import is_output

    return side_of_folder(argument) if is_output(argument) else _converted(argument, decisions)


def side_of_folder(path: str) -> "Side":
    """The side that an output folder holds; an empty one where there is none yet. Raises WrongUse."""
    from converter.difference.folder import FolderError, read_folder

    try:
        return read_folder(path)
    except FolderError as error:
        raise exits.WrongUse(str(error)) from None


def _converted(label: str, decisions: "Decisions", read: "Callable[[], Source] | None" = None) -> "Side":
    from converter.commands.inputs import converted_whole
    from converter.difference.side import Side, lists_of

    _, whole = converted_whole(label, decisions, read)
    if not whole.conversion.hosts:
        raise exits.NothingToConvert(f"{label}: no server and no location was found in it")
    conversion = whole.conversion
    return Side(label, conversion.files, conversion.rows, lists_of(whole.applications, whole.upstreams), tuple(_unread(label, conversion)))


def _unread(label: str, conversion: "Conversion") -> "Iterator[str]":
    """What could not be read of a source: two sides that both lack it may look the same."""
    from converter.model.findings import Severity

    errors = [finding for finding in conversion.findings if finding.severity is Severity.ERROR]
    for finding in errors[:_MOST_NOTES]:
        yield f"{label}: {f'{finding.position}: ' if finding.position else ''}{finding.message}"
    if len(errors) > _MOST_NOTES:
        yield f"{label}: {len(errors) - _MOST_NOTES} more errors; `nginx2istio convert` tells them all"
