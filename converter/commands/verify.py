"""`nginx2istio verify`: a real nginx and a real gateway are asked the same requests."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.options import coloured
from converter.commands.terminal import colour, emit, progress

if TYPE_CHECKING:
    from converter.conversion import Whole
    from converter.derivation import Derived
    from converter.model.verification import Covered, Request, Verification
    from converter.verify.subject import Subject

_MOST_OF_A_LOG = 20_000  # distinct requests


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    decisions: str | None
    manifests: str | None
    requests: str | None
    access_log: tuple[str, ...]
    log_format: str
    log_host: str | None
    budget: int
    against: tuple[str, str] | None
    rate: float
    report: str | None
    format: str
    nginx: str | None
    envoy: str | None
    color: str
    verbose: bool


@click.command("verify", short_help="Ask a real nginx and a real gateway the same requests.")
@click.argument("source")
@click.option("--decisions", metavar="FILE", help="Decisions, as for convert.")
@click.option("--manifests", metavar="DIR", help="Verify the manifests in DIR in place of what SOURCE is converted to now.")
@click.option("--requests", metavar="FILE", help="Further requests (YAML: docs/verify.md).")
@click.option("--access-log", metavar="FILE", multiple=True, help="Requests of an access log, too; GET and HEAD only. May be repeated.")
@click.option(
    "--log-format", metavar="FORMAT", default="combined", show_default=True, help="combined, main, a log_format of SOURCE, or its text."
)
@click.option("--log-host", metavar="NAME", help="The Host of requests of an access log that does not tell it.")
@click.option(
    "--budget",
    type=click.IntRange(0, 100_000),
    default=500,
    show_default=True,
    help="Most requests that are derived from SOURCE; 0 for none.",
)
@click.option("--against", metavar="URL URL", nargs=2, help="Compare an nginx and a gateway that run, by their URLs. GET and HEAD only.")
@click.option(
    "--rate", type=click.FloatRange(0.01, 10_000), default=10.0, show_default=True, help="Requests a second to each side of --against."
)
@click.option("--report", metavar="DIR", help="Write report.json, report.md and junit.xml, with what was found, into DIR.")
@click.option("--format", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True, help="Of what is printed.")
@click.option("--nginx", metavar="PATH", help="The nginx to ask; otherwise the system's, or the packaged one.")
@click.option("--envoy", metavar="PATH", help="The Envoy to ask; otherwise the packaged one.")
@coloured
@click.option("-v", "--verbose", is_flag=True, help="Show every request, not only what differs.")
def command(source: str, **options: Any) -> int:
    """Proves what the report of SOURCE says: the same requests, put to nginx and to Envoy with what istiod makes of the manifests.

    Requests are derived from SOURCE: for each server, location, condition and rewrite one that takes it and some that just miss it.
    Both servers run on this machine, each in a network of its own, with test upstreams behind them; nothing is asked of any other host,
    but for --against. Ends with 1 where a difference is silent: the report does not say it.
    """
    return verify_source(source, Options(**options))


def verify_source(argument: str, options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.verify.unavailable import Unavailable

    try:
        whole, verification = _verified(argument, options)
    except Unavailable as error:
        raise exits.WrongUse(str(error)) from None
    if options.report:
        _write(whole, verification, Path(options.report))
    _tell(verification, options)
    if verification.refused:
        raise exits.NothingToConvert("nothing was compared: nginx itself does not run with this configuration")
    return exits.DONE if verification.proved else exits.FINDINGS


def _verified(argument: str, options: Options) -> "tuple[Whole, Verification]":
    from converter.commands.inputs import converted_whole, decided
    from converter.model.records import replace
    from converter.verify import programs

    if not options.against:
        programs.libraries()
    from converter.verify.manifests import ManifestsError, from_texts, read
    from converter.verify.subject import Subject

    decisions = decided(options.decisions)
    source, whole = converted_whole(argument, decisions)
    if not whole.conversion.hosts:
        raise exits.NothingToConvert(f"{whole.conversion.source}: no server and no location was found in it")
    derived = _derived(whole, options)
    requests = (*derived.requests, *_requests(whole, options))
    try:
        manifests = read(Path(options.manifests)) if options.manifests else from_texts(whole.conversion.files)
    except ManifestsError as error:
        raise exits.WrongUse(str(error)) from None
    subject = Subject(source, whole, decisions, manifests)
    verification = _compared(subject, requests, options) if options.against else _asked(subject, requests, len(derived.requests), options)
    coverage = (*verification.coverage, *_aimed_at(derived))
    return whole, replace(verification, source=whole.conversion.source, coverage=coverage)


def _derived(whole: "Whole", options: Options) -> "Derived":
    from converter.derivation import Derived, derive

    return derive(whole.parsed, whole.applications, options.budget) if options.budget else Derived((), ())


def _aimed_at(derived: "Derived") -> "Iterator[Covered]":
    """The statements of the source that requests were made for, and why there are none for others."""
    from converter.model.verification import Covered

    aims = [aim for aim in derived.aims if aim.kind != "rule"]
    if aims:
        missed = tuple(f"{aim.position} {aim.text}: {aim.reason}" for aim in aims if not aim.hit)
        yield Covered("statements", sum(bool(aim.hit) for aim in aims), len(aims), missed)


def _requests(whole: "Whole", options: Options) -> "Iterator[Request]":
    from converter.verify.request_file import RequestFileError, read_requests

    if options.requests:
        try:
            yield from read_requests(Path(options.requests))
        except RequestFileError as error:
            raise exits.WrongUse("the requests cannot be used:\n  " + "\n  ".join(error.messages)) from None
    if options.access_log:
        yield from _logged(whole, options)


def _logged(whole: "Whole", options: Options) -> "Iterator[Request]":
    from converter.verify.access_log import LogsUnavailable, read_access_log
    from converter.verify.log_format import LogFormatError, formats_of

    form = formats_of(whole.parsed).get(options.log_format, options.log_format)
    try:
        found = read_access_log([Path(path) for path in options.access_log], form, _MOST_OF_A_LOG, options.log_host)
    except (LogsUnavailable, LogFormatError, OSError) as error:
        raise exits.WrongUse(f"the access log cannot be used: {error}") from None
    told = "; ".join((*(f"left out: {count:,} {why}" for why, count in found.left_out), *found.notes))
    click.echo(f"access log: {found.lines:,} lines, {found.distinct:,} distinct requests{f'; {told}' if told else ''}", err=True)
    yield from found.requests


def _asked(subject: "Subject", requests: "tuple[Request, ...]", derived: int, options: Options) -> "Verification":
    """Asks both in the laboratory; the first `derived` requests do not lean on one another."""
    from converter.model.records import replace
    from converter.verify import programs
    from converter.verify.istiod.build import helper
    from converter.verify.istiod.client import istiod
    from converter.verify.lab.laboratory import laboratory
    from converter.verify.verifying import verify

    nginx, envoy = programs.nginx(options.nginx), programs.envoy(options.envoy)
    program = helper(lambda text: click.echo(text, err=True))
    with ExitStack() as stack, progress(f"asking {len(requests)} requests …"):
        lab = stack.enter_context(laboratory(nginx, envoy))
        verification = verify(subject, requests, lab, stack.enter_context(istiod(program)), derived)
    names = (f"nginx {nginx.version}", programs.envoy_version(envoy), "istiod's own code (istio.io/istio, 1.31 line)")
    return replace(verification, programs=names)


def _compared(subject: "Subject", requests: "tuple[Request, ...]", options: Options) -> "Verification":
    from converter.verify.running import compare_running

    assert options.against is not None
    nginx, gateway = options.against
    try:
        return compare_running(subject, requests, nginx, gateway, options.rate)
    except ValueError as error:
        raise exits.WrongUse(str(error)) from None


def _write(whole: "Whole", verification: "Verification", folder: Path) -> None:
    from converter.output import replace_file
    from converter.report.document import document, to_json
    from converter.report.markdown import report
    from converter.report.verification import junit

    texts = {
        "report.json": to_json(document(whole.conversion, verification)),
        "report.md": report(whole.conversion, verification),
        "junit.xml": junit(verification),
    }
    try:
        for name, text in texts.items():
            replace_file(folder / name, text.encode("utf-8", "replace"))
    except OSError as error:
        raise exits.WrongUse(f"{folder} cannot be written: {error.strerror}") from None
    click.echo(f"{folder}: {', '.join(texts)} written", err=True)


def _tell(verification: "Verification", options: Options) -> None:
    from converter.report.document import to_json
    from converter.report.verification import document, junit, text

    if options.format == "json":
        emit(to_json(document(verification)))
    elif options.format == "junit":
        emit(junit(verification))
    else:
        emit(text(verification, options.verbose, colour(options.color, sys.stdout)))
