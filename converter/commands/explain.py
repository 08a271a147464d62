"""`nginx2istio explain`: what a code, an outcome, a platform difference or a directive means."""

import click

from converter.commands import exits
from converter.commands.terminal import emit


@click.command("explain", short_help="Say what a code, an outcome or a directive of a report means.")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every code and platform difference, and the table of directives (Markdown).")
def command(name: str | None, everything: bool) -> int:
    """Explains NAME: a code (NGX106), an outcome (approximate), a platform difference (path-spelling) or a directive (proxy_cache)."""
    if everything:
        emit(_everything())
    elif name is None:
        raise click.UsageError("name what is to be explained, or give --all")
    else:
        emit(explanation(name).rstrip("\n") + "\n")
    return 0


def explanation(name: str) -> str:
    """The text for a name. Raises WrongUse, with the nearest name, where nobody knows it."""
    from converter.report.directives_doc import explain_directive

    known = texts()
    for spelling in (name, name.upper(), name.lower()):
        if spelling in known:
            return known[spelling]
    try:
        return explain_directive(name)
    except KeyError:
        raise exits.WrongUse(f"nothing is known as {name!r}{_nearest(name)}") from None


def texts() -> dict[str, str]:
    """What can be said without the tables of directives: by code, outcome and id of a platform difference."""
    from converter.model.outcomes import Outcome
    from converter.report.advice import PLATFORM
    from converter.report.codes import code_of

    coded = _codes()
    outcomes = {outcome.value: coded[code_of(outcome)] for outcome in Outcome}
    return {**coded, **outcomes, **{difference.value: text for difference, text in PLATFORM.items()}}


def _codes() -> dict[str, str]:
    """The texts of all codes, from the `codes.py` of each room that gives codes, and from the waivers."""
    import importlib.util

    from converter.model import waivers

    out = dict(waivers.EXPLANATIONS)
    for room in ("syntax", "nginx", "istio", "report"):
        if importlib.util.find_spec(f"converter.{room}.codes"):
            out |= importlib.import_module(f"converter.{room}.codes").EXPLANATIONS
    return dict(sorted(out.items()))


def _nearest(name: str) -> str:
    import difflib

    from converter.model import mappings

    close = difflib.get_close_matches(name, [*texts(), *mappings.load()], 1)
    return f": did you mean {close[0]}?" if close else ": `nginx2istio explain --all` lists what is"


def _everything() -> str:
    from converter.report.directives_doc import render

    entries = (f"## {name}\n\n{text}\n" for name, text in texts().items())
    return "# Codes, outcomes and platform differences\n\n" + "\n".join(entries) + "\n" + render()
