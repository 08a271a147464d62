"""What a finding is, whatever line it stands in: the file, the blocks around it, the directive, and what was found.

Baselines, SARIF and the table of directives call a finding by it, so that a line that moves makes no new one.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from converter.model.conversion import Conversion
from converter.model.findings import Finding
from converter.model.ledger import Entry, Row
from converter.report.style import printable

_PLAIN_WORD = re.compile(r"[^\s\"'\\;{}]+")
_LINE_NUMBER = re.compile(r"(?<=\bline )\d+|(?<=\blines )\d+|(?<=:)\d+\b")
_LONGEST = 200  # characters of a directive; what is longer ends in a hash of the whole

Block = tuple[tuple[str, ...], str]


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """One finding, or one directive with its outcome.

    inside: the blocks around it, outermost first, each as it is written, a server with its names.
    text:   the directive as it is written, or the message of a finding that is not about one directive's outcome.
    found:  the outcome, or the severity and code of a finding. With another one, it is another identity.
    """

    file: str
    inside: tuple[str, ...]
    text: str
    found: str


def of_rows(rows: Sequence[Row]) -> list[Identity]:
    """The identity of each row. The rows are a whole ledger in source order: where a block begins is known from its own row."""
    names = _server_names(rows)
    labels: dict[tuple[str, Block], str] = {}
    out = []
    for number, row in enumerate(rows):
        entry = row.entry
        file = printable(entry.position.file)
        label = _shortened(statement((entry.directive, *(names.get(number) or entry.args))))
        inside = tuple(labels.get((file, block), printable(block[1])) for block in _around(entry))
        labels[file, (entry.context, entry.directive)] = label
        out.append(Identity(file, inside, label, row.outcome.value))
    return out


def of_finding(finding: Finding) -> Identity:
    """The identity of a finding of the conversion: line numbers in its message do not count."""
    message = _shortened(_LINE_NUMBER.sub("N", finding.message))
    return Identity(
        printable(finding.position.file) if finding.position else "", (), message, f"{finding.severity.name.lower()} {finding.code}"
    )


def fingerprints(conversion: Conversion) -> dict[Row | Finding, str]:
    """A hash of 32 hexadecimal digits for each row and each finding: of its identity, and of how many like it stand before it."""
    told: list[Row | Finding] = [*conversion.rows, *conversion.findings]
    identities = [*of_rows(conversion.rows), *map(of_finding, conversion.findings)]
    return dict(zip(told, map(_hash, identities, occurrences(identities)), strict=True))


def occurrences(identities: Iterable[Identity]) -> Iterator[int]:
    """For each identity, the how manieth of its kind it is, from 1."""
    seen: Counter[Identity] = Counter()
    for identity in identities:
        seen[identity] += 1
        yield seen[identity]


def statement(words: Iterable[str]) -> str:
    """A directive as it could be written. Words that need quotes have those of JSON, so that different words are never the same text.

    >>> statement(("location", "~", "^/a b"))
    'location ~ "^/a b"'
    """
    return " ".join(word if _PLAIN_WORD.fullmatch(word) else json.dumps(word, ensure_ascii=False) for word in words)


def _around(entry: Entry) -> Iterator[Block]:
    """The blocks around an entry: each with the names of those around it, and its own name."""
    return ((entry.context[:depth], name) for depth, name in enumerate(entry.context))


def _server_names(rows: Sequence[Row]) -> dict[int, tuple[str, ...]]:
    """By number of a server's row: its names, or where it listens if it has none."""
    open_servers: dict[str, int] = {}
    names: dict[int, tuple[str, ...]] = {}
    listens: dict[int, tuple[str, ...]] = {}
    for number, row in enumerate(rows):
        entry = row.entry
        if entry.directive == "server" and "upstream" not in entry.context:
            open_servers[entry.position.file] = number
        elif entry.directive in ("server_name", "listen") and entry.context[-1:] == ("server",):
            server = open_servers.get(entry.position.file, -1)
            known = names if entry.directive == "server_name" else listens
            known[server] = known.get(server, ()) + entry.args
    return listens | names


def _shortened(text: str) -> str:
    """On one line, and not longer than people read."""
    if len(text) <= _LONGEST:
        return printable(text)
    return f"{printable(text[:_LONGEST])}… sha256:{_sha256(text)[:16]}"


def _hash(identity: Identity, occurrence: int) -> str:
    parts = (identity.file, identity.inside, identity.text, identity.found, occurrence)
    return _sha256(json.dumps(parts))[:32]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
