"""The recipes of docs/ci.md and the hooks, run as their readers run them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

LOSS = "    proxy_cache_valid 5m;\n"
INSTALL = "pip install nginx2istio"


@pytest.fixture
def recipes(root: Path) -> list[Any]:
    """The YAML examples of the page: GitHub, GitLab, pre-commit."""
    page = (root / "docs/ci.md").read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)]


@pytest.fixture
def repository(root: Path, tmp_path: Path) -> Path:
    """A git repository with a configuration and its baseline; the command is on the PATH of what runs in it."""
    place = tmp_path / "repository"
    (place / "nginx").mkdir(parents=True)
    shutil.copy(root / "samples/shop/nginx.conf", place / "nginx")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/nginx2istio"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -m converter "$@"\n')
    command.chmod(0o755)
    shell(place, "git init -q")
    shell(place, re.findall(r"^```sh\n(.*?)^```", (root / "docs/ci.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[0])
    return place


def shell(place: Path, line: str, code: int = 0) -> str:
    """Runs a line as GitHub and GitLab do; returns what it said, after its exit code was what it had to be."""
    own = {"GITHUB_STEP_SUMMARY": str(place.parent / "summary.md"), "PRE_COMMIT_HOME": str(place.parent / "pre-commit")}
    path = f"{place.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, **own, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull}
    finished = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", line], cwd=place, env=environment, capture_output=True, text=True)
    assert finished.returncode == code, f"{line}: {finished.returncode}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout + finished.stderr


def lose(repository: Path) -> None:
    """Adds a directive that has no counterpart to the first location."""
    path = repository / "nginx/nginx.conf"
    path.write_text(re.sub(r"(location [^{]*\{\n)", rf"\1{LOSS}", path.read_text(), count=1))


def github_lines(recipe: Any) -> list[str]:
    return [step["run"] for step in recipe["jobs"]["check"]["steps"] if step.get("run", INSTALL) != INSTALL]


def test_the_lines_of_the_github_recipe_pass_while_nothing_new_is_lost(recipes: list[Any], repository: Path, root: Path) -> None:
    for line in github_lines(recipes[0]):
        shell(repository, line)
    log = json.loads((repository / "nginx2istio.sarif").read_text())
    schema = json.loads((root / "tests/report/schemas/sarif-schema-2.1.0.json").read_text())
    jsonschema_rs.validator_for(schema).validate(log)
    places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]}
    assert places == {"nginx/nginx.conf"}
    assert (repository.parent / "summary.md").read_text().startswith("# Migration of `nginx`")


def test_a_new_loss_fails_the_last_line_of_the_github_recipe_only(recipes: list[Any], repository: Path) -> None:
    lose(repository)
    *before, last = github_lines(recipes[0])
    for line in before:
        shell(repository, line)
    said = shell(repository, last, code=1)
    states = [result["baselineState"] for result in json.loads((repository / "nginx2istio.sarif").read_text())["runs"][0]["results"]]
    assert states.count("new") == said.count("::error file=nginx/nginx.conf,line=") + said.count("::warning file=nginx/nginx.conf,line=")
    assert "proxy_cache_valid" in said


def test_the_github_recipe_has_the_permissions_that_its_steps_need_and_pins_their_actions(recipes: list[Any], root: Path) -> None:
    job = recipes[0]["jobs"]["check"]
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert recipes[0]["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "actions": "read", "security-events": "write"}
    assert any(action.startswith("github/codeql-action/upload-sarif@") for action in used)
    assert [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)] == []
    written = [step["with"]["sarif_file"] for step in job["steps"] if "sarif_file" in step.get("with", {})]
    assert all(any(line.endswith(f"> {name}") for line in github_lines(recipes[0])) for name in written)


def test_the_lines_of_the_gitlab_recipe_fail_on_new_losses_only(recipes: list[Any], repository: Path) -> None:
    install, line = recipes[1]["nginx2istio"]["script"]
    assert install == INSTALL
    shell(repository, line)
    lose(repository)
    shell(repository, line, code=1)


def local(recipes: list[Any], root: Path) -> dict[str, Any]:
    """The recipe with the hooks as the project has them, but for the installation, which needs a network."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())}
    wanted = recipes[2]["repos"][0]["hooks"]
    return {"repos": [{"repo": "local", "hooks": [{**hooks[hook["id"]], **hook, "language": "system"} for hook in wanted]}]}


def test_the_hooks_and_their_recipe_are_as_pre_commit_wants_them(recipes: list[Any], repository: Path, root: Path) -> None:
    (repository / "config.yaml").write_text(yaml.safe_dump(recipes[2]))
    shell(repository, f"pre-commit validate-config config.yaml && pre-commit validate-manifest {root}/.pre-commit-hooks.yaml")


def test_the_hooks_pass_fail_on_new_losses_and_leave_other_commits_alone(recipes: list[Any], repository: Path, root: Path) -> None:
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(local(recipes, root)))
    shell(repository, "nginx2istio convert -q nginx -o istio --baseline baseline.yaml; git add -A")
    assert shell(repository, "pre-commit run").count("Passed") == 2
    lose(repository)
    shell(repository, "git add -A")
    said = shell(repository, "pre-commit run nginx2istio-check", code=1)
    assert re.search(r"^nginx/nginx\.conf:\d+:\d+: error NGX\d+ proxy_cache_valid", said, re.MULTILINE)
    assert "files were modified by this hook" in shell(repository, "pre-commit run nginx2istio-convert", code=1)
    assert shell(repository, "pre-commit run --files baseline.yaml").count("no files to check") == 2


@pytest.mark.parametrize(
    ("path", "met"),
    [
        ("nginx.conf", True),
        ("etc/nginx/conf.d/shop", True),
        ("sites-enabled/shop.example.com", True),
        ("snippets/tls.inc", True),
        ("hosts/shop.vhost", True),
        ("README.md", False),
        ("my-conf.d-notes.txt", False),
    ],
)
def test_the_hooks_look_at_files_of_configurations(root: Path, path: str, met: bool) -> None:
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert [bool(re.search(hook["files"], path)) for hook in hooks] == [met, met]
