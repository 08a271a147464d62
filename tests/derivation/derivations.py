"""Derivations of short texts and of files, with the decision lists that the converter makes of them."""

from pathlib import Path

from converter.derivation import Aim, Derived, derive
from converter.model.decisions import Decisions
from converter.model.ledger import Ledger
from converter.nginx.build import build
from converter.nginx.levels import http_levels
from converter.nginx.telling import Telling
from converter.nginx.usable import usable
from converter.sources import read_source
from converter.sources.source import SingleText
from converter.sources.texts import Source
from converter.syntax.parse import Parsed, parse
from samples import refresh

FILE = "nginx.conf"
ROOMY = 1_000_000  # requests: a budget that nothing short spends


def parsed_text(nginx: str) -> Parsed:
    return parse(Source(FILE, FILE, SingleText(FILE, nginx.encode())))


def parsed_file(path: Path) -> Parsed:
    return parse(read_source(str(path)))


def derived(parsed: Parsed, budget: int = ROOMY) -> Derived:
    """What is derived from a tree and from its decision lists."""
    root, lost = usable(parsed.root, parsed.invalid)
    http = [] if parsed.refused else http_levels(parsed.context, root)
    built = build(http, parsed.incomplete | lost, Decisions(), Telling(Ledger(parsed.entries)))
    return derive(parsed, built.applications, budget)


def derived_text(nginx: str, budget: int = ROOMY) -> Derived:
    return derived(parsed_text(nginx), budget)


def from_tree(nginx: str, budget: int = ROOMY) -> Derived:
    """What is derived from a tree alone."""
    return derive(parsed_text(nginx), (), budget)


def aim(found: Derived, kind: str, text: str = "") -> Aim:
    """The only aim of a kind whose text begins so."""
    fitting = [aim for aim in found.aims if aim.kind == kind and aim.text.startswith(text)]
    assert len(fitting) == 1, f"{len(fitting)} aims {kind} {text}"
    return fitting[0]


def samples() -> list[Path]:
    """The input of each sample."""
    return [source for _, source in refresh.samples()]
