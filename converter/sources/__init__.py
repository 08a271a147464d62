"""Where configuration comes from: a file, a folder, a dump of `nginx -T`, standard input."""

from converter.sources.source import read_source
from converter.sources.texts import Match, Refusal, Source, SourceError, Text, Texts

__all__ = ["Match", "Refusal", "Source", "SourceError", "Text", "Texts", "read_source"]
