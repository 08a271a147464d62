import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(os.environ.get("NGINX2ISTIO_PICTURES") or Path(__file__).parents[3] / "build" / "pictures")


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """A real browser. It ends with its module: while it runs, no other test could start a loop of asyncio's in this thread."""
    pytest.importorskip("playwright", reason="playwright, which drives the browser, is not installed")
    from tests.report.html.opened import NAMES, browser, program

    if program() is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    with browser() as started:
        yield started


@pytest.fixture
def pictures() -> Path:
    """Where pictures of the pages are kept; the end of the run names it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any(report.nodeid.rpartition("::")[2].startswith("test_picture") for report in terminalreporter.getreports("passed")):
        terminalreporter.write_line(f"pictures of the report's pages: {PICTURES}")
