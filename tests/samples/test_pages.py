"""Pages that people write name all that the program knows."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from converter.model.decisions import Decisions, Defaults, GatewayDecisions, HostDecisions
from converter.model.outcomes import Outcome

SECTIONS = {"gateway": GatewayDecisions, "defaults": Defaults, "hosts.NAME": HostDecisions}
KEYS = [f"{section}.{key.name}" for section, kind in SECTIONS.items() for key in fields(kind)]


def page(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("key", [*KEYS, *(key.name for key in fields(Decisions) if key.name not in ("gateway", "defaults", "hosts"))])
def test_every_key_of_the_decisions_is_explained(root: Path, key: str) -> None:
    assert re.search(rf"\| `{re.escape(key)}[`.]", page(root, "docs/decisions.md"))


def test_every_order_of_the_script_is_explained_and_no_other(root: Path) -> None:
    orders = set(re.findall(r'm:get\("(\w+)"\)', page(root, "mappings/envoyfilter/nginx.lua")))
    assert set(re.findall(r"^\| `(\w+)` \|", page(root, "docs/envoyfilter.md"), re.MULTILINE)) == orders


def test_every_fragment_is_named(root: Path) -> None:
    fragments = [path.name for path in (root / "mappings" / "envoyfilter").iterdir()]
    assert [name for name in fragments if f"`{name}`" not in page(root, "docs/envoyfilter.md")] == []


def test_the_readme_explains_every_outcome(root: Path) -> None:
    readme = page(root, "README.md")
    assert [outcome.value for outcome in Outcome if f"\n| {outcome.value} | " not in readme] == []


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (Path(__file__).parents[2] / "docs").glob("*.md"))]
)
def test_links_between_pages_lead_somewhere(root: Path, name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page(root, name))
    assert [link for link in links if not ((root / name).parent / link).exists()] == []
