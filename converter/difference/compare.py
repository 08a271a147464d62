"""Two sides held against each other in all three layers."""

from converter.difference.behaviour import behaviour
from converter.difference.ledger import ledger
from converter.difference.lists import Lists
from converter.difference.objects import documents_of, objects
from converter.difference.readback import read_back
from converter.difference.side import Side
from converter.model.changes import Changes

_AS_WRITTEN = (
    "read back from manifests: what the script of an EnvoyFilter and a DestinationRule do is compared as it is written, "
    "and requests that are spelled oddly are left out"
)


def compare(old: Side, new: Side) -> Changes:
    """All that differs between two sides. Their hosts may be compared one at a time, and the changes joined."""
    notes = [*old.notes, *new.notes]
    if old.lists is not None and new.lists is not None:
        found = behaviour(old.lists, new.lists)
    else:
        found = behaviour(*(_from_manifests(side) for side in (old, new)))
        notes += [_AS_WRITTEN] if found else []
    outcomes = () if old.rows is None or new.rows is None else ledger(old.rows, new.rows)
    return Changes(old.label, new.label, found, objects(old.files, new.files), outcomes, tuple(dict.fromkeys(notes)))


def _from_manifests(side: Side) -> Lists:
    return read_back(documents_of(side.files))
