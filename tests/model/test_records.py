from converter.model.places import Position
from converter.model.records import fields_of
from converter.model.rules import Rule
from converter.model.upstreams import Endpoint


def test_named_tuples_and_dataclasses_tell_their_fields_in_order() -> None:
    assert fields_of(Position) == {"file": str, "line": int, "column": int}
    assert list(fields_of(Endpoint)) == list(Endpoint.__slots__)
    assert list(fields_of(Rule)) == list(Rule._fields)


def test_plain_values_have_none() -> None:
    assert fields_of(tuple) == fields_of(str) == {}
