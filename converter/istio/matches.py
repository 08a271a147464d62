"""Guards as the `match` of a VirtualService rule.

A match holds one condition on the path (`uri`), and by the pseudo header `:path` (which includes the query) another and a negated one.
"""

import re2
from msgspec import Struct, field

from converter.istio import addresses, occurrences, shares
from converter.istio.formats import Inexpressible, regexes
from converter.istio.occurrences import grouped, within
from converter.istio.yaml import Flow
from converter.model.conjunctions import Unjoinable, both
from converter.model.guards import EVERY_PATH, PATH, Condition, FromNetworks, Guard, InShare, Listed, Test, quoted
from converter.model.values import Source

LONGEST = 1024  # characters of a regex that Istio takes
_PSEUDO = {Source.METHOD: ":method", Source.SCHEME: ":scheme"}


class _Match(Struct):
    """A match under construction."""

    fields: dict[str, object] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    without: dict[str, list[str]] = field(default_factory=dict)
    arguments: dict[str, dict[str, str]] = field(default_factory=dict)
    inexact: list[str] = field(default_factory=list)
    lenient: bool = False

    def header(self, name: str, match: dict[str, str]) -> None:
        self.headers[name] = _joined(name, self.headers[name], match) if name in self.headers else match

    def done(self) -> dict[str, object]:
        out = dict(self.fields)
        if self.headers:
            out["headers"] = dict(sorted(self.headers.items()))
        if self.without:
            out["withoutHeaders"] = {name: {"regex": _either(texts)} for name, texts in sorted(self.without.items())}
        if self.arguments:
            out["queryParams"] = dict(sorted(self.arguments.items()))
        for text in regexes(out):
            _measured(text)
        return out


def path_match(path: Condition, prefix_counts: bool) -> dict[str, object]:
    """The same as `match` for a guard that is one condition on the path, and holds, as most are."""
    return _uri(path) if prefix_counts or path != EVERY_PATH else {}


def match(guard: Guard, prefix_counts: bool = False, trusted_proxies: int = 0, inexact: list[str] | None = None) -> dict[str, object]:
    """The match for a guard; empty for every request. Raises Inexpressible.

    prefix_counts: the action replaces the matched prefix, so that `uri` must hold it.
    inexact: takes what the match gets slightly wrong; without it such a guard is inexpressible.
    """
    out = _Match(inexact=inexact if inexact is not None else [], lenient=inexact is not None)
    conditions = [_alternatives(c) if isinstance(c, Listed) else c for c in guard]
    paths = [c for c in conditions if isinstance(c, Condition) and c.subject == PATH]
    _paths(out, paths, prefix_counts)
    for condition in sorted(conditions, key=_takes_turns) if len(paths) < len(conditions) else ():
        if isinstance(condition, FromNetworks):
            _networks(out, condition, trusted_proxies)
        elif isinstance(condition, InShare):
            _share(out, condition)
        elif condition.subject != PATH:
            _WRITERS[condition.subject.source](out, condition)
    return out.done()


def _measured(regex: str) -> str:
    """The regex. Raises Inexpressible where it is too long for Istio."""
    if len(regex) > LONGEST:
        raise Inexpressible("a regex of more than 1,024 characters")
    return regex


def _alternatives(condition: Listed) -> Condition:
    """The texts of a list as the alternatives of one regex."""
    return Condition(condition.subject, Test.REGEX, f"(?i){'|'.join(map(quoted, condition.texts))}", condition.holds)


def _takes_turns(condition: Condition | FromNetworks | InShare) -> bool:
    """Arguments come last: they alone have a second place to be asked for."""
    return isinstance(condition, Condition) and condition.subject.source is Source.ARGUMENT


