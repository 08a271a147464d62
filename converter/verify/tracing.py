"""One request, followed through nginx's program and through the decision list that the manifests are made from."""

from collections.abc import Mapping

from converter.conversion import Whole
from converter.interpreter import CLOSED, Answered, End, Interpretation, Unknown, interpret, read_http
from converter.interpreter.agreement import differences
from converter.interpreter.guards import holds
from converter.interpreter.rules import Decided, decide
from converter.istio.redirect_lists import in_parts
from converter.model.rules import Answer, Proxy, Redirect, RedirectList, Refuse, Rule
from converter.model.tracing import Line, Side, Traced
from converter.model.verification import Request
from converter.nginx.usable import usable
from converter.verify.announcing import Announced
from converter.verify.foretold import because, met
from converter.verify.manifests import Manifests

_KINDS = {Answer: "answer", Proxy: "proxy", Redirect: "redirect", RedirectList: "redirect list", Refuse: "refuse"}


def traced(whole: Whole, manifests: Manifests, request: Request) -> Traced:
    """How nginx decides on a request, and how the gateway does. Never raises."""
    root, _ = usable(whole.parsed.root, whole.parsed.invalid)
    nginx = interpret(read_http(whole.parsed, root), request)
    gateway = decide(whole.applications, whole.upstreams, request)
    found = differences(nginx.end, gateway.end)
    origins = gateway.rule.origins if gateway.rule else ()
    told = because(Announced(whole.conversion), request, (nginx.end, gateway.end), found, met(nginx, origins))
    return Traced(request, _nginx(nginx), _gateway(whole, manifests, gateway, request), found, told)


def _nginx(found: Interpretation) -> Side:
    lines = tuple(Line(step.text, str(step.position) if step.position else "", step.inherited) for step in found.steps)
    return _side(lines, found.end)


def _gateway(whole: Whole, manifests: Manifests, found: Decided, request: Request) -> Side:
    lines = []
    if (host := found.virtual_host) is not None:
        lines.append(Line(f"virtual host {host.name} ({', '.join(host.hosts)})", str(host.origin) if host.origin else ""))
    if (rule := found.rule) is not None:
        origins = ", ".join(map(str, rule.origins))
        lines.append(Line(f"rule {rule.name}: {_KINDS[type(rule.action)]}{f', from {origins}' if origins else ''}"))
        lines += [Line(f"condition: {condition}") for condition in rule.guard]
        if isinstance(rule.action, Refuse):
            lines.append(Line(f"closed: {rule.action.reason}"))
        lines.append(_object(whole, manifests, _part(rule, request)))
    return _side(tuple(lines), found.end)


def _part(rule: Rule, request: Request) -> Rule:
    """The piece of a redirect list that a request meets; any other rule as it is."""
    return next((piece for piece in in_parts([rule]) if holds(piece.guard, request)), rule)


def _object(whole: Whole, manifests: Manifests, rule: Rule) -> Line:
    """The route of a rule in the manifests, or the policy that carries it out."""
    if place := manifests.routes().get(rule.name):
        return Line(f"route {rule.name}", place)
    names = [name for row in whole.conversion.rows if row.entry.position in rule.origins for name in row.objects]
    policy = next((name for name in names if name.startswith("AuthorizationPolicy/")), "")
    if policy and isinstance(rule.action, Refuse):
        name = policy.partition("#")[0].rpartition("/")[2]
        return Line(f"AuthorizationPolicy {name}", _policy_place(whole.conversion.files, name))
    return Line("no manifest holds it")


def _policy_place(files: Mapping[str, str], name: str) -> str:
    """Where an AuthorizationPolicy stands: `path:line` of its name."""
    for path, text in files.items():
        inside = False
        for number, line in enumerate(text.splitlines(), 1):
            inside = line == "kind: AuthorizationPolicy" if line.startswith("kind:") else inside
            if inside and line == f"  name: {name}":
                return f"{path}:{number}"
    return ""


def _side(lines: tuple[Line, ...], end: End) -> Side:
    match end:
        case Unknown(reason=reason):
            return Side(lines, reason, known=False)
        case Answered():
            return Side(lines, _answer(end), True, end.status, end.location, end.body, headers=end.headers)
    return Side(
        lines,
        f"{end.method} {end.target} to {end.upstream}",
        True,
        upstream=end.upstream,
        servers=(*end.servers, *end.backups),
        scheme=end.scheme,
        method=end.method,
        target=end.target,
        host=end.host,
        headers=end.headers,
    )


def _answer(end: Answered) -> str:
    if end.status == CLOSED:
        return "closes the connection without an answer"
    return f"answers {end.status}{f' with Location: {end.location}' if end.location is not None else ''}"
