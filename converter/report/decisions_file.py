"""A first migration.yaml: what the source holds, every key explained, and the defaults in place."""

import json
import re
from collections.abc import Iterable, Iterator

from converter.model.conversion import Conversion, DecisionNeeded
from converter.model.decisions import Defaults, GatewayDecisions
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.waivers import WAIVABLE
from converter.report.review import HostReview, by_host
from converter.report.style import printable

_PLAIN = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
_TARGET = re.compile(r"(?:http|grpc)(s?)://(\[[0-9a-fA-F:]+\]|[^/:$\[]+)(?::(\d+))?(?:/.*)?")

_HEAD = """\
# Decisions: what the nginx configuration cannot say. Every key is optional; a line that is commented out changes nothing.
#
#   nginx2istio convert SOURCE --decisions migration.yaml -o out
"""

_GENERAL = f"""\
version: 1                              # of the format of this file

gateway:                                # the ingress gateway that serves the hosts
  namespace: {GatewayDecisions().namespace}               # where its pods run: Gateways and the secrets of certificates belong there
  selector: {{istio: ingressgateway}}     # the labels of its pods
  # trusted_proxies: 0                  # how many proxies before it (load balancer, CDN) may name the client in X-Forwarded-For

defaults:                               # for all hosts
  # namespace: apps                     # where the objects of the hosts go; the gateway's namespace if not given
  fidelity: {Defaults().fidelity}                    # differences that only unusual requests show are named in the report, not forced
  envoyfilter: {Defaults().envoyfilter}                   # needed: where nothing else can say it; never: reported instead
  read_timeout: {Defaults().read_timeout}                    # proxy_read_timeout as nginx means it (idle), or for the whole answer (total)
  mirror_methods: [GET, HEAD]           # requests that may be sent twice, to old and new, during a cutover
"""

_HOSTS = """\
hosts:                                  # by host name: namespace of its objects, secret that holds its certificate
"""

_UPSTREAMS = """\
# Upstreams that have moved into the cluster, by nginx's name or host:port: the Kubernetes service that stands for them now.
# Those that are not named are reached where nginx reaches them. With subset: only the pods with these labels.
upstreams:
"""

_CUTOVER = """\
# How far the move of an upstream has come. legacy: all requests still go to the servers of nginx (the only phase in this version).
cutover:
  # orders: {phase: legacy, legacy_weight: 100}
"""

_WAIVE = """\
# Directives that may be lost, with the reason. where: file:line, or a pattern over files such as "conf.d/*.conf"; without: everywhere.
waive:
"""


def render(conversion: Conversion) -> str:
    """The text of the file. It says nothing that changes the conversion as it would be without it."""
    reviews, _ = by_host(conversion)
    parts = (
        _HEAD + "".join(_questions(conversion)),
        _GENERAL,
        _HOSTS + "".join(_host(conversion, review) for review in reviews),
        _UPSTREAMS + "".join(_upstreams(conversion.rows)),
        _CUTOVER,
        _WAIVE + "".join(_waivers(conversion.rows)),
    )
    return "\n".join(parts)


def _questions(conversion: Conversion) -> Iterator[str]:
    if conversion.decisions_needed:
        yield "#\n# Open questions:\n"
    for needed in conversion.decisions_needed:
        yield f"# - {printable(needed.key)}: {printable(needed.question)}\n"


def _host(conversion: Conversion, review: HostReview) -> str:
    """The entry of one host, with the secret of its certificate where it has one."""
    name = review.host.name
    lines = [f"  {name if _PLAIN.fullmatch(name) else json.dumps(printable(name))}:"]
    secrets = {secret.certificate: secret.name for secret in conversion.secrets if secret.kind == "tls"}
    files = [row.entry.args[0] for row in review.rows if row.entry.directive == "ssl_certificate" and row.entry.args]
    for file in dict.fromkeys(file for file in files if file in secrets):
        lines.append(f"    {'# ' if len(lines) > 1 else ''}certificate: {secrets[file]}  # made from {printable(file)}")
    lines.append("    # namespace: apps")
    return "\n".join(lines) + "\n"


def _upstreams(rows: Iterable[Row]) -> Iterator[str]:
    for name, (place, servers) in found_upstreams(rows).items():
        shown = printable(name)
        yield f"  # {shown} ({printable(place)}): {printable(', '.join(servers)) or 'no servers seen'}\n"
        service = name if re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", name) else "SERVICE"
        yield f"  # {shown}: {{service: {service}.NAMESPACE.svc.cluster.local, port: 80}}\n"


def found_upstreams(rows: Iterable[Row]) -> dict[str, tuple[str, list[str]]]:
    """By name, or `host:port` where a proxy_pass names a server itself: where it stands in the source, and its servers."""
    groups: dict[str, tuple[str, list[str]]] = {}
    targets: dict[str, tuple[str, list[str]]] = {}
    servers: list[str] = []
    for row in rows:
        entry = row.entry
        first = entry.args[0] if entry.args else ""
        if entry.directive == "upstream":
            servers = groups.setdefault(first, (str(entry.position), []))[1]
        elif entry.directive == "server" and entry.context[-1:] == ("upstream",):
            servers.append(first)
        elif entry.directive in ("proxy_pass", "grpc_pass"):
            targets.setdefault(_target(first), (str(entry.position), [_target(first)]))
    named = groups.keys() | {f"{name}:{port}" for name in groups for port in (80, 443)} | {""}
    return groups | {name: found for name, found in targets.items() if name not in named}


def _target(url: str) -> str:
    """`host:port` of a URL, empty where it cannot be said."""
    match = _TARGET.fullmatch(url)
    return f"{match[2]}:{match[3] or (443 if match[1] else 80)}" if match else ""


def _waivers(rows: Iterable[Row]) -> Iterator[str]:
    """A waiver, commented out, for each row that could need one."""
    for row in rows:
        if row.outcome is not Outcome.DECISION and (waiver := waiver_for(row)):
            yield f"  # - {waiver}  # {row.outcome.value}\n"


def waiver_for(row: Row) -> str:
    """The item of `waive` that lets a row go, its reason left to be filled in; empty where the row cannot be waived."""
    if row.outcome not in WAIVABLE or not row.entry.directive:
        return ""
    directive, where = json.dumps(printable(row.entry.directive)), json.dumps(printable(str(row.entry.position)))
    return f'{{directive: {directive}, where: {where}, reason: ""}}'


def answer_to(needed: DecisionNeeded) -> str:
    """The entry of the decisions file that answers a question, with capitals for what only people know: it is refused until they are replaced."""
    section, _, key = needed.key.partition(".")
    if section == "hosts":
        key, _, setting = key.rpartition(".")
        value = "MACHINE" if setting == "take" else setting.upper()
        return f"hosts:\n  {json.dumps(printable(key))}: {{{setting}: {value}}}\n"
    name = key if _PLAIN.fullmatch(key) or re.fullmatch("[a-z_]+", key) else json.dumps(printable(key))
    value = "{service: SERVICE.NAMESPACE.svc.cluster.local, port: PORT}" if section == "upstreams" else "NUMBER"
    return f"{printable(section)}:\n  {name}: {value}\n"
