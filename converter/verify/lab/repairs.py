"""Makes a configuration run on a machine that is not its own. What nginx cannot use here is blanked out, line by line, and said.

nginx itself says what that is: it is asked again and again until it is content. Lines and columns of what stays do not move.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from converter.syntax.contexts import inner_kind
from converter.syntax.directives import ENTRIES
from converter.syntax.faults import Fault
from converter.syntax.lexer import location, statements

# Of the process and its machine; they change no answer, and would keep nginx from running beside others or in the foreground.
PROCESS = frozenset(
    """access_log daemon error_log lock_file master_process pid ssl_dhparam ssl_engine ssl_stapling ssl_stapling_verify timer_resolution user
    worker_cpu_affinity worker_priority worker_processes worker_rlimit_core worker_rlimit_nofile working_directory""".split()
)
_NO_HTTP = frozenset(("stream", "mail", "rtmp"))  # blocks that answer nothing of HTTP
_MOST = 200  # complaints that are answered

_PLACE = re.compile(r" in (/\S.*):(\d+)$")
_HOST = re.compile(r'host not found in (?:upstream |resolver |"?)?"?([\w.-]+)')
_FOLDER = re.compile(r'(?:open\(\)|mkdir\(\)) "([^"]+)" failed \((?:2|13|30):')
_FILE = re.compile(
    r'(?:cannot load (?:certificate key|certificate|CA certificate)|BIO_new_file\("|SSL_CTX_load_verify_locations\(")[ "]*([^"]+)"'
)


class Refused(Exception):
    """nginx refuses the configuration for good; the message holds its words."""


@dataclass(slots=True)
class Setup:
    """What nginx is started with; repairs change it. files: by absolute path.  hosts: names that resolve.  folders: that must be there.

    said: by place (`path:line`), what was blanked out there and why.
    """

    files: dict[str, str]
    hosts: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    certificates: set[str] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)


def without_process(text: str) -> str:
    """The text without directives that concern the nginx process alone, and without outermost blocks that answer nothing of HTTP."""
    spans, kinds, opened = [], ["main"], -1
    try:
        for statement in statements(text):
            first = statement.words[0] if statement.words else ""
            if statement.end == "{":
                opened = statement.start if len(kinds) == 1 and first in _NO_HTTP else opened
                kinds.append(inner_kind(kinds[-1], first))
            elif statement.end == "}":
                kinds = kinds[:-1] or ["main"]
                if len(kinds) == 1 and opened >= 0:
                    spans.append((opened, statement.stop))
                    opened = -1
            elif first in PROCESS and kinds[-1] != ENTRIES:
                spans.append((statement.start, statement.stop))
    except Fault:
        return text  # nginx will say what is wrong with it
    for start, stop in spans:
        text = _blanked(text, start, stop)
    return text


def repair(setup: Setup, test: Callable[[], str]) -> None:
    """Answers what nginx complains of until it is content. `test` lays out the setup and returns nginx's complaint, empty for none.

    Raises Refused where a complaint cannot be answered.
    """
    for _ in range(_MOST):
        complaint = test()
        if not complaint:
            return
        if not _answered(setup, complaint):
            raise Refused(complaint)
    raise Refused(f"more than {_MOST} things in it cannot be used here")


def _answered(setup: Setup, complaint: str) -> bool:
    if (host := _HOST.search(complaint)) and host[1] not in setup.hosts:
        setup.hosts.add(host[1])
        return True
    if (file := _FILE.search(complaint)) and file[1] not in setup.certificates:
        setup.certificates.add(file[1])
        return True
    place = _PLACE.search(complaint)
    if place is None:
        folder = _FOLDER.search(complaint)
        parent = folder[1].rpartition("/")[0] if folder else ""
        if not parent or parent in setup.folders:
            return False
        setup.folders.add(parent)
        return True
    return _blank_out(setup, place[1], int(place[2]), complaint[: place.start()])


def _blank_out(setup: Setup, path: str, line: int, complaint: str) -> bool:
    """Blanks the statement out that ends in this line, or the only one that stands there; never a block."""
    text = setup.files.get(path, "")
    try:
        found = [s for s in statements(text) if s.words and s.end == ";" and location(text, s.stop - 1)[0] == line]
    except Fault:
        return False
    named = [s for s in found if f'"{s.words[0]}"' in complaint] or [s for s in found if any(f'"{word}"' in complaint for word in s.words)]
    if not named and len(found) != 1:
        return False
    chosen = (named or found)[0]
    setup.files[path] = _blanked(text, chosen.start, chosen.stop)
    place = f"{path}:{location(text, chosen.start)[0]}"
    said = f"without {' '.join(chosen.words)[:80]}: {complaint}"
    setup.said[place] = f"{setup.said[place]}; {said}" if place in setup.said else said
    return True


def _blanked(text: str, start: int, stop: int) -> str:
    """Spaces in the place of a statement; line breaks stay."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:stop]) + text[stop:]


def complaint(said: str) -> str:
    """nginx's own word on what is wrong, out of what `nginx -t` printed; empty where it is content."""
    found = re.search(r"\[emerg\](?: \d+#\d+:)? (.*)", said)
    return found[1].strip() if found else ""


def hosts_file(addresses: Mapping[str, str]) -> str:
    """The text of /etc/hosts (Latin-1: one character an octet)."""
    octets = {name.encode("utf-8", "surrogateescape").decode("latin-1"): address for name, address in addresses.items()}
    return "127.0.0.1 localhost\n::1 localhost\n" + "".join(f"{address} {name}\n" for name, address in sorted(octets.items()))
