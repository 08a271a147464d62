"""Manifests read back from the YAML of their files."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoYaml(Exception):
    """A text is no YAML; the message says why, on one line."""


def documents(text: str) -> Iterator[dict[str, Any]]:
    """The documents of a file that are mappings. Raises NoYaml."""
    try:
        yield from (document for document in yaml.load_all(text, _LOADER) if isinstance(document, dict))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a ValueError is of a date that there is not
        raise NoYaml(" ".join(str(error).split())) from None


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping; an empty one for anything else: manifests may have been edited."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings in a list; none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """The items of a list as texts; none where it is no list."""
    return [str(item) for item in value] if isinstance(value, list) else []
