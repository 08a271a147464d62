"""Variables that tables define: `map`, `geo` and `split_clients`, looked up for one value.

Source: ngx_http_map_find in nginx's src/http/ngx_http_variables.c; ngx_http_geo_module, ngx_http_split_clients_module.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from converter.interpreter.patterns import Regex, Work
from converter.model.places import Position
from converter.nginx.scope import Scope
from converter.nginx.spelling import octets
from converter.syntax.tree import Directive

_PARAMETERS = {"map": ("hostnames", "volatile"), "geo": ("ranges", "delete", "proxy", "proxy_recursive"), "split_clients": ()}
_ALL, _MIX = 0xFFFFFFFF, 0x5BD1E995


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One line of a table. kind: `exact`, `head` (`*.x` and `.x`), `tail`, `regex`, `network`, `share`, `default`.

    first, last: of a network, or of the hashes of a share.
    """

    kind: str
    text: str
    value: str
    position: Position
    regex: Regex | None = None
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A `map`, `geo` or `split_clients` block.

    source: the text whose value is looked up.  defines: the variable, without `$`.
    proxies: of a geo: whose word on the client's address is taken; recursive: that of proxies before them, too.
    """

    kind: str
    source: str
    defines: str
    directive: Directive
    entries: tuple[Entry, ...]
    exact: dict[str, Entry]
    rest: tuple[Entry, ...]
    default: Entry | None
    work: Work
    proxies: tuple[str, ...] = ()
    recursive: bool = False
    hostnames: bool = False
    volatile: bool = False

    def entry(self, value: str) -> Entry | None:
        """The line that is chosen for a value: None for a default that nothing in the source says."""
        if self.kind == "geo":
            return _by_address(self, value) or self.default
        if self.kind == "split_clients":
            code = murmur(octets(value))
            return next((line for line in self.rest if line.first <= code < line.last), self.default)
        if self.hostnames:
            value = value.removesuffix(".")
        if found := self.exact.get(value.lower()):
            return found
        for line in self.rest if value else ():  # nothing but a text of its own takes the empty text
            if self.work.spent:
                return None
            if self._takes(line, value):
                return line
        return self.default

    def _takes(self, line: Entry, value: str) -> bool:
        if line.regex is not None:
            return self.work.found(line.regex, value)
        self.work.left -= 1
        text, value = line.text.lower(), value.lower()
        if line.kind == "tail":
            return value.startswith(text)
        return value.endswith(text)


def read_tables(http: Scope, work: Work) -> dict[str, Table]:
    """The tables of an http level by the variable that they define."""
    found: dict[str, Table] = {}
    for directive in http.own("map", "geo", "split_clients"):
        if directive.args:
            source = directive.args[0] if len(directive.args) > 1 else "$remote_addr"
            table = _table(directive, source, directive.args[-1].removeprefix("$").lower(), work)
            found[table.defines] = table
    return found


def _table(directive: Directive, source: str, defines: str, work: Work) -> Table:
    lines = [line for line in directive.block or () if line.name != "include" and not _parameter(directive.name, line)]
    hostnames = any(line.name == "hostnames" and not line.args for line in directive.block or ())
    entries = _entries(directive, lines, hostnames)
    default = next((e for e in reversed(entries) if e.kind == "default"), None)
    exact: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == "exact":
            exact.setdefault(entry.text.lower(), entry)
    order = {"head": 0, "tail": 1, "regex": 2, "network": 3, "share": 4}
    rest = [e for e in entries if e.kind in order]
    rest.sort(key=lambda e: (order[e.kind], -len(e.text) if e.kind in ("head", "tail") else 0))
    words = {line.name for line in directive.block or () if not line.args}
    proxies = tuple(line.args[0] for line in directive.block or () if line.name == "proxy" and line.args and directive.name == "geo")
    more = (proxies, "proxy_recursive" in words, hostnames, "volatile" in words and directive.name == "map")
    return Table(directive.name, source, defines, directive, tuple(entries), exact, tuple(rest), default, work, *more)


def _entries(directive: Directive, lines: list[Directive], hostnames: bool) -> list[Entry]:
    match directive.name:
        case "map":
            return [e for line in lines for e in _map_entries(line, hostnames)]
        case "geo":
            return [e for line in lines for e in _geo_entries(line)]
    return list(_shares(lines))


def _shares(lines: list[Directive]) -> Iterator[Entry]:
    """The lines of split_clients with the hashes that are theirs (ngx_conf_split_clients_block)."""
    start = 0
    for line in lines:
        value = line.args[0] if line.args else ""
        if line.name == "*":
            yield Entry("default", "", value, line.position)
            continue
        try:
            end = start + int(Decimal(line.name.removesuffix("%")) * 100) * _ALL // 10000
        except (InvalidOperation, ValueError, OverflowError):
            continue
        yield Entry("share", line.name, value, line.position, None, start, end)
        start = end


def murmur(data: bytes) -> int:
    """MurmurHash2 as ngx_murmur_hash2 in nginx's src/core/ngx_murmurhash.c computes it.

    >>> murmur(b"")
    0
    """
    code, length = len(data), len(data)
    for at in range(0, length - 3, 4):
        part = int.from_bytes(data[at : at + 4], "little") * _MIX & _ALL
        code = (code * _MIX & _ALL) ^ ((part ^ part >> 24) * _MIX & _ALL)
    if rest := data[length - length % 4 :]:
        code = (code ^ int.from_bytes(rest, "little")) * _MIX & _ALL
    code = (code ^ code >> 13) * _MIX & _ALL
    return code ^ code >> 15


def _parameter(kind: str, line: Directive) -> bool:
    return line.name in _PARAMETERS[kind] and (not line.args or kind == "geo")


def _map_entries(line: Directive, hostnames: bool) -> list[Entry]:
    text, value, position = line.name, line.args[0] if line.args else "", line.position
    if text == "default":
        return [Entry("default", "", value, position)]
    if text.startswith("~"):
        regex = Regex(text[2:] if text.startswith("~*") else text[1:], text.startswith("~*"))
        return [Entry("regex", regex.text, value, position, regex)]
    if hostnames and text.startswith("."):
        return [Entry("exact", text[1:], value, position), Entry("head", text, value, position)]
    if hostnames and text.startswith("*."):
        return [Entry("head", text[1:], value, position)]
    if hostnames and text.endswith(".*"):
        return [Entry("tail", text[:-1], value, position)]
    return [Entry("exact", text.removeprefix("\\"), value, position)]


def _geo_entries(line: Directive) -> list[Entry]:
    value = line.args[0] if line.args else ""
    if line.name == "default":
        return [Entry("default", "", value, line.position)]
    first, _, last = line.name.partition("-")
    try:
        if last:
            low, high = int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
        else:
            network = ipaddress.ip_network(first, strict=False)
            low, high = int(network[0]), int(network[-1])
    except ValueError:
        return []
    return [Entry("network", line.name, value, line.position, None, low, high)]


def _by_address(table: Table, value: str) -> Entry | None:
    """The smallest network that an address is in."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    table.work.left -= len(table.rest) // 10
    if table.work.spent:
        return None
    number, six = int(address), address.version == 6
    fitting = [e for e in reversed(table.rest) if e.first <= number <= e.last and (":" in e.text) == six]
    return min(fitting, key=lambda e: e.last - e.first, default=None)
