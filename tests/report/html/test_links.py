from converter.model.outcomes import Outcome
from converter.report.html.links import places, targets
from converter.report.html.manifest import Block, lines
from tests.report.html.sites import SAMPLES, converted
from tests.sample_conversion import row

VIRTUALSERVICE = """\
# nginx.conf:5
kind: VirtualService
metadata:
  name: shop
  namespace: apps
spec:
  http:
  # nginx.conf:9, nginx.conf:8 (a note: odd.conf:3)
  - name: shop.root
    route: []
  - name: shop.other
    route: []
"""


def linked(*rows: object) -> dict[str, list[tuple[int, int]]]:
    found = targets({"v.yaml": lines(VIRTUALSERVICE)}, rows)
    return {place: [(target.block.first, target.block.last) for target in own] for place, own in found.items()}


def test_the_places_of_a_comment_are_those_before_its_note() -> None:
    known = {"a.conf:1", "b, c.conf:2", "odd.conf:3"}
    assert places("a.conf:1, b, c.conf:2 (as odd.conf:3 has it)", known) == ["a.conf:1", "b, c.conf:2"]
    assert places("what a.conf:1 says", known) == []
    assert places("elsewhere.conf:7", known) == []


def test_a_line_leads_to_what_a_comment_gives_to_it() -> None:
    rows = [row(5, "server", Outcome.EXACT), row(8, "location", Outcome.EXACT), row(9, "proxy_pass", Outcome.EXACT)]
    assert linked(*rows) == {"nginx.conf:5": [(1, 12)], "nginx.conf:8": [(8, 10)], "nginx.conf:9": [(8, 10)]}


def test_a_line_that_no_comment_names_leads_to_its_objects() -> None:
    rows = [
        row(20, "proxy_set_header", Outcome.EXACT, place="VirtualService/apps/shop#other"),
        row(21, "listen", Outcome.EXACT, place="VirtualService/apps/shop"),
        row(22, "allow", Outcome.EXACT, place="VirtualService/apps/shop#gone"),
        row(23, "deny", Outcome.EXACT, place="VirtualService/apps/unknown"),
    ]
    assert linked(*rows) == {"nginx.conf:20": [(11, 12)], "nginx.conf:21": [(1, 12)], "nginx.conf:22": [(1, 12)]}


def test_an_object_is_left_out_where_a_comment_inside_names_the_line() -> None:
    assert linked(row(9, "proxy_pass", Outcome.EXACT, place="VirtualService/apps/shop#root")) == {"nginx.conf:9": [(8, 10)]}


def test_every_object_of_a_row_is_reached_and_every_place_in_a_comment() -> None:
    """Over the shop: the ledger's own account of what a directive ended in, against the lines that it leads to."""
    conversion, _ = converted(SAMPLES / "shop")
    files = {path: lines(text) for path, text in conversion.files.items()}
    found = targets(files, conversion.rows)
    for entry in conversion.rows:
        reached = {_document(files[target.path], target.block) for target in found.get(str(entry.entry.position), ())}
        assert {name.partition("#")[0] for name in entry.objects} <= reached
    named = {str(entry.entry.position) for entry in conversion.rows}
    for path, text in conversion.files.items():
        for number, line in enumerate(text.split("\n"), 1):
            comment = line.partition("# ")[2]
            for place in named if comment else ():
                if place in comment.split(" (")[0].split(", "):
                    assert any(target.path == path and target.block.first == number for target in found[place])


def _document(found: tuple[object, ...], block: Block) -> str:
    """`Kind/namespace/name` of the document that a block stands in, by a parser's account."""
    import yaml

    texts = [line.text for line in found]
    first = max((n for n in range(block.first) if texts[n] == "---"), default=-1) + 1
    last = next((n for n in range(block.first, len(texts)) if texts[n] == "---"), len(texts))
    parsed = yaml.safe_load("\n".join(texts[first:last]))
    return f"{parsed['kind']}/{parsed['metadata']['namespace']}/{parsed['metadata']['name']}" if "kind" in parsed else ""
