"""Values of the model, filled in for one request: what they read there is known, or it is not."""

from converter.interpreter.reading import bare, decoded
from converter.interpreter.subjects import compiled_regex, subject
from converter.model.rules import RegexRewrite
from converter.model.values import Source, Template, Variable
from converter.model.verification import Request
from converter.nginx.spelling import octets, spelled


def filled(template: Template, request: Request, path: str | None = None) -> str | None:
    """The text of a template; None where it holds what nobody knows here. path: the spelled path where it is not the request's."""
    parts = [part if isinstance(part, str) else _value(part, request, path) for part in template.parts]
    return None if None in parts else "".join(part for part in parts if part is not None)


def _value(variable: Variable, request: Request, path: str | None) -> str | None:
    number, _, pattern = variable.name.partition(" ")
    match variable.source:
        case Source.CAPTURE:
            return captured(pattern, int(number), path or spelled_path(request))
        case Source.HOST_CAPTURE:
            return captured(pattern, int(number), bare(request.host or ""))
        case Source.PROTOCOL:
            return "HTTP/1.1"
        case Source.PATH:
            return decoded(request.target)
        case Source.TIME | Source.UNKNOWN | Source.TLS | Source.STATUS | Source.RESPONSE_HEADER | Source.UPSTREAM_ADDRESS:
            return None
    return subject(variable, request)


def captured(pattern: str, number: int, text: str) -> str | None:
    """A capture of a pattern that matches a whole text; empty where it matches nothing, None where the text is not matched."""
    compiled = compiled_regex(pattern)
    found = compiled.fullmatch(text) if compiled is not None else None
    if found is None or number > compiled.groups:
        return None
    return found.group(number) or ""


def rewritten(change: RegexRewrite, path: str) -> str:
    """A path behind a rewrite; it stays as it is where the pattern does not match."""
    compiled = compiled_regex(change.pattern)
    found = compiled.fullmatch(path) if compiled is not None else None
    if found is None:
        return path
    out, text, at = [], change.replacement, 0
    while at < len(text):
        escape = text[at] == "\\" and at + 1 < len(text)
        piece = text[at + 1] if escape else text[at]
        out.append(((found.group(int(piece)) or "") if int(piece) <= compiled.groups else "") if escape and piece.isdigit() else piece)
        at += 2 if escape else 1
    return "".join(out)


def spelled_path(request: Request) -> str:
    """The path as a gateway sees it."""
    return request.target.partition("#")[0].partition("?")[0]


def ordinary(request: Request) -> bool:
    """Whether path and Host are written as clients ordinarily do: what is odd about others is a difference of the platforms."""
    path = decoded(request.target)
    host = request.host or ""
    if path is None or spelled(path) != spelled_path(request) or "#" in request.target or host != host.lower() or request.raw:
        return False
    name, _, port = host.partition(":")
    usual = request.port == (443 if request.scheme == "https" else 80)
    return bool(name) and bare(host) == name and (port == "" if usual else port == str(request.port)) and len(octets(path)) < 4_000
