"""What nginx allows: for each directive, in which blocks, with how many arguments, with or without a block of its own.

From crossplane's tables, with what they lack in directives.txt beside this file.
"""

import enum
import importlib
from functools import cache, lru_cache
from pathlib import Path

# crossplane carries no type information
_TABLES = importlib.import_module("crossplane.analyzer")

ANY_NUMBER, ONE_OR_MORE, TWO_OR_MORE = 0x400, 0x800, 0x1000
FLAG, BLOCK = 0x200, 0x100
_ARGUMENTS = 0x7F | FLAG | ANY_NUMBER | ONE_OR_MORE | TWO_OR_MORE

# A kind is what nginx's configuration parser distinguishes of a block: where its directives may stand.
KIND_BITS: dict[str, int] = {
    "main": 0x00040000,
    "events": 0x00080000,
    "mail": 0x00100000,
    "mail_server": 0x00200000,
    "stream": 0x00400000,
    "stream_server": 0x00800000,
    "stream_upstream": 0x01000000,
    "http": 0x02000000,
    "server": 0x04000000,
    "location": 0x08000000,
    "upstream": 0x10000000,
    "server_if": 0x20000000,
    "location_if": 0x40000000,
    "limit_except": 0x80000000,
    "oidc_provider": 1 << 32,
    "acme_issuer": 1 << 33,
    "mgmt": 1 << 34,
}
ENTRIES = "entries"  # a table of values: map, geo, types, split_clients
UNCHECKED = "unchecked"  # the inside of a block that is not known

_ARGUMENT_MASKS = {"any": ANY_NUMBER, "1+": ONE_OR_MORE, "2+": TWO_OR_MORE, "flag": FLAG, "code": ANY_NUMBER}


class Verdict(enum.Enum):
    """What nginx's parser says of a statement before the directive's own module looks at it."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown directive"
    MISPLACED = "not allowed here"
    NO_BLOCK_HERE = "is not terminated by ;"
    BLOCK_MISSING = "has no opening {"
    WRONG_NUMBER = "invalid number of arguments"


@cache
def masks() -> dict[str, tuple[int, ...]]:
    """Directive -> the forms that it may have: bits for kinds of blocks, numbers of arguments, and BLOCK, as in nginx's sources."""
    table = {name: tuple(int(mask) for mask in forms) for name, forms in _TABLES.DIRECTIVES.items()}
    for kinds, arguments, names in _own_lines():
        if kinds != "once":
            for name in names:
                table[name] = table.get(name, ()) + _own_masks(kinds, arguments)
    return table


@cache
def taken_once() -> frozenset[str]:
    """Directives of which nginx refuses a second one on the same level."""
    listed = {name for kinds, _, names in _own_lines() if kinds == "once" for name in names}
    return frozenset(listed | {name for name, forms in masks().items() if all(form & FLAG for form in forms)})


@lru_cache(maxsize=20_000)
def verdict(name: str, kind: str, arguments: int, block: bool) -> Verdict:
    """Judges a statement by the tables alone, in nginx's order (ngx_conf_handler in src/core/ngx_conf_file.c)."""
    forms = masks().get(name)
    if forms is None:
        return Verdict.UNKNOWN
    here = [form for form in forms if form & KIND_BITS[kind]]
    if not here:
        return Verdict.MISPLACED
    ended = [form for form in here if bool(form & BLOCK) == block]
    if not ended:
        return Verdict.NO_BLOCK_HERE if block else Verdict.BLOCK_MISSING
    return Verdict.ACCEPTED if any(_takes(form, arguments) for form in ended) else Verdict.WRONG_NUMBER


@cache
def kinds_of(name: str) -> tuple[str, ...]:
    """Where a directive may stand, outermost first."""
    forms = masks().get(name, ())
    return tuple(kind for kind, bit in KIND_BITS.items() if any(form & bit for form in forms))


@cache
def takes_flag(name: str) -> bool:
    """Whether a directive takes nothing but `on` or `off`."""
    forms = masks().get(name, ())
    return bool(forms) and all(form & _ARGUMENTS == FLAG for form in forms)


@cache
def counts(name: str) -> str:
    """The numbers of arguments that a directive takes, for people."""
    words: dict[str, None] = {}
    for form in masks().get(name, ()):
        words |= {str(number): None for number in range(8) if form & 0x7F & (1 << number)}
        words |= {"one": None} if form & FLAG else {}
        words |= {"at least 1": None} if form & ONE_OR_MORE else {}
        words |= {"at least 2": None} if form & TWO_OR_MORE else {}
    return " or ".join(words)


def _takes(form: int, arguments: int) -> bool:
    if form & ANY_NUMBER:
        return True
    if form & FLAG:
        return arguments == 1
    if form & (ONE_OR_MORE | TWO_OR_MORE):
        return arguments >= (1 if form & ONE_OR_MORE else 2)
    return arguments < 8 and bool(form & 0xFF & (1 << arguments))


def _own_masks(kinds: str, arguments: str) -> tuple[int, ...]:
    names = KIND_BITS if kinds == "any" else kinds.split()
    places = sum(KIND_BITS[kind] for kind in names)
    number, _, block = arguments.partition(" ")
    form = places | (_ARGUMENT_MASKS.get(number) or sum(1 << int(digit) for digit in number))
    if block:
        return (form | BLOCK,)
    # of directives whose arguments are not known, it is not known either whether they open a block
    return (form, form | BLOCK) if number == "any" else (form,)


@cache
def _own_lines() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    text = Path(__file__).with_name("directives.txt").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple((row[0].strip(), row[1].strip(), tuple(row[2].split())) for row in rows)
