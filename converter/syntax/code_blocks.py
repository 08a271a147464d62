"""Blocks that hold a program instead of directives: Lua of OpenResty, JavaScript of builds that have such blocks.

Their braces are balanced by the language's own rules (src/ngx_http_lua_lex.rl in lua-nginx-module), so strings and comments may hold any.
"""

import re

from converter.syntax.faults import Fault

_HOLDS_CODE = re.compile(r"(?:_by_lua|_by_njs|_by_js|^js)_block$")
_LUA = re.compile(r"""--\[(=*)\[|--[^\n]*|\[(=*)\[|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|(["'])|([{}])""", re.DOTALL)


def holds_code(name: str) -> bool:
    """Whether the block of a directive is a program."""
    return name.endswith("_block") and _HOLDS_CODE.search(name) is not None


def block_end(text: str, start: int) -> int:
    """The offset behind the brace that closes the block opened just before `start`.

    Raises Fault where nothing closes it.
    """
    depth, at = 1, start
    while (token := _LUA.search(text, at)) is not None:
        at = token.end()
        if token[3] is not None:
            raise Fault("NGX007", token.start(), "a string in a code block is not closed", "Close the string.")
        if token[4] is not None:
            depth += 1 if token[4] == "{" else -1
            if depth == 0:
                return at
        elif token[1] is not None or token[2] is not None:
            at = _long_bracket_end(text, token)
    raise Fault("NGX007", max(start - 1, 0), "the code block that opens here is not closed", "Close it with a `}`.")


def _long_bracket_end(text: str, token: re.Match[str]) -> int:
    closing = f"]{token[1] if token[1] is not None else token[2]}]"
    end = text.find(closing, token.end())
    if end < 0:
        raise Fault("NGX007", token.start(), f"a long bracket in a code block is not closed by {closing}", f"Close it with {closing}.")
    return end + len(closing)
