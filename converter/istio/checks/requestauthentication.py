"""RequestAuthentication: what the schema leaves open."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.names import target_faults


def check(document: Mapping[str, Any]) -> Iterator[str]:
    yield from target_faults(document["spec"])
    for index, rule in enumerate(document["spec"].get("jwtRules", ())):
        where = f"spec.jwtRules[{index}]"
        if not rule.get("issuer") and not rule.get("jwksUri"):
            yield f"{where}: needs issuer or jwksUri"
        if rule.get("jwks") and not _is_key_set(rule["jwks"]):
            yield f"{where}.jwks: is no JSON Web Key Set"


def _is_key_set(text: str) -> bool:
    """Whether the text is a set of keys, or one key, in JSON; the keys themselves are not looked at."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (isinstance(value.get("keys"), list) or "kty" in value)
