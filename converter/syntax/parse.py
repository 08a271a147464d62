"""From a source to one tree: includes joined, directives listed, what nginx would refuse found."""

from collections import Counter
from dataclasses import dataclass

from converter.model.findings import Finding, Severity
from converter.model.ledger import Entry
from converter.model.places import Position
from converter.sources import Source
from converter.syntax.contexts import CANDIDATES, Context, infer, shown
from converter.syntax.join import Reading, add_finding, check_level, join_file, listed_findings, read_tree
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
    """

    root: tuple[Directive, ...] = ()
    context: Context = ()
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: bool = False
    invalid: frozenset[Position] = frozenset()
    lua: frozenset[Position] = frozenset()


def parse(source: Source) -> Parsed:
    """Reads all texts of a source. Never raises for what they hold: the findings say it."""
    reading = Reading(source.texts)
    trees = [read_tree(reading, path) for path in (source.main, *source.others)]
    usable = [tree for tree in trees if tree.path not in reading.unusable]
    if not usable:
        return Parsed(findings=listed_findings(reading), refused=True)
    contexts = {tree.path: infer(tree.directives) for tree in _not_included(reading, usable)}
    context = _commonest(list(contexts.values()))
    root = _joined(reading, contexts, context)
    return Parsed(
        root=root,
        context=context,
        entries=tuple(entry for entries in reading.entries.values() for entry in entries.values()),
        findings=listed_findings(reading),
        invalid=frozenset(reading.invalid),
        lua=frozenset(position for tree in reading.trees.values() for position in tree.code),
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


def _not_included(reading: Reading, trees: list[TextTree]) -> list[TextTree]:
    """The files of a folder that no other one of them includes: the rest comes with its include."""
    if len(trees) == 1:
        return trees
    included = {path for tree in trees for path in _includes(reading, tree)}
    return [tree for tree in trees if tree.path not in included] or trees


def _includes(reading: Reading, tree: TextTree) -> set[str]:
    patterns = {directive.args[0] for directive in walk(tree.directives) if directive.name == "include" and directive.args}
    return {path for pattern in patterns for path in reading.texts.find(pattern).paths} - {tree.path}


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
