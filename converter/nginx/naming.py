"""Names of applications, objects and rules, made from the source so that they stay the same from run to run."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from converter.model.guards import PATH, Condition, Test
from converter.model.records import replace
from converter.model.rules import Rule
from converter.nginx.hosts import Server

_UNREAD = re.compile(r"\(\?[a-z]*:?|\\.")  # parts of a regex that no name should hold


@dataclass(slots=True)
class Names:
    """Hands out each name once. owner: asked again for the same owner, the same name comes back.

    taken: the names with their owners; last: the highest number that a name was given.
    """

    taken: dict[str, str] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def unique(self, wanted: str, owner: str = "") -> str:
        if wanted not in self.taken:
            self.taken[wanted] = owner
            return wanted
        number = 1 if owner else self.last.get(wanted, 1)  # up to there all are taken
        name = _numbered(wanted, number)
        while name in self.taken and not (owner and self.taken[name] == owner):
            number += 1
            name = _numbered(wanted, number)
        self.taken[name] = owner
        self.last[wanted] = max(number, self.last.get(wanted, 1))
        return name


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def slug(text: str, limit: int = 50) -> str:
    """Lower-case letters, digits and hyphens; long texts are cut and told apart by a digest.

    >>> slug("Shop.Example.com")
    'shop-example-com'
    """
    label = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if len(label) > limit:
        label = f"{label[: limit - 7].rstrip('-')}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
    return label


def application_name(server: Server) -> str:
    """The first name of a server that a folder can have."""
    for name in server.names:
        if name.kind == "exact":
            return name.text.strip("[]").replace(":", "-")
        if name.kind in ("head", "tail"):
            return f"wildcard.{name.text.strip('.')}"
    if server.names:
        return f"regex-{slug(server.names[0].text) or 'name'}"
    return "default"


def object_name(application: str, ports: list[int]) -> str:
    """A DNS label for the objects of a virtual host: the application's name, and the port where it is not the usual one."""
    label = slug(application) or "default"
    unusual = [port for port in ports if port not in (80, 443)]
    if unusual:
        return f"{label}-{unusual[0]}"
    return f"{label}-http" if ports == [80] else label


def named(host: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules with names that are unique: the host's, and what the path condition says."""
    names = Names()
    return tuple(replace(rule, name=f"{host}.{names.unique(_word(rule))}") for rule in rules)


def _word(rule: Rule) -> str:
    if rule.name:
        return rule.name
    for condition in rule.guard:
        if isinstance(condition, Condition) and condition.subject == PATH and condition.holds:
            return _path_word(condition)
    return "all"


@lru_cache(maxsize=4096)
def _path_word(condition: Condition) -> str:
    text = _UNREAD.sub(" ", condition.text) if condition.test is Test.REGEX else condition.text
    return slug(text, 30) or ("root" if condition.test is Test.EXACT else "all")
