"""Levels of the configuration and what is in effect at each of them."""

from collections.abc import Iterable

from msgspec import Struct, field

from converter.syntax.tree import Directive


class Scope(Struct, frozen=True, eq=False):
    """One level: http, a server, a location, an `if` in a location, a limit_except.

    block: the directive that opens the level; None for the level around a fragment, or main.
    index: the level's own directives by name; effective: those of the innermost level that has any of a name,
    the level's own names first.
    """

    kind: str
    block: Directive | None
    directives: tuple[Directive, ...]
    parent: "Scope | None" = None
    index: dict[str, list[Directive]] = field(default_factory=dict)
    effective: dict[str, list[Directive]] = field(default_factory=dict)

    @classmethod
    def open(cls, kind: str, block: Directive | None, directives: Iterable[Directive], parent: "Scope | None" = None) -> "Scope":
        """Makes the level and sorts its directives by name."""
        own = tuple(directives)
        index: dict[str, list[Directive]] = {}
        for directive in own:
            index.setdefault(directive.name, []).append(directive)
        return cls(kind, block, own, parent, index, {**index, **parent.effective, **index} if parent else index)

    def own(self, *names: str) -> list[Directive]:
        """The level's own directives of these names, in source order."""
        if len(names) == 1:
            return self.index.get(names[0], [])
        if self.index.keys().isdisjoint(names):
            return []
        found = [name for name in names if name in self.index]
        return self.index[found[0]] if len(found) == 1 else [directive for directive in self.directives if directive.name in found]

    def nearest(self, *names: str) -> list[Directive]:
        """What is in effect of directives that a lower level replaces as a whole: those of the innermost level that has any
        (nginx merges its arrays so: `reference` add_header, proxy_set_header, allow and deny together, error_page)."""
        if len(names) == 1:
            return self.effective.get(names[0], [])
        scope: Scope | None = None if self.effective.keys().isdisjoint(names) else self
        while scope is not None:
            if found := scope.own(*names):
                return found
            scope = scope.parent
        return []

    def value(self, name: str) -> Directive | None:
        """The directive in effect of those that may stand once on a level."""
        found = self.effective.get(name)
        return found[-1] if found else None

    def values(self, *names: str) -> list[Directive | None]:
        """The same for several names."""
        return [found[-1] if (found := self.effective.get(name)) else None for name in names]

    def flag(self, name: str, default: bool) -> bool:
        """Whether an on/off directive is on."""
        directive = self.value(name)
        return directive.args[0].lower() == "on" if directive and directive.args else default

    def below(self, *names: str) -> dict[str, list[Directive]]:
        """The directives of each of these names, of the level and of those below it, in source order."""
        found: dict[str, list[Directive]] = {name: [] for name in names}
        for top in self.directives:
            for directive in top.walk():
                if directive.name in found:
                    found[directive.name].append(directive)
        return found

    def enclosing(self, kind: str) -> "Scope | None":
        """The innermost level of a kind, this one included."""
        scope: Scope | None = self
        while scope is not None and scope.kind != kind:
            scope = scope.parent
        return scope
