"""Load balancing of a DestinationRule: hashes, localities, warm-up."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter.istio.checks.durations import nanoseconds

_LARGEST_TABLE = 5_000_011  # of Envoy's Maglev balancer
_TOPOLOGY = frozenset(["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"])


def balancer_faults(where: str, balancer: Mapping[str, Any]) -> Iterator[str]:
    yield from _hash(f"{where}.consistentHash", balancer.get("consistentHash"))
    locality, zones = balancer.get("localityLbSetting"), balancer.get("zoneAwareLbSetting")
    if locality is not None and zones is not None:
        yield f"{where}: only one of localityLbSetting and zoneAwareLbSetting"
    yield from _locality(f"{where}.localityLbSetting", locality or {})
    yield from _failover(f"{where}.zoneAwareLbSetting", zones or {})
    if _TOPOLOGY & set((zones or {}).get("failoverPriority", ())):
        yield f"{where}.zoneAwareLbSetting.failoverPriority: names a label of the topology"
    if balancer.get("warmup", {}).get("aggression", 1) <= 0:
        yield f"{where}.warmup.aggression: is not above 0"


def _hash(where: str, chosen: Mapping[str, Any] | None) -> Iterator[str]:
    if chosen is None:
        return
    if chosen.get("minimumRingSize") and ("ringHash" in chosen or "maglev" in chosen):
        yield f"{where}: only one of minimumRingSize, ringHash and maglev"
    if "maglev" in chosen and not _is_table_size(chosen["maglev"].get("tableSize", 0)):
        yield f"{where}.maglev.tableSize: is no prime number below {_LARGEST_TABLE}"
    cookie = chosen.get("httpCookie", {"name": "-"})
    attributes = [attribute["name"] for attribute in cookie.get("attributes", ())]
    if not cookie["name"] or "" in attributes or len(set(attributes)) < len(attributes):
        yield f"{where}.httpCookie: a name is empty or used twice"
    if nanoseconds(cookie.get("ttl", "0s")) is None:  # 0s makes a session cookie
        yield f"{where}.httpCookie.ttl: {cookie['ttl']!r} is no duration"


def _is_table_size(number: int) -> bool:
    if not 0 < number < _LARGEST_TABLE or (number > 3 and number % 2 == 0):
        return False
    return all(number % factor for factor in range(3, math.isqrt(number) + 1, 2))


def _locality(where: str, setting: Mapping[str, Any]) -> Iterator[str]:
    failover, distribute = setting.get("failover", []), setting.get("distribute", [])
    if distribute and failover:
        yield f"{where}: only one of distribute and failover"
    if failover and _TOPOLOGY & set(setting.get("failoverPriority", ())):
        yield f"{where}.failoverPriority: names a label of the topology beside failover"
    for index, entry in enumerate(distribute):
        place = f"{where}.distribute[{index}]"
        weights = entry.get("to", {})
        if sum(weights.values()) != 100 or not all(0 < weight <= 100 for weight in weights.values()):
            yield f"{place}.to: the weights must be 1 to 100 and add up to 100"
        yield from _localities(f"{place}.to", list(weights))
    yield from _localities(f"{where}.distribute", [entry.get("from", "") for entry in distribute])
    yield from _failover(where, setting)


def _localities(where: str, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if not all(name.split("/", 2)) or "*" in name[:-1]:
            yield f"{where}: {name!r} is no locality: region/zone/subzone, with `*` only at the end"
    parts = [[part for part in name.split("/", 2) if part != "*"] for name in names]
    for one, other in itertools.combinations(parts, 2):
        shorter = min(len(one), len(other))
        if one[:shorter] == other[:shorter]:
            yield f"{where}: {'/'.join(one) or '*'} and {'/'.join(other) or '*'} overlap"


def _failover(where: str, setting: Mapping[str, Any]) -> Iterator[str]:
    for index, entry in enumerate(setting.get("failover", ())):
        start, end = entry.get("from", ""), entry.get("to", "")
        if start == end or any(sign in start + end for sign in "/*"):
            yield f"{where}.failover[{index}]: needs two different regions, without zones and wildcards"
