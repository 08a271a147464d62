from collections.abc import Callable
from pathlib import Path

import pytest

from converter.commands import inputs
from converter.commands.decisions import read_decisions
from converter.commands.main import run
from converter.model.conversion import Conversion
from tests.sample_conversion import CONVERSION, SOUND

Give = Callable[[Conversion], None]


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Give:
    monkeypatch.chdir(tmp_path)
    return lambda conversion: monkeypatch.setattr(inputs, "converted", lambda *_: conversion)


def test_it_writes_a_file_that_convert_can_read(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(CONVERSION)
    assert run(["init", "conf"]) == 0
    assert capsys.readouterr() == ("", "migration.yaml: written\n")
    assert list(read_decisions(Path("migration.yaml")).hosts) == ["shop.example.com", "api.example.com"]


def test_a_file_that_was_edited_is_replaced_only_by_force(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    run(["init", "conf", "-o", "m.yaml"])
    assert run(["init", "conf", "-o", "m.yaml"]) == 0
    Path("m.yaml").write_text("version: 1\n")
    capsys.readouterr()
    assert run(["init", "conf", "-o", "m.yaml"]) == 2
    assert "--force replaces it" in capsys.readouterr().err
    assert Path("m.yaml").read_text() == "version: 1\n"
    assert run(["init", "conf", "-o", "m.yaml", "--force"]) == 0
    assert Path("m.yaml").read_text() != "version: 1\n"


def test_a_dash_is_stdout(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    assert run(["init", "conf", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("# Decisions")
    assert not list(Path().iterdir())


def test_a_source_without_hosts_is_exit_code_3(give: Give) -> None:
    give(Conversion("shop"))
    assert run(["init", "conf"]) == 3
    assert not Path("migration.yaml").exists()


def test_a_place_that_cannot_be_written_is_exit_code_2(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    give(SOUND)
    Path("folder").mkdir()
    assert run(["init", "conf", "-o", "folder"]) == 2
    assert "folder cannot be written" in capsys.readouterr().err
