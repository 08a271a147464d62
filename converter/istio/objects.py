"""Objects of the Kubernetes API, and the places that they go to."""

from collections.abc import Iterable
from dataclasses import dataclass

from converter.model.places import Position

NETWORKING = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"
ENVOYFILTER = "networking.istio.io/v1alpha3"


@dataclass(frozen=True, slots=True)
class Object:
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


def document(api: str, kind: str, namespace: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def source(origins: Iterable[Position | None], *notes: str) -> str:
    """A comment that says where something comes from: `shop.conf:12, shop.conf:3 (note)`."""
    places = dict.fromkeys([str(origin) for origin in origins if origin is not None])
    texts = [note for note in notes if note]
    return ", ".join(places) + (f" ({'; '.join(texts)})" if texts and places else "; ".join(texts))
