"""A verification for readers: on a terminal, as JSON, as JUnit, and as a section of report.md."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from converter.model.verification import Result, Verdict, Verification
from converter.report.style import counted, paint, printable

_STYLES = {Verdict.AGREE: "good", Verdict.ANNOUNCED: "warning", Verdict.SILENT: "error"}
_MOST_NOTES = 20


def text(verification: Verification, verbose: bool = False, colour: bool = False) -> str:
    """For a terminal: what is silent in full, what is announced by its reasons (`verbose`: every request), the figures; a newline ends it."""
    shown = [r for r in verification.results if r.verdict is Verdict.SILENT or (verbose and r.verdict is Verdict.ANNOUNCED)]
    parts = ["\n".join(_lines(result, colour)) for result in shown]
    if verbose:
        agreed = [_title(r, colour) for r in verification.results if r.verdict is Verdict.AGREE]
        parts = ["\n".join(agreed), *parts] if agreed else parts
    else:
        parts.append("\n".join(_reasons(verification, colour)))
    parts.append("\n".join(_notes(verification, verbose)))
    parts.append("\n".join(_missed(verification, verbose)))
    parts += [paint(f"error: {printable(problem)}", "error", colour) for problem in verification.problems]
    return "\n\n".join(filter(None, [*parts, _totals(verification, colour)])) + "\n"


def _title(result: Result, colour: bool) -> str:
    word = result.verdict.value.upper() if result.verdict is Verdict.SILENT else result.verdict.value
    widened = ", lets in what nginx keeps out" if result.widened else ""
    extra = "".join(f" | {name}: {value}" for name, value in result.request.headers)
    client = f" from {printable(result.request.client)}" if result.request.client else ""
    return paint(f"{word}{widened}", _STYLES[result.verdict], colour) + f" {printable(f'{result.request}{extra}')}{client}"


def _lines(result: Result, colour: bool) -> Iterator[str]:
    yield _title(result, colour)
    for side, answer, who in zip(("nginx", "gateway"), result.answers, (result.nginx, result.gateway), strict=True):
        yield f"  {side:8} {printable(answer)}{f'  ({printable(who)})' if who else ''}"
    for difference in result.differences:
        yield f"  {printable(difference.field)}: nginx {printable(difference.nginx)} / gateway {printable(difference.gateway)}"
    if result.because:
        yield f"  announced by {printable(result.because)}"
    if result.request.reasons:
        yield f"  asked for {printable('; '.join(result.request.reasons))}"


def _reasons(verification: Verification, colour: bool) -> Iterator[str]:
    """What is announced, by where the report says it, the most frequent first, with an example each."""
    by_reason: dict[str, list[Result]] = {}
    for result in verification.results:
        if result.verdict is Verdict.ANNOUNCED:
            by_reason.setdefault(result.because, []).append(result)
    for reason, results in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        first = results[0]
        yield f"{paint('announced', 'warning', colour)} {counted(len(results), 'request')}: {printable(reason)}"
        yield f"  such as {printable(str(first.request))}: nginx {printable(first.answers[0])} / gateway {printable(first.answers[1])}"


def _notes(verification: Verification, verbose: bool) -> Iterator[str]:
    notes = verification.notes if verbose else verification.notes[:_MOST_NOTES]
    yield from (f"note: {printable(note)}" for note in notes)
    if len(notes) < len(verification.notes):
        yield f"note: and {len(verification.notes) - len(notes)} more (--verbose shows them)"


def _missed(verification: Verification, verbose: bool) -> Iterator[str]:
    for covered in verification.coverage:
        names = covered.missed if verbose else covered.missed[:5]
        rest = f" and {len(covered.missed) - len(names)} more" if len(names) < len(covered.missed) else ""
        if names:
            yield f"{covered.kind} that no request took: {printable('; '.join(names))}{rest}"


def _totals(verification: Verification, colour: bool) -> str:
    asked = printable(", ".join(verification.programs))
    coverage = "".join(f" {covered.taken} of {counted(covered.total, covered.kind[:-1])} taken." for covered in verification.coverage)
    good = verification.proved
    line = f"{printable(verification.source)}: {figures(verification)}.{coverage}"
    return paint(line, "good" if good else "error", colour) + (f"\n{asked}" if asked else "")


def figures(verification: Verification) -> str:
    """`241 requests: 230 agree, 11 announced, 0 silent`, and what share of an access log's requests is answered alike."""
    counts = ", ".join(f"{verification.number(verdict)} {verdict.value}" for verdict in Verdict)
    widened = sum(result.widened for result in verification.results)
    text = f"{counted(len(verification.results), 'request')}: {counts}{f' ({widened} let in what nginx keeps out)' if widened else ''}"
    total = sum(result.request.count for result in verification.results)
    if total == len(verification.results):
        return text
    alike = verification.number(Verdict.AGREE, weighted=True)
    return f"{text}. {_percent(alike, total)} % of {total:,} requests are answered alike"


