"""report.json of a fleet, for other programs. docs/fleet.schema.json describes it; each configuration has its own beside it."""

from converter.model.fleet import Fleet, Site, waves
from converter.report.document import finding_document

VERSION = 1


def document(fleet: Fleet) -> dict[str, object]:
    """The report as plain data, in a stable order."""
    failed = {failed.machines for failed in fleet.failed}
    return {
        "version": VERSION,
        "source": fleet.source,
        "totals": fleet.totals,
        "waves": [{"state": wave.state.name.lower(), "hosts": list(wave.hosts)} for wave in waves(fleet)],
        "hosts": [
            {
                "name": host.host,
                "machine": host.machine,
                "state": host.state.name.lower(),
                "routes": host.routes,
                "refused": host.closed,
                "outcomes": host.counts,
                "open": list(host.open),
                "files": list(host.files),
            }
            for host in fleet.progress
        ],
        "sites": [_site(site) for site in fleet.sites],
        "configurations": [
            {"machines": list(machines), "report": None if machines in failed else f"machines/{machines[0]}/report.json"}
            for machines in fleet.configurations
        ],
        "failed": [{"machines": list(failed.machines), "reason": failed.reason} for failed in fleet.failed],
        "decisions_needed": [{"key": needed.key, "question": needed.question} for needed in fleet.decisions_needed],
        "findings": [finding_document(finding) for finding in fleet.findings],
        "secrets": [
            {"namespace": secret.namespace, "name": secret.name, "kind": secret.kind, "command": secret.command} for secret in fleet.secrets
        ],
    }


def _site(site: Site) -> dict[str, object]:
    return {
        "name": site.name,
        "hosts": list(site.hosts),
        "ports": list(site.ports),
        "difference": site.difference.value,
        "variants": [list(variant.machines) for variant in site.variants],
        "chosen": site.chosen,
        "why": site.why,
        "key": site.key,
        "causes": list(site.causes),
        "kept_out_by": list(site.kept_out_by),
        "statements": [
            {
                "context": list(statement.context),
                "directive": statement.directive,
                "ways": [{"text": text, "variants": list(numbers)} for text, numbers in statement.ways],
            }
            for statement in site.statements
        ],
    }
