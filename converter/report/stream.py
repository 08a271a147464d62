"""All manifests in one text, for a pipe into kubectl."""

import re
from collections.abc import Mapping

_OBJECT = re.compile(r"^kind: (?!Kustomization)", re.MULTILINE)


def manifests(files: Mapping[str, str]) -> str:
    """The files that hold objects, each behind a comment with its path, `---` between them."""
    return "---\n".join(f"# {path}\n{text}" for path, text in files.items() if _OBJECT.search(text))


def left_out(files: Mapping[str, str]) -> list[str]:
    """The files that hold no objects for the cluster, such as values of a chart; the kustomizations only list the others."""
    return [path for path, text in files.items() if not _OBJECT.search(text) and not path.endswith("kustomization.yaml")]