def _joined(name: str, first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Two conditions on one header as one. Raises Inexpressible."""
    texts = [quoted(match["exact"]) if "exact" in match else match["regex"] for match in (first, second)]
    try:
        regex = both(*texts)
    except Unjoinable:
        raise Inexpressible(f"two conditions on {name} at once") from None
    if regex is None:
        raise Inexpressible(f"two conditions on {name} that contradict each other")
    return next((match for match, text in zip((first, second), texts, strict=True) if text == regex), {"regex": regex})


def _paths(out: _Match, conditions: list[Condition], prefix_counts: bool) -> None:
    held = [c for c in conditions if c.holds and (prefix_counts or c != EVERY_PATH)]  # if it leaves any path out, or its text is needed
    order = [Test.EXACT, Test.PREFIX, Test.REGEX] if prefix_counts else [Test.EXACT, Test.REGEX, Test.PREFIX]
    if len(held) > 1:
        held.sort(key=lambda c: order.index(c.test))
    for condition in held[:1]:
        out.fields |= _uri(condition)
    for condition in held[1:]:
        if condition.test is Test.PREFIX:
            out.header(":path", {"regex": f"{quoted(condition.text)}.*"})
        else:
            out.header(":path", {"regex": occurrences.path(_text(condition))})
    for condition in conditions:
        if not condition.holds:
            out.without.setdefault(":path", []).append(occurrences.path(_text(condition)))


def _uri(condition: Condition) -> dict[str, object]:
    text = _measured(condition.text) if condition.test is Test.REGEX else condition.text
    return {"uri": Flow({str(condition.test): text})}


def _text(condition: Condition) -> str:
    """The condition as a regex over the whole text."""
    match condition.test:
        case Test.EXACT:
            return quoted(condition.text)
        case Test.PREFIX:
            return f"{quoted(condition.text)}.*"
        case Test.PRESENT:
            return ".+"
        case Test.SENT:
            return ".*"
    return condition.text


def _either(texts: list[str]) -> str:
    unique = list(dict.fromkeys(texts))
    return unique[0] if len(unique) == 1 else "|".join(grouped(text) for text in unique)


def _plain(condition: Condition) -> dict[str, str]:
    return {"exact": condition.text} if condition.test is Test.EXACT else {"regex": _text(condition)}


def _header(out: _Match, condition: Condition) -> None:
    name = condition.subject.name
    if condition.holds:
        out.header(name, _plain(condition))
    else:
        out.without.setdefault(name, []).append(_text(condition))


def _pseudo(out: _Match, condition: Condition) -> None:
    name = _PSEUDO[condition.subject.source]
    if not condition.holds:
        out.without.setdefault(name, []).append(_text(condition))
    elif name[1:] in out.fields and out.fields[name[1:]] != _plain(condition):
        raise Inexpressible(f"two conditions on the {name[1:]} at once")
    else:
        out.fields[name[1:]] = _plain(condition)


def _host(out: _Match, condition: Condition) -> None:
    """The Host header, whatever its case and port."""
    text = _text(condition).removeprefix("(?i)")
    regex = rf"(?i){grouped(text)}\.?(?::\d*)?"
    if not condition.holds:
        out.without.setdefault(":authority", []).append(regex)
    elif "authority" in out.fields:
        raise Inexpressible("two conditions on the host at once")
    else:
        out.fields["authority"] = {"regex": regex}


def _authority(out: _Match, condition: Condition) -> None:
    if condition.holds and "authority" in out.fields:
        raise Inexpressible("two conditions on the host at once")
    if condition.holds:
        out.fields["authority"] = _plain(condition)
    else:
        out.without.setdefault(":authority", []).append(_text(condition))


def _raw_path(out: _Match, condition: Condition) -> None:
    if condition.holds:
        out.header(":path", _plain(condition))
    else:
        out.without.setdefault(":path", []).append(_text(condition))


def _query(out: _Match, condition: Condition) -> None:
    regex = occurrences.query(_text(condition))
    if re2.fullmatch(_text(condition), "") is not None:  # no query at all is an empty one
        regex = f"[^?]*|{regex}"
    if condition.holds:
        out.header(":path", {"regex": regex})
    else:
        out.without.setdefault(":path", []).append(regex)


def _argument(out: _Match, condition: Condition) -> None:
    name = condition.subject.name
    regex = occurrences.argument(name, _text(condition))
    if condition.holds and ":path" in out.headers and out.lenient and name not in out.arguments:
        out.arguments[name] = _plain(condition)
        out.inexact.append("names of arguments are compared with their case, where several are asked for")
    elif condition.holds:
        out.header(":path", {"regex": regex})
    else:
        out.without.setdefault(":path", []).append(regex)


def _cookie(out: _Match, condition: Condition) -> None:
    regex = occurrences.cookie(condition.subject.name, _text(condition))
    if condition.holds:
        out.header("cookie", {"regex": regex})
    else:
        out.without.setdefault("cookie", []).append(regex)


def _client(out: _Match, condition: Condition) -> None:
    """The text of the client's address, as the gateway appended it when it routes."""
    regex = rf"(?:.*,)?\s*{within(_text(condition), ',')}"
    if condition.holds:
        out.header("x-forwarded-for", {"regex": regex})
    else:
        out.without.setdefault("x-forwarded-for", []).append(regex)


def _networks(out: _Match, condition: FromNetworks, trusted_proxies: int) -> None:
    regex = addresses.pattern(condition, trusted_proxies)
    if condition.holds:
        out.header("x-forwarded-for", {"regex": regex})
    else:
        out.without.setdefault("x-forwarded-for", []).append(regex)


def _share(out: _Match, condition: InShare) -> None:
    name, number = shares.header(condition.split), str(condition.share)
    if condition.holds:
        out.header(name, {"exact": number})
    else:
        out.without.setdefault(name, []).append(number)


_WRITERS = {
    Source.REQUEST_HEADER: _header,
    Source.METHOD: _pseudo,
    Source.SCHEME: _pseudo,
    Source.HOST: _host,
    Source.AUTHORITY: _authority,
    Source.RAW_PATH: _raw_path,
    Source.QUERY: _query,
    Source.ARGUMENT: _argument,
    Source.COOKIE: _cookie,
    Source.CLIENT: _client,
}
