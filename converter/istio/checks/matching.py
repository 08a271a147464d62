"""Conditions on texts: Istio's StringMatch, and the regular expressions within."""

import re
from collections.abc import Iterator, Mapping
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


def match_faults(where: str, match: Mapping[str, Any], may_be_empty: bool = False) -> Iterator[str]:
    """Faults of a StringMatch. may_be_empty: as a path may, but not a header, method or argument.

    The webhook takes an empty `exact` and refuses an empty `prefix`; older versions refused both.
    """
    if "regex" in match and (fault := regex_fault(match["regex"])):
        yield f"{where}.regex: {fault}"
    for test in () if may_be_empty else ("exact", "prefix"):
        if match.get(test) == "":
            yield f"{where}.{test}: is empty"


def _text(error: Exception) -> str:
    detail = error.args[0] if error.args else ""
    return detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
