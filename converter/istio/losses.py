"""What this room has to say of directives: what Istio cannot express exactly, and which objects they ended in."""

from dataclasses import dataclass, field

from msgspec import Struct

from converter.model.outcomes import Outcome
from converter.model.places import Position


class Loss(Struct, frozen=True):
    position: Position
    outcome: Outcome
    reason: str


@dataclass(slots=True)
class Losses:
    """Collected on the way through the room. placed: for a directive the objects that it ended in, in order."""

    found: dict[Loss, None] = field(default_factory=dict)
    placed: dict[Position, dict[str, None]] = field(default_factory=dict)

    def add(self, position: Position | None, outcome: Outcome, reason: str) -> None:
        if position is not None:
            self.found[Loss(position, outcome, reason)] = None

    def place(self, name: str, *positions: Position | None) -> None:
        """Notes that directives ended in an object, `Kind/namespace/name` or with `#part`."""
        for position in positions:
            if position is not None:
                self.placed.setdefault(position, {})[name] = None
