"""The tables of directives for readers: docs/directives.md, and the text of `nginx2istio explain DIRECTIVE`."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from converter.model import mappings
from converter.model.mappings import Mapping
from converter.model.outcomes import Outcome
from converter.report.codes import MEANINGS, code_of

_INTRODUCTION = """\
# Directives

What becomes of each directive of nginx and of common modules. *Converted* directives go into the manifests wherever they can, and the report
gives each one its outcome; behind *else* stands what it says where a use could not be converted.

- **also when**: with these values the directive asks for what the gateway does by itself, and its outcome is `builtin`.
- **access**: the directive restricts access. A route or host that carries it unconverted is closed.
- **with its block**: everything inside the block shares its outcome.
- A name with `*` stands for all names of that form.

This page is made from the tables in `mappings/`, one file for each module of nginx. To correct a verdict, change the table:

```yaml
module: ngx_http_gzip_module
link: https://nginx.org/en/docs/http/ngx_http_gzip_module.html
directives:
  gzip:
    also: []                            # other directives of which the same is true
    contexts: [http, server, location]  # the blocks that it may stand in
    outcome: unsupported                # what the report says where it was not converted
    converted: false                    # true: it goes into the manifests wherever it can
    restricts: false                    # true: it restricts access; what carries it unconverted is closed
    encloses: false                     # true: a block of which all entries share the outcome
    harmless: [off]                     # values with which it asks for what the gateway does anyway
    target: EnvoyFilter                 # where it goes, or could go, in Istio
    reason: Responses are not compressed by the gateway.
```

Only `contexts`, `outcome` and `reason` must be there.
"""


def render() -> str:
    """docs/directives.md: what the outcomes mean, then one table for each module, nginx's own first."""
    rows = sorted(mappings.load().values(), key=lambda mapping: ("//nginx.org/" not in mapping.link, mapping.module))
    modules = [_module(name, list(group)) for name, group in groupby(rows, key=attrgetter("module"))]
    return "\n".join([_INTRODUCTION, *_outcomes(), *modules])


def explain_directive(name: str) -> str:
    """What the tables say about one directive, for a terminal.

    Raises KeyError for a name that is in no table.
    """
    mapping = mappings.lookup(name)
    if mapping is None:
        raise KeyError(name)
    facts = {
        "module": mapping.module,
        "stands in": ", ".join(mapping.contexts),
        "outcome": _outcome(mapping),
        **({"builtin when": ", ".join(f"{name} {value}" for value in mapping.harmless)} if mapping.harmless else {}),
        **({"access": "what carries it unconverted is closed"} if mapping.restricts else {}),
        **({"in Istio": mapping.target} if mapping.target else {}),
        "see": mapping.link,
    }
    lines = (f"  {label + ':':<14}{text}" for label, text in facts.items())
    reason = f"Where it cannot be converted: {mapping.reason}" if mapping.converted else mapping.reason
    return "\n".join([name, *lines, "", reason]) + "\n"


def _outcome(mapping: Mapping) -> str:
    verdict = f"{mapping.outcome.value} ({code_of(mapping.outcome)}): {MEANINGS[mapping.outcome]}"
    return f"converted where that is possible, else {verdict}" if mapping.converted else verdict


def _outcomes() -> Iterator[str]:
    yield "| outcome | code | meaning |\n|---|---|---|"
    yield from (f"| {outcome.value} | {code_of(outcome)} | {MEANINGS[outcome]} |" for outcome in Outcome)
    yield ""


def _module(name: str, rows: list[Mapping]) -> str:
    lines = [f"## {name}", "", f"<{rows[0].link}>", "", "| directive | outcome | what becomes of it |", "|---|---|---|"]
    for _, same in groupby(rows, key=_verdict):
        lines.append(_line(list(same)))
    return "\n".join([*lines, ""])


def _verdict(mapping: Mapping) -> tuple[object, ...]:
    return mapping.outcome, mapping.reason, mapping.target, mapping.harmless, mapping.restricts, mapping.encloses, mapping.converted


def _line(same: list[Mapping]) -> str:
    """One row of a table for directives of which the same is true."""
    first = same[0]
    names = ", ".join(f"`{mapping.directive}`" for mapping in same)
    target = f" In Istio: {_cell(first.target)}" if first.target else ""
    return f"| {names} | {'<br>'.join(_remarks(first))} | {_cell(first.reason)}{target} |"


def _remarks(mapping: Mapping) -> Iterable[str]:
    yield f"converted, else {mapping.outcome.value}" if mapping.converted else mapping.outcome.value
    if mapping.harmless:
        yield "also when: " + ", ".join(f"`{value}`" for value in mapping.harmless)
    if mapping.restricts:
        yield "access"
    if mapping.encloses:
        yield "with its block"


def _cell(text: str) -> str:
    """A text that a cell of a Markdown table may hold."""
    return text.replace("|", "\\|")
