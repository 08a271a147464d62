"""Conditions on a request. A guard is a conjunction of them."""

import enum
import ipaddress
import re
from dataclasses import dataclass
from typing import NamedTuple

from converter.model.values import Source, Variable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PATH = Variable(Source.PATH)
RAW_PATH = Variable(Source.RAW_PATH)
HOST = Variable(Source.HOST)
METHOD = Variable(Source.METHOD)
CLIENT = Variable(Source.CLIENT)


class Test(enum.StrEnum):
    """How a text is compared."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"  # RE2, over the whole text
    PRESENT = "present"  # there and not empty


class Condition(NamedTuple):
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


@dataclass(frozen=True, slots=True)
class FromNetworks:
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


Guard = tuple[Condition | FromNetworks, ...]


def quoted(text: str) -> str:
    r"""A text as an RE2 pattern that matches it alone.

    >>> print(quoted("a.b/c"))
    a\.b/c
    """
    return (
        re.sub(r"([^\w/\-,:;@!\"'~&=% <>#])", r"\\\1", text, flags=re.ASCII)
        if text.isascii()
        else "".join(quoted(c) if c.isascii() else c for c in text)
    )
