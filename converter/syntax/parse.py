"""From a source to one tree: includes joined, directives listed, what nginx would refuse found."""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from converter.model.findings import Finding, Severity
from converter.model.ledger import Entry
from converter.model.places import Position
from converter.sources import Source
from converter.syntax.contexts import CANDIDATES, ENOUGH, Context, infer, shown
from converter.syntax.join import MOST_DIRECTIVES, Reading, add_finding, check_level, join_file, listed_findings, read_tree
from converter.syntax.text_tree import TextTree, walk
from converter.syntax.tree import Directive


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a source says.

    root:     directives of the outermost level, those of included files behind their `include`.
    context:  the blocks that a fragment was written for, outermost first; empty for a whole nginx.conf.
    entries:  one for every statement of every text that was read, by file in order of first opening.
    refused:  nothing can be converted; a finding says why.
    invalid:  directives that nginx would refuse.
    lua:      directives whose block is a program, which was skipped.
    incomplete: blocks that a syntax error cut short, and includes of which something is missing. What surrounds them is not the whole
              truth: a restriction may be among what is missing.
    """

    root: tuple[Directive, ...] = ()
    context: Context = ()
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: bool = False
    invalid: frozenset[Position] = frozenset()
    lua: frozenset[Position] = frozenset()
    incomplete: frozenset[Position] = frozenset()


def parse(source: Source, bound: int = MOST_DIRECTIVES) -> Parsed:
    """Reads all texts of a source, at most `bound` directives. Never raises for what they hold: the findings say it."""
    reading = Reading(source.texts, bound)
    trees = [read_tree(reading, path) for path in (source.main, *source.others)]
    usable = [tree for tree in trees if tree.path not in reading.unusable]
    if not usable:
        return Parsed(findings=listed_findings(reading), refused=True)
    contexts = {tree.path: infer(tree.directives, _included_beside(reading, tree)) for tree in _not_included(reading, usable)}
    context = _commonest(list(contexts.values()))
    root = _joined(reading, contexts, context)
    return Parsed(
        root=root,
        context=context,
        entries=tuple(itertools.chain.from_iterable(entries.values() for entries in reading.entries.values())),
        findings=listed_findings(reading),
        invalid=frozenset(reading.invalid),
        lua=frozenset(position for tree in reading.trees.values() for position in tree.code),
        incomplete=frozenset(reading.incomplete),
    )


def _joined(reading: Reading, contexts: dict[str, Context], context: Context) -> tuple[Directive, ...]:
    """The files of the common context one behind the other. The others are read, too, so that their directives are accounted for."""
    root: list[Directive] = []
    if context:
        message = f"read as the inside of {shown(context)}: the outermost block that takes what stands there"
        add_finding(reading, Finding("NGX010", Severity.NOTE, message, Position(next(iter(contexts)), 1, 1)))
    for path, own in contexts.items():
        level = join_file(reading, path, own)
        if own == context:
            root.extend(level)
        else:
            add_finding(reading, _left_aside(path, own, context))
    check_level(reading, tuple(root), context)
    return tuple(root)


def _included_beside(reading: Reading, tree: TextTree) -> tuple[Directive, ...]:
    """The outermost directives of files that a text includes among its own outermost ones, and of those that they include."""
    seen = {tree.path}
    found: list[Directive] = []
    levels = [tree.directives]
    for level in levels:
        for path in _paths(reading, level):
            if path not in seen and len(found) < ENOUGH:
                seen.add(path)
                levels.append(read_tree(reading, path).directives)
                found.extend(levels[-1])
    return tuple(found)


def _paths(reading: Reading, directives: Iterable[Directive]) -> list[str]:
    """What the includes among some directives name."""
    patterns = dict.fromkeys(directive.args[0] for directive in directives if directive.name == "include" and directive.args)
    return [path for pattern in patterns for path in reading.texts.find(pattern).paths]


def _not_included(reading: Reading, trees: list[TextTree]) -> list[TextTree]:
    """The files of a folder that no other one of them includes: the rest comes with its include."""
    if len(trees) == 1:
        return trees
    included = {path for tree in trees for path in _paths(reading, walk(tree.directives)) if path != tree.path}
    return [tree for tree in trees if tree.path not in included] or trees


def _commonest(contexts: list[Context]) -> Context:
    """The context of most files; of equally common ones the outermost."""
    numbers = Counter(contexts)
    ranks = {context: rank for rank, context in enumerate(CANDIDATES)}
    return min(numbers, key=lambda context: (-numbers[context], ranks.get(context, len(ranks))))


def _left_aside(path: str, own: Context, context: Context) -> Finding:
    message = (
        f"{path} is left aside: it belongs inside {shown(own)}, most files of the folder inside {shown(context)}, and none includes it"
    )
    return Finding("NGX014", Severity.WARNING, message, Position(path, 1, 1), "Give the nginx.conf that includes it, or convert it alone.")
