"""report.md of a fleet, for people: the plan of waves, what machines say differently, what failed, and which machines are alike."""

from collections.abc import Iterator

from converter.model.fleet import Difference, Fleet, Progress, Site, waves
from converter.report.fleet_text import HEADINGS, machines, name_of
from converter.report.markdown import code, secrets_to_create, table, text
from converter.report.style import printable

_TITLES = {
    Difference.CONFLICT: "Contradictions: the machines cannot all be right",
    Difference.DRIFT: "Drift: the machines are almost alike",
    Difference.ACCESS: "Access: the strictest machine counts",
}


def report(fleet: Fleet) -> str:
    """The text of report.md, ending in a newline."""
    parts = (
        _title(fleet),
        _waves(fleet),
        _differences(fleet),
        _failed(fleet),
        _questions(fleet),
        secrets_to_create(fleet.secrets),
        _hosts(fleet),
        _alike(fleet),
    )
    return "\n".join(line for part in parts for line in part)


def _title(fleet: Fleet) -> Iterator[str]:
    yield f"# Migration of {code(fleet.source)}\n"
    number = sum(len(found) for found in fleet.configurations)
    yield f"{number} machines with {len(fleet.configurations)} distinct configurations; {len(fleet.progress)} hosts are written.\n"
    if fleet.findings:
        yield from (f"- {finding.severity.name.lower()} {finding.code}: {text(finding.message)}" for finding in fleet.findings)
        yield ""


def _waves(fleet: Fleet) -> Iterator[str]:
    yield "## Waves\n"
    rows = [(wave.state.value, str(len(wave.hosts)), HEADINGS[wave.state], ", ".join(map(code, wave.hosts))) for wave in waves(fleet)]
    yield from table(("state", "hosts", "meaning", "names"), rows)


def _differences(fleet: Fleet) -> Iterator[str]:
    for difference, title in _TITLES.items():
        sites = [site for site in fleet.sites if site.difference is difference]
        if sites:
            yield f"## {title}\n"
        for site in sites:
            yield from _site(site)


def _site(site: Site) -> Iterator[str]:
    yield f"### {code(site.name)}\n"
    yield f"{text(site.why)}.\n"
    if site.kept_out_by:
        yield f"**Access is wider than on** {text(machines(site.kept_out_by))}.\n"
    rows = [
        (name_of(number), "yes" if number == site.chosen else "", ", ".join(map(code, variant.machines)))
        for number, variant in enumerate(site.variants)
    ]
    yield from table(("variant", "written", "machines"), rows)
    if site.statements:
        ways = [
            (code(" > ".join((*s.context, s.directive))), ", ".join(map(name_of, numbers)), code(way) if way else "not there")
            for s in site.statements
            for way, numbers in s.ways
        ]
        yield from table(("directive", "variants", "says"), ways)
    if site.chosen is None and site.key.endswith(".take"):
        yield "To decide, in the decisions file:\n"
        name = site.key.removeprefix("hosts.").removesuffix(".take")
        yield from ("```yaml", "hosts:", f"  {printable(name)!r}: {{take: {printable(site.variants[0].machines[0])!r}}}", "```\n")


def _failed(fleet: Fleet) -> Iterator[str]:
    if fleet.failed:
        yield "## Machines that were not converted\n"
        yield from table(("machines", "why"), [(", ".join(map(code, failed.machines)), text(failed.reason)) for failed in fleet.failed])


def _questions(fleet: Fleet) -> Iterator[str]:
    if fleet.decisions_needed:
        yield "## Decisions needed\n"
        yield from table(("key", "question"), [(code(needed.key), text(needed.question)) for needed in fleet.decisions_needed])


def _hosts(fleet: Fleet) -> Iterator[str]:
    yield "## Hosts\n"
    heads = ("host", "state", "routes", "to look at", "report of")
    yield from table(heads, [_host(host) for host in fleet.progress])


def _host(host: Progress) -> tuple[str, ...]:
    return code(host.host), host.state.value, str(host.routes), ", ".join(map(code, host.open)), code(f"machines/{host.machine}/report.md")


def _alike(fleet: Fleet) -> Iterator[str]:
    yield "## Machines with the same configuration\n"
    failed = {failed.machines for failed in fleet.failed}
    converted = [found for found in fleet.configurations if found not in failed]
    rows = [(code(found[0]), str(len(found)), ", ".join(map(code, found[1:]))) for found in converted]
    yield from table(("report of", "machines", "the others"), rows)
