"""Reads a character class of a PCRE pattern. Source: pcre2pattern(3), "Square brackets and character classes"."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.nginx.pcre_sets import SHORTHANDS, Item, Untranslatable, chars, escape, posix, span_text, within_class
from converter.nginx.pcre_tree import Chars


@dataclass(slots=True)
class Reader:
    """A place in the pattern (one character for each octet), the flags that hold there, and the groups opened so far."""

    text: str
    at: int = 0
    fold: bool = False
    dotall: bool = False
    depth: int = 0
    groups: int = 0
    names: dict[str, int] = field(default_factory=dict)

    def rest(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.rest(text):
            self.at += len(text)
            return True
        return False


def read_class(reader: Reader) -> Chars:
    """A class, up to and with its closing bracket; the reader stands behind the opening one. Raises Untranslatable."""
    negated = reader.take("^")
    items = tuple(_items(reader))
    whole = all(item.text for item in items)
    body = "".join(item.text for item in items)
    if body.endswith("\\-"):
        body = body[:-2] + "-"
    return chars(items, negated, reader.fold, f"[{'^' if negated else ''}{body}]" if whole else "")


def _items(reader: Reader) -> Iterator[Item]:
    first = True
    while first or not reader.rest("]"):
        if reader.at >= len(reader.text):
            raise Untranslatable("a class without its closing bracket")
        yield _item(reader)
        first = False
    reader.at += 1


def _item(reader: Reader) -> Item:
    low = _member(reader)
    if isinstance(low, Item):
        if reader.rest("-") and not reader.rest("-]"):
            reader.at += 1  # a literal hyphen: PCRE 1; PCRE 2 refuses it
            return Item(low.octets | {0x2D}, low.text and low.text + "\\-")
        return low
    if not reader.rest("-") or reader.rest("-]"):
        return Item(frozenset({low}), within_class(low) if low < 128 else "")
    reader.at += 1
    high = _member(reader)
    if isinstance(high, Item):
        whole = high.text and low < 128
        return Item(high.octets | {low, 0x2D}, f"{within_class(low)}\\-{high.text}" if whole else "")
    if high < low:
        raise Untranslatable("a range of a class that is out of order")
    return Item(frozenset(range(low, high + 1)), span_text(low, high) if high < 128 else "")


def _member(reader: Reader) -> int | Item:
    """An octet of a class, or several."""
    if reader.at >= len(reader.text):
        raise Untranslatable("a class without its closing bracket")
    if found := posix(reader.text, reader.at, reader.fold):
        item, reader.at = found
        return item
    if not reader.rest("\\"):
        reader.at += 1
        return ord(reader.text[reader.at - 1])
    letter = reader.text[reader.at + 1 : reader.at + 2]
    if letter in SHORTHANDS:
        reader.at += 2
        return Item(*SHORTHANDS[letter])
    if letter == "b":
        reader.at += 2
        return 0x08
    octet, reader.at = escape(reader.text, reader.at)
    return octet
