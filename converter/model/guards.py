"""Conditions on a request. A guard is a conjunction of them."""

import enum
import ipaddress
import re

from msgspec import Struct

from converter.model.values import Source, Template, Variable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PATH = Variable(Source.PATH)
RAW_PATH = Variable(Source.RAW_PATH)
HOST = Variable(Source.HOST)
METHOD = Variable(Source.METHOD)
CLIENT = Variable(Source.CLIENT)


class Test(enum.StrEnum):
    """How a text is compared."""

    __test__ = False  # not a test class, whatever pytest thinks of the name
    __hash__ = str.__hash__  # an enum's own is no built-in function

    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"  # RE2, over the whole text
    PRESENT = "present"  # there and not empty
    SENT = "sent"  # a header that is there, be it empty


class Condition(Struct, frozen=True, gc=False, cache_hash=True):
    """One condition on what a variable holds.

    subject: what is looked at. For the path, `text` is written as clients ordinarily spell it: percent-encoded where a URL needs it.
    holds:   False negates. An absent header, argument or cookie counts as empty.
    """

    subject: Variable
    test: Test
    text: str = ""
    holds: bool = True

    def negated(self) -> "Condition":
        return Condition(self.subject, self.test, self.text, not self.holds)

    def __str__(self) -> str:
        return f"{self.subject} {'is' if self.holds else 'is not'} {self.test.value} {self.text!r}"


class FromNetworks(Struct, frozen=True):
    """A condition on the client's address: within one of the networks (`holds`) or in none of them.

    proxies: networks of proxies whose word on the address is taken; nobody else's is. None: the address is that of the connection.
    """

    networks: tuple[Network, ...]
    holds: bool = True
    proxies: tuple[Network, ...] | None = None

    def negated(self) -> "FromNetworks":
        return FromNetworks(self.networks, not self.holds, self.proxies)

    def __str__(self) -> str:
        return f"{CLIENT} is {'' if self.holds else 'not '}in {', '.join(map(str, self.networks))}"


class Split(Struct, frozen=True):
    """All requests divided into shares by a hash of a key: MurmurHash2 of 32 bits.

    name:   letters, digits and hyphens; another one for each split that a request can meet.
    bounds: below which hash each share ends, in order. What is not below the last one is in none of them.
    """

    name: str
    key: Template
    bounds: tuple[int, ...]


class InShare(Struct, frozen=True):
    """A condition on the share that a request is in, by its number from 1 on."""

    split: Split
    share: int
    holds: bool = True

    def negated(self) -> "InShare":
        return InShare(self.split, self.share, not self.holds)

    def __str__(self) -> str:
        return f"the hash of {self.split.key} is {'' if self.holds else 'not '}in share {self.share}"


class Listed(Struct, frozen=True):
    """A condition on what a variable holds: one of many texts (ASCII, lower case), without regard to the case of ASCII letters."""

    subject: Variable
    texts: tuple[str, ...]
    holds: bool = True

    def negated(self) -> "Listed":
        return Listed(self.subject, self.texts, not self.holds)

    def __str__(self) -> str:
        return f"{self.subject} {'is' if self.holds else 'is not'} one of {len(self.texts):,} texts"


Criterion = Condition | FromNetworks | InShare | Listed
Guard = tuple[Criterion, ...]


EVERY_PATH = Condition(PATH, Test.PREFIX, "/")


def path_alone(guard: Guard) -> Condition | None:
    """The condition on the path that is all that a guard asks for, and that holds: most are so."""
    only = guard[0] if len(guard) == 1 else None
    return only if isinstance(only, Condition) and only.subject == PATH and only.holds else None


def lower(text: str) -> str:
    """A text with its ASCII letters in lower case, as nginx compares them.

    >>> lower("/Old/\u00c9")
    '/old/\u00c9'
    """
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda found: found[0].lower(), text)


_PLAIN = re.compile(r"[\w/\-,:;@!\"'~&=% <>#]", re.ASCII)
_QUOTED = {code: f"\\{chr(code)}" for code in range(128) if not _PLAIN.fullmatch(chr(code))}


def quoted(text: str) -> str:
    r"""A text as an RE2 pattern that matches it alone.

    >>> print(quoted("a.b/c"))
    a\.b/c
    """
    return text.translate(_QUOTED)


def unquoted(pattern: str) -> str | None:
    r"""The text that `quoted` made a pattern of; None for any other pattern.

    >>> print(unquoted(r"a\.b/c"), unquoted("a.b"))
    a.b/c None
    """
    text = re.sub(r"\\(.)", r"\1", pattern) if "\\\\" in pattern else pattern.replace("\\", "")
    return text if quoted(text) == pattern else None
