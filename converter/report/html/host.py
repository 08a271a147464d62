"""The page of one host: what is to be done, then the source beside the manifests."""

from collections import Counter

from converter.model.fleet import State
from converter.model.outcomes import Outcome
from converter.report.codes import MEANINGS
from converter.report.html import listing, paths
from converter.report.html.data import HostPage
from converter.report.html.links import targets
from converter.report.html.manifest import lines
from converter.report.html.rendering import render
from converter.report.html.work import to_do


def page(host: HostPage, source: str, path: str = "") -> str:
    """The text of the page. source: the name of what was converted; path: of the page in the output folder, by default that of the name."""
    files = {name: lines(text) for name, text in host.manifests.items()}
    found = targets(files, host.rows)
    known = listing.anchors(host.excerpts)
    counts = Counter(row.outcome for row in host.rows)
    values = {
        "host": host,
        "source": source,
        "meanings": MEANINGS,
        "counts": [(outcome, counts[outcome]) for outcome in Outcome if counts[outcome]],
        "settled": sum(count for outcome, count in counts.items() if outcome.settled),
        "tasks": to_do(host.rows, known),
        "sources": listing.sources(host.excerpts, host.rows, found, tuple(files)),
        "manifests": listing.manifests(files, known),
        "states": State,
        "anchors": known,
    }
    return render("host.html.j2", path or paths.page_path(host.name), values)
