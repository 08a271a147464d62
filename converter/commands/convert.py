"""`nginx2istio convert`: manifests and report of one source."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.options import coloured, how_written, what_fails
from converter.commands.telling import FORMATS, Way, folder_of, tell, tell_edited
from converter.commands.terminal import emit

if TYPE_CHECKING:
    from converter.model.conversion import Conversion
    from converter.model.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    output: str | None
    decisions: str | None
    fail_on: str
    baseline: str | None
    update_baseline: bool
    format: str
    report: str | None
    fidelity: str | None
    force: bool
    diff: bool
    check: bool
    color: str
    quiet: bool


@click.command("convert", short_help="Write the Istio manifests of a configuration, and a report.")
@click.argument("source")
@click.option("-o", "--output", metavar="DIR", help="Write manifests, report.json and report.md into DIR.")
@click.option("--decisions", metavar="FILE", help="Decisions that the configuration cannot say (`nginx2istio init` writes a first one).")
@what_fails
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Of the report. concise (a line for each finding), json (report.json), csv (a line for each directive), sarif (for code "
    "scanning) and github (workflow annotations) take stdout for themselves: manifests then need -o.",
)
@click.option(
    "--report",
    type=click.Choice(["html"]),
    help="Also write report.html and the pages that it leads to into DIR, for a browser. Needs -o.",
)
@click.option(
    "--fidelity",
    type=click.Choice(["standard", "strict"]),
    help="Overrides the decisions file; strict is not in this version, and taken as standard.",
)
@how_written
@coloured
@click.option("-q", "--quiet", is_flag=True, help="No text report; errors are still told.")
def command(source: str, **options: Any) -> int:
    """Converts SOURCE: a file, a folder with an nginx.conf, the output of `nginx -T`, or - for standard input.

    Without -o, the manifests go to stdout and everything else to stderr; with -o, they go into DIR and the report to stdout.
    """
    return convert_source(source, Options(**options))


def convert_source(argument: str, options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.commands.baseline_file import against_baseline
    from converter.model.records import replace
    from converter.report.review import reaches

    if options.report and options.output is None:
        raise click.UsageError("--report html writes files: name their folder with -o DIR")
    if (options.diff or options.check) and not options.output:
        raise click.UsageError("--diff and --check hold DIR against the source: name it with -o DIR")
    conversion, texts = _converted(argument, options)
    if not conversion.hosts:
        _tell(conversion, argument, replace(options, output=None))
        raise exits.NothingToConvert(f"{conversion.source}: nothing to convert: no server and no location was found in it")
    conversion = against_baseline(conversion, options.baseline, options.update_baseline)
    if options.diff or options.check:
        return _compare(conversion, options)
    edited = _write(conversion, _pages(conversion, texts, options), options) if options.output is not None else _print(conversion, options)
    _tell(conversion, argument, options)
    return exits.FINDINGS if edited or reaches(conversion, options.fail_on) else exits.DONE


def _converted(argument: str, options: Options) -> "tuple[Conversion, dict[str, str]]":
    """The conversion, and the texts of the source's files where the report needs them."""
    from converter.commands.inputs import converted, converted_with_texts

    decisions = _decisions(options)
    return converted_with_texts(argument, decisions) if options.report else (converted(argument, decisions), {})


def _pages(conversion: "Conversion", texts: dict[str, str], options: Options) -> dict[str, str]:
    """The pages of the report where they are asked for."""
    if not options.report:
        return {}
    from converter.report.html import site

    return site(conversion, texts)


def _decisions(options: Options) -> "Decisions":
    from converter.commands.inputs import decided
    from converter.model.records import replace

    decisions = decided(options.decisions)
    return replace(decisions, defaults=replace(decisions.defaults, fidelity=options.fidelity)) if options.fidelity else decisions


def _write(conversion: "Conversion", pages: dict[str, str], options: Options) -> bool:
    """Writes the folder, with the pages of the report; whether files of it were edited and left alone."""
    from converter.output import OutputError, write
    from converter.report.document import document, to_json
    from converter.report.markdown import report

    if not options.output:
        raise click.BadParameter("must name a folder", param_hint="--output")
    reports = {"report.json": to_json(document(conversion)), "report.md": report(conversion)}
    folder = Path(options.output)
    try:
        result = write(folder, {**conversion.files, **reports, **pages}, options.force)
    except OutputError as error:
        raise exits.WrongUse(str(error)) from None
    tell_edited(folder, result)
    if not options.quiet:
        click.echo(
            f"{folder}: {_files(len(result.written))} written, {len(result.unchanged)} unchanged, {len(result.removed)} removed", err=True
        )
    return bool(result.edited)


def _compare(conversion: "Conversion", options: Options) -> int:
    """Shows, or with --check only says, what writing the folder would change."""
    from converter.commands.diff import show_or_say, side_of_folder
    from converter.difference.compare import compare
    from converter.difference.side import Side

    assert options.output is not None
    if options.format not in ("text", "json"):
        raise click.UsageError("--diff and --check know --format text and json")
    changes = compare(side_of_folder(options.output), Side(conversion.source, conversion.files, conversion.rows))
    return show_or_say(changes, options.check, options.format, options.color)


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"


def _print(conversion: "Conversion", options: Options) -> bool:
    """The manifests on stdout, ready for `kubectl apply -f -`. Never leaves anything alone."""
    from converter.report.stream import left_out, manifests

    if options.format == "text":
        emit(manifests(conversion.files))
        for path in left_out(conversion.files):
            click.echo(f"{path} is no manifest and not shown: -o DIR writes it", err=True)
    return False


def _tell(conversion: "Conversion", argument: str, options: Options) -> None:
    if options.format != "text" or not options.quiet:
        tell(conversion, Way(options.format, folder_of(argument), options.color, err=options.output is None))
