"""Names of the secrets that hold certificates. The same path on machines that share no site is not taken for the same certificate."""

from collections.abc import Iterable, Iterator

from converter.fleet.chosen import Chosen
from converter.fleet.joined import Joined
from converter.model.applications import Application, Listener, ServerTls
from converter.model.decisions import Decisions
from converter.model.records import replace
from converter.nginx.naming import Names, slug
from converter.nginx.tls import secret_name, secret_owner


def certificates(chosen: tuple[Chosen, ...], decisions: Decisions) -> tuple[Chosen, ...]:
    """The applications with the secrets of the fleet in their listeners. What the decisions name stays."""
    sets = _sets(chosen)
    owners: dict[str, set[int]] = {}
    for (_, path), owner in sets.items():
        owners.setdefault(path, set()).add(owner)
    names = Names({own.certificate: "" for own in decisions.hosts.values() if own.certificate})
    out = []
    for place, each in enumerate(chosen):
        own = decisions.hosts.get(each.sketch.application.name)
        given = {}
        for tls in _tls(each.new) if not (own and own.certificate) else ():
            owner = sets[place, tls.certificate]
            wanted = f"{slug(chosen[owner].new.name)}-tls" if len(owners[tls.certificate]) > 1 else secret_name(tls.certificate)
            held = secret_owner(tls.certificate, tls.client)
            given[held] = names.unique(wanted, f"{owner} {held}")
        out.append(replace(each, new=_with(each.new, given)))
    return tuple(out)


def _tls(application: Application) -> Iterator[ServerTls]:
    return (ln.tls for host in application.virtual_hosts for ln in host.listeners if ln.tls)


def _with(application: Application, given: dict[str, str]) -> Application:
    def renamed(listener: Listener) -> Listener:
        tls = listener.tls
        secret = given.get(secret_owner(tls.certificate, tls.client)) if tls else None
        return listener if tls is None or secret is None else replace(listener, tls=replace(tls, secret=secret))

    hosts = (replace(host, listeners=tuple(map(renamed, host.listeners))) for host in application.virtual_hosts)
    return replace(application, virtual_hosts=tuple(hosts))


def _machines(chosen: Chosen) -> tuple[str, ...]:
    """The machines that show that an application has one certificate: what answers unknown names is alike on many that share nothing else."""
    return chosen.way.machines[:1] if _unnamed(chosen) else chosen.way.machines


def _unnamed(chosen: Chosen) -> bool:
    return all(host.hosts == ("*",) for host in chosen.new.virtual_hosts)


def _sets(chosen: Iterable[Chosen]) -> dict[tuple[int, str], int]:
    """For an application's number and a path the first application that is on a machine in common, over any number of steps."""
    ordered = sorted(enumerate(chosen), key=lambda numbered: _unnamed(numbered[1]))  # what has a name of its own names the set
    listed = [
        (place, path, _machines(each)) for place, each in ordered for path in dict.fromkeys(tls.certificate for tls in _tls(each.new))
    ]
    joined = Joined()
    first: dict[tuple[str, str], int] = {}
    for number, (_, path, machines) in enumerate(listed):
        for machine in machines:
            joined.join(first.setdefault((machine, path), number), number)
    return {(place, path): listed[joined.root(number)][0] for number, (place, path, _) in enumerate(listed)}
