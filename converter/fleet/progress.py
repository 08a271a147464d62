"""How far each host of a configuration can move."""

from collections.abc import Collection, Iterator

from converter.model.conversion import Conversion
from converter.model.fleet import Progress
from converter.report.review import HostReview, by_host, shown, state, task, totals


def progress(conversion: Conversion, names: Collection[str]) -> Iterator[Progress]:
    """For each of the hosts named what its directives ask of a reader."""
    return (_progress(review, conversion.source) for review in by_host(conversion)[0] if review.host.name in names)


def _progress(review: HostReview, machine: str) -> Progress:
    host = review.host
    names = tuple(sorted({shown(row) for row in review.rows if task(row)}))
    stands = state(review.rows, 0 < host.rules == host.refused)
    return Progress(host.name, machine, stands, totals(review.rows), host.rules, host.refused, names, host.files)
