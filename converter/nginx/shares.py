"""`split_clients`: a variable that divides requests by a hash (https://nginx.org/en/docs/http/ngx_http_split_clients_module.html).

Source: nginx's src/http/modules/ngx_http_split_clients_module.c. Percentages are counted in hundredths, their sums are parts of 2^32 - 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from converter.model.guards import InShare, Split
from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx.state import NoCounterpart, State
from converter.syntax.tree import Directive

_ALL, _HUNDREDTHS = 0xFFFFFFFF, 10_000
_REWRITTEN = ("x-request-id", "x-forwarded-proto")  # by the gateway, before any script sees them


@dataclass(frozen=True, slots=True)
class Shares:
    """A split_clients block. source: the text whose hash counts; lines: in order, without the last one (`*`), which takes what is left.

    cut_short: a part of it is missing.
    """

    source: str
    lines: tuple[Directive, ...]
    rest: Directive | None
    directive: Directive
    cut_short: bool = False

    @property
    def bounds(self) -> tuple[int, ...]:
        out: list[int] = []
        for line in self.lines:
            out.append((out[-1] if out else 0) + _hundredths(line.name) * _ALL // _HUNDREDTHS)
        return tuple(out)


def read(directive: Directive, cut_short: bool) -> Shares:
    """A split_clients block. cut_short: a part of it is missing."""
    lines = directive.block or ()
    rest = next((line for line in lines if line.name == "*"), None)
    return Shares(directive.args[0], tuple(line for line in lines if line.name != "*"), rest, directive, cut_short)


def _hundredths(text: str) -> int:
    """A percentage of two decimals at most; 0 for what nginx refuses (ngx_atofp)."""
    whole, _, decimals = text.removesuffix("%").partition(".")
    digits = whole + f"{decimals:0<2}"
    return int(digits) if digits.isdecimal() and digits.isascii() else 0


def decide(found: Shares, name: str, state: State, names: dict[tuple[str, Template], str]) -> Iterator[State]:
    """The states for each share, in the order in which to ask. names: those of the splits by variable and key, which this adds to."""
    split = _split(found, name, state, names)
    there = state.by(found.directive)
    for number, line in enumerate(found.lines, 1):
        value = Template.of(line.args[0] if line.args else "")
        yield replace(there.by(line), guard=(*there.guard, InShare(split, number)), values={**there.values, name: value})
    value = Template.of(found.rest.args[0] if found.rest and found.rest.args else "")
    yield replace(there.by(found.rest), values={**there.values, name: value})


def _split(found: Shares, name: str, state: State, names: dict[tuple[str, Template], str]) -> Split:
    try:
        key = state.value(found.source)
    except NoCounterpart as problem:
        key = Template.of(Variable(Source.UNKNOWN, problem.name))
    parts = (_unknown(part) if isinstance(part, Variable) else part for part in key.parts)
    key = Template.of(*parts)
    several = sum(1 for known, _ in names if known == name)
    word = name.lower().replace("_", "-")
    return Split(names.setdefault((name, key), f"{word}-{several + 1}" if several else word), key, found.bounds)


def _unknown(variable: Variable) -> Variable:
    """A header that the gateway has written itself by the time when the key is read cannot be known."""
    rewritten = variable.source is Source.REQUEST_HEADER and variable.name in _REWRITTEN
    return Variable(Source.UNKNOWN, f"http_{variable.name.replace('-', '_')}") if rewritten else variable
