"""What all tests share."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.verify import real

settings.register_profile("project", deadline=None, max_examples=100)  # machines differ: time is held by `make bench`, not here
settings.load_profile("project")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how the developer's terminal is set up."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "NGINX2ISTIO_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def bench() -> Iterator[real.Bench]:
    """The real nginx, the real Envoy and istiod's own code, ready to be asked; a test that needs them is skipped where they are not."""
    if reason := real.missing():
        pytest.skip(reason)
    with ExitStack() as stack:
        yield real.Bench(stack)
