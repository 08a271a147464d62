"""Objects of the manifests, by what they are called, and what is in them, by path. Comments are no difference."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.difference.moves import moved_routes
from converter.difference.paths import differing
from converter.istio.documents import NoYaml, documents
from converter.model.changes import ObjectChange, Turn

Found = dict[str, tuple[str, dict[str, Any]]]  # by name: the file, and the document


def objects(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[ObjectChange, ...]:
    """What changed between the files of two sides, by path. Objects that stand in another file have not changed."""
    same = {path for path in old.keys() & new.keys() if old[path] == new[path]}
    before, after = (read({path: text for path, text in side.items() if path not in same}) for side in (old, new))
    return tuple(_changes(before, after))


def read(files: Mapping[str, str]) -> Found:
    """The objects of some files by `Kind/namespace/name`; other files (values of a chart) by `File/path`."""
    return {_name(path, document): (path, document) for path, document in documents_of(files)}


def documents_of(files: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents of some files, each with the path of its file, by path. Lists of files, and what is no YAML, are left out."""
    for path in sorted(files):
        try:
            yield from ((path, document) for document in documents(files[path]) if document.get("kind") != "Kustomization")
        except NoYaml:
            continue


def _name(path: str, document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    if "kind" not in document or not isinstance(metadata, dict):
        return f"File/{path}"
    return f"{document['kind']}/{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def _changes(old: Found, new: Found) -> Iterator[ObjectChange]:
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield ObjectChange(Turn.ADDED, name, file=new[name][0])
        elif name not in new:
            yield ObjectChange(Turn.REMOVED, name, file=old[name][0])
        elif old[name][1] != new[name][1]:
            (_, before), (file, after) = old[name], new[name]
            changed, moved = tuple(differing(before, after)), tuple(moved_routes(before, after))
            if changed or moved:
                yield ObjectChange(Turn.CHANGED if changed else Turn.MOVED, name, changed, moved, file)
