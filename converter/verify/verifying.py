"""The verification itself: both sides are asked, and each difference is held against what the report says."""

import re
from collections.abc import Iterator, Sequence

from converter.model.verification import Covered, Reply, Request, Result, Verdict, Verification
from converter.verify.announcing import Announced, widened
from converter.verify.comparison import Groups, differences, line, spread
from converter.verify.istiod.client import Istiod
from converter.verify.lab.laboratory import Laboratory
from converter.verify.lab.messages import Outcome
from converter.verify.meeting import Source
from converter.verify.preparation import Prepared, addressed, groups, prepare
from converter.verify.subject import Subject

_IPV6 = ":"
_BREAKS = re.compile("x-reply-(?:close|delay|status)", re.IGNORECASE)


def failing(subject: Subject, requests: Sequence[Request]) -> tuple[int, ...]:
    """The numbers of requests that make a server of a group fail, which both sides would remember: they pass over it for a while.

    A single server is never passed over, and a status is a failure only where proxy_next_upstream says so
    (ngx_http_upstream_free_round_robin_peer, ngx_http_upstream_next).
    """
    directives = [d for top in subject.whole.parsed.root for d in top.walk()]
    if not any(sum(d.name == "server" for d in upstream.block or ()) > 1 for upstream in directives if upstream.name == "upstream"):
        return ()
    statuses = any(d.name == "proxy_next_upstream" and any(word.startswith("http_") for word in d.args) for d in directives)
    return tuple(number for number, request in enumerate(requests) if any(_breaks(*header, statuses) for header in request.headers))


def _breaks(name: str, value: str, statuses: bool) -> bool:
    return bool(_BREAKS.fullmatch(name)) and (name.lower() != "x-reply-status" or (statuses and value >= "400"))


def verify(subject: Subject, requests: tuple[Request, ...], laboratory: Laboratory, istiod: Istiod, independent: int = 0) -> Verification:
    """Asks nginx with the source and a gateway with the manifests the same requests. What one of them refuses is among the problems.

    independent: how many requests, from the first on, do not lean on one another: after one that makes its upstream fail both begin anew.
    """
    first, rest = (tuple(r for r in part if _IPV6 not in r.client + r.address) for part in (requests[:independent], requests[independent:]))
    left, requests = len(requests) - len(first) - len(rest), addressed(subject, (*first, *rest))
    prepared = prepare(subject, requests, istiod, failing(subject, first))
    outcome = laboratory.run(prepared.job)
    problems = [f"nginx refuses the configuration: {_placed(prepared, outcome.nginx.problem)}"] if outcome.nginx.problem else []
    problems += [text for text in (prepared.problem, outcome.gateway.problem) if text]
    notes = (
        *([f"requests of IPv6 clients are not asked, as the test network has none: {left}"] if left else ()),
        *prepared.layout.notes,
        *_left_out(prepared, outcome),
        *prepared.messages,
    )
    if problems:
        return Verification(subject.source.label, problems=tuple(problems), notes=notes, refused=bool(outcome.nginx.problem))
    met = Source(subject.whole.parsed)
    results = tuple(_results(subject, requests, outcome, met))
    return Verification(subject.source.label, results, tuple(_coverage(subject, requests, outcome, met)), notes=notes)


def _placed(prepared: Prepared, words: str) -> str:
    """nginx's words with the paths of the source in place of those in the laboratory."""
    for path in sorted(prepared.layout.sources, key=len, reverse=True):
        words = words.replace(f"{path}:", f"{prepared.layout.sources[path]}:")
    return words


def _left_out(prepared: Prepared, outcome: Outcome) -> Iterator[str]:
    for place, words in outcome.blanked.items():
        yield f"{prepared.layout.position(place)}: nginx's configuration was changed to run here: {words}"


def _results(subject: Subject, requests: Sequence[Request], outcome: Outcome, met: Source) -> Iterator[Result]:
    announced, alike = Announced(subject.whole.conversion), groups(subject)
    for number, request in enumerate(requests):
        names, decided = outcome.nginx.decided[number], (*outcome.gateway.decided[number], "", "")
        pair = outcome.nginx.replies[number], outcome.gateway.replies[number]
        yield _result(request, pair, alike, announced, (met, names, subject.manifests.decided(decided[0], decided[1])))


def _result(
    request: Request,
    pair: tuple[Sequence[Reply], Sequence[Reply]],
    alike: Groups,
    announced: Announced,
    who: tuple[Source, tuple[str, ...], str],
) -> Result:
    met, names, gateway = who
    turns = list(zip(*pair, strict=True))
    one, other = turns[0]
    found = spread(*pair) if request.repeat > 1 else differences(one, other, alike)
    let_in = next((turn for turn in turns if widened(*turn)), None) if found else None  # of shares that are alike, it is chance
    because = announced.because(request, let_in or turns[0], found, met.met(request, names)) if found else ""
    verdict = Verdict.AGREE if not found else Verdict.ANNOUNCED if because else Verdict.SILENT
    return Result(request, verdict, found, because, met.decided(request, names), gateway, (line(one), line(other)), let_in is not None)


def _coverage(subject: Subject, requests: Sequence[Request], outcome: Outcome, met: Source) -> Iterator[Covered]:
    taken = {decided[0] for decided in outcome.gateway.decided if decided}
    routes = subject.manifests.routes()
    yield Covered(
        "routes", len(routes.keys() & taken), len(routes), tuple(f"{place} {name}" for name, place in routes.items() if name not in taken)
    )
    reached = {place for request, names in zip(requests, outcome.nginx.decided, strict=True) for place in met.taken(request, names)}
    places = [place for _, place in met.places]
    yield Covered(
        "locations", sum(p in reached for p in places), len(places), tuple(f"{p.position} {p.label}" for p in places if p not in reached)
    )
