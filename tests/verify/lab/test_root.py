"""What nginx sees of the file system: whatever a configuration names, nothing is written anywhere else."""

import os
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.records import replace
from converter.model.verification import Request
from converter.verify.lab.root import inside, make, place
from tests.conversions import http
from tests.verify import real

STEPS = st.lists(st.sampled_from(["..", ".", "", "a", "b ", "…", "~", "..."]), max_size=8).map("/".join)


@given(STEPS | st.text(st.characters(exclude_characters="\0"), max_size=30))
def test_no_path_leads_out_of_the_root(path: str) -> None:
    root = Path("/dev/shm/root")
    found = inside(root, path)
    assert found.is_relative_to(root)
    assert Path(os.path.normpath(found)) == found


@given(st.lists(st.sampled_from(["..", ".", "a", "b"]), max_size=8).map("/".join))
def test_a_path_means_what_it_means_to_a_program_that_lives_in_the_root(path: str) -> None:
    root = Path("/dev/shm/root")
    assert inside(root, path) == inside(root, f"/{path}") == root / os.path.normpath(f"/{path}")[1:]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """With a neighbour that nothing may be written to."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def outside(root: Path) -> list[str]:
    return [path.name for path in (root.parent / "outside").rglob("*")]


def test_files_are_written_in_octets_where_they_are_named(root: Path) -> None:
    place(root, {"/etc/nginx/a.conf": "\xc3\xbc", "/srv/../b": "x", "../../c": "y"})
    assert (root / "etc/nginx/a.conf").read_bytes() == "ü".encode()
    assert [(root / name).read_text(encoding="utf-8") for name in ("b", "c")] == ["x", "y"]


def test_an_absolute_link_begins_at_the_root(root: Path) -> None:
    (root / "lib").symlink_to(root.parent / "outside")
    place(root, {"/lib/a": "x"})
    assert outside(root) == []
    assert inside(root, f"{root.parent}/outside/a").read_text(encoding="utf-8") == "x"


def test_a_link_that_climbs_ends_at_the_root(root: Path) -> None:
    (root / "usr").mkdir()
    (root / "usr" / "up").symlink_to("../../../../outside")
    (root / "file").symlink_to("../outside/b")
    place(root, {"/usr/up/a": "x", "/file": "y"})
    make(root, "/usr/up/folder")
    assert outside(root) == []
    assert sorted(path.name for path in (root / "outside").iterdir()) == ["a", "b", "folder"]


def test_links_that_lead_in_a_circle_write_nothing_elsewhere(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        place(root, {"/a": "x"})
    assert outside(root) == []


def test_a_file_and_a_folder_of_one_name_are_left_to_nginx(root: Path) -> None:
    place(root, {"/a/b": "x", "/a": "y", "/a/b/c": "z", "/d": "w"})
    assert [(root / name).read_text(encoding="utf-8") for name in ("a/b", "d")] == ["x", "w"]


@pytest.mark.parametrize("folder", ["/usr/local/share", "/usr/lib", "/bin", "/dev", "/proc/sys/kernel"])
def test_nothing_is_written_to_folders_of_this_machine(folder: str, bench: real.Bench, tmp_path: Path) -> None:
    """Not even where the tests run as root."""
    name = f"verify-{uuid.uuid4()}"
    path = f"{folder}/{name}/shop.pem"
    server = f"server {{ listen 443 ssl; ssl_certificate {path}; ssl_certificate_key {path}; return 204; }}"
    source = real.written(tmp_path, {"nginx.conf": http(server, f"include {folder}/{name}.conf;"), f"{folder[1:]}/{name}.conf": "# own\n"})
    request = Request("GET", "/", "shop", "https", 443, "shop")
    found = bench.run(real.subject(source), (request, replace(request, target="/b")))
    assert (found.problems, len(found.results)) == ((), 2)
    assert not any("configuration was changed" in note for note in found.notes)
    assert not [path for path in Path(folder).iterdir() if path.name.startswith(name)]


def test_what_one_configuration_brought_is_not_there_for_the_next(bench: real.Bench, tmp_path: Path) -> None:
    folder = f"/usr/share/verify-{uuid.uuid4()}"
    answers = []
    for number, files in enumerate(({f"{folder[1:]}/a.conf": "return 201;"}, {}, {f"{folder[1:]}/b.conf": "return 202;"})):
        source = real.written(tmp_path / str(number), {"nginx.conf": http(f"server {{ listen 80; include {folder}/*.conf; }}"), **files})
        found = bench.run(real.subject(source), (Request("GET", "/", "shop"),))
        answers.append(found.results[0].answers[0].split(" ")[0])
    assert answers == ["201", "404", "202"]
