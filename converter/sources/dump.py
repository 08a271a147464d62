"""The output of `nginx -T`: every file that nginx opened, one behind the other.

Each file stands behind a line `# configuration file /absolute/path:` in order of first opening, the main file first
(ngx_dump_config in src/core/nginx.c).
"""

import posixpath
import re
from collections.abc import Iterable

from converter.sources.patterns import expand, is_plain
from converter.sources.texts import Match, Refusal, Text, decoded

_BEGINNING = b"# configuration file "
_MARKER = re.compile(rb"^%s(.+):\r?\n" % re.escape(_BEGINNING), re.MULTILINE)
_NOISE = re.compile(rb"(?:nginx: [^\n]*|[ \t\r]*)(?:\n|$)")


def is_dump(content: bytes) -> bool:
    """Whether a text is a dump: nothing but messages of nginx and empty lines before its first marker."""
    first = _MARKER.search(content) if _BEGINNING in content else None
    if first is None:
        return False
    return all(_NOISE.fullmatch(line) for line in content[: first.start()].splitlines(keepends=True))


class Dump:
    """The texts of a dump. Paths are relative to the main file's folder where they lie below it, else absolute without the first slash."""

    def __init__(self, content: bytes) -> None:
        sections = _sections(content)
        self._prefix = posixpath.dirname(next(iter(sections)))
        self._contents = {self._shown(name): text for name, text in sections.items()}
        self._children = _children(sections)

    @property
    def main(self) -> str:
        return next(iter(self._contents))

    def find(self, pattern: str) -> Match:
        plain = is_plain(pattern)
        wanted = posixpath.normpath(pattern.lstrip("/") if pattern.startswith("/") else posixpath.join(self._prefix, pattern))
        found = [wanted] if plain else expand(wanted, lambda folder: self._children.get(folder, ()))
        shown = (self._shown(path) for path in found)
        return Match(tuple(path for path in shown if path in self._contents), plain)

    def read(self, path: str) -> Text:
        content = self._contents.get(path)
        if content is None:
            return Text(path, "", Refusal("NGX016", f"{path} is not in the dump", "Make the dump anew with `nginx -T`."))
        return decoded(path, content)

    def _shown(self, name: str) -> str:
        return name.removeprefix(self._prefix + "/") if self._prefix else name


def _sections(content: bytes) -> dict[str, bytes]:
    """Path without its first slash -> contents."""
    markers = list(_MARKER.finditer(content))
    ends = [marker.start() for marker in markers[1:]] + [len(content)]
    sections: dict[str, bytes] = {}
    for marker, end in zip(markers, ends, strict=True):
        name = posixpath.normpath(marker[1].decode("utf-8", "replace").lstrip("/"))
        # nginx ends each file with one line feed of its own
        sections.setdefault(name, content[marker.end() : end].removesuffix(b"\n"))
    return sections


def _children(names: Iterable[str]) -> dict[str, dict[str, None]]:
    """Folder -> names in it; the root is the empty string."""
    children: dict[str, dict[str, None]] = {}
    for name in names:
        path = name
        while path:
            folder, _, base = path.rpartition("/")
            children.setdefault(folder, {})[base] = None
            path = folder
    return children
