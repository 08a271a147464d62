"""The pages of a report as a real browser opens them, and all that the browser had to say about them."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
CONTENT_BROKEN = "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"


def program() -> str | None:
    """The browser of this machine, or the one that NGINX2ISTIO_CHROMIUM names."""
    return os.environ.get("NGINX2ISTIO_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Without its sandbox where the tests run as root, for whom it does not start. No network name resolves to anything."""
    options = ["--host-resolver-rules=MAP * ~NOTFOUND", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program(), args=options)
        yield started
        started.close()


@dataclass
class Opened:
    """A page, the folder of its report, and what it asked for and complained of."""

    page: Page
    folder: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto((self.folder / path).as_uri())
        return self.page

    @property
    def strangers(self) -> list[str]:
        """What was asked for outside of the report's folder."""
        return [url for url in self.asked if not url.startswith(f"{self.folder.as_uri()}/")]


@contextmanager
def opened(started: Browser, folder: Path, files: Mapping[str, str], **context: Any) -> Iterator[Opened]:
    """Writes the files and opens a page for them. Ends with a failure where the browser complained or asked for anything else."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    own = started.new_context(**context)
    own.set_default_timeout(10_000)
    own.add_init_script(CONTENT_BROKEN)
    found = Opened(own.new_page(), folder)
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("dialog", lambda dialog: (found.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    yield found
    assert (found.complaints, found.strangers) == ([], [])
    own.close()
