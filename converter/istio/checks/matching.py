"""Conditions on texts: Istio's StringMatch, and the regular expressions within."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import re2

_LONGEST = 1024  # bytes of a regular expression (validation.go, validateStringRegexp)
_LARGEST = 32768  # instructions of a compiled one; Istio's bootstrap sets re2.max_program_size.error_level to it
_ESCAPE = re.compile(r"\\(.|$)", re.DOTALL)
_DIGITS = tuple("0123456789")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@lru_cache(maxsize=4096)
def regex_fault(text: str) -> str:
    """Faults of an RE2 expression as the webhook (Go's regexp) and Envoy see them."""
    if not text:
        return "the regular expression is empty"
    if len(text.encode("utf-8", "surrogatepass")) > _LONGEST:
        return f"the regular expression is longer than {_LONGEST} bytes"
    try:
        compiled = re2.compile(text, _OPTIONS)
    except re2.error as error:
        return f"the regular expression does not compile: {_text(error)}"
    if "\\C" in text.replace("\\\\", ""):
        return "the regular expression uses \\C, which Go does not know"
    return "the regular expression is too large for Envoy when compiled" if compiled.programsize > _LARGEST else ""


def substitution_fault(pattern: str, text: str) -> str:
    """Faults of the text that replaces what `pattern`, a good expression, has found: `\\0` to `\\9` for its groups, `\\\\` for a backslash."""
    groups = re2.compile(pattern, _OPTIONS).groups
    bad = [sign for sign in _ESCAPE.findall(text) if sign != "\\" and not (sign in _DIGITS and int(sign) <= groups)]
    return f"\\{bad[0]} is neither a backslash nor one of the {groups} groups of the expression" if bad else ""


def path_faults(match: Mapping[str, Any]) -> list[str]:
    """Faults of a StringMatch for a path, which may be empty, as they go on from its place."""
    return [f".regex: {fault}"] if "regex" in match and (fault := regex_fault(match["regex"])) else []


def match_faults(match: Mapping[str, Any]) -> list[str]:
    """The same for a header, a method or an argument.

    The webhook takes an empty `exact` and refuses an empty `prefix`; older versions refused both.
    """
    return [f".{test}: is empty" for test in ("exact", "prefix") if match.get(test) == ""] + path_faults(match)


def _text(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    return detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
