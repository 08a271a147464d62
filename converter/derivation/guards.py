"""Guards of decision lists: requests that meet their conditions, and values that just break one."""

import itertools
from collections.abc import Iterator

from converter.derivation.networks import edges
from converter.derivation.wire import Edit, Edits, edited
from converter.derivation.witnesses import strangers, witnesses
from converter.interpreter.guards import holds, met
from converter.interpreter.patterns import Regex
from converter.model.guards import Condition, FromNetworks, Guard, Test
from converter.model.values import Source
from converter.model.verification import Request

MOST_TRIED = 60  # requests for one guard
_MOST_PATHS = 12
_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH")
_PARTS = {
    Source.HOST: "host",
    Source.AUTHORITY: "host",
    Source.PATH: "target",
    Source.RAW_PATH: "target",
    Source.QUERY: "query",
    Source.ARGUMENT: "argument",
    Source.COOKIE: "cookie",
    Source.REQUEST_HEADER: "header",
    Source.METHOD: "method",
    Source.CLIENT: "client",
    Source.FORWARDED_FOR: "client",  # whose address is its last element
}


def meeting(bases: list[Request], guard: Guard) -> Iterator[Request]:
    """Requests that are made to meet a guard, for some plain ones; whether they do is for the caller to see."""
    for chosen in itertools.islice(itertools.product(*_dimensions(bases, guard)), MOST_TRIED):
        edits = sorted((edit for way in chosen for edit in way), key=lambda edit: edit.part != "target")
        for base in bases:
            if (request := edited(base, edits)) is not None:
                yield request


def _dimensions(bases: list[Request], guard: Guard) -> list[list[Edits]]:
    """The ways to meet each condition; several conditions on the path are met together."""
    paths = [c for c in guard if isinstance(c, Condition) and c.subject.source in (Source.PATH, Source.RAW_PATH)]
    if len(paths) < 2 or not bases:
        return [ways_of(condition) for condition in guard]
    others = [ways_of(condition) for condition in guard if condition not in paths]
    own = list(dict.fromkeys([bases[0].target, *(edit.value for c in paths for way in ways_of(c) for edit in way)]))
    mixed = (first + second.lstrip("/") for first, second in itertools.permutations(own, 2))
    requests = (edited(bases[0], (Edit("target", text),)) for text in itertools.chain(own, itertools.islice(mixed, 400)))
    fitting = (r.target for r in requests if r is not None and all(met(c, r) for c in paths))
    return [[(Edit("target", text),) for text in itertools.islice(fitting, _MOST_PATHS)], *others]


def missing(bases: list[Request], guard: Guard) -> Iterator[tuple[Request, str]]:
    """Requests that meet all conditions of a guard but one, each with what breaks it."""
    own = next((r for r in itertools.islice(meeting(bases, guard), MOST_TRIED) if holds(guard, r)), None)
    for condition in guard if own is not None else ():
        for text in _broken(condition):
            part = "client" if isinstance(condition, FromNetworks) else _PARTS.get(condition.subject.source)
            name = "" if isinstance(condition, FromNetworks) else condition.subject.name
            request = edited(own, (Edit(part, text, name),)) if own is not None and part else None
            if request is not None and met(condition, request) is False:
                yield request, f"{part} {text[:40]!r}" if text else f"no {part} {name}".rstrip()
                break


def ways_of(condition: Condition | FromNetworks) -> list[Edits]:
    """Changes that make one condition hold; no change is the first where it is negated."""
    if isinstance(condition, FromNetworks):
        inside = [a for network in condition.networks[:6] for a in edges(str(network))[0][:2]]
        outside = [a for network in condition.networks[:6] for a in edges(str(network))[1]]
        return [(Edit("client", address),) for address in (inside if condition.holds else ["198.51.100.7", "192.0.2.77", *outside])]
    part = _PARTS.get(condition.subject.source)
    if part is None:
        return [()]
    texts = _texts(condition)
    ways: list[Edits] = [(Edit(part, text, condition.subject.name),) for text in texts]
    if condition.holds and condition.test is not Test.REGEX:
        return ways or [()]
    return [(), *ways]


def _texts(condition: Condition) -> list[str]:
    """Values that meet a condition."""
    path = condition.subject.source in (Source.PATH, Source.RAW_PATH)
    if not condition.holds:
        return [text for text in _unlike(condition, path) if text]
    match condition.test:
        case Test.EXACT:
            return [condition.text]
        case Test.PREFIX:
            return [condition.text + behind for behind in ("", "probe", "/probe", "0")]
        case Test.PRESENT:
            return ["probe"]
    usual = [m for m in _METHODS if condition.subject.source is Source.METHOD]
    return [*usual, *witnesses(_anchored(condition.text), "/" if path else "")][:12]


def _unlike(condition: Condition, path: bool) -> list[str]:
    if condition.subject.source is Source.METHOD:
        return list(_METHODS)
    return ["/probe", "/"] if path else ["probe"]


def _anchored(text: str) -> Regex:
    return Regex(f"^(?:{text})$", ignore_case=False)


def _broken(condition: Condition | FromNetworks) -> list[str]:
    """Values that may break a condition, the nearest first."""
    if isinstance(condition, FromNetworks):
        return [a for network in condition.networks[:4] for a in edges(str(network))[1 if condition.holds else 0]]
    if condition.subject.source is Source.METHOD:
        return list(_METHODS)
    if not condition.holds:
        return _texts(condition.negated())
    if condition.test is Test.REGEX:
        regex = _anchored(condition.text)
        return [text for found in witnesses(regex)[:1] for text, _ in strangers(regex, found)]
    return [condition.text[:-1], f"{condition.text}x", condition.text.swapcase(), ""]
