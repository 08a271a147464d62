"""nginx's tokens, after ngx_conf_read_token in src/core/ngx_conf_file.c: as regular expressions, with offsets.

crossplane's lexer is not used: it has no columns, ends unquoted words at `}`, takes `"a"b` for two words, and is several times slower.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from converter.syntax.code_blocks import block_end, holds_code
from converter.syntax.faults import Fault

CODE = "code"  # how a statement ends whose block is in another language

# White space is these four bytes only. `${` does not open a block; quotes, `#` and `}` are special only where a word begins.
_TOKEN = re.compile(
    r"""
    (?: [ \t\r\n]++ | \#[^\n]*+ )*+
    (?: ( (?: [^ \t\r\n;{}\\$"'\#] | \\. | \$\{*+ ) (?: [^ \t\r\n;{\\$] | \\. | \$\{*+ )*+ )
      | ([;{}])
      | "( [^"\\]*+ (?: \\. [^"\\]*+ )*+ )"
      | '( [^'\\]*+ (?: \\. [^'\\]*+ )*+ )'
      | (.)
      | \Z  # or the comment at the end would be searched for tokens
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD, _MARK, _DOUBLE, _SINGLE = 1, 2, 3, 4
# A whole statement of words in which nothing is special, as most are: what the tokens make of it, several times faster.
_PLAIN = re.compile(
    r"""
    (?: [ \t\r\n]++ | \#[^\n]*+ )*+
    (?: ( [!$-&(-:<-\[\]-z|~]++ (?: [ \t\r\n]++ [!$-&(-:<-\[\]-z|~]++ )*+ ) [ \t\r\n]*+ ( ; | (?<!\$)\{ ) | ( \} ) )
    """,
    re.VERBOSE,
)
_WORDS, _CLOSING = 1, 3
_ESCAPE = re.compile(r"""\\(["'\\trn])""")
_MEANINGS = {"t": "\t", "r": "\r", "n": "\n"}
_AFTER_QUOTE = frozenset(" \t\r\n;{)")


class Statement(Struct, frozen=True, gc=False):
    """Words and what ends them: `;`, `{`, `}` (no words) or CODE. `start`: offset of the first word; `stop`: offset behind the end."""

    words: tuple[str, ...]
    quoted: tuple[bool, ...]
    start: int
    end: str
    stop: int


def statements(text: str) -> Iterator[Statement]:
    """The statements of a text in order; `}` is a statement of its own.

    Raises Fault at the first place that nginx's reader would refuse. Whether braces balance is not looked at here.
    """
    stop = 0
    while True:
        if plain := _PLAIN.match(text, stop):
            said, end, closing = plain.groups()
            stop = plain.end()
            if closing:
                yield Statement((), (), plain.start(_CLOSING), "}", stop)
                continue
            words = tuple(said.split())
            if end == ";" or not holds_code(words[0]):
                yield Statement(words, (False,) * len(words), plain.start(_WORDS), end, stop)
                continue
            stop = plain.start(_WORDS)
        statement = _statement(text, stop)
        if statement is None:
            return
        yield statement
        stop = statement.stop


def _statement(text: str, offset: int) -> Statement | None:
    """The statement at an offset, token by token; None where there is none any more. Raises Fault."""
    words: list[str] = []
    quoted: list[bool] = []
    start = offset
    for token in _TOKEN.finditer(text, offset):
        kind = token.lastindex
        if kind is None:
            break
        if not words:
            start = token.start(kind)
        if kind == _WORD:
            word = token[_WORD]
            words.append(_unescaped(word) if "\\" in word else word)
            quoted.append(False)
        elif kind == _MARK:
            end = _checked_mark(token[_MARK], words, token.start(_MARK))
            stop = block_end(text, token.end()) if end == CODE else token.end()
            return Statement(tuple(words), tuple(quoted), start, end, stop)
        else:
            words.append(_quoted_word(text, token))
            quoted.append(True)
    if words:
        raise _unfinished(words, start)
    return None


def location(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _unescaped(word: str) -> str:
    return _ESCAPE.sub(lambda escape: _MEANINGS.get(escape[1], escape[1]), word)


def _quoted_word(text: str, token: re.Match[str]) -> str:
    kind = token.lastindex or 0
    if kind not in (_DOUBLE, _SINGLE):
        raise _stray(token[kind], token.start(kind))
    behind = text[token.end() : token.end() + 1]
    if behind and behind not in _AFTER_QUOTE:
        message = f'unexpected "{behind}" right behind a quoted value'
        raise Fault("NGX005", token.end(), message, "Put a space or a `;` there, or quote the whole value.")
    word = token[kind]
    return _unescaped(word) if "\\" in word else word


def _checked_mark(mark: str, words: list[str], offset: int) -> str:
    if mark == "}":
        if words:
            raise Fault("NGX001", offset, f'unexpected "}}": the statement `{_shown(words)}` has no `;`', "End it with a `;`.")
        return mark
    if not words:
        raise Fault("NGX006", offset, f'unexpected "{mark}": no directive stands before it', f"Remove the `{mark}`.")
    return CODE if mark == "{" and holds_code(words[0]) else mark


def _stray(character: str, offset: int) -> Fault:
    if character in "\"'":
        return Fault("NGX004", offset, f"the value that begins with {character} here has no closing {character}", "Close the quote.")
    return Fault("NGX001", offset, "the file ends behind a backslash", "Remove the backslash, or end the statement with a `;`.")


def _unfinished(words: list[str], start: int) -> Fault:
    return Fault("NGX001", start, f"the file ends before the statement `{_shown(words)}` does", "End it with a `;`.")


def _shown(words: list[str]) -> str:
    text = " ".join(words)
    return text if len(text) <= 60 else text[:57] + "..."
