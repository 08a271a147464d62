"""Compares an nginx and a gateway that run already and serve people: for the days of the cut-over."""

from collections.abc import Iterator, Sequence

from converter.model.records import replace
from converter.model.verification import Difference, Reply, Request, Result, Verdict, Verification
from converter.verify.against import ask_both, unsafe
from converter.verify.announcing import Announced, widened
from converter.verify.comparison import differences, line
from converter.verify.meeting import Source
from converter.verify.subject import Subject

_LIMIT = 30.0  # seconds for one request
_Asked = tuple[Request, Reply, Reply]


def compare_running(subject: Subject, requests: Sequence[Request], nginx: str, gateway: str, rate: float) -> Verification:
    """Asks both sides (base URLs) whatever changes nothing, `rate` requests a second each. Raises ValueError for a URL.

    What differs is asked once more of nginx: parts that differ between its own answers (a time, a session) are not compared.
    """
    met, announced = Source(subject.whole.parsed), Announced(subject.whole.conversion)
    asked = list(ask_both(nginx, gateway, requests, rate, _LIMIT))
    results = tuple(_results(met, announced, asked, nginx, rate))
    problems = (
        *_unreached("nginx", nginx, [one for _, one, _ in asked]),
        *_unreached("the gateway", gateway, [other for _, _, other in asked]),
    )
    left = unsafe(requests)
    notes = [f"{count} requests with the method {method} were not sent: only GET and HEAD are" for method, count in sorted(left.items())]
    return Verification(subject.source.label, results, (), problems, tuple(notes), (f"nginx at {nginx}", f"gateway at {gateway}"))


def _unreached(name: str, url: str, replies: Sequence[Reply]) -> Iterator[str]:
    """That a side could not be asked at all: two that are not there would agree in everything."""
    errors = [reply.error for reply in replies if reply.error.startswith(("no connection", "TLS: "))]
    if errors and len(errors) == len(replies):
        yield f"{name} at {url} could not be asked: {errors[0]}"


def _results(met: Source, announced: Announced, asked: Sequence[_Asked], nginx: str, rate: float) -> Iterator[Result]:
    found = [differences(one, other) for _, one, other in asked]
    again = [replace(request, repeat=1) for (request, _, _), differing in zip(asked, found, strict=True) if differing]
    more = iter([replies for _, *replies in ask_both(nginx, nginx, again, rate / 2, _LIMIT)])  # both go to nginx
    for (request, one, other), differing in zip(asked, found, strict=True):
        steady = _steady(differing, [d for reply in next(more) if reply.status for d in differences(one, reply)]) if differing else ()
        yield _result(request, (one, other), steady, met, announced)


def _steady(found: Sequence[Difference], unsteady: Sequence[Difference]) -> tuple[Difference, ...]:
    """Differences in what nginx itself says alike each time."""
    moving = {difference.field for difference in unsteady}
    return tuple(difference for difference in found if difference.field not in moving)


def _result(request: Request, pair: tuple[Reply, Reply], found: tuple[Difference, ...], met: Source, announced: Announced) -> Result:
    because = announced.because(request, pair, found, met.met(request, ())) if found else ""
    verdict = Verdict.AGREE if not found else Verdict.ANNOUNCED if because else Verdict.SILENT
    return Result(
        request, verdict, found, because, met.decided(request, ()), "", (line(pair[0]), line(pair[1])), bool(found) and widened(*pair)
    )
