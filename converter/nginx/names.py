"""Server names (https://nginx.org/en/docs/http/server_names.html)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from converter.syntax.tree import Directive

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+")


@dataclass(frozen=True, slots=True)
class ServerName:
    """One name of a server. kind: `exact`, `head` (`*.suffix`, text is the suffix with its dot), `tail` (`prefix.*`, text with
    its dot), `regex` (text without the tilde)."""

    kind: str
    text: str
    directive: Directive

    @property
    def host(self) -> str | None:
        """The name as a gateway writes it: a domain name or `*.suffix`; None where a gateway has no form for it."""
        return _host(self.kind, self.text)

    def covers(self, name: str) -> bool:
        """Whether this wildcard takes an exact name.

        >>> ServerName("head", ".example.com", None).covers("a.b.example.com")
        True
        """
        return self.kind == "head" and name.endswith(self.text) and len(name) > len(self.text)


@lru_cache(maxsize=4096)
def _host(kind: str, text: str) -> str | None:
    if kind == "exact" and len(text) <= 255 and _DOMAIN.fullmatch(text) and not text.rpartition(".")[2].isdigit():
        return text
    return "*" + text if kind == "head" and _DOMAIN.fullmatch("x" + text) else None


def server_names(directives: list[Directive]) -> list[ServerName]:
    """All names of a server in source order; `_` and other names that no request can have are left out."""
    return [name for directive in directives for text in directive.args for name in _parse(text, directive)]


def _parse(text: str, directive: Directive) -> list[ServerName]:
    if text.startswith("~"):
        return [ServerName("regex", text[1:], directive)]
    lower = text.lower()
    if lower.startswith("*."):
        return [ServerName("head", lower[1:], directive)]
    if lower.startswith("."):
        return [ServerName("exact", lower[1:], directive), ServerName("head", lower, directive)]
    if lower.endswith(".*"):
        return [ServerName("tail", lower[:-1], directive)]
    if re.fullmatch(r"[a-z0-9]([-_.a-z0-9]*[a-z0-9])?|\[[0-9a-f:.]+\]", lower):
        return [ServerName("exact", lower, directive)]
    return []
