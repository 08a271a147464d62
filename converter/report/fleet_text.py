"""The summary of a fleet on a terminal: what can move when, what differs between machines, what failed."""

from collections.abc import Iterator

from converter.model.fleet import Difference, Failed, Fleet, Site, State, Statement, Wave, waves
from converter.report.style import counted, paint, printable

HEADINGS = {
    State.READY: "nothing is left to do",
    State.REVIEW: "something differs, or is to be replaced: read it first",
    State.DECIDE: "a decision is missing",
    State.STAY: "all of its routes are closed: nothing of it has a counterpart yet",
}
_STYLES = {State.READY: "good", State.REVIEW: "note", State.DECIDE: "warning", State.STAY: "error"}
_SHOWN = 12  # hosts of a wave, variants and statements of a site


def summary(fleet: Fleet, colour: bool = False) -> str:
    """All of it; empty lines stand between the parts, and a newline ends it."""
    parts = [
        *(_site(site, colour) for site in fleet.sites if site.difference is not Difference.NONE),
        *(_failed(failed, colour) for failed in fleet.failed),
        *(f"{finding.severity.name.lower()}[{finding.code}]: {printable(finding.message)}" for finding in fleet.findings),
        *(f"decide {printable(needed.key)}: {printable(needed.question)}" for needed in fleet.decisions_needed),
        "\n".join(_wave(wave, colour) for wave in waves(fleet) if wave.hosts),
        _totals(fleet, colour),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _site(site: Site, colour: bool) -> str:
    style = "error" if site.kept_out_by else "warning" if site.chosen is None else "note"
    lines = [f"{paint(f'{site.difference.value}: {printable(site.name)}', style, colour)}: {printable(site.why)}", *variants(site)]
    if site.kept_out_by:
        lines.append(paint(f"  {widened(site)}", "error", colour))
    if site.chosen is None and site.key:
        lines.append(f"  = help: give {printable(site.key)} in the decisions file")
    return "\n".join(lines)


def widened(site: Site) -> str:
    """A warning that nobody overlooks."""
    return f"ACCESS WIDENED: {printable(machines(site.kept_out_by))} keep out some whom this lets in"


def variants(site: Site) -> list[str]:
    """The machines of each variant, and what each says otherwise; lines with two spaces before them."""
    lines = [_variant(site, number) for number in range(min(_SHOWN, len(site.variants)))]
    if len(site.variants) > _SHOWN:
        lines.append(f"  and {counted(len(site.variants) - _SHOWN, 'more way')} of serving it: see report.md")
    for statement in site.statements[:_SHOWN]:
        lines += [f"  {line}" for line in _statement(statement)]
    if len(site.statements) > _SHOWN:
        lines.append(f"  and {counted(len(site.statements) - _SHOWN, 'more directive')}: see report.md")
    return lines


def _variant(site: Site, number: int) -> str:
    written = "  written" if number == site.chosen else ""
    return f"  {name_of(number)}  {printable(machines(site.variants[number].machines))}{written}"


def _statement(statement: Statement) -> Iterator[str]:
    yield printable(" > ".join((*statement.context, statement.directive)))
    for text, numbers in statement.ways:
        yield f"  {', '.join(map(name_of, numbers))}: {printable(text) or '(not there)'}"


def name_of(number: int) -> str:
    """How a variant is called: 1 is the commonest."""
    return str(number + 1)


def machines(names: tuple[str, ...]) -> str:
    """How many, and some of their names."""
    more = len(names) - 6
    return f"{counted(len(names), 'machine')}: {', '.join(names[:6])}{f' and {more} more' if more > 0 else ''}"


def _failed(failed: Failed, colour: bool) -> str:
    return f"{paint('not converted', 'error', colour)}: {printable(machines(failed.machines))}\n  {printable(failed.reason)}"


def _wave(wave: Wave, colour: bool) -> str:
    names = ", ".join(wave.hosts[:_SHOWN]) + (f" and {len(wave.hosts) - _SHOWN} more" if len(wave.hosts) > _SHOWN else "")
    return f"{paint(wave.state.value, _STYLES[wave.state], colour)} ({len(wave.hosts)}): {printable(names)}"


def _totals(fleet: Fleet, colour: bool) -> str:
    number = sum(len(found) for found in fleet.configurations)
    counts = ", ".join(f"{count} {name}" for name, count in fleet.totals.items() if count)
    text = f"{printable(fleet.source)}: {counted(number, 'machine')}, {counted(len(fleet.configurations), 'distinct configuration')}, "
    text += f"{counted(len(fleet.progress), 'host')} written, {counted(sum(fleet.totals.values()), 'directive')}"
    return paint(f"{text}{f': {counts}' if counts else ''}.", "strong", colour)
