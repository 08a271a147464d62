"""Times a conversion against the bare parser, its growth with the number of hosts, its memory, a list of 10,000 redirects, the start of the
command, and a verification.

Ratios and CPU times are held against limits, as machines differ; the verification of 100 cases by the seconds that it takes on two cores.
`--print-only` holds nothing.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import crossplane
from fleet import measured
from hosts import configuration, redirect_list
from shares import lines

from converter.commands.inputs import converted
from converter.model.decisions import Decisions
from converter.sources import read_source
from converter.syntax.parse import parse

HOSTS, ROUNDS, CASES, LINES = 300, 15, 100, 10_000  # the median of 5 rounds swings by a fifth where a machine has neighbours
LIMITS = {
    "to the parser": 4.0,
    "twice the hosts": 2.2,
    "redirects in s": 2.0,
    "start-up in ms": 120.0,
    "cases in s": 90.0,
    "fleet in s": 60.0,
    "fleet in MB": 1024.0,
    "distinct to single": 1.3,
}
BEHAVIOUR = Path(__file__).parents[1] / "tests" / "behaviour"


def main() -> int:
    """Prints the figures; 1 where one is past its limit."""
    with tempfile.TemporaryDirectory() as folder:
        single, double = _written(Path(folder), HOSTS), _written(Path(folder), 2 * HOSTS)
        parser, once, twice = _interleaved([lambda: _parse(single), lambda: _convert(single), lambda: _convert(double)])
        redirects = _redirects(Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "to the parser": once / parser,
        "twice the hosts": twice / once,
        "redirects in s": redirects,
        "start-up in ms": _start_up() * 1000,
    }
    figures["cases in s"] = _verified()
    figures |= _fleet()
    print(f"{HOSTS} hosts: parser {parser:.2f} s, conversion {once:.2f} s; {2 * HOSTS} hosts: {twice:.2f} s; peak memory {peak:.0f} MB")
    for name, figure in figures.items():
        print(f"{name:>16}: {figure:6.2f}  (limit {LIMITS[name]:g}){'' if figure <= LIMITS[name] else '  TOO MUCH'}")
    print("request programs of real files:", *lines(), sep="\n")
    past = any(figure > LIMITS[name] for name, figure in figures.items())
    return int(past and "--print-only" not in sys.argv)


def _written(folder: Path, hosts: int) -> Path:
    path = folder / f"{hosts}.conf"
    path.write_text(configuration(hosts), encoding="utf-8")
    return path


def _parse(path: Path) -> None:
    assert crossplane.parse(str(path))["status"] == "ok"


def _read(path: Path) -> None:
    assert parse(read_source(str(path))).root is not None


def _convert(path: Path) -> None:
    assert converted(str(path), Decisions()).hosts


def _redirects(folder: Path) -> float:
    """CPU seconds that a list of 10,000 redirects takes beyond its reading."""
    path = folder / "redirects.conf"
    path.write_text(redirect_list(LINES), encoding="utf-8")
    read, whole = _interleaved([lambda: _read(path), lambda: _convert(path)])
    return whole - read


def _interleaved(tasks: Sequence[Callable[[], None]]) -> list[float]:
    """The median CPU seconds of each task, run in turn so that a busy moment of the machine meets all of them."""
    seconds: list[list[float]] = [[] for _ in tasks]
    for _ in range(ROUNDS):
        for spent, task in zip(seconds, tasks, strict=True):
            start = time.process_time()
            task()
            spent.append(time.process_time() - start)
    return [statistics.median(spent) for spent in seconds]


def _verified() -> float:
    """Seconds for the first behaviour cases, start-up of the real programs included, but not the first build of istiod's code."""
    subprocess.run([sys.executable, "-m", "converter.verify.istiod"], check=True, stdout=subprocess.DEVNULL)
    names = [path.stem for path in sorted((BEHAVIOUR / "cases").glob("*.yaml"))][:CASES]
    tests = [f"{BEHAVIOUR / 'test_real_programs.py'}::test_a_case_ends_as_it_says[{name}]" for name in names]
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    texts = [(BEHAVIOUR / "cases" / f"{name}.yaml").read_text(encoding="utf-8") for name in names]
    requests = sum(text.count("\n    about: ") for text in texts)
    print(f"verification: {len(names)} cases, {requests} requests, {seconds:.0f} s: {done.stdout.strip().splitlines()[-1]}")
    return seconds


def _fleet() -> dict[str, float]:
    """A fleet's time and memory, and what it costs beside single conversions."""
    found = measured()
    print(
        f"10,000 machines, 200 configurations: {found.folded:.1f} s, {found.folded / found.folded_parsed:.1f} times the parser for all their text"
    )
    print(
        f"1,000 configurations: {found.batch:.1f} s of processor time, {found.batch / found.distinct_parsed:.1f} times the parser; "
        f"one by one {found.single:.1f} s"
    )
    return {"fleet in s": found.folded, "fleet in MB": found.peak, "distinct to single": found.batch / found.single}


def _start_up() -> float:
    """CPU seconds of `nginx2istio --help` above those of Python itself: the least of several runs."""
    runs = [(_cpu(["-m", "converter", "--help"]), _cpu(["-I", "-c", "pass"])) for _ in range(15)]
    return min(own for own, _ in runs) - min(bare for _, bare in runs)


def _cpu(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
