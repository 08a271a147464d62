"""`nginx2istio trace`: how nginx decides on one request, beside the rule and the route that take it in the gateway."""

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from converter.commands import exits
from converter.commands.terminal import colour, emit

if TYPE_CHECKING:
    from converter.model.verification import Request

_METHOD = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options, by their names."""

    header: tuple[str, ...]
    sender: str | None
    decisions: str | None
    format: str
    color: str


@click.command("trace", short_help="Show how nginx decides on one request, and what takes it in the gateway.")
@click.argument("source")
@click.argument("request")
@click.option("-H", "--header", metavar="'NAME: VALUE'", multiple=True, help="A header line of the request. May be repeated.")
@click.option("--from", "sender", metavar="ADDRESS", help="The client's address; otherwise 198.51.100.7.")
@click.option("--decisions", metavar="FILE", help="Decisions, as for convert.")
@click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of what is printed.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour of the text.")
def command(source: str, request: str, **options: Any) -> int:
    """Follows REQUEST, such as 'GET https://shop.example.com/orders/1?x=1', through the configuration in SOURCE.

    Prints what nginx does step by step, each with its place in the source and the level that it is inherited from; then the rule of the
    decision list and the route of the manifests that take the request in the gateway; what both send to the upstream; and whether they
    differ. Nothing is asked of any server: files are taken not to exist, and what an upstream would answer is not known. Without a method
    it is GET.
    """
    return trace_request(source, request, Options(**options))


def trace_request(argument: str, text: str, options: Options) -> int:
    """Runs the command; returns the exit code."""
    from converter.commands.inputs import converted_whole, decided
    from converter.report import tracing as shown
    from converter.report.document import to_json
    from converter.verify.manifests import from_texts
    from converter.verify.tracing import traced

    request = requested(text, options)
    _, whole = converted_whole(argument, decided(options.decisions))
    if not whole.conversion.hosts:
        raise exits.NothingToConvert(f"{whole.conversion.source}: no server and no location was found in it")
    found = traced(whole, from_texts(whole.conversion.files), request)
    if options.format == "json":
        emit(to_json(shown.document(found)))
    else:
        emit(shown.text(found, colour(options.color, sys.stdout)))
    return exits.DONE


def requested(text: str, options: Options) -> "Request":
    """The request of the command line. Raises WrongUse with a sentence."""
    from converter.verify.request_file import RequestFileError, requests_of

    method, _, url = text.strip().rpartition(" ")
    if not url or (method and not _METHOD.fullmatch(method)):
        raise exits.WrongUse(f"{text!r} is no request: write it as 'GET https://shop.example.com/orders/1?x=1'")
    asked: dict[str, object] = {"url": url, "method": method.upper() or "GET", "headers": [_header(line) for line in options.header]}
    if options.sender is not None:
        asked["from"] = options.sender
    try:
        return requests_of([asked], "the request")[0]
    except RequestFileError as error:
        raise exits.WrongUse("\n".join(_sentence(message) for message in error.messages)) from None


def _header(line: str) -> list[str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip() or re.search(r"\s", name.strip()):
        raise exits.WrongUse(f"{line!r} is no header line: write it as 'Name: value'")
    return [name.strip(), value.strip()]


def _sentence(message: str) -> str:
    """A message about a list of requests as one about the only request."""
    return re.sub(r"^the request: (?:requests)?(?:\[0\]|0)?\.?", "the request: ", message)
