"""What only the gateway's script can do: it reads its orders from a route's metadata (see mappings/envoyfilter/nginx.lua)."""

from msgspec import Struct

from converter.istio import formats, lua_patterns
from converter.istio.formats import Inexpressible
from converter.istio.losses import Losses
from converter.istio.script_values import part, parts
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.rules import Answer, HeaderChange, PathRewrite, PrefixRewrite, Redirect, RedirectList, RegexRewrite, Rule
from converter.model.values import Source, Template, Variable


class Allowance(Struct, frozen=True):
    """Whether scripts may be used, and where to say what is lost without them. kept: what a script keeps for the request's headers."""

    filters: bool
    losses: Losses
    origin: Position | None
    kept: frozenset[Variable] = frozenset()


def path(script: dict[str, object], rewrite: PathRewrite, allowance: Allowance) -> dict[str, object]:
    """The `rewrite` for a path; what Istio has no field for becomes orders for the script. Raises Inexpressible."""
    change = rewrite.change
    if isinstance(change, PrefixRewrite):
        fields: dict[str, object] = {"uri": change.replacement}
    else:
        fields = {"uriRegexRewrite": {"match": f"^{_whole(change.pattern)}$", "rewrite": change.replacement}}
        if "?" in change.replacement and not rewrite.appends and (change.pattern, rewrite.drop_query) != (".*", True):
            if allowance.filters and (pattern := lua_patterns.pattern(change.pattern)) is not None:
                order = {"from": pattern, "to": lua_patterns.replacement(change.replacement)}
                query = {"query": "drop" if rewrite.drop_query else "add"}
                script["path"] = order | (query if rewrite.after_query is None else {"query": "within", "rest": rewrite.after_query})
                return {}
            if rewrite.after_query is not None:
                raise Inexpressible("a query that was put together anew needs an EnvoyFilter, and a path regex that a script can read")
            for origin in (allowance.origin, rewrite.origin):
                allowance.losses.add(origin, Outcome.APPROXIMATE, "a request that has a query already gets a second question mark")
    if rewrite.drop_query:
        if allowance.filters:
            script["drop_query"] = True
        else:
            for origin in (allowance.origin, rewrite.origin):
                allowance.losses.add(origin, Outcome.APPROXIMATE, "the request's query is kept, where nginx drops it")
    return fields


def _whole(pattern: str) -> str:
    return f"(?:{pattern})" if "|" in pattern else pattern


def answer(action: Answer) -> list[object]:
    """Orders for a text that the script puts together. Raises Inexpressible."""
    return [piece if isinstance(piece, str) else part(piece) for piece in action.body.parts]


def redirect(action: Redirect, rewrite: RegexRewrite) -> dict[str, object]:
    """Orders for a redirect that the script makes from the path. Raises Inexpressible."""
    pattern = lua_patterns.pattern(rewrite.pattern)
    if pattern is None:
        raise Inexpressible("a redirect that only a script can make, from the captures of a regex that a script cannot read")
    order: dict[str, object] = {
        "status": str(action.status),
        "origin": parts(action.origin),
        "from": pattern,
        "to": lua_patterns.replacement(rewrite.replacement),
        "query": _query(action),
    }
    return {"redirect": {**order, "before": "/"} if action.before_slash else order}


def _query(action: Redirect | RedirectList) -> str:
    return ("append" if action.appends else "add") if action.keep_query else "drop"


def redirect_list(action: RedirectList) -> dict[str, object]:
    """Orders for a redirect whose Location the script looks up. What all Locations begin with is said once. Raises Inexpressible."""
    locations = [line.location for line in action.lines]
    formats.request(Template.of(*locations))  # the same texts are refused
    beginning = _beginning(min(locations), max(locations))
    return {
        "redirect": {
            "origin": parts(Template.of(action.origin, beginning)),
            "of": part(action.subject),
            "table": {line.text: line.location[len(beginning) :] for line in action.lines},
            "query": _query(action),
        }
    }


def _beginning(first: str, last: str) -> str:
    """What two texts begin with, and all texts that would stand between them in order."""
    return first[: next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), min(len(first), len(last)))]


def host(script: dict[str, object], value: Template) -> None:
    """The Host of the upstream as the script makes it. Raises Inexpressible."""
    orders = script.setdefault("request_headers", [])
    assert isinstance(orders, list)
    orders.append({"name": ":authority", "parts": parts(value)})


def method(script: dict[str, object], name: str, allowance: Allowance) -> None:
    """The method that the upstream is asked with, if it is not the client's (empty)."""
    if name and allowance.filters:
        script["method"] = name
    elif name:
        reason = f"to ask for an error page with {name} needs an EnvoyFilter; its upstream is asked with the client's method"
        allowance.losses.add(allowance.origin, Outcome.APPROXIMATE, reason)


def request_headers(script: dict[str, object], rule: Rule, allowance: Allowance) -> dict[str, object]:
    """`set`, `add` and `remove` for the request; values that Envoy's formats lack become orders for the script."""
    sets: dict[str, str] = {}
    adds: dict[str, str] = {}
    removes: list[str] = []
    orders = script.pop("request_headers", [])
    assert isinstance(orders, list)
    for change in rule.policies.request_headers:
        if is_automatic(change):
            continue
        if change.operation == "remove":
            removes.append(change.name)
            continue
        _value(change, sets, adds, removes, orders, allowance)
    if orders:
        script["request_headers"] = orders
    return {name: value for name, value in (("set", sets), ("add", adds), ("remove", removes)) if value}


