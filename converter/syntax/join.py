"""Follows includes: each text is read once, and its directives stand wherever it is included."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.model.findings import Finding, Severity
from converter.model.ledger import Entry
from converter.model.places import Position
from converter.model.records import replace
from converter.sources import Refusal, Text, Texts
from converter.syntax.checks import check, duplicates, suggestion
from converter.syntax.codes import REFUSED_BY_NGINX
from converter.syntax.contexts import Context, kind_of
from converter.syntax.lexer import location
from converter.syntax.templates import find_template
from converter.syntax.text_tree import DEEPEST, TextTree, grow
from converter.syntax.tree import Directive

MOST_DIRECTIVES = 2_000_000  # included ones counted as often as they are included
MOST_FINDINGS = 5_000
DEEPEST_INCLUDE = 40  # files within files
DEEPEST_JOINED = DEEPEST + 4  # blocks within blocks, with those around a fragment


@dataclass(slots=True)
class Reading:
    """All that is gathered while the texts of a source are read.

    unusable: texts of which nothing was read: templates, binary files, files out of reach.
    sizes:    directives in what `joined` holds under the same key.
    incomplete: blocks and includes of which something is missing.
    """

    texts: Texts
    bound: int
    trees: dict[str, TextTree] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)
    entries: dict[str, dict[Position, Entry]] = field(default_factory=dict)
    findings: dict[tuple[str, Position | None], Finding] = field(default_factory=dict)
    unlisted: int = 0
    invalid: set[Position] = field(default_factory=set)
    incomplete: set[Position] = field(default_factory=set)
    joined: dict[tuple[str, Context], tuple[Directive, ...]] = field(default_factory=dict)
    sizes: dict[tuple[str, Context], int] = field(default_factory=dict)
    open_files: list[str] = field(default_factory=list)
    size: int = 0


def read_tree(reading: Reading, path: str) -> TextTree:
    """The tree of a text, read when it is first asked for. What cannot be read gives an empty one, and a finding."""
    if path not in reading.trees:
        reading.entries[path] = {}
        reading.trees[path] = _grown(reading, reading.texts.read(path))
    return reading.trees[path]


def join_file(reading: Reading, path: str, context: Context) -> tuple[Directive, ...]:
    """The directives of a text that stands in `context`, with those of its includes."""
    key = (path, context)
    if key not in reading.joined:
        before = reading.size
        reading.open_files.append(path)
        reading.joined[key] = _join_level(reading, read_tree(reading, path).directives, context)
        reading.open_files.pop()
        reading.sizes[key] = reading.size - before
    else:
        reading.size += reading.sizes[key]
    return reading.joined[key]


def check_level(reading: Reading, level: tuple[Directive, ...], context: Context) -> None:
    """Looks for directives that a level, includes joined, holds too often."""
    for finding in duplicates(level, kind_of(context)):
        add_finding(reading, finding)


def add_finding(reading: Reading, finding: Finding, name: str = "") -> None:
    """Keeps a finding, once for each code and place. name: of a directive that is not known."""
    if finding.code in REFUSED_BY_NGINX and finding.position is not None:
        reading.invalid.add(finding.position)
    key = (finding.code, finding.position)
    if key in reading.findings:
        return
    if len(reading.findings) >= MOST_FINDINGS:
        reading.unlisted += 1
        return
    reading.findings[key] = replace(finding, help=suggestion(name)) if name else finding


def listed_findings(reading: Reading) -> tuple[Finding, ...]:
    """All findings kept, in the order in which they were made, and how many there were beside."""
    if not reading.unlisted:
        return tuple(reading.findings.values())
    message = f"{reading.unlisted} further findings are not listed"
    rest = Finding("NGX019", Severity.WARNING, message, None, "Most of them are probably alike: settle the first ones.")
    return (*reading.findings.values(), rest)


def _grown(reading: Reading, text: Text) -> TextTree:
    problem = _refusal_finding(text.refusal, Position(text.path, 1, 1)) if text.refusal is not None else _template_finding(text)
    if problem is not None:
        reading.unusable.add(text.path)
        add_finding(reading, problem)
        return TextTree(text.path)
    tree = grow(text, reading.bound - sum(other.count for other in reading.trees.values()))
    if tree.fault is not None:
        add_finding(reading, tree.fault)
    reading.incomplete.update(tree.incomplete)
    return tree


def _template_finding(text: Text) -> Finding | None:
    template = find_template(text.text)
    if template is None:
        return None
    line, column = location(text.text, template.offset)
    message = f"{text.path} is a template ({template.kind}: `{' '.join(template.text[:60].split())}`), not yet a configuration"
    help = "Convert what it becomes: the filled file, or the output of `nginx -T` on the host."
    return Finding("NGX020", Severity.ERROR, message, Position(text.path, line, column), help)


def _refusal_finding(refusal: Refusal, position: Position) -> Finding:
    return Finding(refusal.code, Severity.ERROR, refusal.message, position, refusal.help)


def _join_level(reading: Reading, directives: tuple[Directive, ...], context: Context) -> tuple[Directive, ...]:
    kind = kind_of(context)
    level: list[Directive] = []
    changed = False
    for directive in directives:
        if reading.size >= reading.bound:
            add_finding(reading, _too_many(reading, directive.position))
            reading.incomplete.add(directive.position)
            return (*level, directive)
        reading.size += 1
        _note(reading, directive, context, kind)
        joined = _with_joined_block(reading, directive, context) if directive.block else directive
        level.append(joined)
        changed = changed or joined is not directive
        if directive.name == "include" and directive.block is None and len(directive.args) == 1:
            level.extend(_included(reading, directive, context))
            changed = True
    return tuple(level) if changed else directives


def _note(reading: Reading, directive: Directive, context: Context, kind: str) -> None:
    position = directive.position
    entries = reading.entries[position.file]
    if position not in entries:
        entries[position] = Entry(position, directive.name, directive.args, context)
    finding = check(directive, kind, context)
    if finding is not None:
        add_finding(reading, finding, directive.name if finding.code == "NGX013" else "")


def _with_joined_block(reading: Reading, directive: Directive, context: Context) -> Directive:
    inner = (*context, directive.name)
    if len(inner) > DEEPEST_JOINED:
        message = f"blocks are nested deeper than {DEEPEST_JOINED}: the inside of this one is not read"
        add_finding(reading, Finding("NGX008", Severity.ERROR, message, directive.position, "Nest them less deeply."))
        reading.incomplete.add(directive.position)
        return replace(directive, block=())
    block = _join_level(reading, directive.block or (), inner)
    check_level(reading, block, inner)
    return directive if block is directive.block else replace(directive, block=block)


def _included(reading: Reading, include: Directive, context: Context) -> Iterator[Directive]:
    pattern, position = include.args[0], include.position
    match = reading.texts.find(pattern)
    if match.refusal is not None:
        _leave_out(reading, _refusal_finding(match.refusal, position), position)
    elif not match.paths and match.plain:
        _leave_out(reading, _not_found(pattern, position), position)
    elif not match.paths:
        message = f"no file matches {pattern}: nginx is content with that, but the host may have such files"
        help = "Give the folder that holds them, or the output of `nginx -T`."
        add_finding(reading, Finding("NGX018", Severity.NOTE, message, position, help))
    for path in match.paths:
        problem = _obstacle(reading, path, context, position)
        if problem is not None:
            _leave_out(reading, problem, position)
            continue
        yield from join_file(reading, path, context)
        if path in reading.unusable or reading.trees[path].fault is not None:
            reading.incomplete.add(position)


def _leave_out(reading: Reading, finding: Finding, include: Position) -> None:
    add_finding(reading, finding)
    reading.incomplete.add(include)


def _obstacle(reading: Reading, path: str, context: Context, position: Position) -> Finding | None:
    """Why an included file is not followed here."""
    if path in reading.open_files:
        chain = " -> ".join((*reading.open_files[reading.open_files.index(path) :], path))
        return Finding("NGX012", Severity.ERROR, f"{path} includes itself: {chain}", position, "Remove one of these includes.")
    if len(reading.open_files) >= DEEPEST_INCLUDE:
        return Finding("NGX012", Severity.ERROR, f"includes are nested deeper than {DEEPEST_INCLUDE}", position, "Nest them less deeply.")
    if reading.size + reading.sizes.get((path, context), 0) > reading.bound:
        return _too_many(reading, position)
    return None


def _too_many(reading: Reading, position: Position) -> Finding:
    message = f"more than {reading.bound} directives, with what includes repeat: the rest is not read"
    return Finding("NGX009", Severity.ERROR, message, position, "Convert parts of it.")


def _not_found(path: str, position: Position) -> Finding:
    help = "Give the folder that holds it, or the output of `nginx -T`."
    return Finding("NGX011", Severity.ERROR, f"the included file {path} is not in what was given", position, help)
