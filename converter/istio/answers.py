"""Answers of the gateway's own: direct responses, and the texts in them."""

from contextlib import suppress

from converter.istio import formats, scripted
from converter.istio.formats import Inexpressible
from converter.istio.parts import Parts
from converter.istio.scripted import Allowance
from converter.istio.yaml import Written
from converter.model.outcomes import Outcome
from converter.model.rules import Answer


def answer(action: Answer, allowance: Allowance) -> Parts:
    """The parts of an answer. Raises Inexpressible."""
    response: dict[str, object] = {"status": action.status}
    http: dict[str, object] = {"directResponse": response}
    if 300 <= action.status < 400 or action.status == 201:  # for which Envoy makes a Location
        http["headers"] = {"response": {"remove": ["Location"]}}
    if (literal := action.body.literal) is not None:
        if literal:
            response["body"] = {"string": literal}
        return Parts(http)
    if not allowance.filters:
        raise Inexpressible("a text with variables needs an EnvoyFilter")
    text, script = _varying(action, allowance)
    body = {"omit_empty_values": True, "content_type": action.content_type, "text_format_source": {"inline_string": text}}
    return Parts(http, script, {"direct_response": Written({"body_format": body})})


_MADE = "%DYNAMIC_METADATA(nginx:answer)%"  # by the script


def _varying(action: Answer, allowance: Allowance) -> tuple[str, dict[str, object]]:
    """A text with variables: as Envoy's format, or by the script where it holds what a format cannot, or not exactly; with its orders."""
    if formats.reads_argument(action.body):
        with suppress(Inexpressible):
            return _MADE, _orders(action)
    if reason := formats.inexact(action.body):
        allowance.losses.add(allowance.origin, Outcome.APPROXIMATE, reason)
    try:
        return formats.text(action.body), {}
    except Inexpressible:
        return _MADE, _orders(action)


def _orders(action: Answer) -> dict[str, object]:
    return {"answer": scripted.answer(action)}
