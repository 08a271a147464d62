"""One digest of all that a source holds, without reading it as nginx's language: every text that its includes can reach."""

import functools
import hashlib
import re

from converter.sources.texts import Source

_GAP = r"(?:\s|#[^\n]*\n)+"
_INCLUDE = re.compile(rf"""(?<![^\s;{{}}])["']?include["']?{_GAP}("[^"\n]*"|'[^'\n]*'|[^\s;{{}}]+)""")
_MOST = 100_000  # texts of a source


def digest(source: Source) -> str:
    """The same for two sources that hold the same texts under the same paths, reached by the same includes; else another.

    An include whose pattern cannot be told without nginx's rules for quotes makes a source like no other.
    """
    summed = hashlib.sha256(repr((source.main, source.others)).encode("utf-8", "surrogateescape"))
    pending, seen = [source.main, *source.others], {source.main, *source.others}
    for path in pending:
        text = source.texts.read(path)
        summed.update(repr((path, text.text, text.refusal)).encode("utf-8", "surrogatepass"))
        for pattern in _patterns(text.text):
            match = source.texts.find(pattern)
            summed.update(repr((pattern, match.paths, source.label if "\\" in pattern else "")).encode("utf-8", "surrogatepass"))
            pending += [found for found in match.paths if found not in seen and len(seen) < _MOST]
            seen.update(match.paths)
    return summed.hexdigest()


@functools.lru_cache(maxsize=1024)
def _patterns(text: str) -> tuple[str, ...]:
    """The patterns that includes of a text name, those in comments and in texts too: more than nginx would follow, never less."""
    return tuple(dict.fromkeys(found.strip("\"'") for found in _INCLUDE.findall(text)))