def is_automatic(change: HeaderChange) -> bool:
    """Headers that the gateway writes by itself with this value."""
    sole = change.value.sole
    if sole is None:
        return False
    known = {"x-forwarded-for": Source.FORWARDED_FOR, "x-forwarded-proto": Source.SCHEME, "x-request-id": Source.REQUEST_ID}
    return known.get(change.name.lower()) is sole.source


def _value(
    change: HeaderChange, sets: dict[str, str], adds: dict[str, str], removes: list[str], orders: list[object], allowance: Allowance
) -> None:
    try:
        if any(isinstance(o, dict) and o["name"] == ":authority" for o in orders) and any(
            v.source in (Source.HOST, Source.AUTHORITY) for v in change.value.variables
        ):
            raise Inexpressible("the script has changed the Host")  # so that the script must make this one, too
        text = formats.request(change.value, allowance.kept)
    except Inexpressible as problem:
        if change.name in removes:
            removes.remove(change.name)
        _order(change, orders, removes, allowance, problem)
        return
    place = sets if change.operation == "set" else adds
    if change.name in place:
        allowance.losses.add(change.origin, Outcome.APPROXIMATE, "several lines of one name are sent as one, joined by a comma")
        place[change.name] = f"{place[change.name]}, {text}"
    else:
        place[change.name] = text


def _order(change: HeaderChange, orders: list[object], removes: list[str], allowance: Allowance, problem: Inexpressible) -> None:
    """A header that the script computes; where it cannot, the header is removed and the loss said."""
    try:
        if not allowance.filters:
            raise problem
        orders.append({"name": change.name.lower(), "parts": parts(change.value)})
    except Inexpressible as reason:
        allowance.losses.add(change.origin, Outcome.UNSUPPORTED, f"{reason}: it is removed")
        removes.append(change.name)


def _page(answer: Answer, rule: Rule) -> dict[str, object]:
    """A page in the place of an upstream's answer, with the headers of the route (`headers`: their names) and no others."""
    page: dict[str, object] = {"status": str(answer.status), "type": answer.content_type, "body": answer.body.literal or ""}
    added = dict.fromkeys(c.name.lower() for c in rule.policies.response_headers if c.operation == "add" and not c.good_only)
    return {**page, "headers": list(added)} if added else page


def expiry(script: dict[str, object], response: dict[str, object], rule: Rule, allowance: Allowance) -> None:
    """Expires and Cache-Control. Without the script the date is left out, which Cache-Control overrides anyway."""
    found = rule.policies.expiry
    if found is None:
        return
    if allowance.filters:
        script["expires"] = found.when
        adds = response.get("add", {})
        assert isinstance(adds, dict)
        for name in [name for name in adds if name.lower() == "cache-control" and "%" not in adds[name]]:
            script["cache_control"] = adds.pop(name)  # a second line behind that of the expiry
        if not adds:
            response.pop("add", None)
        return
    old = found.when == "epoch" or (isinstance(found.when, int) and found.when < 0)
    sets = response.setdefault("set", {})
    assert isinstance(sets, dict)
    sets["Cache-Control"] = "no-cache" if old else f"max-age={315360000 if found.when == 'max' else found.when}"
    allowance.losses.add(
        found.origin, Outcome.APPROXIMATE, "Cache-Control alone is sent, for every status, without the Expires date beside it"
    )


_APPENDED = "without an EnvoyFilter the client's address is appended to the X-Forwarded-For that it sent, which nginx passes on as it came"
_PASSED_ON = "without an EnvoyFilter the upstream's X-Accel-* and X-Pad headers reach the client, where nginx keeps them back"


def upstream_answers(script: dict[str, object], rule: Rule, allowance: Allowance) -> None:
    """Changes to Location and Set-Cookie of the upstream's answers, and the client's own X-Forwarded-For."""
    locations = rule.policies.locations
    if locations and allowance.filters:
        script["locations"] = [{"from": change.prefix, "to": change.replacement} for change in locations]
        if (origin := rule.policies.location_origin) is not None:
            script["origin"] = parts(origin)
    elif locations:
        for change in locations:
            allowance.losses.add(change.origin, Outcome.APPROXIMATE, "an upstream's redirect to its own address is passed on unchanged")
    if allowance.filters and (intercepted := [page for page in rule.policies.pages if page.intercepted]):
        script["pages"] = {str(page.status): _page(page.answer, rule) for page in intercepted}
    cookies = rule.policies.cookies
    if cookies and allowance.filters:
        script["cookies"] = [{"attribute": c.attribute, "from": c.old, "to": c.new} for c in cookies]
    for cookie in cookies if not allowance.filters else ():
        allowance.losses.add(cookie.origin, Outcome.UNSUPPORTED, "cookies are passed on as the upstream sets them")
    forwarded = any(change.name.lower() == "x-forwarded-for" for change in rule.policies.request_headers)
    if not allowance.filters:
        allowance.losses.add(allowance.origin, Outcome.APPROXIMATE, _PASSED_ON if forwarded else f"{_APPENDED}; {_PASSED_ON}")
    elif not forwarded:
        script["forwarded_for"] = "client"
    if allowance.filters and not script:
        script["upstream"] = "nginx"
