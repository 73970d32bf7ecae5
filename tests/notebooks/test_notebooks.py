"""Every notebook runs from a clean kernel, under nbval and papermill, and reads well as text."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest

from upm import paths
from upm.kinds import load_bank

NOTEBOOKS = sorted(
    path for path in paths.NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)
each_notebook = pytest.mark.parametrize(
    "notebook", NOTEBOOKS, ids=lambda path: path.relative_to(paths.NOTEBOOKS).as_posix()
)


@pytest.fixture(scope="module")
def nbval() -> str:
    """What nbval says to each cell of all notebooks; one process, as its start costs the most."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-v", "--override-ini", "addopts="]
    command += ["-p", "no:cacheprovider", "--rootdir", str(paths.NOTEBOOKS), *map(str, NOTEBOOKS)]
    environment = os.environ | {"UPM_STRICT": "1"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


@each_notebook
def test_nbval_finds_no_error_and_no_changed_output(notebook: Path, nbval: str) -> None:
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(notebook, 4).cells)
    passed = re.findall(rf"{re.escape(notebook.stem)}::ipynb::Cell \d+ PASSED", nbval)
    assert len(passed) == cells, nbval


@each_notebook
def test_papermill_runs_it_and_each_exercise_reads_as_text(
    notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPM_STRICT", "1")
    ran = papermill.execute_notebook(notebook, tmp_path / "ran.ipynb", progress_bar=False)
    bank = load_bank(paths.DATA)
    for cell in ran.cells:
        if cell.cell_type != "code":
            continue
        texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        assert any(texts), cell.source
        if "course.exercise(" in cell.source:
            item = bank.item(cell.source.split('"')[1])
            options = [option["text"] for option in item.public()["options"]]
            for text in (item.title, item.ask, *options):
                assert text in texts[0]


@each_notebook
def test_it_is_stored_as_jupyter_writes_it_without_outputs(notebook: Path, tmp_path: Path) -> None:
    content = nbformat.read(notebook, 4)
    nbformat.validate(content)
    nbformat.write(content, tmp_path / "written.ipynb")
    assert notebook.read_text("utf-8") == (tmp_path / "written.ipynb").read_text("utf-8")
    for cell in content.cells:
        if cell.cell_type == "code" and "nbval-check-output" not in cell.metadata.get("tags", []):
            assert (cell.outputs, cell.execution_count) == ([], None)


@each_notebook
def test_a_learner_sees_no_code_and_the_extension_knows_the_page(notebook: Path) -> None:
    content = nbformat.read(notebook, 4)
    assert content.metadata["upm"]["notebook"] == notebook.stem
    assert content.metadata.language_info == {"name": "python"}
    for cell in content.cells:
        assert cell.metadata["editable"] is False
        assert cell.metadata["deletable"] is False
        if cell.cell_type == "code":
            assert cell.metadata["jupyter"] == {"source_hidden": True}
            assert cell.source.splitlines()[-1].startswith("course.")
            assert len(cell.source.splitlines()) == (3 if "import" in cell.source else 1)
