"""Where nginx finds the files of a source: as on the host that the configuration is from, with whatever else it names made for the purpose."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from converter.sources import Source
from converter.sources.patterns import is_plain
from converter.syntax.contexts import inner_kind
from converter.syntax.directives import ENTRIES
from converter.syntax.parse import Parsed
from converter.syntax.tree import Directive
from converter.verify.certificates import Authority
from converter.verify.lab.repairs import without_process

_HOME = "/etc/nginx"
_CERTIFICATES = frozenset(["ssl_certificate", "ssl_certificate_key", "proxy_ssl_certificate", "proxy_ssl_certificate_key"])
_AUTHORITIES = frozenset(["ssl_client_certificate", "ssl_trusted_certificate", "proxy_ssl_trusted_certificate"])
_PASSWORDS = frozenset(["auth_basic_user_file"])
_NOBODY = "verify:{PLAIN}verify\n"


@dataclass(frozen=True, slots=True)
class Layout:
    """nginx's files. files: by absolute path (Latin-1); sources: the source's path by that absolute path; notes: what was replaced."""

    files: dict[str, str]
    main: str
    sources: dict[str, str]
    notes: tuple[str, ...]

    def position(self, place: str) -> str:
        """`path:line` in words of the source."""
        path, _, line = place.rpartition(":")
        return f"{self.sources.get(path, path)}:{line}"


def layout(source: Source, parsed: Parsed, authority: Authority) -> Layout:
    """Lays a source out below /etc/nginx; absolute includes where they point to. Private keys and certificates are never read: others are made."""
    main, wrapped = _main(source, parsed)
    places = wrapped if wrapped else {f"{_HOME}/{posixpath.basename(source.main)}": source.main}
    directives = [d for top in parsed.root for d in top.walk()]
    for include in (d for d in directives if d.name == "include" and len(d.args) == 1):
        for path in source.texts.find(include.args[0]).paths:
            places.setdefault(_place(include.args[0], path), path)
    tables = set(_included([d for table in directives if inner_kind("http", table.name) == ENTRIES for d in table.block or ()], source))
    texts = {place: _octets(source.texts.read(path).text) for place, path in places.items()}
    files = {place: text if places[place] in tables else without_process(text) for place, text in texts.items()}
    replaced: dict[str, list[str]] = {}
    for path, text, what in _data(directives, source, authority):
        if files.setdefault(path, text) == text and what:
            replaced.setdefault(what, []).append(path)
    notes = (f"{what}: {', '.join(dict.fromkeys(paths))}" for what, paths in replaced.items())
    return Layout({**main, **files}, next(iter(main or files)), places, tuple(notes))


def _main(source: Source, parsed: Parsed) -> tuple[dict[str, str], dict[str, str]]:
    """For fragments: a main file that holds them in the blocks they were written for, and their places; else nothing."""
    if not parsed.context:
        return {}, {}
    included = set(_included((d for top in parsed.root for d in top.walk()), source))
    tops = {d.position.file: None for d in parsed.root if d.position.file not in included}
    # What `include` would take for a pattern may not stand in the path; the number keeps paths apart that are then alike.
    places = {f"{_HOME}/fragments/{number}/{re.sub(r'[*?[]', '_', path)}": path for number, path in enumerate(tops)}
    text = "".join(f" include {_quoted(place)};" for place in places)
    for block in reversed(parsed.context):
        text = f"{block} {'/ ' if block == 'location' else ''}{{{text} }}"
    return {f"{_HOME}/nginx.conf": f"events {{ }}\n{text}\n"}, places


def _included(directives: Iterable[Directive], source: Source) -> Iterator[str]:
    """The paths that these directives include."""
    for directive in directives:
        if directive.name == "include" and directive.args:
            yield from source.texts.find(directive.args[0]).paths


def _quoted(path: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", _octets(path)) + '"'


def _place(pattern: str, path: str) -> str:
    """Where nginx looks for a path that an include pattern found: the pattern with its wildcards filled in."""
    wanted = _absolute(pattern).split("/")
    found = path.split("/")
    filled = [own if is_plain(own) else found[index - len(wanted)] for index, own in enumerate(wanted)]
    return "/".join(filled)


def _absolute(path: str) -> str:
    return posixpath.normpath(path if path.startswith("/") else f"{_HOME}/{path}")


def _octets(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _data(directives: Iterable[Directive], source: Source, authority: Authority) -> Iterator[tuple[str, str, str]]:
    """Files that directives name: path, text, and what it is where the source's own is not taken."""
    for directive in directives:
        path = directive.args[0] if directive.args and "$" not in directive.args[0] else ""
        if not path:
            continue
        if directive.name in _CERTIFICATES and not path.startswith(("data:", "engine:")):
            yield _absolute(path), authority.pem(path), "certificates and keys made for this, those of the source are not read"
        elif directive.name in _AUTHORITIES:
            yield _absolute(path), authority.certificate, "replaced by the authority of the test certificates"
        elif directive.name in _PASSWORDS and not source.texts.find(path).paths:
            yield _absolute(path), _NOBODY, "replaced by a user whom no request names"
        elif directive.name in _PASSWORDS:
            yield _absolute(path), _octets(source.texts.read(source.texts.find(path).paths[0]).text), ""
