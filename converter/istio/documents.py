"""Manifests read back from the YAML of their files."""

from collections.abc import Iterator
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
