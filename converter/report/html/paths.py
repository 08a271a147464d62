"""Where the files of the report stand in the output folder, and how they name each other."""

import hashlib
import posixpath
import re

INDEX = "report.html"
SHARED = "report/all-hosts.html"
STYLE = "report/assets/report.css"
SCRIPT = "report/assets/report.js"

_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")  # names that Windows keeps for devices


def page_path(name: str) -> str:
    """The page of a host. Two names never share one, not even where files are named without regard to case.

    >>> page_path("shop.example.com")
    'report/hosts/shop.example.com.html'
    """
    if _PLAIN.fullmatch(name) and not _RESERVED.fullmatch(name):
        return f"report/hosts/{name}.html"
    tidy = re.sub("[^a-z0-9.-]+", "_", name.lower())[:60].strip(".")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"report/hosts/{tidy}_{digest}.html"


def relative(target: str, page: str) -> str:
    """The link to one file of the report from another."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")