def _percent(part: int, total: int) -> str:
    """Rounded down: 100 is only said of all."""
    return f"{10_000 * part // total / 100:g}"


def document(verification: Verification) -> dict[str, object]:
    """As plain data, in a stable order."""
    return {
        "totals": {verdict.value: verification.number(verdict) for verdict in Verdict},
        "programs": list(verification.programs),
        "problems": list(verification.problems),
        "notes": list(verification.notes),
        "coverage": [{**asdict(covered), "missed": list(covered.missed)} for covered in verification.coverage],
        "requests": [_request(result) for result in verification.results],
    }


def _request(result: Result) -> dict[str, object]:
    request = result.request
    return {
        "request": str(request),
        "headers": [list(pair) for pair in request.headers],
        "client": request.client,
        "count": request.count,
        "verdict": result.verdict.value,
        "widened": result.widened,
        "because": result.because,
        "nginx": {"answer": result.answers[0], "decided": result.nginx},
        "gateway": {"answer": result.answers[1], "decided": result.gateway},
        "differences": [asdict(difference) for difference in result.differences],
        "reasons": list(request.reasons),
    }


def junit(verification: Verification) -> str:
    """JUnit's XML: one test case a request; what is silent has failed, a side that does not run is an error."""
    silent = verification.number(Verdict.SILENT)
    tests = len(verification.results) + len(verification.problems)
    counts = {"tests": tests, "failures": silent, "errors": len(verification.problems), "skipped": 0}
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(suites, "testsuite", {"name": printable(verification.source), **{k: str(v) for k, v in counts.items()}})
    for problem in verification.problems:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "verify", "name": "configuration"})
        ElementTree.SubElement(case, "error", {"message": printable(problem)})
    for number, result in enumerate(verification.results, 1):
        _case(suite, number, result)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: ElementTree.Element, number: int, result: Result) -> None:
    place = (result.nginx.split(" ")[0] or "verify").replace(".", "_")
    attributes: Mapping[str, str] = {"classname": printable(place), "name": printable(f"{number} {result.request}")}
    case = ElementTree.SubElement(suite, "testcase", dict(attributes))
    if result.verdict is Verdict.AGREE:
        return
    details = "\n".join(_lines(result, colour=False))
    if result.verdict is Verdict.SILENT:
        message = "; ".join(f"{d.field}: nginx {d.nginx}, gateway {d.gateway}" for d in result.differences)
        ElementTree.SubElement(case, "failure", {"message": printable(message), "type": "silent"}).text = details
    else:
        ElementTree.SubElement(case, "system-out").text = details


def section(verification: Verification) -> Iterator[str]:
    """The lines of report.md's section."""
    yield "## Verification\n"
    yield f"Asked: {_markdown(', '.join(verification.programs)) or 'nothing'}. {figures(verification)}.\n"
    yield from (f"- problem: {_markdown(problem)}" for problem in verification.problems)
    yield from (f"- {c.taken} of {c.total} {c.kind} taken{_not_taken(c.missed)}" for c in verification.coverage)
    yield from (f"- {_markdown(note)}" for note in verification.notes)
    yield ""
    for verdict in (Verdict.SILENT, Verdict.ANNOUNCED):
        found = [result for result in verification.results if result.verdict is verdict]
        if found:
            yield f"### {verdict.value.capitalize()}\n"
            yield "```"
            yield from (printable_block("\n".join(_lines(result, colour=False))) for result in found)
            yield "```\n"


def _not_taken(missed: tuple[str, ...]) -> str:
    return f"; not: {_markdown('; '.join(missed))}" if missed else ""


def printable_block(block: str) -> str:
    """Lines that cannot end the fence they stand in."""
    return block.replace("```", "'''")


def _markdown(line: str) -> str:
    return "".join(f"\\{character}" if character in "<>*[]\\`_|" else character for character in printable(line))
