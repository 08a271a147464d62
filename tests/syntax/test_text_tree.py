from hypothesis import given, settings
from hypothesis import strategies as st

from converter.sources import Text
from converter.syntax.text_tree import DEEPEST, grow, walk

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
VALUES = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8)
SPACES = st.lists(st.sampled_from([" ", "\t", "\n", "\r\n", " # it's a { comment;\n", '\n# "\r\n']), min_size=1, max_size=3).map("".join)
TREES = st.recursive(
    st.tuples(NAMES, st.lists(VALUES, max_size=3), st.none()),
    lambda inner: st.tuples(NAMES, st.lists(VALUES, max_size=3), st.lists(inner, max_size=4)),
    max_leaves=12,
)


def quoted(draw, value):
    """A way to write a value: bare where nginx would read it back unchanged, else in quotes of either kind."""
    plain = value and not any(character in " \t\r\n;{}\\\"'#$" for character in value)
    style = draw(st.sampled_from(["'", '"', ""] if plain else ["'", '"']))
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'") if style else value
    return style + escaped + style


class Writer:
    """Writes trees as nginx text, and notes where each directive begins."""

    def __init__(self, draw):
        self.draw = draw
        self.text = ""
        self.places = []

    def write(self, directives):
        for name, args, block in directives:
            self.text += self.draw(SPACES)
            plain = self.text.replace("\r\n", "\n")
            self.places.append((plain.count("\n") + 1, len(plain) - plain.rfind("\n")))
            self.text += name + "".join(self.draw(SPACES) + quoted(self.draw, value) for value in args)
            if block is None:
                self.text += ";"
            else:
                self.text += self.draw(SPACES) + "{"
                self.write(block)
                self.text += self.draw(SPACES) + "}"


def plain(directives):
    return [(d.name, list(d.args), None if d.block is None else plain(d.block)) for d in directives]


@settings(max_examples=150, deadline=None)
@given(st.lists(TREES, max_size=5), st.data())
def test_a_tree_written_anyhow_comes_back_with_its_places(trees, data):
    writer = Writer(data.draw)
    writer.write(trees)
    tree = grow(Text("a.conf", writer.text.replace("\r\n", "\n")), 10_000)
    assert tree.fault is None
    assert plain(tree.directives) == trees
    places = [directive.position for directive in walk(tree.directives)]
    assert [(place.line, place.column) for place in places] == writer.places
    assert {place.file for place in places} <= {"a.conf"}
    assert tree.count == len(places)


def test_what_stands_before_a_fault_is_kept():
    tree = grow(Text("a.conf", "a 1; b { c { d 1; e } f 1;"), 100)
    assert plain(tree.directives) == [("a", ["1"], None), ("b", [], [("c", [], [("d", ["1"], None)])])]
    assert [place.column for place in tree.incomplete] == [6, 10]
    assert tree.fault is not None
    assert (tree.fault.code, tree.fault.position and tree.fault.position.full) == ("NGX001", "a.conf:1:21")


def test_braces_must_balance():
    closed_twice = grow(Text("a", "a { } }"), 100)
    never_closed = grow(Text("a", "a {\n b { }\n"), 100)
    assert closed_twice.fault is not None
    assert never_closed.fault is not None
    assert (closed_twice.fault.code, closed_twice.fault.position and closed_twice.fault.position.column) == ("NGX002", 7)
    assert (never_closed.fault.code, never_closed.fault.position and never_closed.fault.position.line) == ("NGX003", 1)


def test_depth_and_number_are_bounded():
    deep = grow(Text("a", "a { " * 100_000), 1_000_000)
    many = grow(Text("a", "a;" * 100), 10)
    assert deep.fault is not None
    assert many.fault is not None
    assert (deep.fault.code, deep.count) == ("NGX008", DEEPEST + 1)
    assert (many.fault.code, len(many.directives)) == ("NGX009", 10)


def test_quotes_are_remembered():
    [directive] = grow(Text("a", "a \"b\" c 'd';"), 10).directives
    assert directive.quoted == (True, False, True)
