"""What the model's values have in common, which are structs or dataclasses."""

import dataclasses
from typing import Any, TypeVar

from msgspec import Struct, structs

_Value = TypeVar("_Value")


def fields_of(kind: type[Any]) -> dict[str, object]:
    """The types of a kind's fields by their names, in order; none for what is no such kind."""
    if issubclass(kind, Struct):
        return {name: kind.__annotations__[name] for name in kind.__struct_fields__}
    return {field.name: field.type for field in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else {}


def replace(value: _Value, /, **changes: Any) -> _Value:
    """A copy of a struct or dataclass with other fields, as Python 3.13's `copy.replace` makes it. Raises TypeError for an unknown field."""
    if isinstance(value, Struct):
        return structs.replace(value, **changes)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # a TypeError for anything else
