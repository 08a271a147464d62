"""Writes YAML for people and for Kubernetes: block style, comments in place, every doubtful string quoted.

Kubernetes reads YAML 1.1, where `y`, `no`, `1e3` and `0o17` are no strings; PyYAML writes some of these without quotes.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

DEEPEST = 200  # levels of a document
_WIDTH = 100  # columns that a list or mapping on one line may take
_LONGEST_KEY = 900  # YAML readers take a key for a key only within 1,024 characters
_SAFE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"
_SURROGATE = re.compile("[\ud800-\udfff]")
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class Commented:
    """A mapping value or list item with a comment: behind what fits on one line, above everything else. May have several lines."""

    __slots__ = ("comment", "value")

    def __init__(self, value: object, comment: str) -> None:
        self.value = value
        self.comment = comment

    def __repr__(self) -> str:
        return f"Commented({self.value!r}, {self.comment!r})"


class Noted(dict[str, object]):
    """A mapping with a comment, for whoever takes it for a mapping: as `Commented`, but nobody needs to look through it."""

    __slots__ = ("comment",)

    def __init__(self, mapping: Mapping[str, object], comment: str = "") -> None:
        dict.__init__(self, mapping)
        self.comment = comment


class Flow(dict[str, object]):
    """A mapping to be written on one line, `{a: b}`, unless a comment stands inside it."""

    __slots__ = ()


class Written(Flow):
    """The same, with its text made at once, for one that stands in many places or is measured: nothing in it may change any more."""

    __slots__ = ("text",)

    def __init__(self, mapping: Mapping[str, object]) -> None:
        dict.__init__(self, mapping)
        self.text = _flow(mapping)


def dump(document: object) -> str:
    """The YAML text of a document made of mappings, lists, tuples, scalars, `Commented`, `Noted` and `Flow`; ends with a newline.

    Order is kept. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
    """
    value, comment = _split(document)
    out = _comment_lines("", comment)
    inline = _inline(value, _WIDTH)
    if inline is None:
        _block(out, "", value, {})
    else:
        out.append(inline)
    return "\n".join(out) + "\n"


def stream(texts: Iterable[str]) -> str:
    """The texts of documents as one, with `---` between them."""
    return "---\n".join(texts)


def plain(value: object, room: int = DEEPEST) -> object:
    """The same data as dicts, lists and scalars alone. Raises RecursionError where it has more than `room` levels."""
    if isinstance(value, str):  # most values are
        return str(value)
    if not room:
        raise RecursionError
    if isinstance(value, dict):
        return {key: plain(item, room - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, room - 1) for item in value]
    return plain(value.value, room - 1) if isinstance(value, Commented) else value


def _split(value: object) -> tuple[object, str]:
    """The value without the comments around it, and these comments."""
    if isinstance(value, Noted):
        return value, value.comment
    if not isinstance(value, Commented):
        return value, ""
    inner, comment = _split(value.value)
    return inner, f"{value.comment}\n{comment}" if value.comment and comment else value.comment or comment


def _comment_lines(pad: str, comment: str) -> list[str]:
    if comment.isascii() and comment.isprintable():  # as most are: one line
        return [f"{pad}# {comment}".rstrip()] if comment else []
    return [f"{pad}# {_UNPRINTABLE.sub(_REPLACEMENT, line)}".rstrip() for line in comment.splitlines()]


_Heads = dict[str, dict[str, str]]  # for an indent and a key how a line begins: a document has few of them, again and again


def _block(out: list[str], pad: str, value: object, heads: _Heads) -> None:
    """Writes a collection on lines of its own, each after `pad`."""
    if isinstance(value, dict):
        known = heads.setdefault(pad, {})
        for key, item in value.items():
            head = known.get(key) or _head(pad, key, known)
            kind = type(item)
            if kind is str and "\n" not in item:  # most values are texts or mappings: the short way for them
                out.append(f"{head} {_string(item)}")
            elif kind is dict and item:
                out.append(head)
                _block(out, pad + "  ", item, heads)
            elif (kind is Written or kind is Flow) and (text := item.text if kind is Written else _flow(item)) is not None:
                out.append(f"{head} {text}")
            elif kind is int:
                out.append(f"{head} {item}")
            elif kind is list and item and isinstance(item[0], dict):
                out.append(head)
                for each in item:
                    _item(out, pad, each, heads)
            else:
                _entry(out, pad, head, item, heads)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _item(out, pad, item, heads)
    else:
        raise TypeError(f"YAML cannot say {type(value).__name__}")


def _entry(out: list[str], pad: str, head: str, wrapped: object, heads: _Heads) -> None:
    """Writes `head`, a key with its colon or the dash of an item, and the value that belongs to it."""
    value, comment = _split(wrapped)
    text = _inline(value, _WIDTH - len(head) - 1)
    if text is not None and comment and len(comment.splitlines()) == 1:
        out.append(f"{head} {text}  {_comment_lines('', comment)[0]}")
        return
    if comment:
        out.extend(_comment_lines(pad, comment))
    if text is None and isinstance(value, str):
        text = _literal(pad + "  ", value)
    if text is not None:
        out.append(f"{head} {text}")
        return
    out.append(head)
    _block(out, pad if isinstance(value, (list, tuple)) else pad + "  ", value, heads)


def _item(out: list[str], pad: str, wrapped: object, heads: _Heads) -> None:
    value, comment = (wrapped, "") if type(wrapped) is dict else _split(wrapped)
    large = isinstance(value, dict) and value and not isinstance(value, Flow)
    if not large and (isinstance(value, str) or _inline(value, _WIDTH - len(pad) - 2) is not None):
        _entry(out, pad, pad + "-", wrapped, heads)
        return
    if comment:
        out.extend(_comment_lines(pad, comment))
    first = len(out)
    _block(out, pad + "  ", value, heads)
    while out[first].startswith(pad + "  #"):  # comments of the first key stay above the dash, and no deeper: a text block may end there
        out[first] = pad + out[first][len(pad) + 2 :]
        first += 1
    out[first] = f"{pad}- {out[first][len(pad) + 2 :]}"


def _head(pad: str, key: object, known: dict[str, str]) -> str:
    text = _scalar(key)
    head = f"{pad}{text}:" if len(text) < _LONGEST_KEY else f"{pad}? {text}\n{pad}:"
    if isinstance(key, str):
        known[key] = head
    return head


def _inline(value: object, room: int) -> str | None:
    """The value on one line, or None where it needs several: by its kind, or because `room` columns are too few."""
    if isinstance(value, Flow):
        return _flow(value)
    if isinstance(value, str):
        return None if "\n" in value and _fits_literal(value) else _string(value)
    if isinstance(value, (list, tuple)):
        text = _flow(value) if all(map(_is_short, value)) else None
        return text if not value or (text is not None and len(text) <= room) else None
    if isinstance(value, dict):
        return None if value else "{}"
    return _scalar(value)


def _is_short(value: object) -> bool:
    """Whether a list item is a scalar of one line."""
    return value is None or isinstance(value, (int, float)) or (isinstance(value, str) and "\n" not in value)


def _flow(value: object) -> str | None:
    """JSON-like text, or None if a comment stands inside or a key is too long for a line."""
    if isinstance(value, dict) and type(value) is not Noted:
        pairs = []
        for key, item in value.items():
            kind = type(item)
            text = _string(item) if kind is str else str(item) if kind is int else _flow(item)
            head = _string(key) if type(key) is str else _scalar(key)
            if text is None or len(head) >= _LONGEST_KEY:
                return None
            pairs.append(f"{head}: {text}")
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        items = []
        for item in value:
            text = _flow(item)
            if text is None:
                return None
            items.append(text)
        return "[" + ", ".join(items) + "]"
    return None if isinstance(value, (Commented, Noted)) else _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    raise TypeError(f"YAML cannot say {type(value).__name__}")


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    text = repr(value)
    return text.replace("e", ".0e") if "e" in text and "." not in text else text  # YAML 1.1 wants the point


@lru_cache(maxsize=8192)
def _string(value: str) -> str:
    """A string as it may stand anywhere on a line: as it is if no reader can take it for anything else, otherwise in double quotes."""
    if _SAFE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if value.isascii() and value.isprintable():
        return _quoted(value)
    text = _quoted(_SURROGATE.sub(_REPLACEMENT, value))
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _fits_literal(value: str) -> bool:
    """Whether a literal block (`|`) holds exactly this text, also after an editor has stripped the ends of lines."""
    lines = value.split("\n")
    if value.endswith("\n\n") or not value.strip() or _UNPRINTABLE.search(value):
        return False
    first = next(line for line in lines if line)
    return not first.startswith((" ", "\t")) and not any(line.endswith((" ", "\t")) for line in lines)


def _literal(pad: str, value: str) -> str:
    lines = value.removesuffix("\n").split("\n")
    return "\n".join(["|" if value.endswith("\n") else "|-", *(pad + line if line else "" for line in lines)])
