"""The pages of a fleet's report for a browser: those of a configuration's hosts, and the index of all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from converter.model.conversion import Conversion, DecisionNeeded, PlatformNote
from converter.model.fleet import Difference, Fleet, Site, State
from converter.model.outcomes import Outcome
from converter.report.decisions_file import answer_to
from converter.report.fleet_text import HEADINGS, machines, variants, widened
from converter.report.html import INDEX, HostPage, Index, IndexEntry, Note, Question, assets, entry, index, page, page_path
from converter.report.html.excerpts import source_texts
from converter.report.html.site import host_page
from converter.report.review import by_host, task
from converter.sources import read_source


@dataclass(frozen=True, slots=True)
class About:
    """What the page of a host says beside its own directives. source: the name of the repository."""

    source: str
    machines: tuple[str, ...]
    notes: tuple[Note, ...]


def about(site: Site, number: int, source: str) -> About:
    """Of a site of which this variant is written."""
    return About(source, site.variants[number].machines, _notes(site))


def _notes(site: Site) -> tuple[Note, ...]:
    if site.difference is Difference.NONE:
        return ()
    text = f"{site.why}.\n\n{widened(site)}." if site.kept_out_by else f"{site.why}."
    return (Note(f"Machines differ: {site.difference.value}", text, "\n".join(variants(site))),)


def pages(path: str, conversion: Conversion, hosts: Mapping[str, About]) -> tuple[dict[str, str], tuple[IndexEntry, ...]]:
    """The pages of the hosts named, and their lines in the index. path: where the configuration is read.

    What stands outside of all servers concerns each of them, and is on the page of each as far as it is not settled.
    """
    reviews, rest = by_host(conversion)
    texts = read_source(path).texts
    files = dict.fromkeys(row.entry.position.file for row in conversion.rows)
    sources = source_texts({file: texts.read(file).text for file in files}, conversion.rows)
    common = tuple(row for row in rest if task(row))
    made = {}
    entries = []
    for review in reviews:
        if (told := hosts.get(review.host.name)) is not None:
            rows = tuple(sorted({*review.rows, *common}, key=lambda row: row.entry.position))
            found = host_page(conversion, replace(review, rows=rows), sources)
            whole = replace(found, machines=told.machines, notes=told.notes)
            made[page_path(review.host.name)] = page(whole, told.source)
            entries.append(entry(whole))
    return made, tuple(entries)


def index_of(fleet: Fleet, entries: Iterable[IndexEntry], platform: Iterable[PlatformNote]) -> Iterator[tuple[str, str]]:
    """The index, the pages of what is not written until it is decided, and what all pages share: path -> text."""
    waiting = [_waiting(site) for site in fleet.sites if site.chosen is None]
    yield from ((page_path(found.name), page(found, fleet.source)) for found in waiting)
    listed = sorted((*entries, *map(entry, waiting)), key=lambda line: line.name)
    asked = tuple(question for found in waiting for question in found.questions)
    data = Index(
        source=fleet.source,
        counts=Counter({Outcome(name): count for name, count in fleet.totals.items()}),
        entries=tuple(listed),
        questions=(*asked, *(Question(needed, answer_to(needed)) for needed in fleet.decisions_needed)),
        platform=tuple(platform),
        secrets=fleet.secrets,
        findings=fleet.findings,
        notes=_failed(fleet),
    )
    yield INDEX, index(data)
    yield from assets().items()


def _waiting(site: Site) -> HostPage:
    """The page of a site that is not written."""
    needed = DecisionNeeded(site.key, site.why)
    names = (("names", ", ".join(site.hosts)), ("ports", ", ".join(map(str, site.ports))), ("state", HEADINGS[State.DECIDE]))
    served = tuple(machine for variant in site.variants for machine in variant.machines)
    questions = (Question(needed, answer_to(needed), (site.name,)),) if site.key else ()
    return HostPage(site.name, State.DECIDE, names, served, questions=questions, notes=_notes(site))


def _failed(fleet: Fleet) -> tuple[Note, ...]:
    return tuple(Note(f"Not converted: {machines(failed.machines)}", failed.reason) for failed in fleet.failed)
