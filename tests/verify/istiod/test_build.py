"""istiod's configuration code is built once, with a word about the progress, and what goes wrong is a sentence."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from converter.verify import programs
from converter.verify.istiod import __main__ as command
from converter.verify.istiod import build
from converter.verify.istiod.client import istiod
from converter.verify.unavailable import Unavailable

VERSION = f"go version go{build.LEAST_GO[0]}.{build.LEAST_GO[1]}.1 linux/amd64"
GO = """#!{python} -I
import os, pathlib, sys, time
if sys.argv[1] == "version":
    print({version!r})
    sys.exit(0)
folder = pathlib.Path(__file__).parent
with open(folder / "builds", "a") as log:
    log.write(" ".join(sys.argv[1:]) + "|" + os.getcwd() + "|" + os.environ["GOTOOLCHAIN"] + "\\n")
{body}
"""
SUCCEEDS = """
time.sleep({seconds})
print("go: downloading istio.io/istio v1", "istio.io/a", "istio.io/b", sep="\\n", file=sys.stderr)
pathlib.Path(sys.argv[sys.argv.index("-o") + 1]).write_text("#!/bin/sh\\ncat\\n")
"""
FAILS = """
for number in range(30):
    print(f"line {number}", file=sys.stderr)
sys.exit(1)
"""
Go = Callable[[str], None]


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Go]:
    """Puts a Go on the PATH that does as it is told, and gives it an empty cache to build to."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(programs, "_packaged", lambda package, program: None)

    def write(body: str) -> None:
        (tmp_path / "go").write_text(GO.format(python=sys.executable, version=VERSION, body=body), encoding="utf-8")
        (tmp_path / "go").chmod(0o755)

    yield write
    assert not list(tmp_path.glob("cache/*/*/new-*")), "a file that is half built was left"


def builds(folder: Path) -> list[list[str]]:
    log = folder / "builds"
    return [line.split("|") for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


def test_a_build_is_told_from_its_beginning_to_its_end(go: Go, tmp_path: Path) -> None:
    go(SUCCEEDS.format(seconds=0))
    told: list[str] = []
    program = build.helper(told.append)
    assert program.is_relative_to(tmp_path / "cache" / "nginx2istio")
    assert program.stat().st_mode & 0o777 == 0o755
    assert [words.partition(":")[0] for words in told] == [
        "building istiod's configuration code once",
        "built istiod's configuration code in 0 s",
    ]
    assert told[-1].endswith(f": {program}")


def test_what_is_built_are_the_sources_beside_the_module_without_another_go_being_fetched(go: Go, tmp_path: Path) -> None:
    go(SUCCEEDS.format(seconds=0))
    build.helper(lambda _: None)
    ((arguments, folder, toolchain),) = builds(tmp_path)
    assert (arguments.split(" ")[0], folder, toolchain) == ("build", str(Path(build.__file__).parent), "local")


def test_what_is_built_already_is_taken_without_a_word(go: Go, tmp_path: Path) -> None:
    go(SUCCEEDS.format(seconds=0))
    told: list[str] = []
    first = build.helper(lambda _: None)
    assert (build.helper(told.append), told, len(builds(tmp_path))) == (first, [], 1)


def test_other_sources_are_built_elsewhere(go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go(SUCCEEDS.format(seconds=0))
    first = build.helper(lambda _: None)
    (tmp_path / "sources").mkdir()
    for name in build.SOURCES:
        (tmp_path / "sources" / name).write_text(f"{name} changed", encoding="utf-8")
    monkeypatch.setattr(build, "_HERE", tmp_path / "sources")
    assert build.helper(lambda _: None) != first
    assert len(builds(tmp_path)) == 2


def test_two_at_once_build_once(go: Go, tmp_path: Path) -> None:
    go(SUCCEEDS.format(seconds=0.3))
    found: list[Path] = []
    told: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(build.helper(told.append))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), len(builds(tmp_path)), len(told)) == (3, 1, 1, 2)


def test_a_long_build_has_a_word_about_its_progress(go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    go("print('go: downloading a', 'b', 'c', sep='\\n', file=sys.stderr, flush=True)" + SUCCEEDS.format(seconds=0.4))
    monkeypatch.setattr(build, "_PAUSE", 0.05)
    told: list[str] = []
    build.helper(told.append)
    assert any(words.endswith(": 1 modules fetched, 2 packages compiled") for words in told)


def test_a_build_that_fails_is_a_sentence_with_the_last_words_of_go(go: Go, tmp_path: Path) -> None:
    go(FAILS)
    with pytest.raises(Unavailable, match="cannot be built") as caught:
        build.helper(lambda _: None)
    said = str(caught.value).splitlines()[1:]
    assert said == [f"  line {number}" for number in range(30 - len(said), 30)]
    assert 5 < len(said) < 20
    go(SUCCEEDS.format(seconds=0))
    assert build.helper(lambda _: None).exists()  # the next one begins anew


def test_without_a_go_that_is_new_enough_nothing_is_built(go: Go, tmp_path: Path) -> None:
    go("")
    text = (tmp_path / "go").read_text(encoding="utf-8")
    (tmp_path / "go").write_text(text.replace(VERSION, "go version go1.2 linux/amd64"), encoding="utf-8")
    with pytest.raises(Unavailable, match=r"needs Go 1\.[0-9]+ or later .*is go1\.2"):
        build.helper(lambda _: None)
    assert builds(tmp_path) == []


def test_a_cache_that_cannot_be_written_to_is_a_sentence(go: Go, tmp_path: Path) -> None:
    go(SUCCEEDS.format(seconds=0))
    (tmp_path / "cache").write_text("a file", encoding="utf-8")
    with pytest.raises(Unavailable, match="XDG_CACHE_HOME"):
        build.helper(lambda _: None)


def test_the_command_prints_where_the_program_is(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    go(SUCCEEDS.format(seconds=0))
    command.main()
    said = capsys.readouterr()
    assert Path(said.out.strip()).is_file()
    assert "building" in said.err


def test_the_command_ends_with_2_where_nothing_can_be_built(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    go(FAILS)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert (ended.value.code, "cannot be built" in capsys.readouterr().err) == (2, True)


def test_a_program_that_cannot_be_started_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "istiodprint").write_bytes(b"\x7fELF broken")
    for mode in (0o644, 0o755):
        (tmp_path / "istiodprint").chmod(mode)
        with pytest.raises(Unavailable, match=r"cannot be started: .*; delete it"), istiod(tmp_path / "istiodprint"):
            pass
