"""`nginx2istio diff`: what differs between two configurations, for who reviews it."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.terminal import colour, emit

if TYPE_CHECKING:
    from converter.difference.side import Side
    from converter.model.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    decisions: str | None
    color: str


@click.command("diff", short_help="Show for which requests two configurations answer differently.")
@click.argument("old")
@click.argument("new")
@click.option("--decisions", metavar="FILE", help="Decisions for both sides, as for convert.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour of the text.")
def command(old: str, new: str, **options: Any) -> int:
    """Compares OLD with NEW, each a file, a folder, the output of `nginx -T`, or - for standard input.

    Three layers, the most important first: for which requests the answer changes, each with a request that shows it, and access that is
    wider now before all others; objects of the manifests that were added, changed, moved or removed; directives whose outcome in the
    report changed. Ends with 1 where anything differs.
    """
    return compare_sources(old, new, Options(**options))


def compare_sources(old: str, new: str, options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.commands.inputs import decided
    from converter.difference.compare import compare
    from converter.report.changes import text

    if old == new == "-":
        raise exits.WrongUse("only one side can be read from standard input")
    decisions = decided(options.decisions)
    changes = compare(_side(old, decisions), _side(new, decisions))
    emit(text(changes, colour(options.color, sys.stdout)))
    return exits.FINDINGS if changes else exits.DONE


def _side(argument: str, decisions: "Decisions") -> "Side":
    from converter.commands.inputs import converted_whole
    from converter.difference.side import Side, lists_of

    _, whole = converted_whole(argument, decisions)
    conversion = whole.conversion
    return Side(argument, conversion.files, conversion.rows, lists_of(whole.applications, whole.upstreams))
