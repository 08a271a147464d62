"""What several commands read: the source, the decisions; and the conversion of the one by the other."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from converter.commands import exits
from converter.commands.terminal import progress
from converter.model.records import replace

if TYPE_CHECKING:
    from converter.conversion import Whole
    from converter.model.conversion import Conversion
    from converter.model.decisions import Decisions
    from converter.sources import Source


def converted(argument: str, decisions: "Decisions") -> "Conversion":
    """The conversion of what the argument names. Its source is the bare name, which is the same from every folder and machine.

    Raises NothingToConvert where nothing can be read.
    """
    return converted_whole(argument, decisions)[1].conversion


def converted_with_texts(argument: str, decisions: "Decisions") -> "tuple[Conversion, dict[str, str]]":
    """As `converted`, with the texts of the files that its rows stand in, by path."""
    source, whole = converted_whole(argument, decisions)
    files = dict.fromkeys(row.entry.position.file for row in whole.conversion.rows)
    return whole.conversion, {file: source.texts.read(file).text for file in files}


def converted_whole(argument: str, decisions: "Decisions", read: "Callable[[], Source] | None" = None) -> "tuple[Source, Whole]":
    """As `converted`, with the source itself and what stood between. read: gets it where it is no file of this machine.

    Raises NothingToConvert where nothing can be read.
    """
    from converter.conversion import convert_whole, uncollected
    from converter.sources import SourceError, read_source

    try:
        source = read() if read else read_source(argument, getattr(sys.stdin, "buffer", None))  # None where it was closed
    except SourceError as error:
        raise exits.NothingToConvert(str(error)) from None
    with progress(f"converting {argument} …"), uncollected():
        whole = convert_whole(source, decisions)
        return source, replace(whole, conversion=replace(whole.conversion, source=_name(argument)))


def _name(argument: str) -> str:
    return "<stdin>" if argument == "-" else os.path.basename(os.path.abspath(argument)) or argument


def decided(path: str | None) -> "Decisions":
    """The decisions of the file, or none. Raises WrongUse with all that is wrong with it."""
    from converter.commands.decisions import DecisionsError, read_decisions
    from converter.model.decisions import Decisions

    if path is None:
        return Decisions()
    try:
        return read_decisions(Path(path))
    except DecisionsError as error:
        raise exits.WrongUse("the decisions cannot be used:\n  " + "\n  ".join(error.messages)) from None
