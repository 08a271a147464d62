"""The end of a run over a fleet: its reports, and what is no longer produced."""

from collections.abc import Callable, Iterable

from converter.fleet.batch import Converted
from converter.fleet.pages import index_of
from converter.model.fleet import Failed, Fleet
from converter.model.records import replace
from converter.output import Writing, Written
from converter.report.document import to_json
from converter.report.fleet_document import document
from converter.report.fleet_markdown import report


def finished(converted: Converted, unreadable: Iterable[Failed], writing: Writing, html: bool, prune: bool) -> tuple[Fleet, Written]:
    """Writes the fleet's own reports, and ends the run. prune: whether the files of hosts that are gone go, too."""
    fleet = converted.fleet
    whole = replace(fleet, failed=tuple(sorted((*fleet.failed, *unreadable), key=lambda failed: failed.machines)))
    writing.put("report.json", to_json(document(whole)))
    writing.put("report.md", report(whole))
    for path, text in index_of(whole, converted.entries, converted.platform) if html else ():
        writing.put(path, text)
    return whole, writing.finish((lambda _: False) if prune else _of_gone_hosts(whole))


def _of_gone_hosts(fleet: Fleet) -> Callable[[str], bool]:
    """Whether a path is of a host or a machine that this run did not write anything for."""
    present = {"shared", "helm", "report", *(host.host for host in fleet.progress)}
    machines = {machines[0] for machines in fleet.configurations}

    def gone(path: str) -> bool:
        folder, _, rest = path.partition("/")
        if folder == "machines":
            return rest.rpartition("/")[0] not in machines
        return bool(rest) and folder not in present

    return gone
