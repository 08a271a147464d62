"""What differs between two configurations, as plain data for other programs. docs/diff.schema.json describes it."""

from converter.model.changes import BehaviourChange, Changed, Changes, Effect, LedgerChange, ObjectChange
from converter.model.verification import Request

VERSION = 1


def document(changes: Changes) -> dict[str, object]:
    """All layers, in the order of the text."""
    return {
        "version": VERSION,
        "old": changes.old,
        "new": changes.new,
        "different": bool(changes),
        "totals": {
            "effects": {effect.value: changes.number(effect) for effect in Effect},
            "objects": len(changes.objects),
            "outcomes": len(changes.ledger),
        },
        "behaviour": [_behaviour(change) for change in changes.behaviour],
        "objects": [_object(change) for change in changes.objects],
        "ledger": [_outcome(change) for change in changes.ledger],
        "notes": list(changes.notes),
    }


def _behaviour(change: BehaviourChange) -> dict[str, object]:
    return {
        "effect": change.effect.value,
        "host": change.host,
        "names": list(change.names),
        "request": None if change.request is None else _request(change.request),
        "was": change.was,
        "now": change.now,
        "changed": _changed(change.changed),
        "old_rule": change.old,
        "new_rule": change.new,
        "more": list(change.more),
    }


def _request(request: Request) -> dict[str, object]:
    return {
        "text": str(request),
        "method": request.method,
        "scheme": request.scheme,
        "host": request.host,
        "port": request.port,
        "target": request.target,
        "headers": [list(pair) for pair in request.headers],
        "from": request.client,
    }


def _changed(changed: tuple[Changed, ...]) -> list[dict[str, object]]:
    return [{"field": one.field, "old": one.old, "new": one.new} for one in changed]


def _object(change: ObjectChange) -> dict[str, object]:
    return {
        "turn": change.turn.value,
        "name": change.name,
        "file": change.file,
        "changed": _changed(change.changed),
        "moved": list(change.moved),
    }


def _outcome(change: LedgerChange) -> dict[str, object]:
    return {
        "turn": change.turn.value,
        "directive": change.directive,
        "context": list(change.context),
        "place": change.place,
        "old": change.old.value if change.old else None,
        "new": change.new.value if change.new else None,
        "reason": change.reason,
    }
