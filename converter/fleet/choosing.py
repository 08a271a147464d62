"""Which of the variants of a site is written: the only one, the one that a decision names, the majority, the strictest; or none."""

from dataclasses import dataclass

from converter.fleet.comparing import Compared
from converter.fleet.grouping import Grouped
from converter.model.decisions import Decisions
from converter.model.fleet import Difference, Site, Variant
from converter.model.records import replace

_UNKNOWN_HOSTS = "what answers a host name that no server has; each machine has its own default server, a gateway has one"


@dataclass(frozen=True, slots=True)
class _Choice:
    chosen: int | None
    why: str


def site(name: str, found: Grouped, compared: Compared | None, decisions: Decisions) -> Site:
    """A site with its choice. name: unique.  compared: None where there is one variant."""
    names = (name, *(sketch.application.name for way in found.ways for sketch in way.sketches if found.name == name))
    made = Site(
        name,
        tuple(sorted({name for name, _ in found.served})),
        tuple(sorted({port for _, port in found.served})),
        tuple(Variant(way.machines) for way in found.ways),
    )
    if compared is None:
        return made
    choice = _choice(made, compared, _taken(names, decisions), decisions.defaults.drift)
    out = replace(
        made,
        difference=compared.difference,
        statements=compared.statements,
        causes=compared.causes,
        chosen=choice.chosen,
        why=choice.why + _left_out(found, choice.chosen),
        key=f"hosts.{made.name}.take",
    )
    if choice.chosen is None:
        return out
    others = tuple(n for n in range(len(made.variants)) if n != choice.chosen)  # of a rare variant it is not known
    looser = compared.looser[choice.chosen] if choice.chosen < len(compared.looser) else others
    return replace(out, kept_out_by=tuple(m for n in looser for m in made.variants[n].machines))


def _left_out(found: Grouped, chosen: int | None) -> str:
    """The names and ports that only other variants serve."""
    left = sorted(found.left_out(chosen)) if chosen is not None else []
    return f"; not written are {_few(tuple(f'{name}:{port}' for name, port in left))}, which only others serve" if left else ""


def _taken(names: tuple[str, ...], decisions: Decisions) -> str:
    return next((own.take for name in names if (own := decisions.hosts.get(name)) and own.take), "")


def _choice(site: Site, compared: Compared, take: str, drift: str) -> _Choice:
    if take and take != "majority":
        return _of_machine(site, take)
    if take == "majority":
        return _majority(site)
    if site.hosts == ("*",):
        return _Choice(None, f"not written: {_UNKNOWN_HOSTS}")
    if compared.difference is Difference.DRIFT and drift == "majority":
        return _majority(site)
    if compared.strictest is not None:
        least = site.variants[compared.strictest].machines
        return _Choice(compared.strictest, f"the machines differ in who is let in: the strictest is taken, that of {_few(least)}")
    if compared.difference is Difference.DRIFT:
        return _Choice(None, "not written: the machines serve it almost alike; say which of them counts, or majority")
    return _Choice(None, f"not written: the machines contradict each other ({'; '.join(compared.causes)}); say which of them counts")


def _of_machine(site: Site, machine: str) -> _Choice:
    for number, variant in enumerate(site.variants):
        if machine in variant.machines:
            return _Choice(number, f"decided: the configuration of {machine} counts")
    return _Choice(None, f"not written: {machine}, which the decisions name, does not serve it; it is served by {_few(_all(site))}")


def _majority(site: Site) -> _Choice:
    first, second = (len(variant.machines) for variant in site.variants[:2])
    if first == second:
        return _Choice(None, f"not written: there is no majority, {first} machines each have it their way; name one of them")
    return _Choice(0, f"decided: the majority counts, {first} of {site.machines} machines")


def _all(site: Site) -> tuple[str, ...]:
    return tuple(machine for variant in site.variants for machine in variant.machines)


def _few(machines: tuple[str, ...]) -> str:
    more = len(machines) - 3
    return ", ".join(machines[:3]) + (f" and {more} more" if more > 0 else "")
