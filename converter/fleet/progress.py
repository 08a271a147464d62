"""How far each host of a configuration can move."""

from collections.abc import Collection, Iterator

from converter.model.conversion import Conversion
from converter.model.fleet import Progress, State
from converter.report.review import HostReview, by_host, shown, task, totals

_STATES = {"correct": State.STAY, "replace": State.STAY, "decide": State.DECIDE, "accept": State.ACCEPT}
_WORST = (State.STAY, State.DECIDE, State.ACCEPT)


def progress(conversion: Conversion, names: Collection[str]) -> Iterator[Progress]:
    """For each of the hosts named what its directives ask of a reader."""
    return (_progress(review, conversion.source) for review in by_host(conversion)[0] if review.host.name in names)


def _progress(review: HostReview, machine: str) -> Progress:
    open_rows = [row for row in review.rows if task(row)]
    states = {_STATES[task(row)] for row in open_rows}
    state = next((state for state in _WORST if state in states), State.READY)
    names = tuple(sorted({shown(row) for row in open_rows}))
    return Progress(review.host.name, machine, state, totals(review.rows), review.host.rules, review.host.refused, names, review.host.files)
