"""Look-ahead that RE2 can spell without: a literal that must not follow, at the end of a regex (`/\\.(?!well-known)`)."""

import re

_LAST = re.compile(r"\(\?!((?:[\w/ -]|\\[-./_])+)\)(?:\.\*\$?)?$", re.ASCII)


def without_lookahead(regex: str) -> str:
    r"""The regex with a final look-ahead spelled out letter by letter; any other regex as it is.

    >>> without_lookahead(r"/\.(?!ab)")
    '/\\.(?:$|[^a]|a(?:$|[^b]))'
    """
    found = _LAST.search(regex)
    if not found or regex[: found.start()].endswith("\\"):
        return regex
    letters = re.findall(r"\\.|.", found[1])
    spelled = ""
    for letter in reversed(letters):
        bare = letter[-1]
        inside = re.escape(bare) if bare in "-]^\\" else bare
        spelled = f"(?:$|[^{inside}]{f'|{letter}{spelled}' if spelled else ''})"
    return regex[: found.start()] + spelled
