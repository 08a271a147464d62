"""Which applications of the machines are one site: those that serve a host name on a port in common, and how many ways there are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from converter.fleet.glance import Looked, Sketch
from converter.fleet.joined import Joined


@dataclass(frozen=True, slots=True)
class Way:
    """Configurations that serve a site alike.

    applications: by the number of each configuration its applications, in an order that is the same for all; the one with the first
    machine first.
    """

    applications: dict[int, tuple[Sketch, ...]]
    machines: tuple[str, ...]

    @property
    def first(self) -> int:
        return next(iter(self.applications))

    @property
    def sketches(self) -> tuple[Sketch, ...]:
        """The applications of the first configuration."""
        return self.applications[self.first]

    @property
    def served(self) -> frozenset[tuple[str, int]]:
        """The host names with the ports that they are served on."""
        return frozenset(pair for sketch in self.sketches for pair in sketch.served)


@dataclass(frozen=True, slots=True)
class Grouped:
    """One site: the ways in which machines serve it, the commonest first."""

    ways: tuple[Way, ...]

    @property
    def name(self) -> str:
        """The name of the first application of the commonest way: other sites may have it, on other ports."""
        return self.ways[0].sketches[0].application.name

    @property
    def served(self) -> frozenset[tuple[str, int]]:
        return frozenset(pair for way in self.ways for pair in way.served)

    def left_out(self, chosen: int | None) -> frozenset[tuple[str, int]]:
        """What is served in other ways and not in the one that is written."""
        return self.served if chosen is None else self.served - self.ways[chosen].served


def grouped(looked: Sequence[Looked]) -> list[Grouped]:
    """The sites of a fleet, in the order of their first host names."""
    owners: dict[tuple[str, int], int] = {}
    joined = Joined()
    listed = [(number, sketch) for number, look in enumerate(looked) for sketch in look.glance.sketches]
    firsts = []
    for _, sketch in listed:
        numbers = [owners.setdefault(pair, len(owners)) for pair in sketch.served]
        firsts.append(numbers[0])
        for number in numbers[1:]:
            joined.join(numbers[0], number)
    sites: dict[int, dict[int, list[Sketch]]] = {}
    for first, (number, sketch) in zip(firsts, listed, strict=True):
        sites.setdefault(joined.root(first), {}).setdefault(number, []).append(sketch)
    return sorted((_site(looked, members) for members in sites.values()), key=lambda site: sorted(site.served))


def _site(looked: Sequence[Looked], members: dict[int, list[Sketch]]) -> Grouped:
    alike: dict[str, list[int]] = {}
    for number, sketches in members.items():
        alike.setdefault(_digest(sketches), []).append(number)
    ways = [_way(looked, numbers, members) for numbers in alike.values()]
    return Grouped(tuple(sorted(ways, key=lambda way: (-len(way.machines), way.machines[0]))))


def _way(looked: Sequence[Looked], numbers: list[int], members: dict[int, list[Sketch]]) -> Way:
    ordered = sorted(numbers, key=lambda number: looked[number].configuration.name)
    machines = sorted(name for number in ordered for name in looked[number].configuration.machines)
    alike = {n: tuple(sorted(members[n], key=lambda sketch: (sketch.fingerprint, sketch.application.name))) for n in ordered}
    return Way(alike, tuple(machines))


def _digest(sketches: list[Sketch]) -> str:
    return hashlib.sha256("".join(sorted(sketch.fingerprint for sketch in sketches)).encode()).hexdigest()
