"""The fields of the model's values, which are dataclasses or named tuples."""

import dataclasses
from typing import Any


def fields_of(kind: type[Any]) -> dict[str, object]:
    """The types of a kind's fields by their names, in order; none for what is no such kind."""
    if dataclasses.is_dataclass(kind):
        return {field.name: field.type for field in dataclasses.fields(kind)}
    return dict(kind.__annotations__) if issubclass(kind, tuple) and hasattr(kind, "_fields") else {}
