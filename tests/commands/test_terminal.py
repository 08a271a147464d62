import io
import sys
import time

import pytest

from converter.commands.terminal import emit, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_silent_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress("converting"):
        time.sleep(1.1)
    assert stream.getvalue() == ""


def test_progress_is_shown_on_a_terminal_past_a_second_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress("quick"):
        pass
    assert stream.getvalue() == ""
    with progress("converting"):
        time.sleep(1.2)
    assert stream.getvalue().startswith("converting")
    assert stream.getvalue().endswith("\r\x1b[K")


def test_text_is_written_as_utf_8_whatever_the_locale(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    emit("ü\udcff\n")
    assert capsysbinary.readouterr().out == "ü?\n".encode()
