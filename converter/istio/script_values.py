"""Values as the gateway's scripts read them (mappings/envoyfilter/values.lua)."""

from converter.istio import formats, lua_patterns
from converter.istio.formats import Inexpressible
from converter.model.values import Source, Template, Variable


def parts(value: Template) -> list[object]:
    """A value as the script reads it: texts, and `{kind: name}` for what it looks up. Raises Inexpressible."""
    formats.request(Template.of(*(part for part in value.parts if isinstance(part, str))))  # the same texts are refused
    return [piece if isinstance(piece, str) else part(piece) for piece in value.parts]


_LOOKED_UP: dict[Source, dict[str, object]] = {
    Source.SCHEME: {"header": ":scheme"},
    Source.AUTHORITY: {"header": ":authority"},
    Source.HOST: {"host": "name"},
    Source.METHOD: {"header": ":method"},
    Source.RAW_PATH: {"header": ":path"},
    Source.PATH: {"capture": "1", "of": "path", "pattern": "^(.*)$"},
    Source.QUERY: {"query": "text"},
    Source.QUERY_MARK: {"query": "mark"},
    Source.FORWARDED_FOR: {"header": "x-forwarded-for"},
    Source.CLIENT: {"client": "address"},
}
_CAPTURED = {Source.CAPTURE: "path", Source.RAW_CAPTURE: "line", Source.HOST_CAPTURE: "host"}
_BY_NAME = {Source.REQUEST_HEADER: "header", Source.COOKIE: "cookie", Source.ARGUMENT: "argument"}


def part(variable: Variable) -> dict[str, object]:
    """What the script looks up for a variable. Raises Inexpressible."""
    source = variable.source
    if source in _CAPTURED:
        number, regex = variable.name.split(" ", 1)
        pattern = lua_patterns.pattern(regex)
        if pattern is None:
            raise Inexpressible("a script cannot find the captures of such a regex")
        return {"capture": number, "of": _CAPTURED[source], "pattern": pattern}
    if variable == Variable(Source.REQUEST_HEADER, "x-forwarded-for"):
        return {"forwarded": "before"}
    if source in _BY_NAME:
        return {_BY_NAME[source]: variable.name}
    if source in _LOOKED_UP:
        return dict(_LOOKED_UP[source])
    raise Inexpressible(f"a script cannot know the {source.value}")
