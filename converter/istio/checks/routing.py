"""What the routes of all protocols have in common: destinations, weights, names of gateways."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter.istio.checks.names import fqdn_fault, host_fault, is_label, port_fault

_HEAVIEST = 2**31 - 1


def destination_fault(destination: Mapping[str, Any]) -> str:
    host, subset = destination["host"], destination.get("subset", "")
    fault = f"{host!r} cannot be a destination" if host == "*" else host_fault(host)
    if not fault and subset and not is_label(subset):
        fault = f"{subset!r} is no name of a subset"
    return fault or ("port" in destination and port_fault(destination["port"].get("number", 0))) or ""


def destination_faults(routes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Faults of `route` of any protocol, which go on from its place: each destination, each weight, and their sum."""
    faults = []
    total = 0
    for index, route in enumerate(routes):
        if fault := destination_fault(route["destination"]):
            faults.append(f"[{index}].destination: {fault}")
        weight = route.get("weight", 0)
        total += weight
        if weight < 0:
            faults.append(f"[{index}].weight: is negative")
    if len(routes) > 1 and not 0 < total <= _HEAVIEST:
        faults.append(": the weights must add up to more than 0 and less than 2^31")
    return faults


def gateway_name_faults(where: str, names: Sequence[str]) -> Iterator[str]:
    """`name`, `namespace/name` or `mesh`."""
    for index, name in enumerate(names):
        namespace, slash, short = name.partition("/")
        valid = is_label(namespace) and is_label(short) if slash else not fqdn_fault(name)
        if not valid:
            yield f"{where}[{index}]: {name!r} is no Gateway: name or namespace/name"
