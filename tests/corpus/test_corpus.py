"""Real files, alone and as folders: no defect shows, and each directive of theirs has exactly one outcome."""

import os
import time
from collections import Counter
from pathlib import Path

import crossplane
import pytest

from converter.conversion import convert
from converter.model.decisions import Decisions
from converter.sources import read_source
from converter.syntax.parse import parse

PLACE = Path(os.environ.get("NGINX2ISTIO_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
pytestmark = pytest.mark.skipif(not PLACE.is_dir(), reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")
SYNTAX_FAULTS = {"NGX001", "NGX002", "NGX003", "NGX004", "NGX005", "NGX006", "NGX007", "NGX008", "NGX009"}
LONGEST = 180  # seconds for all files together


def counted(path: Path) -> int:
    """Statements as crossplane's lexer alone sees them: each ends in a semicolon or opens a block. Comments are no statements."""
    return sum(token in (";", "{") and not quoted for token, _, quoted in crossplane.lexer.lex(str(path)))


def files() -> list[Path]:
    return sorted(path for path in PLACE.rglob("*") if path.is_file() and path.name != "index.json")


def test_every_file_is_converted_and_every_statement_has_its_outcome() -> None:
    started, compared, paths = time.perf_counter(), 0, files()
    for path in paths:
        source = read_source(str(path))
        parsed, conversion = parse(source), convert(source, Decisions())
        assert len(conversion.rows) == len(parsed.entries), path
        assert all(count == 1 for count in Counter(row.entry.position for row in conversion.rows).values()), path
        own = [row for row in conversion.rows if row.entry.position.file == source.main]
        if not parsed.refused and not parsed.lua and not any(finding.code in SYNTAX_FAULTS for finding in parsed.findings):
            assert len(own) == counted(path), path
            compared += 1
    assert compared > len(paths) // 2
    assert time.perf_counter() - started < LONGEST


def test_every_folder_with_a_main_file_is_converted() -> None:
    folders = sorted({path.parent for path in files() if path.name == "nginx.conf"})
    assert folders
    for folder in folders:
        conversion = convert(read_source(str(folder)), Decisions())
        assert all(count == 1 for count in Counter(row.entry.position for row in conversion.rows).values()), folder


def test_every_object_of_a_host_is_named_by_a_row() -> None:
    for path in files():
        source = read_source(str(path))
        if "server" in parse(source).context:
            continue  # the server around a fragment is made up: no row can name what is made of it
        conversion = convert(source, Decisions())
        named = {name.partition("#")[0] for row in conversion.rows for name in row.objects}
        made = {name for host in conversion.hosts for name in host.objects}
        assert made <= named, path
