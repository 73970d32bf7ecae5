"""The page of a course notebook: it runs by itself, shows no code, and survives its kernel."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, Visit
from tests.browser.learner import NOTEBOOK, Mouse, card_of, learn_as, perfect, wait_for_page
from upm.content import Bank

on_linux = pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the kernel in /proc")


def test_opening_the_notebook_is_enough(page: Page, bank: Bank) -> None:
    expect(page.locator(".upm-card[data-item]")).to_have_count(
        sum(
            len(bank.of(practice.id, "unit", "check"))
            for pillar in bank.framework.pillars
            if pillar.notebook == NOTEBOOK
            for practice in pillar.practices
        )
    )
    for code in (".jp-CodeCell .jp-Cell-inputWrapper", ".jp-InputPrompt", ".upm-fallback"):
        expect(page.locator(f"{code}:visible")).to_have_count(0)
    text = page.locator(".jp-Notebook").inner_text()
    for sign_of_a_machine in ("course.", "Traceback", "Run All", "<exercise"):
        assert sign_of_a_machine not in text


def test_a_learner_cannot_open_or_change_a_cell_by_accident(page: Page) -> None:
    cells = page.locator(".jp-Cell").count()
    page.locator(".jp-Notebook h2").first.dblclick()
    for key in ("Escape", "d", "d", "b", "a", "m", "x", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".jp-Notebook .cm-editor:visible")).to_have_count(0)
    expect(page.locator(".jp-Cell")).to_have_count(cells)


def test_after_a_restart_of_the_kernel_all_answers_are_back(page: Page, bank: Bank) -> None:
    learn_as(page, "Restarter")
    card = card_of(page, "date-no-problem")
    Mouse().give(card, bank.item("date-no-problem"), perfect(bank.item("date-no-problem")))
    expect(card).to_contain_text("Saved")
    shown = page.locator(".jp-Notebook .upm")
    shown.evaluate_all("parts => parts.forEach(part => (part.dataset.old = 'yes'))")
    page.get_by_role("menuitem", name="Kernel").click()
    page.locator(".lm-Menu-item[data-command='kernelmenu:restart']").click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page.locator("[data-old]")).to_have_count(0, timeout=60_000)  # all parts are new
    wait_for_page(page)
    expect(card.get_by_role("status")).to_contain_text("Correct.")
    expect(page.get_by_text("Learning as Restarter")).to_be_visible()
    shown.evaluate_all("parts => parts.forEach(part => (part.dataset.new = 'yes'))")
    page.wait_for_timeout(3000)  # Lab connects twice after a restart; the page runs once
    expect(page.locator(".jp-Notebook .upm:not([data-new])")).to_have_count(0)


@on_linux
def test_a_kernel_that_does_not_answer_costs_no_answer(page: Page, bank: Bank) -> None:
    learn_as(page, "Patient")
    item = bank.item("recall-shared-goal")
    card = card_of(page, item.id)
    with _stopped_kernel():
        Mouse().give(card, item, perfect(item))
        expect(card.get_by_role("alert")).to_contain_text("is not responding", timeout=20_000)
        expect(card.locator("input:checked")).to_have_count(1)
    expect(card.get_by_role("status")).to_contain_text("Correct.", timeout=20_000)
    expect(card.get_by_role("alert")).to_have_count(0)


@contextmanager
def _stopped_kernel() -> Iterator[None]:
    found = subprocess.run(
        ["pgrep", "-f", "ipykernel_launcher"], capture_output=True, text=True, check=True
    )
    kernels = [int(line) for line in found.stdout.split()]
    for kernel in kernels:
        os.kill(kernel, signal.SIGSTOP)
    try:
        yield
    finally:
        for kernel in kernels:
            os.kill(kernel, signal.SIGCONT)


@pytest.mark.parametrize(
    ("name", "metadata", "code"),
    [
        ("copy", NOTEBOOK, 'course.exercise("date-no-problem")'),
        (NOTEBOOK, "copy", 'course.exercise("date-no-problem")'),
        (NOTEBOOK, NOTEBOOK, 'course.exercise("date-no-problem"); print("run")'),
        (NOTEBOOK, NOTEBOOK, 'print("run")'),
    ],
    ids=["under another name", "of another name", "with more in the cell", "with another cell"],
)
def test_nothing_but_the_course_itself_runs_unasked(
    visit: Visit, lab: Lab, name: str, metadata: str, code: str
) -> None:
    notebook = json.loads((lab.folder / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    notebook["metadata"]["upm"]["notebook"] = metadata
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells[0]["source"] = ["from upm import course\n", "\n", code]
    notebook["cells"] = cells[:1]
    folder = lab.folder / "elsewhere"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    page = visit(f"elsewhere/{name}", ready=False)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(3000)
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)


def test_a_package_beside_the_notebook_is_not_taken_for_the_course(visit: Visit, lab: Lab) -> None:
    folder = lab.folder / "beside"
    (folder / "upm").mkdir(parents=True)
    (folder / "upm" / "__init__.py").write_text("course = None")
    shutil.copy(lab.folder / f"{NOTEBOOK}.ipynb", folder)
    page = visit(f"beside/{NOTEBOOK}")
    expect(page.locator(".upm-learner")).to_be_visible()


def test_a_page_that_was_only_used_is_saved_as_it_came(visit: Visit, lab: Lab) -> None:
    folder = lab.folder / "saved"
    folder.mkdir()
    file = Path(shutil.copy(lab.folder / f"{NOTEBOOK}.ipynb", folder))
    before, begun = file.read_bytes(), file.stat().st_mtime_ns
    page = visit(f"saved/{NOTEBOOK}")
    page.get_by_role("menuitem", name="File").click()
    page.locator(".lm-Menu-item[data-command='docmanager:save']").click()
    for _ in range(100):
        if file.stat().st_mtime_ns != begun:
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError("the notebook was not saved")
    page.wait_for_timeout(500)
    assert file.read_bytes() == before


def test_what_a_file_brings_as_output_is_never_obeyed(visit: Visit, lab: Lab) -> None:
    notebook = json.loads((lab.folder / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    script = "<img src='data:,' onerror='window.obeyed = true'>"
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": script}}
    cell["outputs"] = [output]
    folder = lab.folder / "output"
    folder.mkdir()
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook))
    page = visit(f"output/{NOTEBOOK}")
    assert page.evaluate("window.obeyed") is None
