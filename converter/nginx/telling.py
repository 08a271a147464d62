"""How the passes over nginx's configuration tell the ledger what became of a directive."""

from dataclasses import dataclass, field

from converter.model.conversion import DecisionNeeded
from converter.model.ledger import Ledger
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.syntax.tree import Directive


@dataclass(slots=True)
class Telling:
    """Passed along by the passes; the only thing in this room that changes.

    closed: blocks whose routes were closed, with the reason: what nothing took in them is not carried over.
    said: the directives that something was said of since it was emptied last.
    """

    ledger: Ledger
    closed: list[tuple[Directive, str]] = field(default_factory=list)
    decisions: dict[DecisionNeeded, None] = field(default_factory=dict)
    said: dict[Position, None] = field(default_factory=dict)

    def say(self, directive: Directive | None, outcome: Outcome, reason: str = "") -> None:
        """Notes one effect of a directive."""
        if directive is not None:
            self.said[directive.position] = None
            self.ledger.record(directive.position, outcome, reason)

    def close(self, block: Directive | None, reason: str) -> None:
        """Notes that requests to a block are refused; the block itself counts as not converted."""
        if block is not None:
            self.say(block, Outcome.UNSUPPORTED, reason)
            self.closed.append((block, reason))

    def ask(self, key: str, question: str) -> None:
        self.decisions[DecisionNeeded(key, question)] = None

    def finish(self) -> None:
        """Accounts for what stands in closed blocks and was taken by nothing."""
        for block, reason in self.closed:
            for directive in block.walk():
                if not self.ledger.settled(directive.position):
                    self.say(directive, Outcome.UNSUPPORTED, f"the route is closed: {reason}")
