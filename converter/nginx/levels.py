"""The http levels of a tree, also of one that was written to stand inside a server or a location."""

from converter.model.places import Position
from converter.nginx.scope import Scope
from converter.syntax.contexts import Context
from converter.syntax.tree import Directive


def http_levels(context: Context, root: tuple[Directive, ...]) -> list[Scope]:
    """The http levels. The blocks around a fragment, those of its context, are made up: they have no place in the source."""
    match context:
        case ():
            return [Scope.open("http", d, d.block or ()) for d in root if d.name == "http"]
        case ("http",):
            return [Scope.open("http", None, root)]
        case ("http", "server"):
            return [Scope.open("http", None, (_around("server", (), root),))]
        case ("http", "server", "location"):
            return [Scope.open("http", None, (_around("server", (), (_around("location", ("/",), root),)),))]
    return []


def _around(name: str, args: tuple[str, ...], inside: tuple[Directive, ...]) -> Directive:
    file = inside[0].position.file if inside else ""
    return Directive(name, args, Position(file, 1, 0), inside, (False,) * len(args))
