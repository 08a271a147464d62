"""Templates: texts that become a configuration only after another program has filled them."""

import re
from typing import NamedTuple

# Wherever it stands: a statement of a template in a comment still decides what the text becomes.
_STATEMENTS = (
    ("ERB", re.compile(r"<%[^%]*+%>|<%[-=#]")),
    ("Jinja", re.compile(r"\{%[-+]?\s*\w[^%\n]*+%\}")),
)
# Outside comments.
_PLACES = (
    ("Go template", re.compile(r"\{\{-?\s*(?:\.\w|\$\w*\.|(?:range|if|else|end|with|template|define|include|block)\b)[^{}\n]*+\}\}")),
    ("Jinja", re.compile(r"\{\{[-+]?(?:\s*[A-Za-z_.$]|\s+[\"'(])[^{}\n]*+\}\}")),
    ("placeholder", re.compile(r"%%[A-Za-z_][A-Za-z0-9_]*%%")),
    ("envsubst", re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")),
)
_MARKS = ("<%", "{%", "{{", "%%", "${")
# Words are taken whole: a `#` or a quote inside one is nothing special.
_PIECE = re.compile(
    r"""\#[^\n]*+ | "[^"\\]*+(?:\\.?[^"\\]*+)*+"? | '[^'\\]*+(?:\\.?[^'\\]*+)*+'? | [^ \t\r\n;{}"'\#][^ \t\r\n;{}]*+ | [ \t\r\n;{}]++""",
    re.VERBOSE | re.DOTALL,
)
_SUBSTITUTION = re.compile(r"[ \t]*+subs?_filter[ \t]")
_LONGEST_LINE = 2_000  # characters before a place that are searched for the directive that it belongs to
# A statement begins a line or stands behind a mark; what it defines is the first variable behind its name, or the last one before its block.
_BEGIN = r"(?:^|[;{}])[ \t]*+"
_DEFINITIONS = (
    re.compile(
        _BEGIN + r"(?:set|auth_request_set|auth_jwt_claim_set|auth_jwt_header_set|js_set|js_var|perl_set|set_by_lua\w*+)[ \t]++\$\{?(\w++)",
        re.MULTILINE,
    ),
    re.compile(_BEGIN + r"(?:map|geo|split_clients|keyval)[ \t](?:[^;{\n$]|\$\{|\$(?!\w+\s*[;{]))*\$(\w++)", re.MULTILINE),
    re.compile(_BEGIN + r"\$(\w++)[ \t]", re.MULTILINE),  # the entries of geoip2
    re.compile(r"\(\?P?<(\w++)>"),
)


class Template(NamedTuple):
    """kind: for people; offset and text of the first place that shows it."""

    kind: str
    offset: int
    text: str


def find_template(text: str) -> Template | None:
    """The first mark of a template in a text; None for plain nginx configuration.

    `${name}` is nginx's own notation: a name in capitals that the text defines nowhere belongs to envsubst.
    """
    if not any(mark in text for mark in _MARKS):
        return None
    for kind, pattern in _STATEMENTS:
        if (match := pattern.search(text)) is not None:
            return Template(kind, match.start(), match[0])
    bare = _without_comments(text)
    defined = _defined(bare) if "${" in bare else frozenset()
    for kind, pattern in _PLACES:
        for match in pattern.finditer(bare):
            if not (match[1].lower() in defined if kind == "envsubst" else _filled_by_nginx(bare, match.start())):
                return Template(kind, match.start(), match[0])
    return None


def _filled_by_nginx(text: str, offset: int) -> bool:
    """Whether a place belongs to sub_filter: pages of other programs hold `{{...}}` and `%%...%%`, and nginx fills them at run time."""
    first = max(0, offset - _LONGEST_LINE)
    line_start = text.rfind("\n", first, offset) + 1
    return line_start >= first and _SUBSTITUTION.match(text, line_start) is not None


def _defined(text: str) -> frozenset[str]:
    """Variables that a text defines, in lower case: nginx does not distinguish case in their names."""
    return frozenset(match[1].lower() for pattern in _DEFINITIONS for match in pattern.finditer(text))


def _without_comments(text: str) -> str:
    """The text with its comments blanked; offsets stay."""
    return _PIECE.sub(lambda piece: " " * len(piece[0]) if piece[0].startswith("#") else piece[0], text)
