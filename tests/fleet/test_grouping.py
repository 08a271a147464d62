"""Which applications of the machines are one site, and which machines serve it alike."""

from pathlib import Path

import pytest

from converter.fleet.grouping import Grouped, grouped
from tests.fleet.fleets import looked, main, proxied, site


def groups(place: Path, texts: dict[str, str]) -> dict[str, Grouped]:
    return {group.ways[0].sketches[0].application.name: group for group in grouped(looked(place, texts))}


def sides(group: Grouped) -> list[tuple[str, ...]]:
    return [way.machines for way in group.ways]


def test_machines_with_the_same_text_are_one_configuration_and_one_way(tmp_path: Path) -> None:
    text = main(site(proxied()))
    texts = dict.fromkeys(("b", "a", "c"), text)
    assert len(looked(tmp_path, texts)) == 1
    assert sides(groups(tmp_path, texts)["shop.example.com"]) == [("a", "b", "c")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(main("access_log /elsewhere;\n" + site(proxied())), id="logs"),
        pytest.param("worker_processes 8;\n" + main(site(proxied())), id="workers"),
        pytest.param(main("# a comment\n" + site(proxied(more="# and another"))), id="comments"),
        pytest.param(main(site(proxied(), "other.example.com") + site(proxied())), id="another site before it"),
        pytest.param(main(site(proxied())).replace("\n    ", "\n"), id="indentation"),
    ],
)
def test_what_changes_no_answer_folds(tmp_path: Path, other: str) -> None:
    assert sides(groups(tmp_path, {"a": main(site(proxied())), "b": other})["shop.example.com"]) == [("a", "b")]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(site(proxied("10.0.0.2")), id="another server"),
        pytest.param(site(proxied("10.0.0.1:81")), id="another port of it"),
        pytest.param(site(proxied(), listen="81"), id="another port as well as the name"),
        pytest.param(site(proxied(more="proxy_set_header X-A 1;")), id="a header"),
        pytest.param(site(proxied(more="proxy_read_timeout 5s;")), id="a timeout"),
        pytest.param(site(proxied() + "\n    location = /x {\n        return 204;\n    }"), id="a location"),
        pytest.param(site(proxied(), "shop.example.com www.example.com"), id="a name"),
        pytest.param(site("deny 10.0.0.1;\n" + proxied()), id="who is let in"),
    ],
)
def test_what_changes_an_answer_does_not_fold(tmp_path: Path, other: str) -> None:
    found = grouped(looked(tmp_path, {"a": main(site(proxied())), "b": main(other)}))
    ways = [way.machines for group in found for way in group.ways if group.served != {("*", 80)}]
    assert ("a", "b") not in ways


def test_machines_that_differ_only_in_an_included_file_are_not_folded(tmp_path: Path) -> None:
    text = main("include shop.inc;\n")
    texts = {"a": text, "a/shop.inc": site(proxied()), "b": text, "b/shop.inc": site(proxied("10.0.0.2"))}
    assert sides(groups(tmp_path, texts)["shop.example.com"]) == [("a",), ("b",)]


def test_the_commonest_way_comes_first_and_of_as_many_the_one_with_the_first_machine(tmp_path: Path) -> None:
    one, two, three = (main(site(proxied(f"10.0.0.{n}"))) for n in (1, 2, 3))
    texts = {"a": one, "b": two, "c": three, "d": three}
    assert sides(groups(tmp_path, texts)["shop.example.com"]) == [("c", "d"), ("a",), ("b",)]


def test_names_in_common_over_several_machines_make_one_site(tmp_path: Path) -> None:
    texts = {
        "a": main(site(proxied(), "one.example.com two.example.com")),
        "b": main(site(proxied(), "two.example.com three.example.com")),
        "c": main(site(proxied(), "three.example.com")),
        "d": main(site(proxied(), "four.example.com")),
    }
    found = groups(tmp_path, texts)
    assert {name for name, _ in found["one.example.com"].served} == {"one.example.com", "two.example.com", "three.example.com"}
    assert set(found) == {"default", "one.example.com", "four.example.com"}


def test_the_same_name_on_ports_that_no_machine_shares_is_two_sites(tmp_path: Path) -> None:
    found = grouped(looked(tmp_path, {"a": main(site(proxied())), "b": main(site(proxied("10.0.0.2"), listen="8080"))}))
    assert [sorted(group.served) for group in found if ("shop.example.com", 80) in group.served] == [[("shop.example.com", 80)]]
