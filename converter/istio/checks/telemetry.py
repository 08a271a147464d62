"""Telemetry: what the schema leaves open."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.names import target_faults


def check(document: Mapping[str, Any]) -> Iterator[str]:
    spec = document["spec"]
    yield from target_faults(spec)
    for index, log in enumerate(spec.get("accessLogging", ())):
        expression = log.get("filter", {}).get("expression", "")
        if not _is_balanced(expression):
            yield f"spec.accessLogging[{index}].filter.expression: is no CEL expression"
    for index, tracing in enumerate(spec.get("tracing", ())):
        if "" in tracing.get("customTags", {}):
            yield f"spec.tracing[{index}].customTags: the name of a tag is empty"


def _is_balanced(expression: str) -> bool:
    """Whether the brackets outside of texts close as they should; a parser of CEL would find more."""
    closing, expected, quote = {"(": ")", "[": "]", "{": "}"}, [], ""
    signs = iter(expression)
    for sign in signs:
        if sign == "\\" and quote:
            next(signs, "")
        elif sign in "'\"" and quote in ("", sign):
            quote = "" if quote else sign
        elif not quote and sign in closing:
            expected.append(closing[sign])
        elif not quote and sign in closing.values() and (not expected or expected.pop() != sign):
            return False
    return not quote and not expected
