"""The tree without what nginx would refuse: a directive with too few arguments means nothing."""

from converter.model import mappings
from converter.model.places import Position
from converter.model.records import replace
from converter.syntax.tree import Directive

_READ_WITH_CARE = ("allow", "deny")  # a line that cannot be read closes its route


def usable(directives: tuple[Directive, ...], invalid: frozenset[Position]) -> tuple[tuple[Directive, ...], frozenset[Position]]:
    """The directives without the invalid ones, and the blocks that lost a restriction so: they are incomplete.

    The outermost level has no block: a restriction that stands there is looked for in the blocks below, all of which are incomplete.
    """
    if not invalid:
        return directives, frozenset()
    lost: set[Position] = set()
    kept = tuple(_pruned(directive, invalid, lost) for directive in directives if not _dropped(directive, invalid))
    if any(_dropped(d, invalid) and _restricts(d) for d in directives):
        lost |= {directive.position for directive in kept if directive.block is not None}
    return kept, frozenset(lost)


def _pruned(directive: Directive, invalid: frozenset[Position], lost: set[Position]) -> Directive:
    if directive.block is None:
        return directive
    if any(_dropped(child, invalid) and _restricts(child) for child in directive.block):
        lost.add(directive.position)
    return replace(directive, block=tuple(_pruned(child, invalid, lost) for child in directive.block if not _dropped(child, invalid)))


def _dropped(directive: Directive, invalid: frozenset[Position]) -> bool:
    return directive.position in invalid and directive.name not in _READ_WITH_CARE


def _restricts(directive: Directive) -> bool:
    row = mappings.lookup(directive.name)
    return directive.name == "limit_except" or (row is not None and row.restricts)
