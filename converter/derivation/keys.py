"""Requests that a hash of a key puts into other shares: what the key is made of is changed, one way after the other."""

import itertools
from collections.abc import Iterator

from converter.derivation.wire import Edit, Edits, edited
from converter.interpreter.guards import met
from converter.model.guards import InShare
from converter.model.values import Source, Variable
from converter.model.verification import Request

_MOST, _FEW = 400, 3  # keys tried for one share, and those taken
_NAMED = {Source.REQUEST_HEADER: "header", Source.ARGUMENT: "argument", Source.COOKIE: "cookie"}


def client(number: int) -> str:
    """One of many addresses of clients."""
    return f"192.0.{2 + number // 250}.{number % 250 + 1}"


def within(request: Request, condition: InShare) -> Iterator[Request]:
    """The request, changed so far that it meets a condition on its share. None of them may be found."""
    for number in range(_MOST):
        changed = edited(request, _other_key(request, condition, number))
        if changed is not None and met(condition, changed):
            yield changed


def in_shares(request: Request, shares: list[InShare]) -> Iterator[Request]:
    """The request, or some like it whose key is in all of these shares."""
    if all(met(condition, request) for condition in shares):
        yield request
    else:
        found = within(request, shares[0])
        yield from itertools.islice((r for r in found if all(met(condition, r) for condition in shares)), _FEW)


def _other_key(request: Request, condition: InShare, number: int) -> Edits:
    return next((edits for variable in condition.split.key.variables if (edits := _other(request, variable, number))), ())


def _other(request: Request, variable: Variable, number: int) -> Edits:
    if variable.source is Source.CLIENT:
        return (Edit("client", client(number)),)
    if part := _NAMED.get(variable.source):
        return (Edit(part, f"probe{number}", variable.name),)
    if variable.source in (Source.PATH, Source.RAW_PATH):
        return (Edit("target", f"{request.target.partition('?')[0]}{number}"),)
    return (Edit("query", f"probe={number}"),) if variable.source is Source.QUERY else ()
