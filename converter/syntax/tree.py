"""The tree of directives."""

from collections.abc import Iterator

from msgspec import Struct

from converter.model.places import Position


class Directive(Struct, frozen=True, eq=False):
    """One statement of nginx's language: `name args;` or `name args { block }`.

    args:     unescaped as nginx does (quotes gone, `\\"` and `\\n` resolved).
    block:    None where the statement ends in `;`. Included files' directives stand in the block in the place of their `include`,
              right behind the `include` directive itself, which stays.
    quoted:   whether the argument of the same number was in quotes.
    """

    name: str
    args: tuple[str, ...]
    position: Position
    block: "tuple[Directive, ...] | None" = None
    quoted: tuple[bool, ...] = ()

    def walk(self) -> Iterator["Directive"]:
        """This directive and all below it, in source order."""
        todo = [self]
        while todo:
            directive = todo.pop()
            yield directive
            if directive.block:
                todo.extend(reversed(directive.block))

    def __str__(self) -> str:
        return " ".join((self.name, *self.args))
