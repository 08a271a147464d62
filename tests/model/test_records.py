import pytest

from converter.model.places import Position
from converter.model.records import fields_of, replace
from converter.model.rules import Rule
from converter.model.upstreams import Endpoint


def test_structs_and_dataclasses_tell_their_fields_in_order() -> None:
    assert fields_of(Position) == {"file": str, "line": int, "column": int}
    assert list(fields_of(Endpoint)) == list(Endpoint.__slots__)
    assert list(fields_of(Rule)) == list(Rule.__struct_fields__)


def test_other_kinds_have_none() -> None:
    assert fields_of(tuple) == fields_of(str) == {}


def test_copies_of_structs_and_dataclasses_have_other_fields() -> None:
    assert replace(Position("a", 1, 2), line=3) == Position("a", 3, 2)
    assert replace(Endpoint("10.0.0.1", 80), port=81) == Endpoint("10.0.0.1", 81)


@pytest.mark.parametrize("value", [Position("a", 1, 2), Endpoint("10.0.0.1", 80), "text"])
def test_a_copy_with_an_unknown_field_is_an_error(value: object) -> None:
    with pytest.raises(TypeError):
        replace(value, lien=3)
