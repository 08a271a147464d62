"""What the comments of manifests account for, held against what a YAML parser says of the same text."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.istio.objects import NETWORKING, document
from converter.istio.yaml import Commented, dump
from converter.report.html.manifest import Block, blocks, lines
from tests.report.html.sites import SAMPLES

MANIFESTS = sorted(path for path in SAMPLES.glob("*/expected/**/*.yaml") if path.name != "kustomization.yaml")


def held(text: str) -> list[Block]:
    return list(blocks(lines(text)))


def test_a_comment_behind_a_value_speaks_for_its_line() -> None:
    text = "a:\n- one  # x.conf:1\n- two\n"
    assert held(text) == [Block(2, 2, comment="x.conf:1", within=("",))]


def test_a_comment_above_an_item_speaks_for_all_of_it() -> None:
    text = "a:\n# x.conf:1\n- b: 1\n  c:\n  - d\n- e\n"
    assert held(text) == [Block(2, 5, comment="x.conf:1", within=("",))]


def test_a_comment_above_a_document_speaks_for_the_document() -> None:
    text = "# x.conf:1\na: 1\nb: 2\n---\n# x.conf:2\nc: 3\n"
    assert [(block.first, block.last) for block in held(text)] == [(1, 3), (5, 6)]


@pytest.mark.parametrize(
    "text", ['a: "b # x.conf:1"\n', "a: |\n  # x.conf:1\n  c # x.conf:2\nb: 1\n", "a: |-\n\n  # x.conf:1\n", 'a: "\\" # x"\n']
)
def test_text_that_looks_like_a_comment_is_none(text: str) -> None:
    assert not [block for block in held(text) if block.comment]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.relative_to(SAMPLES).as_posix())
def test_objects_and_routes_are_found_where_a_parser_finds_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    there = text.split("\n")
    found = {block.name: "\n".join(there[block.first - 1 : block.last]) + "\n" for block in held(text) if block.name}
    wanted = {}
    for parsed in yaml.safe_load_all(text):
        name = f"{parsed['kind']}/{parsed['metadata']['namespace']}/{parsed['metadata']['name']}" if "kind" in parsed else ""
        wanted |= {name: parsed} if name else {}
        for route in parsed["spec"].get("http", ()) if name.startswith("VirtualService/") else ():
            wanted[f"{name}#{route['name'].rpartition('.')[2]}"] = [route]
    assert {name: yaml.safe_load(own) for name, own in found.items()} == wanted


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_whatever_values_hold_each_comment_speaks_for_its_own_item(values: list[tuple[str, str]]) -> None:
    items = [
        Commented({"name": f"n.r{number}", "text": one, "more": [two]}, f"x.conf:{number}") for number, (one, two) in enumerate(values)
    ]
    made = dump(document(NETWORKING, "VirtualService", "ns", "n", {"http": items}))
    there = made.split("\n")
    spoken = {block.comment: "\n".join(there[block.first - 1 : block.last]) + "\n" for block in held(made) if block.comment}
    parsed = {f"x.conf:{number}": [route] for number, route in enumerate(yaml.safe_load(made)["spec"]["http"])}
    assert {place: yaml.safe_load(text) for place, text in spoken.items()} == parsed
