"""What differs between two configurations, as a comment on a pull request: of bounded size, the most important first."""

from collections.abc import Iterator, Sequence

from converter.model.changes import BehaviourChange, Changed, Changes, Effect, LedgerChange, ObjectChange
from converter.report.changes import asked, headline, outcomes, rules, shortened, totals
from converter.report.markdown import code, text

_RESERVE = 400  # characters for the sentences that say what is left out
_LONGEST = 300  # characters of a value


def markdown(changes: Changes, most: int) -> str:
    """The comment, of at most `most` characters: whole entries are left out, the least important first, and counted."""
    head = f"### {text(totals(changes))}\n"
    parts: list[tuple[str, list[str]]] = [
        ("Behaviour", [_behaviour(change) for change in changes.behaviour]),
        ("Objects", [_object(change) for change in changes.objects]),
        ("Outcomes", [_outcome(change) for change in changes.ledger]),
        ("Notes", [f"- {text(note)}\n" for note in changes.notes]),
    ]
    out, left, full = [head], most - len(head) - _RESERVE, False
    for title, entries in parts:
        if not entries:
            continue
        shown: list[str] = []
        for entry in entries:
            full = full or len(entry) + len(title) + 8 > left
            if full:
                break
            left -= len(entry) + (0 if shown else len(title) + 8)
            shown.append(entry)
        missing = len(entries) - len(shown)
        if shown:
            out.append(f"\n#### {title}\n\n{''.join(shown)}")
        if missing:
            out.append(f"\n{missing} more under {title} left out.\n")
    return "".join(out)


def _behaviour(change: BehaviourChange) -> str:
    word = change.effect.value.upper() if change.effect is Effect.WIDENED else change.effect.value
    lines = [f"- **{word}**: {_sentence(change)}", *_fields(change.changed)]
    if change.old or change.new:
        lines.append(f"  - by {code(rules(change))}")
    if change.more:
        lines.append(f"  - also {', '.join(map(code, shortened(change.more)))}")
    return "\n".join(lines) + "\n"


def _sentence(change: BehaviourChange) -> str:
    """The headline with the request as code."""
    if change.request is None:
        return text(headline(change))
    before, _, behind = headline(change).partition(request := asked(change.request))
    return f"{text(before)}{code(request)}{text(behind)}"


def _fields(changed: Sequence[Changed]) -> Iterator[str]:
    for one in changed:
        if one.field != "answer":
            yield f"  - {text(one.field)}: {code(_cut(one.old))} → {code(_cut(one.new))}"


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def _object(change: ObjectChange) -> str:
    lines = [f"- {change.turn.value} {code(change.name)}", *_fields(change.changed)]
    lines += [f"  - {text(sentence)}" for sentence in change.moved]
    return "\n".join(lines) + "\n"


def _outcome(change: LedgerChange) -> str:
    reason = f": {text(change.reason)}" if change.reason and change.new else ""
    return f"- {code(change.place)} {code(_cut(change.directive))} {outcomes(change)}{reason}\n"
