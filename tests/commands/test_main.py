import click
import pytest

from converter import __version__
from converter.commands import main
from converter.commands.main import COMMANDS, run


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        assert run([name, "-h"]) == 0
        assert f"Usage: nginx2istio {name}" in capsys.readouterr().out


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"nginx2istio {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["conver"], "No such command 'conver'. Did you mean 'convert'?"),
        (["xyz"], "No such command 'xyz'."),
        (["convert"], "Missing argument 'SOURCE'"),
        (["convert", "a", "--fail-onn", "never"], "Did you mean"),
        (["convert", "a", "--fail-on", "nevr"], "'never'"),
    ],
)
def test_wrong_use_is_exit_code_2_with_a_suggestion(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


def fails(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(main._Commands, "get_command", lambda *_: fails(ZeroDivisionError("a\nb")))
    return monkeypatch


@pytest.mark.usefixtures("broken")
def test_a_defect_is_exit_code_4_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert"]) == 4
    err = capsys.readouterr().err
    assert "a defect of the converter itself: ZeroDivisionError: a b (in commands/test_main.py:" in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback(broken: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--debug", "convert"]) == 4
    assert "Traceback" in capsys.readouterr().err
    broken.setenv("NGINX2ISTIO_DEBUG", "1")
    assert run(["convert"]) == 4
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (RecursionError("deep"), 4), (MemoryError(), 4)])
def test_whatever_happens_has_an_exit_code(monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    monkeypatch.setattr(main._Commands, "get_command", lambda *_: fails(error))
    assert run(["convert"]) == code
