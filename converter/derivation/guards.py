"""Guards of decision lists: requests that meet their conditions, and values that just break one."""

import itertools
from collections.abc import Iterator

from converter.derivation.keys import in_shares, within
from converter.derivation.networks import edges
from converter.derivation.wire import Edit, Edits, edited
from converter.derivation.witnesses import strangers, witnesses
from converter.interpreter.guards import holds, met
from converter.interpreter.patterns import Regex
from converter.model.guards import Condition, Criterion, FromNetworks, Guard, InShare, Listed, Test
from converter.model.values import Source
from converter.model.verification import Request

MOST_TRIED = 60  # requests for one guard
_MOST_PATHS, _MOST_MIXED = 12, 150
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
    shares = [condition for condition in guard if isinstance(condition, InShare)]
    others = [condition for condition in guard if not isinstance(condition, InShare)]
    for chosen in itertools.islice(itertools.product(*_dimensions(bases, others)), MOST_TRIED):
        edits = sorted((edit for way in chosen for edit in way), key=lambda edit: edit.part != "target")
        for base in bases:
            if (request := edited(base, edits)) is not None:
                yield from in_shares(request, shares)


def _dimensions(bases: list[Request], guard: list[Condition | FromNetworks | Listed]) -> list[list[Edits]]:
    """The ways to meet each condition; several conditions on the path are met together."""
    paths = [c for c in guard if not isinstance(c, FromNetworks) and c.subject.source in (Source.PATH, Source.RAW_PATH)]
    if len(paths) < 2 or not bases:
        return [ways_of(condition) for condition in guard]
    others = [ways_of(condition) for condition in guard if condition not in paths]
    own = list(dict.fromkeys([bases[0].target, *(edit.value for c in paths for way in ways_of(c) for edit in way)]))
    mixed = (first + second.lstrip("/") for first, second in itertools.permutations(own, 2))
    requests = (edited(bases[0], (Edit("target", text),)) for text in itertools.chain(own, itertools.islice(mixed, _MOST_MIXED)))
    fitting = (r.target for r in requests if r is not None and all(met(c, r) for c in paths))
    return [[(Edit("target", text),) for text in itertools.islice(fitting, _MOST_PATHS)], *others]


def missing(bases: list[Request], guard: Guard) -> Iterator[tuple[Request, str]]:
    """Requests that meet all conditions of a guard but one, each with what breaks it."""
    own = next((r for r in itertools.islice(meeting(bases, guard), MOST_TRIED) if holds(guard, r)), None)
    if own is None:
        return
    for condition in guard:
        found = _elsewhere(own, condition) if isinstance(condition, InShare) else _otherwise(own, condition)
        yield from itertools.islice(found, 1)


def _elsewhere(own: Request, condition: InShare) -> Iterator[tuple[Request, str]]:
    return ((request, "another share") for request in within(own, condition.negated()))


def _otherwise(own: Request, condition: Condition | FromNetworks | Listed) -> Iterator[tuple[Request, str]]:
    part = "client" if isinstance(condition, FromNetworks) else _PARTS.get(condition.subject.source)
    name = "" if isinstance(condition, FromNetworks) else condition.subject.name
    if part is None:
        return
    for text in _broken(condition):
        request = edited(own, (Edit(part, text, name),))
        if request is not None and met(condition, request) is False:
            yield request, f"{part} {text[:40]!r}" if text else f"no {part} {name}".rstrip()


def changed(request: Request, condition: Criterion) -> Iterator[Request]:
    """A request, changed in some ways in which a condition may hold."""
    if isinstance(condition, InShare):
        return within(request, condition)
    return (found for way in ways_of(condition)[:8] if way and (found := edited(request, way)) is not None)


def ways_of(condition: Condition | FromNetworks | Listed) -> list[Edits]:
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
    if condition.holds and (isinstance(condition, Listed) or condition.test is not Test.REGEX):
        return ways or [()]
    return [(), *ways]


def _texts(condition: Condition | Listed) -> list[str]:
    """Values that meet a condition."""
    path = condition.subject.source in (Source.PATH, Source.RAW_PATH)
    if not condition.holds:
        return [text for text in _unlike(condition, path) if text]
    if isinstance(condition, Listed):
        return [condition.texts[0], condition.texts[-1], condition.texts[len(condition.texts) // 2].upper()]
    match condition.test:
        case Test.EXACT:
            return [condition.text]
        case Test.PREFIX:
            return [condition.text + behind for behind in ("", "probe", "/probe", "0")]
        case Test.PRESENT:
            return ["probe"]
        case Test.SENT:
            return ["", "probe"]
    usual = [m for m in _METHODS if condition.subject.source is Source.METHOD]
    return [*usual, *witnesses(_anchored(condition.text), "/" if path else "")][:12]


def _unlike(condition: Condition | Listed, path: bool) -> list[str]:
    if condition.subject.source is Source.METHOD:
        return list(_METHODS)
    return ["/probe", "/"] if path else ["probe"]


def _anchored(text: str) -> Regex:
    return Regex(f"^(?:{text})$", ignore_case=False)


def _broken(condition: Condition | FromNetworks | Listed) -> list[str]:
    """Values that may break a condition, the nearest first."""
    if isinstance(condition, FromNetworks):
        return [a for network in condition.networks[:4] for a in edges(str(network))[1 if condition.holds else 0]]
    if condition.subject.source is Source.METHOD:
        return list(_METHODS)
    if not condition.holds:
        return _texts(condition.negated())
    if isinstance(condition, Listed):
        return [condition.texts[0][:-1], f"{condition.texts[-1]}x"]
    if condition.test is Test.REGEX:
        regex = _anchored(condition.text)
        return [text for found in witnesses(regex)[:1] for text, _ in strangers(regex, found)]
    return [condition.text[:-1], f"{condition.text}x", condition.text.swapcase(), ""]
