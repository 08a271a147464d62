"""Decision lists held against the interpreter: requests are derived and changed at random, and each is put to both."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from converter.conversion import Whole, convert_whole
from converter.derivation import derive
from converter.derivation.wire import Edit, edited
from converter.interpreter import Interpretation, Unknown, interpret
from converter.interpreter.agreement import differences
from converter.interpreter.rules import Decided, decide
from converter.interpreter.sites import Http
from converter.interpreter.templates import ordinary
from converter.model.decisions import Decisions
from converter.model.records import replace
from converter.model.rules import Refuse
from converter.model.verification import Difference, Request
from converter.sources import Source
from converter.verify.announcing import Announced
from converter.verify.foretold import because, met
from tests.interpreter.answers import levels

_METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE")
_TEXTS = ("", "1", "0", "true", "beta", "en", "a b", "x=1", "on", "Mozilla/5.0 (iPhone)", "https://shop.example.com", "application/json")
_BEHIND = ("", "/", "x", "/index.html", "/a/b", ".php", ".css", "?x=1", "?a=1&b=2", "~", "-1", "/api", "/2")
_CLIENTS = ("198.51.100.7", "10.0.0.1", "192.168.1.5", "172.16.3.4", "127.0.0.1", "203.0.113.9")


@dataclass(frozen=True, slots=True)
class Disagreement:
    request: Request
    nginx: Interpretation
    gateway: Decided
    found: tuple[Difference, ...]

    def __str__(self) -> str:
        rule = self.gateway.rule
        origins = ", ".join(map(str, rule.origins)) if rule else "no rule"
        headers = "".join(f" -H {name}: {value}" for name, value in self.request.headers)
        said = "; ".join(f"{d.field}: {d.nginx} / {d.gateway}" for d in self.found)
        return f"{self.request}{headers} from {self.request.client}: {said} ({origins})"


@dataclass(slots=True)
class Tally:
    """How many requests were asked, and of how many nothing can be said: by whom."""

    asked: int = 0
    unknown: int = 0
    refused: int = 0
    compared: int = 0


class Subject:
    """A source, ready to be asked."""

    def __init__(self, source: Source, decisions: Decisions | None = None) -> None:
        self.whole: Whole = convert_whole(source, decisions or Decisions())
        self.https: list[Http] = levels(self.whole.parsed)
        self._announced = Announced(self.whole.conversion)

    def requests(self, budget: int, changed: int, seed: str) -> Iterator[Request]:
        """Derived requests, then as many of them changed at random."""
        derived = [bare(r) for r in derive(self.whole.parsed, self.whole.applications, budget).requests]
        fitting = list(dict.fromkeys(r for r in derived if ordinary(r)))
        yield from fitting
        chance = random.Random(seed)
        for _ in range(changed if fitting else 0):
            made = mutated(chance, fitting)
            if made is not None and ordinary(made):
                yield made

    def disagreement(self, request: Request, tally: Tally) -> Disagreement | None:
        """What the two sides say differently, if the report does not speak of it."""
        tally.asked += 1
        nginx = interpret(self.https, request)
        if isinstance(nginx.end, Unknown):
            tally.unknown += 1
            return None
        gateway = decide(self.whole.applications, self.whole.upstreams, request)
        if isinstance(gateway.end, Unknown) or gateway.rule is None or _closed(gateway):
            tally.refused += 1
            return None
        found = differences(nginx.end, gateway.end)
        if found and because(self._announced, request, (nginx.end, gateway.end), found, met(nginx, gateway.rule.origins)):
            tally.refused += 1
            return None
        tally.compared += 1
        if any(position.column == 0 for position in gateway.rule.origins) and found:
            return None  # of a block that is made up around a fragment: the report has no row for it
        return Disagreement(request, nginx, gateway, found) if found else None


def _closed(gateway: Decided) -> bool:
    """Whether the route is closed because it cannot be carried over."""
    return gateway.rule is not None and isinstance(gateway.rule.action, Refuse) and bool(gateway.rule.notes)


def bare(request: Request) -> Request:
    """A request without what it asks of a test upstream, and without reasons."""
    kept = tuple(pair for pair in request.headers if not pair[0].lower().startswith("x-reply-"))
    return replace(request, headers=kept, reasons=(), repeat=1, count=1, body="")


def mutated(chance: random.Random, known: list[Request]) -> Request | None:
    """One of the requests, changed in one to three ways, or with something of another one."""
    request, other = chance.choice(known), chance.choice(known)
    for _ in range(chance.randint(1, 3)):
        changed = edited(request, (_edit(chance, request, other),))
        request = changed or request
    return request


def _edit(chance: random.Random, request: Request, other: Request) -> Edit:
    path, _, query = request.target.partition("?")
    names = [name for name, _ in (*request.headers, *other.headers)] or ["x-probe"]
    return chance.choice(
        (
            Edit("target", other.target),
            Edit("target", path + chance.choice(_BEHIND)),
            Edit("target", path[: chance.randint(1, len(path))] + chance.choice(_BEHIND)),
            Edit("method", chance.choice(_METHODS)),
            Edit("header", chance.choice(_TEXTS), chance.choice(names)),
            Edit("header", dict(other.headers).get(names[-1], ""), names[-1]),
            Edit("query", chance.choice(("", "a=1", query, "x=&y=2", "debug"))),
            Edit("client", chance.choice(_CLIENTS)),
        )
    )
