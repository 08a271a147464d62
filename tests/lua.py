"""Lua's string patterns, by their definition: one atom at a time, with backtracking.

Source: https://www.lua.org/manual/5.1/manual.html#5.4.1
"""

import re

_CLASSES = {"d": r"[0-9]", "D": r"[^0-9]", "s": r"\s", "S": r"\S", "w": r"[a-zA-Z0-9]"}
_ATOM = re.compile(r"(%.|\[\^?\]?(?:%.|[^\]%])*\]|[^()])([*+?-]?)|([()])", re.S)


def fullmatch(pattern: str, text: str) -> list[str] | None:
    """The captures of an anchored pattern (`^...$`) in a text; None where it does not match."""
    assert pattern.startswith("^")
    assert pattern.endswith("$")
    out = []
    for atom, repeat, group in _ATOM.findall(pattern[1:-1]):
        out.append(group or _single(atom) + {"-": "*?"}.get(repeat, repeat))
    found = re.fullmatch("".join(out), text, re.S)
    return None if found is None else list(found.groups())


def _single(atom: str) -> str:
    if atom.startswith("%"):
        return _CLASSES.get(atom[1], re.escape(atom[1]))
    if atom.startswith("[") and len(atom) > 1:
        inside = re.sub(r"%(.)|([\[\]\\])", lambda m: _CLASSES.get(m[1] or "", "").strip("[]") or "\\" + (m[1] or m[2]), atom[1:-1])
        return f"[{inside}]"
    return "." if atom == "." else re.escape(atom)


def substituted(replacement: str, captures: list[str]) -> str:
    """A replacement of `gsub`: `%1` is a capture, `%%` a per cent sign."""
    return re.sub(r"%(.)", lambda m: captures[int(m[1]) - 1] if m[1].isdigit() else m[1], replacement)
