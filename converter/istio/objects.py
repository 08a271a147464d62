"""Objects of the Kubernetes API, and the places that they go to."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from converter.model.places import Position

NETWORKING = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"
ENVOYFILTER = "networking.istio.io/v1alpha3"
_MANY = 12  # places that a comment names one by one


class Object(Struct, frozen=True):
    """One object. folder: of the output; document: plain data with comments (see converter.istio.yaml); note: the comment above it."""

    folder: str
    document: dict[str, object]
    note: str = ""

    @property
    def kind(self) -> str:
        return str(self.document["kind"])

    @property
    def name(self) -> str:
        """`Kind/namespace/name`."""
        metadata = self.document["metadata"]
        assert isinstance(metadata, dict)
        return f"{self.kind}/{metadata['namespace']}/{metadata['name']}"


class Manifest(Struct, frozen=True):
    """An object that was checked, as text. name: `Kind/namespace/name`."""

    folder: str
    kind: str
    name: str
    text: str


def document(api: str, kind: str, namespace: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def source(origins: Iterable[Position | None], *notes: str) -> str:
    """A comment that says where something comes from: `shop.conf:12, shop.conf:3 (note)`; `list.map:7-30` for many lines in a row."""
    places: dict[str, None] = {}
    for origin in origins:
        if origin is not None:
            places[str(origin)] = None
    if len(places) > _MANY:
        places = dict.fromkeys(_ranges(places))
    texts = "; ".join(filter(None, notes))
    return ", ".join(places) + (f" ({texts})" if texts and places else texts)


def _ranges(places: Iterable[str]) -> Iterator[str]:
    """Places `file:line`, lines that follow one another as `file:first-last`."""
    row: list[tuple[str, int]] = []
    for file, _, line in (place.rpartition(":") for place in places):
        if row and (file, int(line)) != (row[-1][0], row[-1][1] + 1):
            yield _row(row)
            row = []
        row.append((file, int(line)))
    yield _row(row)


def _row(lines: list[tuple[str, int]]) -> str:
    (file, first), (_, last) = lines[0], lines[-1]
    return f"{file}:{first}" if first == last else f"{file}:{first}-{last}"
