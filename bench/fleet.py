"""Times a fleet: many machines with few configurations, and as many configurations as machines, against the bare parser and single conversions."""

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import crossplane
from hosts import machine

from converter.commands.inputs import converted
from converter.model.decisions import Decisions
from converter.output import write
from converter.report.document import document, to_json
from converter.report.markdown import report

MACHINES, CONFIGURATIONS, DISTINCT = 10_000, 200, 1_000
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds and MB. folded: of the machines with few configurations; parsed: crossplane's for all their text.

    batch, single: CPU seconds for configurations that are all distinct, as a fleet and one by one in one process.
    """

    folded: float
    folded_parsed: float
    peak: float
    batch: float
    single: float
    distinct_parsed: float


def measured() -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _write(root / "folded", MACHINES, CONFIGURATIONS)
        _write(root / "distinct", DISTINCT, DISTINCT)
        folded, peak, _ = _batch(root / "folded", root / "out", PROCESSES)
        _, _, batch = _batch(root / "distinct", root / "out2", 1)
        once = _seconds(root / "folded", CONFIGURATIONS, _parse)
        return Figures(
            folded,
            once * MACHINES / CONFIGURATIONS,
            peak,
            batch,
            _seconds(root / "distinct", DISTINCT, _convert),
            _seconds(root / "distinct", DISTINCT, _parse),
        )


def _write(root: Path, machines: int, configurations: int) -> None:
    for number in range(machines):
        folder = root / f"web-{number:05}"
        folder.mkdir(parents=True)
        (folder / "nginx.conf").write_text(machine(number % configurations), encoding="utf-8")


def _batch(repository: Path, out: Path, processes: int) -> tuple[float, float, float]:
    """Wall-clock seconds, the largest process in MB (of all so far), and CPU seconds of a run of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "converter",
        "batch",
        str(repository),
        "-o",
        str(out),
        "-j",
        str(processes),
        "-q",
        "--fail-on",
        "never",
    ]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_maxrss / 1024, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _seconds(repository: Path, machines: int, task: object) -> float:
    assert callable(task)
    start = time.process_time()
    for number in range(machines):
        task(repository / f"web-{number:05}" / "nginx.conf", number)
    return time.process_time() - start


def _parse(path: Path, _: int) -> None:
    assert crossplane.parse(str(path))["status"] == "ok"


def _convert(path: Path, number: int) -> None:
    """All that `convert -o` does with a configuration, but for the summary that it shows."""
    conversion = converted(str(path), Decisions())
    reports = {"report.json": to_json(document(conversion)), "report.md": report(conversion)}
    write(path.parent / f"out{number}", {**conversion.files, **reports}, force=False)
