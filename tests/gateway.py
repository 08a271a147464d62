"""What a gateway with the manifests of a conversion does with one request, told in a line; and the same line from the real nginx.

`403`, `200 text`, `301 http://host/path` for answers; `app HOST /path?query` for what the upstream group `app` is sent, with the headers X-A and
X-B where it has them. Response headers X-R and X-S follow as `+x-r=value`.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import re2

from converter.interpreter.tables import murmur
from converter.model.conversion import Conversion
from converter.model.records import replace
from tests import conversions, lua
from tests.real_nginx import PROGRAM, Nginx, running
from tests.virtualservice import Request, taken

SHOWN, ANSWERED = ("x-a", "x-b"), ("x-r", "x-s")


def request(text: str, host: str = "shop.example.com") -> Request:
    """`[METHOD ]/target[ | Header: value]...`; the header Client is the client's address."""
    line, *lines = text.split(" | ")
    method, _, target = line.rpartition(" ")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    client, host = headers.pop("client", "203.0.113.9"), headers.pop("host", host)
    return Request(target, method or "GET", host, headers, client)


def answer(conversion: Conversion, asked: Request) -> str:
    """The line of the gateway."""
    if any(denies(policy["spec"], asked) for policy in conversions.objects(conversion, "AuthorizationPolicy")):
        return "403"
    routes, orders = conversions.routes(conversion, _host(conversion, asked)), conversions.orders(conversion)
    if any(found["metadata"]["name"] == "nginx-sent-headers" for found in conversions.objects(conversion, "EnvoyFilter")):
        sent = {f"x-nginx-{name}": asked.headers.get(name, "") for name in ("referer", "upgrade")}
        asked = replace(asked, headers={**asked.headers, **sent})
    route = taken(routes, asked)
    if route is not None and (splits := orders.get(route["name"], {}).get("splits")):
        route = taken(routes, replace(asked, headers={**asked.headers, **{s["header"]: _share(s, asked) for s in splits}}))
    return "404" if route is None else _carried_out(route, orders.get(route["name"], {}), asked)


def _share(split: dict[str, Any], asked: Request) -> str:
    """What the script says of the share that a request is in."""
    found = murmur(_composed(split["key"], asked).encode())
    return str(next((number for number, bound in enumerate(split["below"], 1) if found < bound), 0))


def _host(conversion: Conversion, asked: Request) -> str:
    name = asked.host.partition(":")[0].lower()
    known = {host for found in conversions.objects(conversion, "VirtualService") for host in found["spec"]["hosts"]}
    wild = sorted((host for host in known if host.startswith("*.") and name.endswith(host[1:])), key=len)
    return name if name in known else wild[-1] if wild else "*"


def denies(policy: dict[str, Any], asked: Request) -> bool:
    return any(_rule_denies(rule, asked) for rule in policy["rules"])


def _rule_denies(rule: dict[str, Any], asked: Request) -> bool:
    (source,), (operation,) = rule["from"], rule["to"]
    client = ipaddress.ip_address(asked.client)
    within = {key: any(client in ipaddress.ip_network(n) for n in networks) for key, networks in source["source"].items()}
    at = operation["operation"]
    return (
        all(found != key.startswith("not") for key, found in within.items())
        and any(_glob(host, asked.host) for host in at["hosts"])
        and ("paths" not in at or any(_glob(path, asked.path) for path in at["paths"]))
        and not any(_glob(path, asked.path) for path in at.get("notPaths", ()))
        and str(asked.port) not in at.get("notPorts", ())
    )


def _glob(pattern: str, text: str) -> bool:
    if pattern.startswith("*"):
        return text.endswith(pattern[1:]) or (pattern.endswith(":*") and pattern[1:-1] in text)
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _carried_out(route: dict[str, Any], more: dict[str, Any], asked: Request) -> str:
    added = _answered(route.get("headers", {}).get("response", {}), _left(more, asked), more, asked)
    if "redirect" in more and "query" in more["redirect"]:
        order = more["redirect"]
        if "table" in order:
            to = _listed(order, asked)
            return "403" if to is None else f"{route['directResponse']['status']} {to}{added}"
        to = _moved(order, asked)
        origin = _composed(order.get("origin", ()), asked) if to.startswith(order.get("before", "")) else ""
        return f"{route['directResponse']['status']} {origin}{to}{added}"
    if "answer" in more:
        return f"{route['directResponse']['status']} {_composed(more['answer'], asked)}{added}"
    if "redirect" in route:
        return f"{_redirected(route['redirect'], more.get('redirect', {}), asked)}{added}"
    if "directResponse" in route:
        return f"{_direct(route, more, asked)}{added}"
    return f"{_proxied(route, more, asked)}{added}"


