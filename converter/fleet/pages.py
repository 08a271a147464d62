"""The pages of a fleet's report for a browser: those of a configuration's hosts, and the index of all."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from converter.model.conversion import Conversion, DecisionNeeded, PlatformNote
from converter.model.fleet import Difference, Fleet, Site
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.decisions_file import answer_to
from converter.report.fleet_text import machines, variants, widened
from converter.report.html import INDEX, Index, IndexEntry, Note, Question, assets, entry, index, page, page_path
from converter.report.html.excerpts import source_texts
from converter.report.html.site import host_page
from converter.report.review import by_host, task
from converter.report.style import counted
from converter.sources import read_source


@dataclass(frozen=True, slots=True)
class About:
    """What the page of a host says beside its own directives. source: the name of the repository."""

    source: str
    machines: tuple[str, ...]
    questions: tuple[Question, ...]
    notes: tuple[Note, ...]


def about(site: Site, source: str) -> About:
    """Of a site as one of its variants has it: the chosen one, or the commonest."""
    shown = site.variants if site.chosen is None else site.variants[site.chosen : site.chosen + 1]
    return About(source, tuple(machine for variant in shown for machine in variant.machines), question(site), _notes(site))


def question(site: Site) -> tuple[Question, ...]:
    """What must be decided before a site is written; nothing for one that is."""
    if site.chosen is not None or not site.key:
        return ()
    needed = DecisionNeeded(site.key, f"{site.name} is {site.why}")
    return (Question(needed, answer_to(needed), (site.name,)),)


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
    common = tuple(row for row in rest if task(row) and "server" not in (*row.entry.context, row.entry.directive))
    made = {}
    entries = []
    for review in reviews:
        if (told := hosts.get(review.host.name)) is not None:
            rows = tuple(sorted({*review.rows, *common}, key=lambda row: row.entry.position))
            found = host_page(conversion, replace(review, rows=rows), sources)
            whole = replace(found, machines=told.machines, questions=(*told.questions, *found.questions), notes=told.notes)
            made[page_path(review.host.name)] = page(whole, told.source)
            entries.append(entry(whole))
    return made, tuple(entries)


def index_of(fleet: Fleet, entries: Iterable[IndexEntry], platform: Iterable[PlatformNote]) -> Iterator[tuple[str, str]]:
    """The index, and what all pages share: path -> text."""
    asked = tuple(found for site in fleet.sites for found in question(site))
    data = Index(
        source=fleet.source,
        counts=Counter({Outcome(name): count for name, count in fleet.totals.items()}),
        entries=tuple(sorted(entries, key=lambda line: line.name)),
        questions=(*asked, *(Question(needed, answer_to(needed)) for needed in fleet.decisions_needed)),
        platform=tuple(platform),
        secrets=fleet.secrets,
        findings=fleet.findings,
        notes=_failed(fleet),
    )
    yield INDEX, index(data)
    yield from assets().items()


def _failed(fleet: Fleet) -> tuple[Note, ...]:
    if not fleet.failed:
        return ()
    number = sum(len(failed.machines) for failed in fleet.failed)
    text = "Nothing of them is in the manifests, and what only they serve is in no list of hosts."
    return (
        Note(f"{counted(number, 'machine')} not converted", text, "\n".join(f"{machines(f.machines)}\n  {f.reason}" for f in fleet.failed)),
    )
