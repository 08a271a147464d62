"""Parts of a configuration that were not given: whatever they hold may decide."""

import re

from converter.interpreter.situation import Situation
from converter.nginx.scope import Scope

_HARMLESS = re.compile(r"(?:^|/)(?:mime\.types|(?:fastcgi|uwsgi|scgi)_params|fastcgi\.conf|koi-\w+|win-utf)$")


def whole(situation: Situation, scope: Scope) -> None:
    """Raises Doubt where a block on or around a level was cut short, or an include has no text."""
    gaps = situation.http.incomplete
    level: Scope | None = scope
    while gaps and level is not None:
        if level.block is not None and level.block.position in gaps:
            situation.doubt(f"{level.kind} ({level.block.position}) is not there as a whole")
        for include in level.own("include"):
            if include.position in gaps and include.args and not _HARMLESS.search(include.args[0]):
                situation.doubt(f"{include} ({include.position}) was not given: what it holds may decide")
        level = level.parent