def _redirected(redirect: dict[str, Any], more: dict[str, Any], asked: Request) -> str:
    path, query = redirect.get("uri", asked.path), asked.query
    if rewrite := more.get("regex_rewrite"):
        path = _substituted(rewrite["pattern"]["regex"], rewrite["substitution"], asked.path)
    query = "" if more.get("strip_query") else query
    origin = f"{redirect.get('scheme', asked.scheme)}://{redirect.get('authority', asked.host)}"
    return f"{redirect['redirectCode']} {origin}{path}{'?' + query if query else ''}"


def _direct(route: dict[str, Any], more: dict[str, Any], asked: Request) -> str:
    status = route["directResponse"]["status"]
    location = route.get("headers", {}).get("response", {}).get("set", {}).get("Location")
    if location is not None:
        return f"{status} {_formatted(location, asked)}"
    body = route["directResponse"].get("body", {}).get("string", "")
    if found := more.get("direct_response", {}).get("body_format"):
        body = _formatted(found["text_format_source"]["inline_string"], asked)
    return f"{status} {body}".rstrip()


def _proxied(route: dict[str, Any], more: dict[str, Any], asked: Request) -> str:
    (target,) = route["route"]
    rewrite = route.get("rewrite", {})
    path = asked.path
    if "uri" in rewrite:
        (condition,) = [match["uri"] for match in route["match"]]
        path = rewrite["uri"] + (path[len(condition["prefix"]) :] if "prefix" in condition else "")
    elif "uriRegexRewrite" in rewrite:
        path = _substituted(rewrite["uriRegexRewrite"]["match"], rewrite["uriRegexRewrite"]["rewrite"], path)
    whole = path + (f"?{asked.query}" if asked.query else "")
    if "path" in more:
        whole = _moved(more["path"], asked)
    elif more.get("drop_query"):
        whole = path
    host = rewrite.get("authority", asked.host)
    if "host_rewrite" in more.get("route", {}):
        host = _formatted(more["route"]["host_rewrite"], asked)
    return " ".join((target["destination"]["host"].split(".")[0], host, whole, *_sent(route, more, asked)))


def _sent(route: dict[str, Any], more: dict[str, Any], asked: Request) -> list[str]:
    sent = dict(asked.headers)
    changes = route.get("headers", {}).get("request", {})
    for name in changes.get("remove", ()):
        sent.pop(name.lower(), None)
    for name, value in (*changes.get("set", {}).items(), *changes.get("add", {}).items()):
        sent[name.lower()] = _formatted(value, _left(more, asked), more, asked)
    for order in more.get("request_headers", ()):
        sent[order["name"]] = _composed(order["parts"], asked)
    return [f"{name}={sent[name]}" for name in SHOWN if sent.get(name)]


def _left(more: dict[str, Any], asked: Request) -> Request:
    """The request as the script leaves it to Envoy, which makes headers of it then."""
    target = _moved(more["path"], asked) if "path" in more else asked.path if more.get("drop_query") else asked.target
    return replace(asked, target=target)


def _answered(response: dict[str, Any], asked: Request, more: dict[str, Any], came: Request) -> str:
    both = {name.lower(): _formatted(v, asked, more, came) for kind in ("set", "add") for name, v in response.get(kind, {}).items()}
    return "".join(f" +{name}={both[name]}" for name in ANSWERED if both.get(name))


def _formatted(text: str, asked: Request, more: dict[str, Any] | None = None, came: Request | None = None) -> str:
    """A format string filled in. more: the orders of the script, where it keeps something for the string of the request as it came."""
    known: dict[str, Callable[[], str]] = {
        "PATH(NQ)": lambda: asked.path,
        "CEL(request.query)": lambda: asked.query,
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": lambda: asked.client,
    }

    def one(found: re.Match[str]) -> str:
        operator = found[1]
        if operator == "":
            return "%"
        if name := re.fullmatch(r"DYNAMIC_METADATA\(nginx:(.*)\)", operator):
            return _composed([(more or {})["kept"][name[1]]], came or asked) if name[1] not in ("location", "answer") else ""
        if argument := re.fullmatch(r"QUERY_PARAM\((.*)\)", operator):
            return next((p.partition("=")[2] for p in asked.query.split("&") if p.partition("=")[0] == argument[1]), "")
        if header := re.fullmatch(r"REQ\((?:x-envoy-original-\w+\?)?([^)]*)\)", operator):
            return asked.header(header[1].lower()) or ""
        return known[operator]()

    return re.sub(r"%([^%]*)%", one, text)


