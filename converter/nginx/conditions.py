"""Conditions of `if` and keys of `map` as conditions on the request.

Source: ngx_http_rewrite_if_condition in nginx's src/http/modules/ngx_http_rewrite_module.c.
"""

import ipaddress
from dataclasses import dataclass

from msgspec import Struct

from converter.model.guards import METHOD, PATH, Condition, FromNetworks, Test, quoted
from converter.model.records import replace
from converter.model.values import UPGRADE, Source, Template, Variable, unseen
from converter.nginx.pcre_tree import characters
from converter.nginx.regex import Pattern, Untranslatable, parse
from converter.nginx.spelling import spelled
from converter.nginx.state import CannotFollow, State
from converter.nginx.variables import names
from converter.syntax.tree import Directive

_FILE_TESTS = {"-f", "-d", "-e", "-x", "!-f", "!-d", "!-e", "!-x"}
QUERY = Variable(Source.QUERY)
NOTHING = Template()
MAY_LACK = (Source.REQUEST_HEADER, Source.ARGUMENT, Source.COOKIE, Source.QUERY)
_TRUE = "(?:0.+|[^0].*)"
_COMPARABLE = {
    Source.HOST,
    Source.AUTHORITY,
    Source.PATH,
    Source.RAW_PATH,
    Source.QUERY,
    Source.QUERY_MARK,
    Source.ARGUMENT,
    Source.COOKIE,
    Source.REQUEST_HEADER,
    Source.METHOD,
    Source.SCHEME,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A parsed `if (...)`. operator: `` (truth), `=`, `!=`, `~`, `~*`, `!~`, `!~*`, or a file test; operand: the right side."""

    subject: str
    operator: str
    operand: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The sides that may hold variables: an operand is a value behind `=` and `!=`, a regex elsewhere."""
        return (self.subject, self.operand) if self.operator in ("=", "!=") else (self.subject,)

    @property
    def variables(self) -> set[str]:
        return {name for text in self.texts for name in names(text)}


def comparison(directive: Directive) -> Comparison:
    """Reads the arguments of an `if`, with or without the parentheses as tokens of their own. Raises CannotFollow."""
    args = list(directive.args)
    if args and args[0].startswith("("):
        args[0] = args[0][1:]
    if args and args[-1].endswith(")"):
        args[-1] = args[-1][:-1]
    args = [a for i, a in enumerate(args) if a or i > 0]
    if args and args[-1] == "" and len(args) != 3:
        args.pop()
    match args:
        case [test, subject] if test in _FILE_TESTS:
            return Comparison(subject, test, "")
        case [subject]:
            return Comparison(subject, "", "")
        case [subject, operator, operand] if operator in ("=", "!=", "~", "~*", "!~", "!~*"):
            return Comparison(subject, operator, operand)
    raise CannotFollow(directive, "this condition is not one that nginx knows")


def is_file_test(parsed: Comparison) -> bool:
    return parsed.operator in _FILE_TESTS


class Verdict(Struct, frozen=True):
    """What is known of a condition: `decided` where the configuration alone tells, else the request must meet `condition`.

    pattern, subject, text: the regex that was compared, with what. empty: an empty text meets the condition, too.
    """

    decided: bool | None
    condition: Condition | FromNetworks | None = None
    pattern: Pattern | None = None
    subject: Variable | None = None
    text: str = ""
    empty: bool = False


def judged(parsed: Comparison, subject: Template, operand: Template = NOTHING) -> Verdict:
    """What a condition asks of its subject, an exclamation mark aside. operand: the right side of `=`. Raises CannotFollow."""
    match parsed.operator.removeprefix("!"):
        case "=":
            return same(subject, operand)
        case "~" | "~*" as operator:
            return matches(subject, parsed.operand, ignore_case=operator == "~*")
    return true(subject)


def same(left: Template, right: Template) -> Verdict:
    """`left = right`. Raises CannotFollow (without a place) where both depend on the request."""
    if right.literal is not None:
        return equal(left, right.literal)
    if left.literal is not None:
        return equal(right, left.literal)
    if left == right and not any(variable.source is Source.UNKNOWN for variable in left.variables):
        return Verdict(True)
    raise CannotFollow(None, f"the gateway cannot compare two values of a request with each other ({left} and {right})")


def equal(subject: Template, text: str, ignore_case: bool = False) -> Verdict:
    """`subject = text`. Raises CannotFollow (without a place) where the gateway cannot compare."""
    if (literal := subject.literal) is not None:
        return Verdict(literal.lower() == text.lower() if ignore_case else literal == text)
    if subject.sole == Variable(Source.REQUEST_HEADER, "x-request-id") and not text:
        return Verdict(False)  # the gateway has given every request one
    variable = _comparable(subject)
    if variable.source is Source.CLIENT:
        return _from_address(text)
    if variable.source is Source.QUERY_MARK:
        return Verdict(None, Condition(QUERY, Test.PRESENT, holds=text == "?"), subject=QUERY) if text in ("", "?") else Verdict(False)
    if not text:
        return Verdict(None, Condition(variable, Test.PRESENT, holds=False), subject=variable)
    if variable == PATH:
        text = spelled(text)
    if variable.source is Source.HOST:
        if not ignore_case and text != text.lower():
            return Verdict(False)  # $host is in lower case
        text, ignore_case = text.lower(), False
    if ignore_case and text.lower() != text.upper():
        return Verdict(None, Condition(variable, Test.REGEX, f"(?i){quoted(text)}"), subject=variable)
    return Verdict(None, Condition(variable, Test.EXACT, text), subject=variable)


def _from_address(text: str) -> Verdict:
    try:
        return Verdict(None, FromNetworks((ipaddress.ip_network(text),)))
    except ValueError:
        return Verdict(False)


def true(subject: Template) -> Verdict:
    """`if ($variable)`: neither empty nor `0`."""
    if (literal := subject.literal) is not None:
        return Verdict(literal not in ("", "0"))
    if "".join(part for part in subject.parts if isinstance(part, str)) not in ("", "0"):
        return Verdict(True)  # whatever the variables beside this text hold
    variable = _comparable(subject)
    if variable.source is Source.QUERY_MARK:
        return Verdict(None, Condition(QUERY, Test.PRESENT), subject=QUERY)
    if variable.source in (Source.PATH, Source.RAW_PATH, Source.METHOD, Source.SCHEME, Source.HOST):
        return Verdict(True)
    return Verdict(None, Condition(variable, Test.REGEX, _TRUE), subject=variable)


def matches(subject: Template, regex: str, ignore_case: bool) -> Verdict:
    """`subject ~ regex`. Raises CannotFollow (without a place)."""
    try:
        pattern = parse(regex, ignore_case=ignore_case)
        if (literal := subject.literal) is not None:
            return Verdict(pattern.search(literal) is not None, pattern=pattern, text=literal)
        variable = _comparable(subject)
        if variable.source is Source.QUERY_MARK:
            return _marked(pattern)
        if variable.source is Source.HOST and _needs_capitals(pattern):
            raise CannotFollow(None, f"the regex {regex} asks for capitals, which $host never has")
        if pattern.matches_everything and variable.source in (Source.PATH, Source.RAW_PATH):
            return Verdict(True, pattern=pattern, subject=variable)
        condition = Condition(variable, Test.REGEX, pattern.full(spelled=variable == PATH))
        if not condition.text:
            return _nothing(variable, pattern)
    except Untranslatable as problem:
        raise CannotFollow(None, f"the regex {regex} has no counterpart in RE2: {problem}") from None
    return Verdict(None, condition, pattern, variable, empty=variable.source in MAY_LACK and pattern.search("") is not None)


def _marked(pattern: Pattern) -> Verdict:
    """A regex on `$is_args`, which is a question mark where the request has a query, and empty elsewhere."""
    with_query, without = (pattern.search(text) is not None for text in ("?", ""))
    if with_query == without:
        return Verdict(with_query, pattern=pattern, subject=QUERY)
    return Verdict(None, Condition(QUERY, Test.PRESENT, holds=with_query), pattern, QUERY)


def _needs_capitals(pattern: Pattern) -> bool:
    """Whether some place in it takes a capital letter and not the small one."""
    return any(97 <= octet + 32 <= 122 and octet + 32 not in part.members for part in characters(pattern.tree) for octet in part.members)


def _nothing(variable: Variable, pattern: Pattern) -> Verdict:
    """A regex that takes the empty text alone (`^$`)."""
    if variable.source not in MAY_LACK:
        return Verdict(False, pattern=pattern, subject=variable)
    return Verdict(None, Condition(variable, Test.PRESENT, holds=False), pattern, variable)


def excepted(methods: tuple[str, ...]) -> Condition:
    """The methods that a limit_except is about: all but those listed; GET includes HEAD."""
    listed = {m.upper() for m in methods}
    return Condition(METHOD, Test.REGEX, "|".join(sorted(listed | ({"HEAD"} if "GET" in listed else set()))), holds=False)


def ways(state: State, verdict: Verdict, negated: bool = False) -> list[State]:
    """The states in which an undecided condition holds, in the order in which to ask. What a request lacks counts as empty."""
    condition = verdict.condition
    if condition is None:
        return [state]
    if not verdict.empty or isinstance(condition, FromNetworks):
        return [replace(state, guard=(*state.guard, condition.negated() if negated else condition))]
    present = Condition(condition.subject, Test.PRESENT)
    if negated:
        return [replace(state, guard=(*state.guard, present, condition.negated()))]
    return [replace(state, guard=(*state.guard, present.negated())), replace(state, guard=(*state.guard, condition))]


def _comparable(subject: Template) -> Variable:
    variable = subject.sole
    if variable is None:
        raise CannotFollow(None, f"a comparison of a composed value ({subject}) has no counterpart")
    if variable != UPGRADE and (reason := unseen(variable)):  # what Upgrade asks for is kept
        raise CannotFollow(None, reason)
    if variable.source is Source.UNKNOWN and " " in variable.name:
        raise CannotFollow(None, variable.name)
    if variable.source not in _COMPARABLE and variable.source is not Source.CLIENT:
        raise CannotFollow(None, f"the gateway cannot compare the {variable.source.value}")
    return variable
