"""What nginx would refuse of the directives of one level, and what is not known to be a directive."""

import difflib
from collections.abc import Iterator
from functools import lru_cache

from converter.model.findings import Finding, Severity
from converter.syntax.contexts import Context, shown
from converter.syntax.directives import ENTRIES, KIND_BITS, Verdict, counts, kinds_of, masks, taken_once, verdict
from converter.syntax.tree import Directive
from converter.syntax.value_checks import complaint, has_rule

_TABLE_FLAGS = frozenset({"hostnames", "volatile", "ranges", "proxy_recursive"})  # entries that are one word


def check(directive: Directive, kind: str, context: Context) -> Finding | None:
    """What is wrong with a directive where it stands; ERROR for what nginx would refuse."""
    if kind == ENTRIES:
        return _check_entry(directive, context)
    if kind not in KIND_BITS:
        return None
    name, arguments, block = directive.name, len(directive.args), directive.block is not None
    if _takes_any_value(name, kind, arguments, block):
        return None
    found = verdict(name, kind, arguments, block)
    if found is not Verdict.ACCEPTED:
        return _verdict_finding(directive, found, context)
    problem = complaint(name, directive.args, kind)
    if problem is None:
        return None
    code, message, help = problem
    return Finding(code, Severity.ERROR, message, directive.position, help)


@lru_cache(maxsize=20_000)
def _takes_any_value(name: str, kind: str, arguments: int, block: bool) -> bool:
    """Whether nothing is wrong with a statement of this shape, whatever its values: so it is with most."""
    return verdict(name, kind, arguments, block) is Verdict.ACCEPTED and not has_rule(name)


def duplicates(level: tuple[Directive, ...], kind: str) -> Iterator[Finding]:
    """Directives of a level, includes joined, that nginx takes only once and that stand there again."""
    if kind not in KIND_BITS:
        return
    once = taken_once()
    seen: dict[str, Directive] = {}
    for directive in level:
        if directive.name in once:
            first = seen.setdefault(directive.name, directive)
            if first is not directive:
                message = f'"{directive.name}" directive is duplicate: the first one stands at {first.position}'
                yield Finding("NGX023", Severity.ERROR, message, directive.position, "Remove one of the two.")


def _verdict_finding(directive: Directive, found: Verdict, context: Context) -> Finding:
    name, position = directive.name, directive.position
    if found is Verdict.UNKNOWN:
        return Finding("NGX013", Severity.WARNING, f'unknown directive "{name}"', position)
    if found is Verdict.MISPLACED:
        places = ", ".join(kinds_of(name)).replace("_", " ")
        message = f'"{name}" directive is not allowed here, in {shown(context)}'
        return Finding("NGX021", Severity.ERROR, message, position, f"It may stand in: {places}." if places else "")
    if found is Verdict.WRONG_NUMBER:
        message = f'invalid number of arguments in "{name}" directive: {len(directive.args)} instead of {counts(name)}'
        return Finding("NGX022", Severity.ERROR, message, position, _swallowed(directive))
    if found is Verdict.BLOCK_MISSING:
        return Finding("NGX029", Severity.ERROR, f'directive "{name}" has no opening "{{"', position, "Give it a block.")
    return Finding("NGX029", Severity.ERROR, f'directive "{name}" is not terminated by ";"', position, "It takes no block.")


def _swallowed(directive: Directive) -> str:
    """A hint at the commonest cause: the `;` before the next directive is missing."""
    for argument, quoted in zip(directive.args, directive.quoted, strict=True):
        if not quoted and "_" in argument and argument in masks():
            return f"Perhaps a `;` is missing before `{argument}`."
    return ""


def _check_entry(directive: Directive, context: Context) -> Finding | None:
    table = context[-1]
    if table not in ("map", "split_clients") or directive.name == "include":
        return None
    wrong_number = len(directive.args) != 1 and not (not directive.args and directive.name in _TABLE_FLAGS)
    if directive.block is None and not wrong_number:
        return None
    message = f"an entry of {table} is one value and one result; this one begins with `{directive.name}`"
    return Finding("NGX030", Severity.ERROR, message, directive.position, "Quote values that hold spaces or braces.")


def suggestion(name: str) -> str:
    """What to do about a directive that is not known."""
    similar = _similar(name)
    return f"Did you mean `{similar}`?" if similar else "If it belongs to a module of your own, waive it in the decisions file."


@lru_cache(maxsize=1_000)
def _similar(name: str) -> str | None:
    """The known directive with the nearest name; only names of like beginning and length are compared, for speed."""
    near = [known for known in masks() if known[0] == name[:1] and abs(len(known) - len(name)) <= 3]
    return next(iter(difflib.get_close_matches(name, near, n=1, cutoff=0.8)), None)
