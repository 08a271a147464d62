"""Where the real programs are looked for, and what is said where they are not."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from converter.verify import programs
from converter.verify.unavailable import Unavailable

Script = Callable[[str, str], Path]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Puts a program that says something on the only PATH there is; no package has one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_packaged", lambda package, program: None)

    def write(name: str, says: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!{sys.executable} -I\nimport sys\nsys.stderr.write({says!r})\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


VERSION = (
    "nginx version: nginx/1.31.4 (extra)\nconfigure arguments: --prefix=/opt/n --with-debug --error-log-path='/var/log/a b' --user-path=x\n"
)


def test_the_systems_nginx_is_known_by_what_it_says(script: Script) -> None:
    path = script("nginx", VERSION)
    assert programs.nginx() == programs.Nginx(str(path), "1.31.4", True, ("/opt/n", "/var/log/a b"))


def test_an_nginx_without_a_debug_log_is_known(script: Script) -> None:
    path = script("own", VERSION.replace("--with-debug", "").replace("nginx/", "openresty/"))
    assert (programs.nginx(str(path)).debugs, programs.nginx(str(path)).version) == (False, "1.31.4")


def test_a_link_is_followed_to_the_program(script: Script, tmp_path: Path) -> None:
    path = script("real", VERSION)
    (tmp_path / "nginx").symlink_to(path)
    assert programs.nginx().path == str(path)


def test_what_does_not_say_that_it_is_nginx_is_none(script: Script) -> None:
    path = script("other", "Apache\n")
    with pytest.raises(Unavailable, match="does not say that it is nginx"):
        programs.nginx(str(path))


@pytest.mark.parametrize("ask", [programs.nginx, programs.envoy])
def test_a_program_that_was_named_and_is_not_there_is_said(ask: Callable[[str], object], tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program", encoding="utf-8")
    for path in (tmp_path / "missing", tmp_path / "text", tmp_path):
        with pytest.raises(Unavailable, match=f"^{path} is no program that can be run: --") as caught:
            ask(str(path))
        assert f"--{ask.__name__}" in str(caught.value)


@pytest.mark.usefixtures("script")
def test_a_program_that_is_nowhere_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.shutil, "which", lambda *_, **__: None)
    for ask in (programs.nginx, programs.envoy, lambda: programs.go((1, 26))):
        with pytest.raises(Unavailable, match=r"pip install nginx2istio\[verify\]"):
            ask()


def test_a_file_that_no_system_can_run_is_said(tmp_path: Path) -> None:
    (tmp_path / "nginx").write_bytes(b"\x7fELF broken")
    (tmp_path / "nginx").chmod(0o755)
    with pytest.raises(Unavailable, match="cannot be run"):
        programs.nginx(str(tmp_path / "nginx"))


def test_the_version_of_envoy_is_told(script: Script) -> None:
    path = script("envoy", "envoy  version: 0a1b/1.40.2/Clean/RELEASE/BoringSSL\n")
    assert programs.envoy_version(programs.envoy()) == "Envoy 1.40.2"
    assert programs.envoy_version(str(script("odd", "?"))) == "Envoy"
    assert path.exists()


@pytest.mark.parametrize(("says", "fits"), [("go version go1.26.1 linux/amd64", True), ("go version go1.30 linux/amd64", True)])
def test_a_go_that_is_new_enough_is_taken(says: str, fits: bool, script: Script) -> None:
    path = script("go", says)
    assert (programs.go((1, 26)) == str(path)) is fits


@pytest.mark.parametrize(("says", "told"), [("go version go1.9 linux/amd64", "is go1.9"), ("gcc go", "is no Go")])
def test_a_go_that_is_too_old_is_said_with_its_version(says: str, told: str, script: Script) -> None:
    script("go", says)
    with pytest.raises(Unavailable, match=f"needs Go 1.26 or later .*{told}"):
        programs.go((1, 26))


def test_a_packaged_program_is_found_without_importing_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "boxed_tool" / "data" / "bin" / "tool"
    program.parent.mkdir(parents=True)
    (tmp_path / "boxed_tool" / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    for path in (program, tmp_path / "boxed_tool" / "tool"):  # the second is not for running
        path.write_text("#!/bin/true\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.syspath_prepend(tmp_path)
    assert programs._packaged("boxed_tool", "tool") == str(program)
    assert programs._packaged("boxed_tool", "other") is None
    assert programs._packaged("no_such_package", "tool") is None
