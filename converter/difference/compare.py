"""Two sides held against each other in all three layers."""

from converter.difference.behaviour import behaviour
from converter.difference.ledger import ledger
from converter.difference.objects import objects
from converter.difference.side import Side
from converter.model.changes import Changes


def compare(old: Side, new: Side) -> Changes:
    """All that differs between two sides. Their hosts may be compared one at a time, and the changes joined."""
    found = behaviour(old.lists, new.lists) if old.lists is not None and new.lists is not None else ()
    return Changes(old.label, new.label, found, objects(old.files, new.files), ledger(old.rows, new.rows), (*old.notes, *new.notes))
