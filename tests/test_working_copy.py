"""A learner's copy of the notebooks: brought up to date, but for what the learner changed."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from upm.working_copy import MANIFEST, Laid, lay_out

ONE, TWO = "01_one.ipynb", "deeper/02_two.ipynb"


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        file = folder / {"one": ONE, "two": TWO}.get(name, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != MANIFEST
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write(tmp_path / "source", one="1, first edition", two="2, first edition")
    return tmp_path / "source"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "of mine"


def test_all_notebooks_and_nothing_else_are_laid_out(source: Path, target: Path) -> None:
    for other in (".ipynb_checkpoints/01_one-checkpoint.ipynb", "notes.txt", "deeper/plot.png"):
        write(source, **{other: "not for learners"})
    assert lay_out(source, target) == Laid(new=(ONE, TWO))
    assert read(target) == {ONE: "1, first edition", TWO: "2, first edition"}


def test_a_second_time_nothing_is_done(source: Path, target: Path) -> None:
    lay_out(source, target)
    before = (target / ONE).stat()
    assert lay_out(source, target) == Laid()
    assert (target / ONE).stat() == before


def test_what_the_learner_did_not_touch_is_updated(source: Path, target: Path) -> None:
    lay_out(source, target)
    for edition in ("second", "third"):
        write(source, one=f"1, {edition} edition")
        assert lay_out(source, target) == Laid(updated=(ONE,))
        assert read(target)[ONE] == f"1, {edition} edition"


def test_what_the_learner_changed_is_kept_and_named_once_for_each_edition(
    source: Path, target: Path
) -> None:
    lay_out(source, target)
    write(target, one="mine")
    assert lay_out(source, target) == Laid()
    for edition in ("second", "third"):
        write(source, one=f"1, {edition} edition")
        assert lay_out(source, target) == Laid(kept=(ONE,))
        assert lay_out(source, target) == Laid()
    assert read(target)[ONE] == "mine"


def test_what_the_learner_deleted_is_laid_out_again(source: Path, target: Path) -> None:
    lay_out(source, target)
    shutil.rmtree(target / "deeper")
    assert lay_out(source, target) == Laid(new=(TWO,))
    assert read(target)[TWO] == "2, first edition"


def test_files_of_the_learners_own_are_left_alone(source: Path, target: Path) -> None:
    write(target, one="there before the course", mine="my own")
    assert lay_out(source, target) == Laid(new=(TWO,), kept=(ONE,))
    assert read(target)[ONE] == "there before the course"
    assert read(target)["mine"] == "my own"


@pytest.mark.parametrize("name", [".", "../source"])
def test_a_course_that_is_used_in_its_own_place_is_left_as_it_is(source: Path, name: str) -> None:
    assert lay_out(source, source / name) == Laid()
    assert not (source / MANIFEST).exists()


@pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b"null", b'{"01_one.ipynb": 3}', b"\xff"])
def test_a_broken_manifest_costs_nothing_but_an_update(
    source: Path, target: Path, manifest: bytes
) -> None:
    lay_out(source, target)
    write(target, two="mine")
    (target / MANIFEST).write_bytes(manifest)
    write(source, one="1, second edition", two="2, second edition")
    assert lay_out(source, target) == Laid(kept=(ONE, TWO))
    assert read(target) == {ONE: "1, first edition", TWO: "mine"}


def test_a_full_disk_leaves_no_half_notebook(source: Path, target: Path, full_disk: Any) -> None:
    lay_out(source, target)
    write(source, one="1, second edition " * 999)
    with full_disk(999), pytest.raises(OSError, match="large"):
        lay_out(source, target)
    assert read(target)[ONE] == "1, first edition"
    assert lay_out(source, target) == Laid(updated=(ONE,))
    assert read(target)[ONE] == "1, second edition " * 999


def test_a_folder_that_cannot_be_made_is_an_os_error(source: Path, tmp_path: Path) -> None:
    write(tmp_path, file="in the way")
    with pytest.raises(OSError, match="file"):
        lay_out(source, tmp_path / "file")
