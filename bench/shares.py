"""How much of the request program of real files is carried over: the share of its directives that end exact or approximate."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from converter.conversion import convert
from converter.model.decisions import Decisions
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.sources import read_source

PLACE = Path(os.environ.get("NGINX2ISTIO_CORPUS") or Path(__file__).parents[2] / "shared" / "corpus")
PROGRAM = ("if", "set", "map", "rewrite", "error_page", "try_files")
_COMMONEST = 10


def lines() -> Iterator[str]:
    """The shares by directive and in all, over the files that have a server and a proxy_pass, and the commonest reasons for the rest."""
    if not PLACE.is_dir():
        yield "no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations to see the share of its request programs"
        return
    found = [row for path in _files() for row in convert(read_source(str(path)), Decisions()).rows if row.entry.directive in PROGRAM]
    for name in (*PROGRAM, ""):
        rows = [row for row in found if name in ("", row.entry.directive)]
        carried = sum(row.outcome in (Outcome.EXACT, Outcome.APPROXIMATE) for row in rows)
        yield f"{name or 'all':>10}: {carried} of {len(rows)} exact or approximate ({100 * carried / max(1, len(rows)):.1f} %)"
    rest = Counter(_reason(row) for row in found if row.outcome not in (Outcome.EXACT, Outcome.APPROXIMATE))
    yield from (f"{count:>10}  {reason}" for reason, count in rest.most_common(_COMMONEST))


def _files() -> Iterator[Path]:
    for path in sorted(path for path in PLACE.rglob("*") if path.is_file() and path.name != "index.json"):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "proxy_pass" in text and re.search(r"^\s*server\s*\{", text, re.MULTILINE):
            yield path


def _reason(row: Row) -> str:
    """The reason without what is special about one place."""
    first = re.sub(r" in line \d+|[\"'`$][\w./:-]+[\"'`]?", " …", row.reason.partition(";")[0])
    return f"{row.outcome.value}: {first or 'no reason'}"[:140]
