"""Include patterns: how nginx expands them, and where absolute ones are looked up under a root."""

import fnmatch
import posixpath
from collections.abc import Callable, Iterable

# Where distributions and builds keep nginx.conf: an absolute path below one of these is a path relative to the main file's folder.
PREFIXES = (
    "etc/nginx/",
    "usr/local/nginx/conf/",
    "usr/local/etc/nginx/",
    "usr/local/openresty/nginx/conf/",
    "opt/homebrew/etc/nginx/",
    "opt/nginx/conf/",
    "etc/openresty/",
    "etc/angie/",
)

Listing = Callable[[str], Iterable[str]]


def is_plain(pattern: str) -> bool:
    """Whether nginx takes the pattern for a path (ngx_conf_include looks for these three characters)."""
    return not any(character in pattern for character in "*?[")


def candidates(pattern: str, prefix: str) -> tuple[str, ...]:
    """Where to look for an include, best first: normalised paths under the root; none where all lead out of it.

    prefix: the main file's folder, relative to the root, empty for the root itself. nginx resolves relative includes there.
    """
    if not pattern.startswith("/"):
        places = [posixpath.join(prefix, pattern)]
    else:
        bare = pattern.lstrip("/")
        places = [bare, *(posixpath.join(prefix, bare.removeprefix(known)) for known in PREFIXES if bare.startswith(known))]
    return tuple(dict.fromkeys(path for path in map(posixpath.normpath, places) if not leaves_root(path)))


def leaves_root(path: str) -> bool:
    """Whether a normalised relative path climbs out of the root."""
    return path == ".." or path.startswith(("../", "/"))


def expand(pattern: str, listing: Listing) -> list[str]:
    """Paths that a glob matches, in byte order: a `*` crosses no slash and takes no leading dot, as in glob(3).

    listing: the names in a folder (empty string: the root); nothing for what is no folder.
    """
    found = [""]
    for segment in pattern.split("/"):
        if is_plain(segment):
            found = [posixpath.join(folder, segment) for folder in found]
        else:
            wanted = segment.replace("[^", "[!")
            found = [posixpath.join(folder, name) for folder in found for name in listing(folder) if _fits(name, wanted)]
    return sorted(found, key=lambda path: path.encode("utf-8", "surrogateescape"))


def _fits(name: str, pattern: str) -> bool:
    return (not name.startswith(".") or pattern.startswith(".")) and fnmatch.fnmatchcase(name, pattern)