def _substituted(pattern: str, replacement: str, text: str) -> str:
    return re2.sub(pattern, replacement, text, count=1) if re2.search(pattern, text) else text


def _moved(order: dict[str, Any], asked: Request) -> str:
    """The script's `moved`."""
    found = lua.fullmatch(order["from"], asked.path)
    assert found is not None
    path = lua.substituted(order["to"], found)
    if order["query"] == "within":
        return path + asked.query + str(order["rest"])
    return _with_query(order, path, asked)


def _with_query(order: dict[str, Any], path: str, asked: Request) -> str:
    if order["query"] == "drop" or not asked.query:
        return path
    return path + ("&" if order["query"] == "add" and "?" in path else "?") + asked.query


def _listed(order: dict[str, Any], asked: Request) -> str | None:
    """The script's `listed`."""
    found = order["table"].get(_part(order["of"], asked).lower())
    return None if found is None else _with_query(order, _composed(order["origin"], asked) + found, asked)


def _composed(parts: Iterable[Any], asked: Request) -> str:
    """The script's `value`."""
    return "".join(part if isinstance(part, str) else _part(part, asked) for part in parts)


def _part(part: dict[str, str], asked: Request) -> str:
    match part:
        case {"header": name}:
            return asked.header(name) or ""
        case {"client": _}:
            return asked.client
        case {"host": _}:
            return asked.host.partition(":")[0].lower()
        case {"query": "mark"}:
            return "?" if asked.query else ""
        case {"query": _}:
            return asked.query
        case {"argument": name}:
            pairs = [p.partition("=") for p in asked.query.split("&") if "=" in p]
            return next((value for key, _, value in pairs if key.lower() == name), "")
        case {"cookie": name}:
            pairs = [p.strip().partition("=") for p in asked.headers.get("cookie", "").split(";")]
            return next((value for key, _, value in pairs if key.lower() == name), "")
        case {"capture": number, "of": what, "pattern": pattern}:
            texts = {"path": asked.path, "line": asked.target, "host": asked.host.partition(":")[0].lower()}
            found = lua.fullmatch(pattern, texts[what])
            return found[int(number) - 1] if found else ""
    raise AssertionError(part)


UPSTREAM = "upstream app { server 10.0.0.1:8080; }"
_BEHIND = """
upstream app { server SOCKET2; }
server { listen SOCKET2; server_name _; location / { return 200 "app $http_host $request_uri|$http_x_a|$http_x_b"; } }
set_real_ip_from unix:; real_ip_header X-Test-Client;
"""


def case(title: str, body: str, expected: dict[str, str], losses: dict[str, str] | None = None, before: str = "") -> Any:
    """Parameters for `check`."""
    return pytest.param(body, expected, losses, before, id=title)


def check(body: str, expected: dict[str, str], losses: dict[str, str] | None = None, before: str = "", nginx: bool = True) -> None:
    """A server with this body answers each request so: the gateway, and nginx itself where it is installed. What no location takes is a 404.

    losses: every directive that needs a reader, with its outcome. before: what stands before the server. nginx: False where only the gateway
    can be asked, or where the two differ, as the losses must then say.
    """
    if "location / " not in body:
        body += " location / { return 404; }"
    conversion = conversions.convert_server(body, before=f"{UPSTREAM}\n{before}")
    found = {text: answer(conversion, request(text)) for text in expected}
    assert (found, conversions.losses(conversion)) == (expected, losses or {})
    if nginx and PROGRAM is not None:
        assert real(body, before, expected) == expected


def real(body: str, before: str, asked: Iterable[str]) -> dict[str, str]:
    """The lines of the real nginx."""
    server = f"server {{ listen SOCKET; server_name shop.example.com;\n{body}\n}}"
    with running(f"{_BEHIND}\n{before}\nserver {{ listen SOCKET default_server; return 404; }}\n{server}") as nginx:
        return {text: _line(nginx, request(text)) for text in asked}


def _line(nginx: Nginx, asked: Request) -> str:
    reply = nginx.ask(asked.target, asked.method, **{"Host": asked.host, "X-Test-Client": asked.client, **asked.headers})
    added = "".join(f" +{name}={reply.headers[name]}" for name in ANSWERED if name in reply.headers)
    if reply.body.startswith("app "):
        line, *sent = reply.body.split("|")
        return " ".join((line, *(f"{name}={value}" for name, value in zip(SHOWN, sent, strict=True) if value))) + added
    if "location" in reply.headers:
        return f"{reply.status} {reply.headers['location']}{added}"
    body = "" if reply.body.startswith("<html>") else reply.body
    return f"{reply.status} {body}".rstrip() + added
