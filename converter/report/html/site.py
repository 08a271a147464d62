"""The report of one conversion: the index, a page for each host, and one for what concerns all of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from converter.model.conversion import Conversion, HostSummary
from converter.model.findings import Finding
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace
from converter.report.decisions_file import answer_to
from converter.report.html import paths
from converter.report.html.data import Excerpt, HostPage, Index, IndexEntry, Question
from converter.report.html.excerpts import SourceText, excerpts, source_texts
from converter.report.html.host import page
from converter.report.html.index import index
from converter.report.html.rendering import assets
from converter.report.review import HostReview, by_host, shown, state

ALL_HOSTS = "For all hosts"
_FEW = 16  # objects of a row that each of its hosts' pages may look through


def site(conversion: Conversion, texts: Mapping[str, str]) -> dict[str, str]:
    """All files of the report: path in the output folder -> text. texts: the files of the source, by the paths that rows name."""
    reviews, rest = by_host(conversion)
    sources = source_texts(texts, conversion.rows)
    objects = {row.entry.position: _by_object(row) for row in conversion.rows if len(row.objects) > _FEW}
    pages = [host_page(conversion, _own(review, objects), sources) for review in reviews]
    told = {finding for made in pages for finding in made.findings}
    shared = _shared_page(conversion, rest, sources)
    data = Index(
        source=conversion.source,
        counts=Counter(row.outcome for row in conversion.rows),
        entries=tuple(entry(made) for made in pages),
        shared=entry(shared, paths.SHARED),
        questions=questions(pages, conversion),
        platform=conversion.platform,
        secrets=conversion.secrets,
        findings=tuple(finding for finding in conversion.findings if finding not in told),
    )
    files = {paths.INDEX: index(data), paths.SHARED: page(shared, conversion.source, paths.SHARED)}
    return files | {paths.page_path(made.name): page(made, conversion.source) for made in pages} | assets()


def entry(host: HostPage, link: str = "") -> IndexEntry:
    """The line of a page in the index. link: by default that of the host's name."""
    return IndexEntry(
        host.name,
        link or paths.page_path(host.name),
        host.state,
        Counter(row.outcome for row in host.rows),
        tuple(dict.fromkeys(shown(row) for row in host.rows if not row.outcome.settled)),
        tuple(question.needed.key for question in host.questions),
        len(host.machines) or 1,
    )


def facts(host: HostSummary) -> tuple[tuple[str, str], ...]:
    """What there is to say of a host beside its directives."""
    closed = f", {host.refused} of them closed (403)" if host.refused else ""
    return (
        ("names", ", ".join(host.hosts)),
        ("ports", ", ".join(map(str, host.ports))),
        ("routes", f"{host.rules}{closed}"),
        ("servers", ", ".join(host.origins)),
    )


def host_page(conversion: Conversion, review: HostReview, sources: Mapping[str, SourceText]) -> HostPage:
    """The page of one host of a conversion."""
    host = review.host
    shown_lines = excerpts(sources, review.rows)
    return HostPage(
        name=host.name,
        state=state(review.rows, 0 < host.rules == host.refused),
        facts=facts(host),
        excerpts=shown_lines,
        manifests={path: conversion.files[path] for path in host.files if path in conversion.files and _speaks(path)},
        rows=review.rows,
        questions=_asked(conversion, review.rows),
        findings=_inside(conversion.findings, shown_lines),
    )


def _by_object(row: Row) -> dict[str, list[str]]:
    """What a row ended in, by the object: with its parts."""
    found: dict[str, list[str]] = {}
    for name in row.objects:
        found.setdefault(name.partition("#")[0], []).append(name)
    return found


def _own(review: HostReview, objects: Mapping[Position, Mapping[str, list[str]]]) -> HostReview:
    """The host with rows that name its own objects alone: a line that all hosts share names those of all, and no page needs them."""
    rows = tuple(
        replace(row, objects=tuple(part for name in review.host.objects for part in of_row.get(name, ())))
        if (of_row := objects.get(row.entry.position)) is not None
        else row
        for row in review.rows
    )
    return replace(review, rows=rows)


def _shared_page(conversion: Conversion, rows: tuple[Row, ...], sources: Mapping[str, SourceText]) -> HostPage:
    hosts = {path for host in conversion.hosts for path in host.files}
    return HostPage(
        name=ALL_HOSTS,
        state=state(rows, False),
        excerpts=excerpts(sources, rows),
        manifests={path: text for path, text in conversion.files.items() if path not in hosts and _speaks(path)},
        rows=rows,
        questions=_asked(conversion, rows),
    )


def _speaks(path: str) -> bool:
    """Whether a file holds anything that came of the source: lists of files do not."""
    return path.rpartition("/")[2] != "kustomization.yaml"


def _asked(conversion: Conversion, rows: Iterable[Row]) -> tuple[Question, ...]:
    """The questions whose key the reasons of some rows name."""
    reasons = {row.reason for row in rows if row.outcome is Outcome.DECISION}
    return tuple(
        Question(needed, answer_to(needed)) for needed in conversion.decisions_needed if any(needed.key in text for text in reasons)
    )


def questions(pages: Iterable[HostPage], conversion: Conversion) -> tuple[Question, ...]:
    """All questions, with the hosts that wait for each."""
    waiting: dict[str, list[str]] = {}
    for made in pages:
        for question in made.questions:
            waiting.setdefault(question.needed.key, []).append(made.name)
    return tuple(Question(needed, answer_to(needed), tuple(waiting.get(needed.key, ()))) for needed in conversion.decisions_needed)


def _inside(findings: Iterable[Finding], shown_lines: Sequence[Excerpt]) -> tuple[Finding, ...]:
    """The findings about lines that are shown."""
    runs: dict[str, list[range]] = {}
    for run in shown_lines:
        runs.setdefault(run.file, []).append(range(run.first, run.first + run.text.count("\n") + 1))
    return tuple(
        finding for finding in findings if (place := finding.position) and any(place.line in lines for lines in runs.get(place.file, ()))
    )
