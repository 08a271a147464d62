"""Regexes of a configuration, as far as a derivation needs them: whether a text meets one, and where its matches must begin."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from converter.nginx import regex as re2_regex
from converter.nginx.lookahead import without_lookahead
from converter.nginx.pcre import read
from converter.nginx.pcre_sets import Untranslatable
from converter.nginx.pcre_tree import Chars, Group, Node, Row, Start, stripped
from converter.nginx.spelling import octets

_ASSERTION = re.compile(r"\(\?<?[=!](?:[^()\\]|\\.|\[[^\]]*\]|\((?:[^()\\]|\\.)*\))*\)")
_QUANTIFIER = re.compile(r"(?<!\\)(?:[*+]|\{\d)")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{)")
_LONGEST_LOOSE = 60  # characters of a text that a backtracking engine is asked about
_LONGEST_TEXT = 10**9
_NEW = 60  # searches that reading a regex takes as long as
_Search = Callable[[str], tuple[str | None, ...] | None]


@dataclass(frozen=True, slots=True)
class Regex:
    """A regex. Its text is without nginx's `~`."""

    text: str
    ignore_case: bool

    @property
    def tree(self) -> Node | None:
        """What it is made of; assertions that the reader does not know are left out of it. None where it cannot be read at all."""
        return _tree(self.text, self.ignore_case)

    def search(self, text: str) -> tuple[str | None, ...] | None:
        """The captures of the first match in a text, or None; None as well where nobody can tell (see `problem`)."""
        return _searcher(self.text, self.ignore_case)[0](text)

    @property
    def problem(self) -> str:
        """Why nothing can be told of it; empty where it can."""
        return _searcher(self.text, self.ignore_case)[1]

    def unsure(self, text: str) -> str:
        """Why nothing can be told of it and this text; empty where it can."""
        if self.problem:
            return f"what the regex {self.text} matches cannot be told here: {self.problem}"
        if _searcher(self.text, self.ignore_case)[2] < len(text):
            return f"the text is too long to look for the regex {self.text} in it"
        return ""

    @property
    def names(self) -> dict[str, int]:
        """The numbers of its named captures."""
        return {name: number for number, name in enumerate(_group_names(self.text), 1) if name}

    @property
    def literal_start(self) -> str:
        """Text that every text it matches begins with; empty where there is none."""
        return _literal_start(self.text, self.ignore_case)


@dataclass(slots=True)
class Work:
    """How much may still be looked for, so that no configuration makes a derivation endless: one for a search, more for a new regex."""

    left: int = 800_000
    known: set[Regex] = field(default_factory=set)
    doubt: str = ""  # why what was found since `renew` may be wrong

    @property
    def spent(self) -> bool:
        if self.left <= 0:
            self.doubt = "there is too much to look through"
        return self.left <= 0

    def renew(self, left: int) -> None:
        """Begins with new work, and without doubts."""
        self.left, self.doubt = left, ""

    def reads(self, regex: Regex) -> None:
        """Notes that a regex is read."""
        self.left -= 0 if regex in self.known else _NEW
        self.known.add(regex)

    def found(self, regex: Regex, text: str) -> bool:
        """Whether a regex is found in a text; False once all work is spent."""
        self.left -= 1
        self.reads(regex)
        self.doubt = self.doubt or regex.unsure(text)
        return not self.spent and regex.search(text) is not None


def _group_names(text: str) -> list[str]:
    """The names of the capture groups in order, empty for those without."""
    plain = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", "", text)
    return [found[1] or "" for found in re.finditer(r"\((?!\?)|\(\?(?:P?<|')(?=[A-Za-z_])(\w+)[>']", plain)]


@lru_cache(maxsize=20_000)
def _tree(text: str, ignore_case: bool) -> Node | None:
    for candidate in (without_lookahead(text), _ASSERTION.sub("", text)):
        try:
            return read(octets(candidate), ignore_case)[0]
        except (Untranslatable, RecursionError):
            continue
    return None


@lru_cache(maxsize=20_000)
def _literal_start(text: str, ignore_case: bool) -> str:
    tree = None if "(?" in text or "(*" in text else _tree(text, ignore_case)
    body, anchored = stripped(tree, Start) if tree is not None else (Row(()), False)
    found = bytearray()
    for node in body.nodes if isinstance(body, Row) else (body,):
        while isinstance(node, Group):
            node = node.node
        if not isinstance(node, Chars) or len(node.members) != 1:
            break
        found += bytes(node.members)
    return bytes(found).decode("utf-8", "ignore") if anchored else ""


@lru_cache(maxsize=20_000)
def _searcher(text: str, ignore_case: bool) -> tuple[_Search, str, int]:
    """A search, why there is none, and how long a text may be for it."""
    try:
        return re2_regex.parse(text, ignore_case=ignore_case).search, "", _LONGEST_TEXT
    except (Untranslatable, RecursionError) as problem:
        return _loosely(text, ignore_case, str(problem))


def _loosely(text: str, ignore_case: bool, problem: str) -> tuple[_Search, str, int]:
    """What RE2 does not know, by Python's engine, which backtracks: few quantifiers, none of a group, and short texts only."""
    if (
        len(text) > 300
        or len(_QUANTIFIER.findall(text)) > 4
        or _REPEATED_GROUP.search(text)
        or text.count("?") > 40
        or text.count("|") > 30
    ):
        return _unknown, problem, 0
    try:
        compiled = re.compile(re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", text), re.IGNORECASE if ignore_case else 0)
    except (re.error, RecursionError, OverflowError):
        return _unknown, problem, 0

    def search(subject: str) -> tuple[str | None, ...] | None:
        found = compiled.search(subject) if len(subject) <= _LONGEST_LOOSE else None
        return None if found is None else found.groups()

    return search, "", _LONGEST_LOOSE


def _unknown(_: str) -> None:
    return None
