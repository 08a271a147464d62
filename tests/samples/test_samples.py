"""The samples: what stands beside each is what the program makes of it now, and they show what they are there to show."""

import re
from pathlib import Path

import pytest
import yaml

from samples import refresh

SAMPLES = dict(refresh.samples())
SMALLEST = 130  # lines of the four manifests and the policy of the smallest gateway
IDIOMS = SAMPLES["idioms"]
MANIFESTS = ("gateway", "virtualservice", "destinationrule", "serviceentry", "authorizationpolicy")


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()}


def expected(name: str) -> dict[str, str]:
    return contents(refresh.SAMPLES / name / "expected")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_expected_output_is_current(name: str, tmp_path: Path) -> None:
    refresh.convert(SAMPLES[name], tmp_path / "out")
    assert contents(tmp_path / "out") == expected(name), "run `make samples` and read the difference"


def test_the_expected_difference_is_current() -> None:
    assert refresh.difference() == (refresh.REVIEW / "expected.txt").read_text(encoding="utf-8"), (
        "run `make samples` and read the difference"
    )


def test_there_is_nothing_expected_of_samples_that_are_gone() -> None:
    assert {path.parent.name for path in refresh.SAMPLES.glob("*/expected")} == {*SAMPLES, "fleet"}


def test_the_shop_shows_every_kind_of_manifest() -> None:
    kinds = {document["kind"] for path, text in expected("shop").items() if path.endswith(".yaml") for document in yaml.safe_load_all(text)}
    assert {"Gateway", "VirtualService", "DestinationRule", "ServiceEntry", "AuthorizationPolicy"} <= kinds


def test_the_manifests_of_the_smallest_gateway_fit_on_two_pages() -> None:
    files = {path: text for path, text in expected("gateway").items() if path.endswith(tuple(f"/{kind}.yaml" for kind in MANIFESTS))}
    assert len(files) == len(MANIFESTS)
    lines = [line for text in files.values() for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert len(lines) <= SMALLEST


def test_the_readme_shows_what_the_demo_prints(root: Path, tmp_path: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    summary = refresh.convert(SAMPLES[refresh.DEMO], tmp_path / "out")
    assert refresh.excerpt(summary) in readme, "run `make samples`"


def test_each_idiom_is_named_at_the_top_and_has_a_case_of_its_own(root: Path) -> None:
    idioms = [path.stem for path in sorted((IDIOMS / "conf.d").iterdir()) if path.stem != "00-defaults"]
    listed = re.findall(r"^#   (\d\d-[a-z-]+) ", (IDIOMS / "nginx.conf").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == idioms
    cases = root / "tests" / "behaviour" / "cases"
    assert [name for name in idioms if not (cases / f"idiom-{name.partition('-')[2]}.yaml").exists()] == []


def test_the_page_on_diff_shows_what_the_pair_gives(root: Path) -> None:
    page = (root / "docs" / "diff.md").read_text(encoding="utf-8")
    parts = (refresh.REVIEW / "expected.txt").read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    assert "\n\n".join([*parts[:2], "...", parts[-1]]) in page
