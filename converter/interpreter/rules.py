"""A decision list, carried out for one request: what a gateway is told to do with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from converter.interpreter.answering import GOOD
from converter.interpreter.guards import holds
from converter.interpreter.outcome import Answered, End, Headers, Sent, Unknown
from converter.interpreter.reading import bare, header, query_of
from converter.interpreter.subjects import subject
from converter.interpreter.templates import filled, rewritten, spelled_path
from converter.model.applications import Application, VirtualHost
from converter.model.guards import PATH, Condition, Guard, Test, lower
from converter.model.rules import Answer, PathRewrite, PrefixRewrite, Proxy, Redirect, RedirectList, Refuse, Rule
from converter.model.upstreams import Upstream
from converter.model.verification import Request

_OWN = ("x-forwarded-for", "x-forwarded-proto")


@dataclass(frozen=True, slots=True)
class Decided:
    """The rule that takes a request, and what comes of it. rule: None where it cannot be told, or there is none."""

    end: End
    virtual_host: VirtualHost | None = None
    rule: Rule | None = None


def decide(applications: Iterable[Application], upstreams: Iterable[Upstream], request: Request) -> Decided:
    """What the decision lists do with a request. Never raises."""
    host = chosen((host for application in applications for host in application.virtual_hosts), request)
    if host is None:
        return Decided(Unknown(f"no virtual host answers on port {request.port}"))
    for rule in host.rules:
        verdict = holds(rule.guard, request)
        if verdict is None:
            return Decided(Unknown(f"whether {rule.name or 'a rule'} takes it cannot be told"), host)
        if verdict:
            return Decided(carried_out(rule, {upstream.key: upstream for upstream in upstreams}, request), host, rule)
    return Decided(Answered(404), host)


def chosen(hosts: Iterable[VirtualHost], request: Request) -> VirtualHost | None:
    """The virtual host for a Host and port: by its name, the longest wildcard, or the one for all."""
    name = bare(request.host or "")
    best: tuple[int, VirtualHost] | None = None
    for host in hosts:
        for listener in host.listeners:
            if listener.port != request.port or (listener.tls is not None) != (request.scheme == "https"):
                continue
            rank = max((_rank(pattern, name) for pattern in listener.hosts), default=-1)
            if rank >= 0 and (best is None or rank > best[0]):
                best = rank, host
    return best[1] if best else None


def _rank(pattern: str, name: str) -> int:
    """How well a name of a listener fits: -1 not at all, 0 for `*`."""
    if pattern == name:
        return 10_000
    if pattern == "*":
        return 0
    return len(pattern) if pattern.startswith("*.") and name.endswith(pattern[1:]) and len(name) >= len(pattern) else -1


def carried_out(rule: Rule, upstreams: Mapping[str, Upstream], request: Request) -> End:
    """What a rule does with a request that it takes."""
    match rule.action:
        case Proxy() as action:
            return _proxied(rule, action, upstreams.get(action.upstream), request)
        case Redirect() | RedirectList() as action:
            location = _listed(action, request) if isinstance(action, RedirectList) else _location(action, request)
            return (
                Unknown("the Location holds what is not known") if location is None else _answered(rule, action.status, request, location)
            )
        case Answer() as action:
            body = filled(action.body, request) if action.content_type else None
            return _answered(rule, action.status, request, body=body)
        case Refuse(status=status):
            return _answered(rule, status, request)


def _answered(rule: Rule, status: int, request: Request, location: str | None = None, body: str | None = None) -> Answered:
    """An answer with the header lines that are added to it."""
    lines = [c for c in rule.policies.response_headers if c.operation != "remove" and (status in GOOD or not c.good_only)]
    headers = tuple((c.name, value) for c in lines if (value := filled(c.value, request)) != "")
    own = next((value for name, value in headers if name.lower() == "location"), None)
    return Answered(status, location if location is not None else own, headers, body)


def _location(action: Redirect, request: Request) -> str | None:
    if action.location is not None:
        return filled(action.location, request)
    origin = filled(action.origin, request)
    if action.rewrite is None or origin is None:
        return None
    target = rewritten(action.rewrite, spelled_path(request))
    if action.before_slash and not target.startswith("/"):
        origin = ""
    return origin + _queried(action, target, request)


def _listed(action: RedirectList, request: Request) -> str | None:
    """What the list holds for a request."""
    asked, origin = lower(subject(action.subject, request) or ""), filled(action.origin, request)
    found = next((line.location for line in action.lines if line.text == asked), None)
    if found is None or origin is None:
        return None
    return origin + _queried(action, found, request)


def _queried(action: Redirect | RedirectList, target: str, request: Request) -> str:
    """A target with the request's query, where that is kept."""
    args = query_of(request.target) if action.keep_query else ""
    return f"{target}?{args}" if action.appends and args else _joined(target, args)


def _joined(path: str, args: str) -> str:
    """A path with further arguments."""
    return path + (("&" if "?" in path else "?") + args if args else "")


def _proxied(rule: Rule, action: Proxy, upstream: Upstream | None, request: Request) -> End:
    if upstream is None:
        return Unknown(f"the upstream {action.upstream} is not known")
    host = request.host if action.host is None else filled(action.host, request)
    servers = tuple(f"{e.address}:{e.port}" for e in upstream.endpoints if not e.backup)
    backups = tuple(f"{e.address}:{e.port}" for e in upstream.endpoints if e.backup)
    method = action.method if action.method and request.method != "HEAD" else request.method
    scheme = "https" if upstream.tls is not None else "http"
    return Sent(upstream.key, servers, scheme, method, _target(rule.guard, action.rewrite, request), host, _headers(rule, request), backups)


def _target(guard: Guard, rewrite: PathRewrite | None, request: Request) -> str:
    path, args = spelled_path(request), query_of(request.target)
    if rewrite is None:
        return request.target
    change = rewrite.change
    path = _replaced(guard, change.replacement, path) if isinstance(change, PrefixRewrite) else rewritten(change, path)
    if rewrite.after_query is not None:
        return path + args + rewrite.after_query
    if rewrite.drop_query:
        return path
    return f"{path}?{args}" if rewrite.appends and args else _joined(path, args)


def _replaced(guard: Guard, replacement: str, path: str) -> str:
    """The path with another text in the place of the one that the guard's condition on it holds."""
    found = [c for c in guard if isinstance(c, Condition) and c.subject == PATH and c.holds and c.test in (Test.EXACT, Test.PREFIX)]
    exact = any(c.test is Test.EXACT for c in found)
    longest = max((len(c.text) for c in found), default=0)
    return replacement + ("" if exact else path[longest:])


def _headers(rule: Rule, request: Request) -> Headers:
    """The header lines that the upstream sees, those of the connection aside; the gateway writes two by itself."""
    chain = ",".join(part for part in (header(request, "x-forwarded-for"), request.client) if part)
    lines: list[tuple[str, str | None]] = [pair for pair in request.headers if pair[0].lower() not in _OWN]
    lines += [("X-Forwarded-For", chain), ("X-Forwarded-Proto", request.scheme)]
    for change in rule.policies.request_headers:
        if change.operation != "add":
            lines = [pair for pair in lines if pair[0].lower() != change.name.lower()]
        if change.operation != "remove" and (value := filled(change.value, request)) != "":
            lines.append((change.name, value))
    return tuple(lines)
