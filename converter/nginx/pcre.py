"""Reads PCRE patterns. Source: pcre2pattern(3), with the options that nginx uses (none, or CASELESS)."""

import re

from converter.nginx.pcre_class import Reader, read_class
from converter.nginx.pcre_sets import SHORTHANDS, Item, Untranslatable, chars, escape, literal
from converter.nginx.pcre_tree import ALL, ANY, Border, Chars, Choice, End, Group, Node, Repeat, Row, Start

_LONGEST = 4096  # characters
_DEEPEST = 50  # parentheses within parentheses
_MOST = 1000  # RE2's limit of a count
_QUANTIFIER = re.compile(r"[*+?]|\{(\d+)(,?)(\d*)\}")
_LIKE_A_COUNT = re.compile(r"\{[ \t]*(?:\d+[ \t]*(?:,[ \t]*\d*)?|,[ \t]*\d+)[ \t]*\}")
_NAMED = re.compile(r"\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')", re.ASCII)
_FLAGS = re.compile(r"\(\?(\^?[a-zA-Z]*(?:-[a-zA-Z]*)?)([:)])")
_REFUSED = (
    ("(?=", "look-ahead (?=...)"),
    ("(?!", "look-ahead (?!...)"),
    ("(?<=", "look-behind (?<=...)"),
    ("(?<!", "look-behind (?<!...)"),
    ("(?>", "an atomic group (?>...)"),
    ("(?|", "a group with repeated numbers (?|...)"),
    ("(?#", "a comment (?#...)"),
    ("(?(", "a condition (?(...)...)"),
    ("(?P=", "a back-reference (?P=...)"),
    ("(?P>", "a subroutine (?P>...)"),
    ("(?&", "a subroutine (?&...)"),
    ("(?R", "recursion (?R)"),
    ("(?C", "a callout (?C)"),
    ("(*", "a verb (*...)"),
)


def read(pattern: bytes, ignore_case: bool) -> tuple[Node, int, dict[str, int]]:
    """The tree of a pattern, the number of its capture groups, and the numbers of those that have names. Raises Untranslatable."""
    if len(pattern) > _LONGEST:
        raise Untranslatable(f"a pattern of more than {_LONGEST} characters")
    reader = Reader(_unquoted(pattern.decode("latin-1")), fold=ignore_case)
    node = _choice(reader)
    if reader.at < len(reader.text):
        raise Untranslatable("a closing parenthesis without an opening one")
    return node, reader.groups, reader.names


def _unquoted(text: str) -> str:
    r"""The pattern with `\Q...\E` written as escapes."""

    def quote(found: re.Match[str]) -> str:
        if found[0].startswith("\\Q") and found[1]:
            return "".join(f"\\x{ord(c):02x}" if c.isalnum() or ord(c) > 127 else f"\\{c}" for c in found[1])
        return found[0]

    return re.sub(r"\\Q(.*?)(?:\\E|\Z)|\\.", quote, text, flags=re.DOTALL)


def _choice(reader: Reader) -> Node:
    options = [_row(reader)]
    while reader.take("|"):
        options.append(_row(reader))
    return options[0] if len(options) == 1 else Choice(tuple(options))


def _row(reader: Reader) -> Node:
    nodes: list[Node] = []
    while reader.at < len(reader.text) and not reader.rest("|") and not reader.rest(")"):
        node = _atom(reader)
        if node is not None:
            nodes.append(_quantified(reader, node))
    return nodes[0] if len(nodes) == 1 else Row(tuple(nodes))


def _atom(reader: Reader) -> Node | None:
    """The next item; None for flags. Raises Untranslatable."""
    character = reader.text[reader.at]
    if character == "(":
        return _parenthesis(reader)
    if character == "\\":
        return _escaped(reader)
    if _QUANTIFIER.match(reader.text, reader.at):
        raise Untranslatable("a quantifier with nothing to repeat")
    reader.at += 1
    match character:
        case "^":
            return Start()
        case "$":
            return End()
        case ".":
            return Chars(ALL, "(?s:.)", False, False) if reader.dotall else Chars(ANY, ".", False, False)
        case "[":
            return read_class(reader)
    return literal(ord(character), reader.fold)


