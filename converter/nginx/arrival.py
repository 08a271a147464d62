"""What is known of a request when it arrives at a location."""

from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx.locations import Location
from converter.nginx.spelling import spelled
from converter.nginx.state import State


def with_captures(state: State, location: Location) -> State:
    """The captures of a regex location; one without groups leaves none."""
    pattern = location.pattern
    if pattern is None:
        return state
    if state.current_path is not None:
        groups = tuple(Template.of(text or "") for text in pattern.search(state.current_path) or ())
    elif state.path.rewritten:
        groups = tuple(Template.of(Variable(Source.UNKNOWN, str(n))) for n in range(1, pattern.groups + 1))
    else:
        groups = tuple(Template.of(Variable(Source.CAPTURE, f"{n} {location.regex}")) for n in range(1, pattern.groups + 1))
    return replace(state, captures=groups, values={**state.values, **{name: groups[n - 1] for name, n in pattern.names.items()}})


def decided(locations: tuple[Location, ...], start: str) -> Location | None:
    """The location of every path that begins with a (spelled) text, if it is the same for all of them."""
    around = [c for c in locations if c.kind in ("prefix", "strong") and start.startswith(spelled(c.text))]
    inside = [
        c
        for c in locations
        if c.kind != "named" and c.kind != "regex" and spelled(c.text).rstrip("/").startswith(start) and c not in around
    ]
    best = max(around, key=lambda c: len(c.text), default=None)
    if best is None or inside or best.children or (best.kind != "strong" and any(_may_match(c, start) for c in locations)):
        return None
    return best


def _may_match(location: Location, start: str) -> bool:
    """Whether a regex location may match a path that begins so."""
    if location.kind != "regex":
        return False
    literal = location.pattern.anchored_prefix if location.pattern else None
    text = spelled(literal) if literal is not None else ""
    return literal is None or text.startswith(start) or start.startswith(text)
