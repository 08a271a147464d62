"""Refreshes the pages that are made from the program. `make docs` runs it."""

from pathlib import Path

from converter.commands import reference
from converter.report import directives_doc

DOCS = Path(__file__).parent

for name, render in {"cli.md": reference.render, "directives.md": directives_doc.render}.items():
    (DOCS / name).write_text(render(), encoding="utf-8")
