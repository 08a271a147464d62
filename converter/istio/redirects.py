"""Redirects: by the API's own fields where they keep what nginx keeps, as a direct response with a Location otherwise."""

import re

from converter.istio import formats, scripted
from converter.istio.formats import Inexpressible
from converter.istio.parts import Parts
from converter.istio.yaml import Written
from converter.model.records import replace
from converter.model.rules import Redirect, RedirectList, RegexRewrite
from converter.model.values import Source, Template, Variable

_AUTHORITY_TEXT = re.compile(r"[\w.:\[\]-]+", re.ASCII)
_HOST, _AUTHORITY, _RAW = Variable(Source.HOST), Variable(Source.AUTHORITY), Variable(Source.RAW_PATH)


def redirect(action: Redirect | RedirectList, filters: bool) -> Parts:
    """The parts of a redirect. filters: whether EnvoyFilters may be used. Raises Inexpressible."""
    if isinstance(action, RedirectList):
        return _looked_up(action, filters)
    if action.location is not None:
        kept = _kept(action, action.location)
        return Parts(kept) if kept else _written(action, action.location, filters)
    rewrite = action.rewrite or RegexRewrite(".*", "")
    if action.before_slash:
        return _by_script(action, rewrite, filters)
    if "\\" not in rewrite.replacement:
        return _fixed(action, rewrite.replacement, filters)
    return _captured(action, rewrite, filters)


def _looked_up(action: RedirectList, filters: bool) -> Parts:
    """The parts of a redirect list: the script looks the Location up. Raises Inexpressible."""
    if not filters:
        raise Inexpressible("a long redirect list needs an EnvoyFilter")
    return Parts(_with_location(action, _MADE), scripted.redirect_list(action))


def _kept(action: Redirect, location: Template) -> dict[str, object] | None:
    """A redirect that keeps path and query."""
    if not location.parts or location.parts[-1] != _RAW:
        return None
    place = _place(Template(location.parts[:-1]))
    return {"redirect": {**place, "redirectCode": action.status}} if place else None


def _written(action: Redirect, location: Template, filters: bool) -> Parts:
    """A direct response with a Location; the script writes it where it holds what a format cannot, or not exactly."""
    if formats.reads_argument(location):
        return _by_script(replace(action, origin=location), RegexRewrite(".*", ""), filters)
    try:
        return Parts(_answered(action, location))
    except Inexpressible:
        return _by_script(replace(action, origin=location), RegexRewrite(".*", ""), filters)


def _answered(action: Redirect, location: Template) -> dict[str, object]:
    return _with_location(action, formats.request(location))


_MADE = "%DYNAMIC_METADATA(nginx:location)%"  # by the script


def _with_location(action: Redirect | RedirectList, text: str) -> dict[str, object]:
    answer: dict[str, object] = {"directResponse": {"status": action.status}}
    return {**answer, "headers": {"response": {"set": {"Location": text}}}} if text else answer


def _fixed(action: Redirect, target: str, filters: bool) -> Parts:
    """A redirect to one path, with or without the request's query."""
    if not action.keep_query:
        return _written(action, Template.of(action.origin, target), filters)
    place = _place(action.origin)
    if place is not None and "?" not in target and target.startswith("/"):
        return Parts({"redirect": {**place, "uri": target, "redirectCode": action.status}})
    return _by_script(action, RegexRewrite(".*", target), filters)


def _captured(action: Redirect, rewrite: RegexRewrite, filters: bool) -> Parts:
    """A redirect made from captures: Envoy's regex_rewrite, or the script where a query is made anew or the Location is relative."""
    place = _place(action.origin)
    if (rewrite.pattern, rewrite.replacement) == ("(.*)", "\\1") and action.keep_query and place:
        return Parts({"redirect": {**place, "redirectCode": action.status}})
    if place is None or "?" in rewrite.replacement or not filters:
        return _by_script(action, rewrite, filters)
    pattern = f"(?:{rewrite.pattern})" if "|" in rewrite.pattern else rewrite.pattern
    target: dict[str, object] = {"regex_rewrite": {"pattern": {"regex": f"^{pattern}$"}, "substitution": rewrite.replacement}}
    if not action.keep_query:
        target["strip_query"] = True
    return Parts({"redirect": {**place, "uri": "/", "redirectCode": action.status}}, envoy={"redirect": Written(target)})


def _by_script(action: Redirect, rewrite: RegexRewrite, filters: bool) -> Parts:
    if not filters:
        raise Inexpressible("this redirect needs an EnvoyFilter")
    return Parts(_with_location(action, _MADE), scripted.redirect(action, rewrite))


def _place(origin: Template) -> dict[str, object] | None:
    """`scheme://authority` as fields of a redirect (none where both are the request's own); None where it is something else."""
    parts = list(origin.parts)
    if parts and parts[0] == Variable(Source.SCHEME) and len(parts) > 1 and isinstance(parts[1], str):
        parts = [f"same{parts[1]}", *parts[2:]]
    if not parts or not isinstance(parts[0], str) or "://" not in parts[0]:
        return None
    scheme, _, rest = parts[0].partition("://")
    out: dict[str, object] = {} if scheme == "same" else {"scheme": scheme}
    parts = [rest, *parts[1:]] if rest else parts[1:]
    if parts in ([_HOST], [_AUTHORITY]):
        return out
    if len(parts) == 1 and isinstance(parts[0], str) and _AUTHORITY_TEXT.fullmatch(parts[0]):
        return {**out, "authority": parts[0]}
    return None
