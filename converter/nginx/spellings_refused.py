"""Spellings of a path that nginx reads otherwise than a gateway does must not slip past what refuses requests.

nginx decodes a path and merges its slashes before it chooses a location (ngx_http_parse_complex_uri); a gateway decodes unreserved
characters only. Where some routes refuse and others serve, such a path could be served as another location's: it is refused.
"""

import re
from functools import lru_cache

from converter.model.guards import PATH, RAW_PATH, Condition, Listed, Test
from converter.model.rules import Proxy, Refuse, Rule

_GROUPS = re.compile(r"\(\?[a-zA-Z]*:|\(\?[a-zA-Z]+\)|\(\?P?<\w+>")
_RESERVED = frozenset("!$&'()*+,;=:@[]")


def with_spellings_refused(rules: list[Rule]) -> list[Rule]:
    """The rules, behind one that refuses doubled slashes and needless escapes where that matters."""
    refusing = [rule for rule in rules if rule.refuses and _about_paths(rule)]
    if not refusing or not any(isinstance(rule.action, Proxy) for rule in rules):
        return rules
    spellings = ["//", "%2[fF]", "%5[cC]", *_escapes(_texts(rules))]
    pattern = rf"[^?]*(?:{'|'.join(spellings)}).*"
    guard = (Condition(RAW_PATH, Test.REGEX, pattern),)
    reason = "spellings of a path that nginx would resolve first"
    return [Rule(guard, Refuse(reason), origins=refusing[0].origins[-1:], name="spelling", notes=(reason,)), *rules]


def _about_paths(rule: Rule) -> bool:
    """Whether a rule is for some paths and not others: by a condition on the path, or as what is left."""
    return not rule.guard or any(isinstance(c, Condition) and c.subject == PATH for c in rule.guard)


def _texts(rules: list[Rule]) -> list[Condition]:
    asked = [c for rule in rules for c in rule.guard]
    listed = [Condition(PATH, Test.EXACT, text) for c in asked if isinstance(c, Listed) and c.subject == PATH for text in c.texts]
    return [c for c in asked if isinstance(c, Condition) and c.subject == PATH] + listed


def _escapes(conditions: list[Condition]) -> list[str]:
    """Escapes of the reserved characters that the conditions write as they are, and of those written in another case."""
    found: set[str] = set()
    for condition in conditions:
        found |= _characters(condition)
    out = []
    for character in sorted(found):
        code = f"{ord(character):02X}"
        high, low = code[0], code[1]
        out.append(f"%{high}[{low}{low.lower()}]" if low.isalpha() else f"%{high}{low}")
    if any("%" in condition.text for condition in conditions):
        out.append("%[a-f][0-9A-Fa-f]|%[0-9A-F][a-f]")
    return out


@lru_cache(maxsize=4096)
def _characters(condition: Condition) -> frozenset[str]:
    if condition.test is not Test.REGEX:
        return frozenset(condition.text) & _RESERVED
    text = _GROUPS.sub("", condition.text)
    escaped = frozenset(re.findall(r"\\([^\w])", text)) & _RESERVED
    return escaped | (frozenset(re.sub(r"\\.", "", text)) & set("!&',;=:@"))
