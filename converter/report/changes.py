"""What differs between two configurations, on a terminal: behaviour first, then objects, then outcomes."""

from collections.abc import Iterator, Sequence

from converter.model.changes import BehaviourChange, Changed, Changes, Effect, LedgerChange, ObjectChange, Turn
from converter.model.verification import CLIENT, Request
from converter.report.style import counted, paint, printable

STYLES = {
    Effect.WIDENED: "error",
    Effect.REFUSED: "warning",
    Effect.CHANGED: "strong",
    Effect.ADDED: "good",
    Effect.REMOVED: "warning",
    Effect.UNKNOWN: "warning",
    Effect.UNSEEN: "warning",
}
_SIGNS = {Turn.ADDED: ("+", "good"), Turn.REMOVED: ("-", "error"), Turn.CHANGED: ("~", "warning"), Turn.MOVED: (">", "note")}
_MOST_NAMES = 6  # of hosts or rules in one line


def text(changes: Changes, colour: bool = False) -> str:
    """All layers that hold anything, and a last line with the counts; a newline ends it."""
    parts = [
        *("\n".join(_behaviour(change, colour)) for change in changes.behaviour),
        "\n".join(_objects(changes.objects, colour)),
        "\n".join(_ledger(changes.ledger, colour)),
        "\n".join(f"note: {printable(note)}" for note in changes.notes),
        paint(totals(changes), "strong", colour),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def totals(changes: Changes) -> str:
    """The counts, in one line."""
    names = f"{printable(changes.old)} -> {printable(changes.new)}"
    if not changes:
        return f"{names}: no differences."
    effects = ", ".join(f"{number} {effect.value}" for effect in Effect if (number := changes.number(effect)))
    behaviour = counted(len(changes.behaviour), "change") + f" of behaviour{f' ({effects})' if effects else ''}"
    return f"{names}: {behaviour}, {counted(len(changes.objects), 'object')}, {counted(len(changes.ledger), 'outcome')}."


def headline(change: BehaviourChange) -> str:
    """A change in one sentence, its effect aside."""
    if change.request is None:
        names = ", ".join(shortened(change.names))
        return f"{names}: {'no request was found that shows it' if change.effect is Effect.UNSEEN else 'TLS of clients'}"
    if change.effect in (Effect.ADDED, Effect.REMOVED):
        return f"{', '.join(shortened(change.names))}: {asked(change.request)} {change.was}, now {change.now}"
    if change.was.partition(" ")[2] == change.now.partition(" ")[2]:
        return f"{asked(change.request)} still {change.now}, but otherwise"
    return f"{asked(change.request)} {change.was}, now {change.now}"


def asked(request: Request) -> str:
    """A request as people would write it, with what is particular about it."""
    headers = "".join(f" with {name}: {value}" for name, value in request.headers)
    return f"{request}{headers}{'' if request.client == CLIENT else f' from {request.client}'}"


def shortened(names: Sequence[str]) -> list[str]:
    """The first names, and how many more there are."""
    more = len(names) - _MOST_NAMES
    return [*names[:_MOST_NAMES], f"{more} more"] if more > 0 else list(names)


def rules(change: BehaviourChange) -> str:
    """Which rules decide: `orders (shop.conf:12) -> orders-v2 (shop.conf:12)`."""
    if change.old == change.new:
        return change.old
    return f"{change.old or 'none'} -> {change.new or 'none'}"


def _behaviour(change: BehaviourChange, colour: bool) -> Iterator[str]:
    word = change.effect.value.upper() if change.effect is Effect.WIDENED else change.effect.value
    yield f"{paint(word, STYLES[change.effect], colour)}: {printable(headline(change))}"
    yield from _changed(change.changed, colour)
    if change.old or change.new:
        yield paint(f"  by {printable(rules(change))}", "faint", colour)
    if len(change.names) > 1 and change.request is not None and change.effect not in (Effect.ADDED, Effect.REMOVED):
        yield paint(f"  for {printable(', '.join(shortened(change.names)))}", "faint", colour)
    if change.more:
        yield paint(f"  also {printable(', '.join(shortened(change.more)))}", "faint", colour)


def _changed(changed: Sequence[Changed], colour: bool) -> Iterator[str]:
    for one in changed:
        if one.field != "answer":
            old, new = paint(printable(one.old), "error", colour), paint(printable(one.new), "good", colour)
            yield f"  {printable(one.field)}: {old} -> {new}"


def _objects(changes: Sequence[ObjectChange], colour: bool) -> Iterator[str]:
    if changes:
        yield paint("objects", "strong", colour)
    for change in changes:
        sign, style = _SIGNS[change.turn]
        yield f"  {paint(sign, style, colour)} {printable(change.name)}"
        yield from (f"  {line}" for line in _changed(change.changed, colour))
        yield from (f"    {printable(sentence)}" for sentence in change.moved)


def _ledger(changes: Sequence[LedgerChange], colour: bool) -> Iterator[str]:
    if changes:
        yield paint("outcomes", "strong", colour)
    for change in changes:
        sign, style = _SIGNS[change.turn]
        yield f"  {paint(sign, style, colour)} {printable(change.place)} {printable(change.directive)}: {outcomes(change)}"
        if change.reason and change.turn is not Turn.REMOVED:
            yield f"    {printable(change.reason)}"


def outcomes(change: LedgerChange) -> str:
    """The outcomes on both sides: `exact -> approximate`."""
    old, new = (outcome.value if outcome else "" for outcome in (change.old, change.new))
    if old == new:
        return f"{new}, for another reason"
    return f"{old} -> {new}" if old and new else f"{new}" if new else f"{old}, gone"
