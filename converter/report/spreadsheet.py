"""The ledger as CSV (RFC 4180, UTF-8): one line for each directive, for spreadsheets and databases.

Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` for a formula, which could send off what stands in other cells
(https://owasp.org/www-community/attacks/CSV_Injection), and a cell of the source can say anything. So a cell that begins so gets an
apostrophe in front, as does one that begins with an apostrophe: a program that takes one leading apostrophe from each cell has the text again.
"""

import csv
import io
from collections.abc import Iterator

from converter.model.conversion import Conversion
from converter.model.ledger import Row
from converter.report.identity import Identity, fingerprints, of_rows, statement
from converter.report.style import printable

COLUMNS = (
    "file",
    "line",
    "column",
    "directive",
    "args",
    "context",
    "outcome",
    "code",
    "reason",
    "objects",
    "baseline",
    "fingerprint",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
_BASELINE = {None: "", False: "new", True: "accepted"}


def table(conversion: Conversion) -> str:
    """The text: a line of COLUMNS, then the directives in source order. Control characters are written out, so that each is one line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_lines(conversion))
    return out.getvalue()


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(conversion: Conversion) -> Iterator[tuple[object, ...]]:
    prints = fingerprints(conversion)
    for row, identity in zip(conversion.rows, of_rows(conversion.rows), strict=True):
        yield tuple(guarded(printable(cell)) if isinstance(cell, str) else cell for cell in _cells(row, identity, prints[row]))


def _cells(row: Row, identity: Identity, fingerprint: str) -> tuple[str | int, ...]:
    entry = row.entry
    return (
        entry.position.file,
        entry.position.line,
        entry.position.column,
        entry.directive,
        statement(entry.args),
        " > ".join(identity.inside),
        row.outcome.value,
        row.code,
        row.reason,
        " ".join(row.objects),
        _BASELINE[row.accepted],
        fingerprint,
    )
