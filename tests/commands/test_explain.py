import re
from pathlib import Path

import pytest

from converter.commands.explain import texts
from converter.commands.main import run
from converter.model.outcomes import Outcome, PlatformDifference


@pytest.mark.parametrize("name", ["NGX106", "ngx106", "approximate", "path-spelling", "proxy_cache", "NGX501"])
def test_a_name_of_each_kind_is_explained(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["explain", name]) == 0
    assert len(capsys.readouterr().out) > 60


@pytest.mark.parametrize(
    ("name", "told"), [("proxy_cach", "did you mean proxy_cache?"), ("NGX1066", "did you mean NGX106?"), ("ü", "--all")]
)
def test_an_unknown_name_is_exit_code_2_with_a_suggestion(capsys: pytest.CaptureFixture[str], name: str, told: str) -> None:
    assert run(["explain", name]) == 2
    assert told in capsys.readouterr().err


def test_no_name_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 2
    assert "--all" in capsys.readouterr().err


def test_all_holds_every_code_outcome_and_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "--all"]) == 0
    out = capsys.readouterr().out
    names = [*texts(), *(outcome.value for outcome in Outcome), *(difference.value for difference in PlatformDifference)]
    assert [name for name in names if f"## {name}\n" not in out] == []


def test_every_code_that_the_program_can_give_is_explained(root: Path) -> None:
    sources = (path.read_text(encoding="utf-8") for path in (root / "converter").rglob("*.py"))
    given = {code for source in sources for code in re.findall(r"\bNGX\d{3}\b", source)}
    assert given - texts().keys() == set()
