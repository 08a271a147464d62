"""valid_referers: https://nginx.org/en/docs/http/ngx_http_referer_module.html"""

import re

from converter.interpreter.patterns import Regex, Work
from converter.interpreter.sites import Site, host_regex
from converter.nginx.scope import Scope

_HOST = re.compile(r"[^/:]*")
_SHORTEST = len("http://i.ru")


def is_foreign(referer: str | None, scope: Scope, site: Site, work: Work) -> bool:
    """What `$invalid_referer` says (ngx_http_referer_variable). referer: None where there is no such line, which an empty one is."""
    words = [word for line in scope.nearest("valid_referers") for word in line.args]
    if not words:
        return False
    if referer is None:
        return "none" not in words
    found = re.match("https?://", referer, re.IGNORECASE) if len(referer) >= _SHORTEST else None
    if found is None:
        return "blocked" not in words
    rest = referer[found.end() :]
    host = _HOST.match(rest)
    name = host[0].lower() if host else ""
    part = _path_of(words, site, name)
    if part is not None:
        return not (rest[rest.find("/") :] if "/" in rest else "").startswith(part)
    regexes = [Regex(word[1:], ignore_case=True) for word in words if word.startswith("~")]
    own = [host_regex(n) for n in site.names if n.kind == "regex"] if "server_names" in words else []
    return not (any(work.found(regex, name) for regex in own) or any(work.found(regex, rest) for regex in regexes))


def _path_of(words: list[str], site: Site, host: str) -> str | None:
    """What the path must begin with for a host: the text behind the name that takes it; None where none does."""
    pairs = [(name.lower(), slash + path) for word in words if not word.startswith("~") for name, slash, path in [word.partition("/")]]
    if "server_names" in words:
        pairs += [(_written(n.kind, n.text), "") for n in site.names if n.kind != "regex"]
    known = dict(reversed([(n.removeprefix("."), p) for n, p in pairs if not n.startswith("*.") and not n.endswith(".*")]))
    heads = {n.lstrip("*"): p for n, p in pairs if n.startswith(("*.", "."))}
    tails = {n[:-1]: p for n, p in pairs if n.endswith(".*")}
    if host in known:
        return known[host]
    dots = [at for at, character in enumerate(host) if character == "."]
    fitting = [*(heads[host[at:]] for at in dots if at and host[at:] in heads)]
    fitting += [tails[host[: at + 1]] for at in reversed(dots) if host[: at + 1] in tails]
    return fitting[0] if fitting else None


def _written(kind: str, text: str) -> str:
    return {"head": f"*{text}", "tail": f"{text}*"}.get(kind, text)