def _quantified(reader: Reader, node: Node) -> Node:
    found = _QUANTIFIER.match(reader.text, reader.at)
    if found is None:
        if _LIKE_A_COUNT.match(reader.text, reader.at):
            raise Untranslatable("a count whose meaning depends on the version of PCRE")
        return node
    if isinstance(node, Start | End | Border):
        raise Untranslatable("a quantifier behind an anchor")
    reader.at = found.end()
    least, most = _bounds(found)
    greedy = not reader.take("?")
    if reader.take("+"):
        raise Untranslatable("a possessive quantifier")
    if _QUANTIFIER.match(reader.text, reader.at):
        raise Untranslatable("a quantifier behind a quantifier")
    return Repeat(node, least, most, greedy)


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    if not found[1]:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[found[0]]
    if max(len(found[1]), len(found[3])) > 5:
        raise Untranslatable(f"a count above {_MOST}")
    least = int(found[1])
    most = int(found[3]) if found[3] else None if found[2] else least
    if max(least, most or 0) > _MOST:
        raise Untranslatable(f"a count above {_MOST}")
    if most is not None and most < least:
        raise Untranslatable("a count whose bounds are out of order")
    return least, most


def _parenthesis(reader: Reader) -> Node | None:
    for start, name in _REFUSED:
        if reader.rest(start):
            raise Untranslatable(name)
    fold, dotall = reader.fold, reader.dotall
    number = None
    if named := _NAMED.match(reader.text, reader.at):
        number = _numbered(reader, named[1] or named[2])
        reader.at = named.end()
    elif reader.rest("(?"):
        if _flags(reader):
            return None
    else:
        number = _numbered(reader)
        reader.at += 1
    node = Group(_inside(reader), number)
    reader.fold, reader.dotall = fold, dotall
    return node


def _numbered(reader: Reader, name: str = "") -> int:
    reader.groups += 1
    if name in reader.names:
        raise Untranslatable(f"two groups with the name {name}")
    if name:
        reader.names[name] = reader.groups
    return reader.groups


def _flags(reader: Reader) -> bool:
    """Takes `(?i)` (True: no group follows) or `(?i:`."""
    found = _FLAGS.match(reader.text, reader.at)
    if found is None:
        raise Untranslatable(f"the construct {reader.text[reader.at : reader.at + 4]}")
    on, _, off = found[1].partition("-")
    unknown = (set(on) | set(off)) - {"i", "s"}
    if unknown:
        raise Untranslatable(f"the flag (?{min(unknown)})")
    reader.fold = ("i" in on or reader.fold) and "i" not in off
    reader.dotall = ("s" in on or reader.dotall) and "s" not in off
    reader.at = found.end()
    return found[2] == ")"


def _inside(reader: Reader) -> Node:
    reader.depth += 1
    if reader.depth > _DEEPEST:
        raise Untranslatable(f"more than {_DEEPEST} parentheses within each other")
    node = _choice(reader)
    if not reader.take(")"):
        raise Untranslatable("an opening parenthesis without a closing one")
    reader.depth -= 1
    return node


def _escaped(reader: Reader) -> Node:
    letter = reader.text[reader.at + 1 : reader.at + 2]
    anchors: dict[str, Node] = {"A": Start(), "z": End(), "b": Border(inside=False), "B": Border(inside=True)}
    if letter in anchors:
        reader.at += 2
        return anchors[letter]
    if letter in SHORTHANDS:
        reader.at += 2
        octets, text = SHORTHANDS[letter]
        return chars((Item(octets, text),), False, False, text if len(text) == 2 else f"[{text}]" if text else "")
    octet, reader.at = escape(reader.text, reader.at)
    return literal(octet, reader.fold)
