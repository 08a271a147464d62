from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.istio.yaml import Commented, Flow, Noted, Written, dump, plain, stream

NASTY = ["y", "No", "~", "null", "1:30", "0o7", "1e3", "12e45", "0x1f", "<<", "=", "a: b", "a #b", "- a", "%", "@x", "`", "", " ", "a ", "\ta",
         "*x", "&x", "!x", "|", ">", "---", "...", "2001-01-01", ".inf", "NaN", "\u2028",
         "\x85", "\x7f", "\ufeff", "\U0001f600", "a\nb\n", "\na", "a\n\n", "a\n \nb", "a\n\tb", "\r\n",
         "\x00", "\\", '"', "'", "#", "? a", "{", "[", "]", ",", "a,b"]  # fmt: skip
TEXTS = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab \n\t#:-{}'\"%")
SCALARS = TEXTS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20)
DOCUMENTS = st.dictionaries(TEXTS, TREES, max_size=5)


@st.composite
def decorated(draw: st.DrawFn, trees: st.SearchStrategy[object]) -> object:
    """A tree with comments and flow marks at random places."""

    def visit(value: object) -> object:
        if isinstance(value, Mapping):
            value = {key: visit(item) for key, item in value.items()}
        elif isinstance(value, list):
            value = [visit(item) for item in value]
        if draw(st.integers(0, 5)) == 0:
            value = draw(st.sampled_from([Flow, Written]))(value) if isinstance(value, Mapping) else value
        if draw(st.integers(0, 5)) == 0:
            value = Noted(value, draw(TEXTS)) if isinstance(value, Mapping) else value
        return Commented(value, draw(TEXTS)) if draw(st.integers(0, 3)) == 0 else value

    return visit(draw(trees))


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_any_tree_comes_back_through_both_loaders(document: dict[str, object]) -> None:
    text = dump(document)
    assert yaml.load(text, yaml.CSafeLoader) == document
    assert yaml.safe_load(text) == document


@given(decorated(DOCUMENTS))
@settings(max_examples=150, deadline=None)
def test_comments_and_flow_change_nothing_in_the_data(document: object) -> None:
    assert yaml.load(dump(document), yaml.CSafeLoader) == plain(document)


@given(st.lists(DOCUMENTS, max_size=3))
@settings(max_examples=50, deadline=None)
def test_several_documents_come_back_in_order(documents: list[dict[str, object]]) -> None:
    assert list(yaml.load_all(stream(map(dump, documents)), yaml.CSafeLoader)) == documents


def test_key_too_long_for_a_line_comes_back() -> None:
    document = {"k" * 1100: [], "l" * 1100: ["a"], "m" * 1100: Flow({"n" * 1100: {"o": 1}})}
    assert yaml.load(dump(document), yaml.CSafeLoader) == plain(document)


def test_block_style_as_kubectl_prints_it() -> None:
    document = {
        "kind": "VirtualService",
        "spec": {
            "hosts": ["shop.example.com"],
            "http": [
                Commented({"name": "orders", "match": [{"uri": {"prefix": "/orders/"}}], "retries": {"attempts": 0}}, "shop.conf:12"),
                Commented(
                    {"route": [{"destination": Flow({"host": "orders", "port": Flow({"number": 80})})}]}, "shop.conf:20\nshop.conf:21"
                ),
            ],
            "timeout": Commented("60s", "shop.conf:3"),
            "empty": {},
            "none": [],
        },
    }
    assert (
        dump(document)
        == """\
kind: VirtualService
spec:
  hosts: [shop.example.com]
  http:
  # shop.conf:12
  - name: orders
    match:
    - uri:
        prefix: /orders/
    retries:
      attempts: 0
  # shop.conf:20
  # shop.conf:21
  - route:
    - destination: {host: orders, port: {number: 80}}
  timeout: "60s"  # shop.conf:3
  empty: {}
  none: []
"""
    )


def test_comment_of_a_mapping_stands_above_its_key() -> None:
    assert dump({"spec": Commented({"a": 1}, "why")}) == "# why\nspec:\n  a: 1\n"


