"""`nginx2istio report`: a report that was written before, in another format."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.options import coloured, what_fails
from converter.commands.telling import FORMATS, Way, tell
from converter.commands.terminal import emit

if TYPE_CHECKING:
    from converter.model.conversion import Conversion

_LARGEST = 256 * 1024 * 1024  # bytes; about a million directives


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    format: str
    folder: str
    fail_on: str
    baseline: str | None
    update_baseline: bool
    color: str


@click.command("report", short_help="Show a report that was written before, in another format.")
@click.argument("report")
@click.option("--format", type=click.Choice([*FORMATS, "markdown"]), default="text", show_default=True, help="Of what is printed.")
@click.option(
    "--folder", metavar="DIR", default="", help="Where the source's files are, from the repository's root: for concise, sarif and github."
)
@what_fails
@coloured
def command(report: str, **options: Any) -> int:
    """Prints REPORT, a folder that `convert -o` or `batch -o` wrote or a report.json, in another format. Nothing is converted again.

    Ends with 1 as convert does: where something is found that --fail-on names and the baseline has not.
    """
    return report_again(report, Options(**options))


def report_again(argument: str, options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.commands.baseline_file import against_baseline
    from converter.report.review import reaches

    conversion = against_baseline(read_report(argument), options.baseline, options.update_baseline)
    if options.format == "markdown":
        from converter.report.markdown import report

        emit(report(conversion))
    else:
        tell(conversion, Way(options.format, options.folder, options.color))
    return exits.FINDINGS if reaches(conversion, options.fail_on) else exits.DONE


def read_report(argument: str) -> "Conversion":
    """The conversion that the report of a folder, or a report.json, is of; those of a fleet's machines are one. Raises NothingToConvert."""
    from converter.report.fleet_reading import joined, machine_reports

    if not os.path.isdir(argument):
        return _read(Path(argument))
    reports = machine_reports(Path(argument))
    if reports is None:
        return _read(Path(argument, "report.json"))
    return joined(os.path.basename(os.path.abspath(argument)), ((machine, _read(path)) for machine, path in reports.items()))


def _read(path: Path) -> "Conversion":
    from converter.report.reading import ReportError, conversion_of

    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise exits.NothingToConvert(f"{path}: is larger than {_LARGEST:,} bytes: not a report")
        conversion, verified = conversion_of(content.decode("utf-8"))
    except OSError as error:
        raise exits.NothingToConvert(f"{path}: cannot be read: {error.strerror}. `nginx2istio convert SOURCE -o DIR` writes one") from None
    except UnicodeDecodeError as error:
        raise exits.NothingToConvert(f"{path}: is not UTF-8 text (byte {error.start})") from None
    except ReportError as error:
        raise exits.NothingToConvert(f"{path}: {error}") from None
    if verified:
        click.echo(f"{path}: what the verification in it found is not shown: report.md beside it has it", err=True)
    return conversion
