"""What came of a fleet: machines, the sites that they serve, what differs between them, and what is ready to move."""

import enum
from dataclasses import dataclass, field

from converter.model.conversion import DecisionNeeded, SecretNeeded
from converter.model.findings import Finding


class State(enum.Enum):
    """Where a host stands on its way to the gateway; the value is the word for readers. Listed in the order in which hosts will move."""

    READY = "ready"
    REVIEW = "to review"
    DECIDE = "needs a decision"
    STAY = "stays on nginx"


class Difference(enum.Enum):
    """How the machines that serve a site differ."""

    NONE = "none"
    DRIFT = "drift"  # nearly the same
    ACCESS = "access"  # who is let in; one of them is stricter than all others
    CONFLICT = "conflict"  # other servers behind, other certificates, other access, or another site altogether


@dataclass(frozen=True, slots=True)
class Statement:
    """A directive that some machines have for a site and others have not, or have otherwise.

    context: the blocks around it with their arguments, outermost first, such as `location /api`.
    ways:    each way of saying it with the numbers of the variants that say it so; an empty text where it is missing.
    """

    context: tuple[str, ...]
    directive: str
    ways: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """Machines that serve a site in the same way, by name."""

    machines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A set of host names, and all machines that serve them.

    name: of its folder.  variants: the commonest first.  chosen: the number of the one that is written; None: none is.
    why:  a sentence on the choice, or on what must be decided.  key: of the decisions file, where that can decide.
    causes: for a conflict, what contradicts.  kept_out_by: machines that keep somebody out whom the chosen variant lets in.
    """

    name: str
    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    variants: tuple[Variant, ...]
    difference: Difference = Difference.NONE
    statements: tuple[Statement, ...] = ()
    causes: tuple[str, ...] = ()
    chosen: int | None = 0
    why: str = ""
    key: str = ""
    kept_out_by: tuple[str, ...] = ()

    @property
    def machines(self) -> int:
        return sum(len(variant.machines) for variant in self.variants)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a host can move.

    machine: the one that it is made from.  counts: its directives by outcome.  closed: routes that refuse.
    open:    names of the directives that are not settled.
    """

    host: str
    machine: str
    state: State
    counts: dict[str, int] = field(default_factory=dict)
    routes: int = 0
    closed: int = 0
    open: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Machines of one configuration that could not be converted, and why. defect: the converter's own fault."""

    machines: tuple[str, ...]
    reason: str
    defect: bool = False


@dataclass(frozen=True, slots=True)
class Fleet:
    """All of a repository.

    configurations: the machines of each distinct configuration, by name; its report is in the folder of the first.
    progress: of the hosts that are written.  failed: machines that could not be converted.
    totals: directives of the distinct configurations, by outcome.
    """

    source: str
    configurations: tuple[tuple[str, ...], ...] = ()
    sites: tuple[Site, ...] = ()
    progress: tuple[Progress, ...] = ()
    failed: tuple[Failed, ...] = ()
    findings: tuple[Finding, ...] = ()
    secrets: tuple[SecretNeeded, ...] = ()
    decisions_needed: tuple[DecisionNeeded, ...] = ()
    totals: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wave:
    """Hosts that can move at the same time: by name, and how many machines serve them."""

    state: State
    hosts: tuple[str, ...]


def waves(fleet: Fleet) -> tuple[Wave, ...]:
    """All hosts by how near they are to moving; of a site that is not written, its name stands for its hosts."""
    names: dict[State, list[str]] = {state: [] for state in State}
    for host in fleet.progress:
        names[host.state].append(host.host)
    for site in fleet.sites:
        if site.chosen is None:
            names[State.DECIDE].append(site.name)
    return tuple(Wave(state, tuple(sorted(names[state]))) for state in State)


def reaches(fleet: Fleet, threshold: str) -> bool:
    """Whether a host is in this state (its name in lower case) or further from moving. `never` is not reached; a machine that failed counts as
    one that stays."""
    if threshold == "never":
        return False
    least = [state.name.lower() for state in State].index(threshold)
    return bool(fleet.failed) or any(wave.hosts for wave in waves(fleet)[least:])
