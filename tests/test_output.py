import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter import output
from converter.output import JOURNAL, RECORD, OutputError, Written, write

FILES = {"kustomization.yaml": "a\n", "shop/gateway.yaml": "b\n"}


def test_files_are_written_once_and_left_alone_while_nothing_changes(tmp_path: Path) -> None:
    first = write(tmp_path, FILES, force=False)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    second = write(tmp_path, FILES, force=False)
    assert first == Written(written=("kustomization.yaml", "shop/gateway.yaml"))
    assert second == Written(unchanged=("kustomization.yaml", "shop/gateway.yaml"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == times


def test_the_record_holds_hashes_by_relative_path_and_no_time_or_machine(tmp_path: Path) -> None:
    write(tmp_path, FILES, force=False)
    record = json.loads((tmp_path / RECORD).read_text())
    assert list(record) == ["files", "version"]
    assert list(record["files"]) == sorted(FILES)


def test_only_what_changes_is_written(tmp_path: Path) -> None:
    write(tmp_path, FILES, force=False)
    result = write(tmp_path, {**FILES, "kustomization.yaml": "new\n"}, force=False)
    assert result == Written(written=("kustomization.yaml",), unchanged=("shop/gateway.yaml",))


def test_a_file_that_a_person_edited_is_left_alone_until_forced(tmp_path: Path) -> None:
    write(tmp_path, FILES, force=False)
    (tmp_path / "shop/gateway.yaml").write_text("by hand\n")
    for _ in range(2):
        assert write(tmp_path, {**FILES, "shop/gateway.yaml": "new\n"}, force=False).edited == ("shop/gateway.yaml",)
        assert (tmp_path / "shop/gateway.yaml").read_text() == "by hand\n"
    assert write(tmp_path, {**FILES, "shop/gateway.yaml": "new\n"}, force=True).written == ("shop/gateway.yaml",)
    assert (tmp_path / "shop/gateway.yaml").read_text() == "new\n"


def test_an_edit_that_makes_the_file_what_it_shall_be_is_no_conflict(tmp_path: Path) -> None:
    write(tmp_path, FILES, force=False)
    (tmp_path / "kustomization.yaml").write_text("new\n")
    assert write(tmp_path, {**FILES, "kustomization.yaml": "new\n"}, force=False).edited == ()
    assert write(tmp_path, {**FILES, "kustomization.yaml": "newer\n"}, force=False).written == ("kustomization.yaml",)


def test_a_file_that_no_run_wrote_counts_as_edited(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("of somebody else\n")
    assert write(tmp_path, FILES, force=False).edited == ("kustomization.yaml",)


def test_what_is_no_longer_produced_goes_with_its_empty_folder(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "old/a/b.yaml": "c\n"}, force=False)
    assert write(tmp_path, FILES, force=False).removed == ("old/a/b.yaml",)
    assert not (tmp_path / "old").exists()


@pytest.mark.parametrize("force", [False, True])
def test_what_a_person_edited_or_added_is_never_removed(tmp_path: Path, force: bool) -> None:
    write(tmp_path, {**FILES, "old/a.yaml": "c\n", "old/b.yaml": "c\n"}, force=False)
    (tmp_path / "old/a.yaml").write_text("by hand\n")
    (tmp_path / "old/notes.txt").write_text("mine\n")
    result = write(tmp_path, FILES, force=force)
    assert (result.edited, result.removed) == (("old/a.yaml",), ("old/b.yaml",))
    assert sorted(path.name for path in (tmp_path / "old").iterdir()) == ["a.yaml", "notes.txt"]


@pytest.mark.parametrize("path", ["../a.yaml", "/a.yaml", "a/../../b.yaml", "", "a\0b"])
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutputError, match="not a path inside"):
        write(tmp_path / "out", {"good.yaml": "a\n", path: "b\n"}, force=True)
    assert not (tmp_path / "out/good.yaml").exists()


@pytest.mark.parametrize("link", ["shop", "shop/gateway.yaml", RECORD])
def test_nothing_is_written_through_a_link_that_leads_out(tmp_path: Path, link: str) -> None:
    folder, outside = tmp_path / "out", tmp_path / "outside"
    (folder / link).parent.mkdir(parents=True)
    outside.mkdir()
    (folder / link).symlink_to(outside / "x" if "." in link else outside)
    with pytest.raises(OutputError, match="leads outside"):
        write(folder, FILES, force=True)
    assert list(outside.iterdir()) == []


def test_a_record_that_names_files_elsewhere_removes_nothing(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("")
    folder = tmp_path / "out"
    folder.mkdir()
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / RECORD).write_text(json.dumps({"version": 1, "files": {"../victim": empty}}))
    with pytest.raises(OutputError, match="not a path inside"):
        write(folder, FILES, force=True)
    assert victim.exists()


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"files": 3}', '{"files": {"kustomization.yaml": 3}}', "\udcff", "[" * 100_000])
def test_a_broken_record_stands_for_none(tmp_path: Path, record: str) -> None:
    write(tmp_path, FILES, force=False)
    (tmp_path / RECORD).write_bytes(record.encode("utf-8", "surrogateescape"))
    assert write(tmp_path, {**FILES, "kustomization.yaml": "new\n"}, force=False).edited == ("kustomization.yaml",)


def test_a_run_that_is_killed_leaves_whole_files_that_the_next_one_knows_as_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, FILES, force=False)
    replaced: list[object] = []

    def killed(source: object, target: object) -> None:
        if len(replaced) == 1:  # the first file
            raise KeyboardInterrupt
        replaced.append(target)
        os.rename(str(source), str(target))

    monkeypatch.setattr(output.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {"kustomization.yaml": "2\n", "shop/gateway.yaml": "2\n"}, force=False)
    monkeypatch.undo()
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"kustomization.yaml", "gateway.yaml", RECORD, JOURNAL}
    result = write(tmp_path, {"kustomization.yaml": "3\n", "shop/gateway.yaml": "3\n"}, force=False)
    assert result.edited == ()
    assert not (tmp_path / JOURNAL).exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write to"):
        write(tmp_path / "file" / "out", FILES, force=False)


def test_a_lone_surrogate_becomes_text_that_utf_8_can_hold(tmp_path: Path) -> None:
    write(tmp_path, {"a": "\udcff"}, force=False)
    assert (tmp_path / "a").read_text(encoding="utf-8") == "?"


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b/c", "b/d"]), st.sampled_from(["1", "2"])), max_size=5))
def test_after_any_series_of_runs_the_folder_holds_the_last_one(
    tmp_path_factory: pytest.TempPathFactory, runs: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("out")
    for files in runs:
        assert write(folder, files, force=False).edited == ()
    last = runs[-1] if runs else {}
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file() and path.name != RECORD}
    assert found == last
