"""Real files: everything is read without an exception, and every statement has its entry."""

import os
import time
from pathlib import Path

import pytest

from converter.sources import read_source
from converter.syntax import parse

SYNTAX_FAULTS = {"NGX001", "NGX002", "NGX003", "NGX004", "NGX005", "NGX006", "NGX007", "NGX008", "NGX009"}
PLACE = Path(os.environ.get("NGINX2ISTIO_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")


def statements(text):
    """Counts statements character by character, as nginx's ngx_conf_read_token goes through a file."""
    count, words, state, escaped, after_dollar = 0, 0, "space", False, False
    for character in text:
        if escaped:
            escaped = False
        elif state == "comment":
            state = "space" if character == "\n" else state
        elif state in ("'", '"'):
            escaped = character == "\\"
            state = "space" if character == state else state
        elif state == "word" and character == "{" and after_dollar:
            continue
        elif character in " \t\r\n":
            state = "space"
        elif character in ";{":
            count, words, state = count + 1, 0, "space"
        elif character == "}" and state == "space" and not words:
            pass
        elif state == "space":
            words += character != "#"
            escaped = character == "\\"
            state = {"#": "comment", "'": "'", '"': '"'}.get(character, "word")
        else:
            escaped = character == "\\"
        after_dollar = character == "$"
    return count


@pytest.mark.skipif(not PLACE.is_dir(), reason="no corpus: set NGINX2ISTIO_CORPUS to a folder of nginx configurations")
def test_every_statement_of_real_files_has_its_entry():
    paths = sorted(path for path in PLACE.rglob("*") if path.is_file() and path.name != "index.json")
    assert paths
    spent, compared = 0.0, 0
    for path in paths:
        started = time.perf_counter()
        source = read_source(str(path))
        parsed = parse(source)
        spent += time.perf_counter() - started
        own = [entry for entry in parsed.entries if entry.position.file == source.main]
        if parsed.refused or any(finding.code in SYNTAX_FAULTS for finding in parsed.findings) or parsed.lua:
            continue
        assert len(own) == statements(source.texts.read(source.main).text), path
        assert len({entry.position for entry in parsed.entries}) == len(parsed.entries), path
        compared += 1
    assert compared > len(paths) // 2
    assert spent < 60


@pytest.mark.parametrize(("text", "count"), [("a;b{c;}", 3), ("a '};';#;\nb ${x};", 2), ("a \\; b;", 1), ('a "\\"" ;', 1)])
def test_the_count_itself(text, count):
    assert statements(text) == count
