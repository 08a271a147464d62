"""RE2 patterns as patterns of Lua, which Envoy's scripts have: no alternation, no repeated groups.

Source: https://www.lua.org/manual/5.1/manual.html#5.4.1
"""

import re

_CLASSES = {"d": "%d", "D": "%D", "s": "%s", "S": "%S", "w": "[%w_]"}
_MAGIC = set("^$()%.[]*+-?")
_TOKEN = re.compile(r"\\(.)|(\((?:\?:)?)|(\))|(\[\^?\]?(?:\\.|[^\]\\])*\])|([*+?]\??)|(\{[\d,]+\})|(.)", re.S)


def pattern(regex: str) -> str | None:
    """The Lua pattern for the whole text, with the same captures in the same order; None where Lua has none.

    >>> pattern(r"/blog/([0-9]+)/(.*)")
    '^/blog/([0-9]+)/(.*)$'
    """
    out: list[str] = ["^"]
    groups: list[bool] = []
    single = ""  # the last atom, where a quantifier may follow it
    for token in _TOKEN.finditer(regex):
        escaped, opening, closing, bracket, quantifier, count, char = token.groups()
        if char == "|" or (opening is None and char in ("^", "$")):
            return None
        if quantifier or count:
            if not single or not _quantify(out, single, quantifier, count):
                return None
            single = ""
            continue
        single = ""
        if opening:
            groups.append(opening == "(")
            out.append("(" if groups[-1] else "")
        elif closing:
            out.append(")" if groups.pop() else "")
        else:
            piece = _atom(escaped, bracket, char)
            if piece is None:
                return None
            single = piece
            out.append(piece)
    return "".join(out) + "$"


def _quantify(out: list[str], single: str, quantifier: str | None, count: str | None) -> bool:
    if count and "," in count:
        return False
    if count:
        out.append(single * (int(count[1:-1]) - 1))
        return 0 < int(count[1:-1]) <= 16
    lazy = quantifier is not None and len(quantifier) == 2
    if lazy and quantifier != "*?":
        return False
    out.append("-" if lazy else quantifier or "")
    return True


def _atom(escaped: str | None, bracket: str | None, char: str | None) -> str | None:
    if escaped:
        if escaped in _CLASSES:
            return _CLASSES[escaped]
        return None if escaped.isalnum() else _literal(escaped)
    if bracket:
        return _bracket(bracket)
    if char == ".":
        return "."
    return _literal(char or "")


def _literal(char: str) -> str:
    return f"%{char}" if char in _MAGIC else char


def _bracket(text: str) -> str | None:
    """A character class; escapes become Lua's."""
    if "[:" in text or re.search(r"\\[^dsw\W]", text):
        return None
    body = re.sub(r"\\(.)", lambda m: {"d": "%d", "s": "%s", "w": "%w_"}.get(m[1], f"%{m[1]}"), text[1:-1].replace("%", "%%"))
    return f"[{body}]"


def replacement(text: str) -> str:
    r"""A replacement with `\1` as one of Lua's, with `%1`.

    >>> replacement(r"/a\1%20")
    '/a%1%%20'
    """
    return re.sub(r"\\(\d)|\\(.)|(%)", lambda m: f"%{m[1]}" if m[1] else (m[2] or "%%"), text)
