"""`--help` is quick because it imports nothing that it does not need (`make bench` measures it)."""

import subprocess
import sys

import pytest

HEAVY = ("yaml", "jinja2", "msgspec", "jsonschema_rs", "crossplane", "re2", "importlib.metadata", "asyncio", "http", "converter.conversion")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["convert", "--help"], ["init", "-h"], ["report", "-h"], ["explain", "-h"], ["trace", "-h"]]
)
def test_help_imports_no_library_that_only_a_conversion_needs(arguments: list[str]) -> None:
    program = f"import sys; from converter.commands.main import run; assert run({arguments}) == 0; print(*sys.modules, file=sys.stderr)"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(finished.stderr.split())
    assert imported.isdisjoint(HEAVY), imported & set(HEAVY)