def test_comment_of_a_document_stands_at_its_top() -> None:
    assert dump(Commented({"a": 1}, "first\n\nsecond")) == "# first\n#\n# second\na: 1\n"


def test_comment_on_a_list_item_takes_the_list_out_of_its_one_line() -> None:
    assert dump({"hosts": ["a.b", Commented("c.d", "x.conf:1")]}) == "hosts:\n- a.b\n- c.d  # x.conf:1\n"


def test_comment_on_the_first_key_of_an_item_stays_above_the_dash() -> None:
    text = dump({"a": [{"b": Commented({"c": 1}, "why")}]})
    assert text == "a:\n# why\n- b:\n    c: 1\n"
    assert yaml.safe_load(text) == {"a": [{"b": {"c": 1}}]}


@pytest.mark.parametrize("kind", [Flow, Written])
def test_comment_inside_flow_writes_a_block(kind: type[Flow]) -> None:
    assert dump({"a": kind({"b": Commented(1, "why")})}) == "a:\n  b: 1  # why\n"


@given(st.dictionaries(TEXTS, TREES, max_size=5))
@settings(max_examples=50, deadline=None)
def test_a_text_that_is_made_at_once_is_the_one_that_would_be(mapping: dict[str, object]) -> None:
    assert dump({"a": Written(mapping)}) == dump({"a": Flow(mapping)})


@given(st.dictionaries(TEXTS, TREES, max_size=5), TEXTS)
@settings(max_examples=50, deadline=None)
def test_a_mapping_with_a_comment_is_written_as_one_that_is_commented(mapping: dict[str, object], comment: str) -> None:
    for around in (lambda it: it, lambda it: {"a": it}, lambda it: [it, it], lambda it: Commented(it, "more"), lambda it: Flow({"a": it})):
        assert dump(around(Noted(mapping, comment))) == dump(around(Commented(mapping, comment)))


@pytest.mark.parametrize(
    "comment", ["x\ninjected: true", "x\r\ninjected: true", "x\x85injected: true", "x\u2028injected: true", "x\x00\x1b[31m"]
)
def test_comment_cannot_become_data(comment: str) -> None:
    text = dump({"a": Commented("b", comment)})
    assert yaml.safe_load(text) == {"a": "b"}
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "word", ["y", "Y", "n", "yes", "NO", "on", "Off", "true", "null", "~", "1e3", "12e45", "0o17", "1_000", "nan", ".inf", "2024-01-01"]
)
def test_words_that_some_reader_takes_for_something_else_are_quoted(word: str) -> None:
    assert dump({"a": word}) == f'a: "{word}"\n'
    assert dump({word: 1}) == f'"{word}": 1\n'


def test_numbers_and_truth_values() -> None:
    assert dump({"a": True, "b": 1, "c": 1e-5, "d": None}) == "a: true\nb: 1\nc: 1.0e-05\nd: null\n"


def test_text_of_several_lines_is_a_literal_block() -> None:
    assert (
        dump({"code": "function f()\n  return 1\nend\n", "b": ["x\n\ny"]})
        == "code: |\n  function f()\n    return 1\n  end\nb:\n- |-\n  x\n\n  y\n"
    )


@pytest.mark.parametrize("text", ["a \nb", " a\nb", "a\n\n", "\n", "a\n\t", "a\r\nb"])
def test_text_that_a_block_would_not_keep_is_quoted(text: str) -> None:
    assert dump({"a": text}).startswith('a: "')


def test_long_list_of_scalars_takes_a_line_for_each() -> None:
    assert dump({"a": ["x" * 60, "y" * 60]}).count("\n") == 3


def test_lone_surrogate_is_replaced() -> None:
    dump({"a": "\udc80"}).encode()


def test_unknown_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="bytes"):
        dump({"a": b"x"})


def test_plain_keeps_scalars_and_makes_lists_of_tuples() -> None:
    assert plain({"a": Commented((1, Flow({"b": Commented("c", "d")})), "e")}) == {"a": [1, {"b": "c"}]}
