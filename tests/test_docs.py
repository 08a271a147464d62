"""Pages that are made from the program are as the program would make them now."""

from pathlib import Path

import pytest

from converter.commands import reference
from converter.report import directives_doc


@pytest.mark.parametrize(("page", "render"), [("cli.md", reference.render), ("directives.md", directives_doc.render)])
def test_a_generated_page_is_current(root: Path, page: str, render: object) -> None:
    assert callable(render)
    assert (root / "docs" / page).read_text(encoding="utf-8") == render(), "run `make docs`"


def test_the_index_names_every_page(root: Path) -> None:
    index = (root / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path.name for path in (root / "docs").iterdir() if path.suffix in (".md", ".json") and path.name != "README.md"]
    assert [page for page in pages if f"({page})" not in index] == []
