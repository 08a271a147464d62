"""What a rewrite makes of the path and the query."""

from collections.abc import Callable

from converter.model.values import Source, Template, Variable
from converter.nginx.errors import Page
from converter.nginx.spelling import spelled
from converter.nginx.state import CannotFollow, NoCounterpart, Path, State

ALL = "(.*)"  # the whole path as capture 1


def rewritten(state: State, replacement: str, spell: Callable[[str], str] = spelled) -> Path:
    """The path after `rewrite ... replacement`. Raises CannotFollow, NoCounterpart.

    New arguments come first, then those of the request, unless the replacement ends with a question mark. spell: how the texts beside
    captures are written.
    """
    path_text, mark, args_text = replacement.partition("?")
    wanted = not (mark and (args_text.endswith("?") or not args_text))
    args = state.value(args_text.removesuffix("?")) if args_text.removesuffix("?") else None
    if args is not None and not args.parts:
        args = None
    keep = wanted and state.path.keep_args
    if wanted and state.path.args is not None:
        args = Template.of(args, "&", state.path.args) if args else state.path.args
    path = state.value(path_text)
    if (literal := path.literal) is not None:
        return Path(literal, pattern_of(args), "", args, keep, True)
    pattern, text = substitution(path, spell)
    check_captures(pattern, args)
    return Path(None, pattern, text, args, keep, True)


def redirected(page: Page, state: State) -> Path:
    """The path of an internal redirect to a page, with the query that there is by then, or one of its own. Raises CannotFollow."""
    if page.keep_args:
        return Path(page.target, args=state.path.args, keep_args=state.path.keep_args, rewritten=True)
    try:
        args = state.value(page.args) if page.args else None
    except NoCounterpart as problem:
        raise CannotFollow(page.directive, str(problem)) from None
    return Path(page.target, args=args, keep_args=False, rewritten=True)


def check_captures(pattern: str, args: Template | None) -> None:
    """Raises CannotFollow for arguments with captures of another regex than that of the path."""
    if pattern_of(args) not in ("", pattern):
        raise CannotFollow(None, "a path and arguments made from captures of several regexes have no counterpart")


def pattern_of(args: Template | None) -> str:
    """The regex whose captures the arguments hold; empty where they hold none. Raises CannotFollow."""
    found = dict.fromkeys(v.name.split(" ", 1)[1] for v in (args.variables if args else ()) if v.source is Source.CAPTURE)
    if len(found) > 1:
        raise CannotFollow(None, "arguments made from captures of several regexes have no counterpart")
    return next(iter(found), "")


def substitution(template: Template, spell: Callable[[str], str] = spelled) -> tuple[str, str]:
    r"""A value made of captures of one path regex as that regex and a replacement (`\1`, spelled as in a URL). Raises CannotFollow."""
    patterns: dict[str, None] = {}
    out = []
    for part in template.parts:
        if isinstance(part, str):
            out.append(spell(part).replace("\\", "\\\\"))
        elif part.source is Source.CAPTURE:
            number, pattern = part.name.split(" ", 1)
            patterns[pattern] = None
            out.append(f"\\{number}")
        elif part.source is Source.PATH:
            patterns[ALL] = None
            out.append("\\1")
        else:
            raise CannotFollow(None, f"a path made from the {_name(part)} has no counterpart")
    if len(patterns) > 1:
        raise CannotFollow(None, "a path made from captures of several regexes has no counterpart")
    if any(int(piece[1:]) > 9 for piece in out if piece.startswith("\\") and piece[1:].isdigit()):
        raise CannotFollow(None, "a replacement can use nine captures at most")
    return next(iter(patterns), ALL), "".join(out)


def arguments(args: Template) -> str:
    """New arguments in a replacement: text and captures. Raises CannotFollow."""
    out = []
    for part in args.parts:
        if isinstance(part, str):
            out.append(part.replace("\\", "\\\\"))
        elif part.source is Source.CAPTURE:
            out.append("\\" + part.name.split(" ", 1)[0])
        else:
            raise CannotFollow(None, f"an argument made from the {_name(part)} has no counterpart")
    return "".join(out)


def _name(variable: Variable) -> str:
    return f"{variable.source.value} {variable.name}".strip()
