"""A conversion told in the format that was asked for, on the stream that is free for it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from converter.commands.terminal import colour, emit

if TYPE_CHECKING:
    from converter.model.conversion import Conversion
    from converter.output import Written

FORMATS = ("text", "concise", "json", "csv", "sarif", "github")


@dataclass(frozen=True, slots=True)
class Way:
    """How to tell it. folder: leads from the working folder to the source's files; err: whether the text goes to stderr."""

    format: str
    folder: str = ""
    color: str = "auto"
    err: bool = False


def folder_of(argument: str) -> str:
    """The folder that a report's files are relative to, from the working folder: of the argument of a command.

    Empty where that is no path below the working folder: the files are then named as the report names them.
    """
    folder = argument if os.path.isdir(argument) else os.path.dirname(argument)
    relative = os.path.relpath(folder) if folder else "."
    return "" if relative == "." or relative.startswith("..") else relative.replace(os.sep, "/")


def tell_edited(folder: Path, written: "Written") -> None:
    """Names the files of an output folder that were left alone."""
    for path in written.edited:
        click.echo(f"{folder / path}: edited since it was written, left as it is (--force replaces it)", err=True)


def tell(conversion: "Conversion", way: Way) -> None:
    """Puts out the report; everything but text takes stdout."""
    if way.format == "text":
        from converter.report.text import summary

        emit(summary(conversion, colour(way.color, sys.stderr if way.err else sys.stdout)), err=way.err)
    else:
        emit(rendered(conversion, way))


def rendered(conversion: "Conversion", way: Way) -> str:
    """The report's text in a format that other programs read."""
    from converter.report.document import document, to_json

    match way.format:
        case "concise":
            from converter.report.concise import concise

            return concise(conversion, way.folder)
        case "csv":
            from converter.report.spreadsheet import table

            return table(conversion)
        case "sarif":
            from converter.commands.explain import texts
            from converter.report.sarif import Surroundings, sarif

            return sarif(conversion, Surroundings(texts(), way.folder))
        case "github":
            from converter.report.github import annotations

            return annotations(conversion, way.folder)
    return to_json(document(conversion))
