"""TLS of the names that both sides serve: certificates, versions, client certificates."""

from collections.abc import Iterator

from converter.difference.doors import Doors, shown
from converter.difference.lists import essence
from converter.model.applications import ServerTls
from converter.model.changes import BehaviourChange, Changed, Effect

_ANY = "the gateway's choice"


def of_listeners(old: Doors, new: Doors) -> Iterator[BehaviourChange]:
    """What changes for clients before their request is read, told once for all names of a virtual host that it is the same for."""
    found: dict[tuple[str, Effect, tuple[Changed, ...], str, str], dict[str, None]] = {}
    for socket in sorted(old.names.keys() & new.names.keys()):
        for name in sorted(old.names[socket].keys() & new.names[socket].keys()):
            (_, before), (host, after) = old.names[socket][name], new.names[socket][name]
            if before.tls is None or after.tls is None or essence(before.tls) == essence(after.tls):
                continue
            changed = tuple(_differing(before.tls, after.tls))
            places = str(before.tls.origin or ""), str(after.tls.origin or "")
            key = host.application, _effect(before.tls, after.tls), changed, *places
            found.setdefault(key, {})[shown(name, socket)] = None
    for (application, effect, changed, before_at, after_at), names in found.items():
        yield BehaviourChange(effect, application, tuple(names), None, "", "", changed, before_at, after_at)


def _differing(old: ServerTls, new: ServerTls) -> Iterator[Changed]:
    for field, before, after in zip(_FIELDS, _texts(old), _texts(new), strict=True):
        if before != after:
            yield Changed(field, before, after)


_FIELDS = ("certificate", "key", "secret", "lowest TLS version", "highest TLS version", "ciphers", "client certificates")


def _texts(tls: ServerTls) -> tuple[str, ...]:
    client = tls.client
    asked = "not asked for" if client is None else f"{'required' if client.required else 'checked where sent'}, of {client.authority}"
    return tls.certificate, tls.key, tls.secret, tls.lowest or _ANY, tls.highest or _ANY, " ".join(tls.ciphers) or _ANY, asked


def _effect(old: ServerTls, new: ServerTls) -> Effect:
    """Clients without the certificate that was required are let in now, or those with one of another authority."""
    required = old.client is not None and old.client.required
    if required and old.client != new.client:
        return Effect.WIDENED
    return Effect.REFUSED if new.client is not None and new.client.required and not required else Effect.CHANGED
