"""The page is for everybody: axe-core, narrow and zoomed windows, themes, contrast, motion."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Lab, Visit, one_of_each
from tests.browser.learner import Mouse, card_of, learn_as, perfect, poor
from upm import audit, paths
from upm.content import Bank
from upm.kinds import load_bank

ANSWERED = {
    "softened-thermal-mail": poor,
    "date-no-problem": poor,
    "fact-concern-opinion": perfect,
    "disagree-in-order": poor,
    "own-case-honest": perfect,
}
THEMES = "/lab/api/settings/@jupyterlab/apputils-extension:themes"


@pytest.fixture(params=["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def theme(request: pytest.FixtureRequest, lab: Lab) -> Iterator[str]:
    lab.ask(THEMES, "PUT", {"raw": f'{{"theme": "{request.param}"}}'})
    yield request.param
    lab.ask(THEMES, "PUT", {"raw": "{}"})


def test_axe_finds_nothing_serious_in_any_theme(visit: Visit, bank: Bank, theme: str) -> None:
    page = visit(reduced_motion="reduce")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    learn_as(page, f"Looking at {theme}")
    _answer_some(page, bank)
    page.locator(".upm-learner").get_by_role("button", name="Somebody else").click()
    assert _serious(page) == []


def test_axe_finds_nothing_serious_in_the_kinds_of_other_notebooks(
    workbench: Page, bank: Bank
) -> None:
    learn_as(workbench, "Axe elsewhere")
    assert _serious(workbench) == []
    for item in one_of_each(bank):
        Mouse().give(card_of(workbench, item.id), item, poor(item))
        expect(card_of(workbench, item.id).get_by_role("status")).not_to_be_empty()
    assert _serious(workbench) == []
    workbench.set_viewport_size({"width": 320, "height": 640})
    wide = workbench.locator(".upm *").evaluate_all(
        """(all) => all
            .filter((each) => !each.closest(".upm-hidden") && each.offsetHeight)
            .filter((each) => each.getBoundingClientRect().right > 320)
            .map((each) => `${each.tagName}.${each.className}`)"""
    )
    assert wide == []


@pytest.mark.parametrize("notebook", load_bank(paths.DATA).framework.notebooks)
def test_every_notebook_runs_and_axe_finds_nothing_serious(
    visit: Visit, bank: Bank, notebook: str
) -> None:
    page = visit(notebook, ready=False)
    page.locator(".upm-learner").wait_for(timeout=60_000)
    shown = audit.shown_in(audit.read_notebooks(paths.NOTEBOOKS)[notebook])
    if shown:
        card_of(page, shown[-1]).wait_for(state="attached", timeout=60_000)
    learn_as(page, f"Reader of {notebook}")
    assert {id for id in shown if not card_of(page, id).count()} == set()
    expect(page.locator(".upm-problem")).to_have_count(0)
    assert _serious(page) == []


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(390, 844, 3.0), (320, 640, 2.0), (640, 450, 2.0)],
    ids=["phone", "small phone", "1280 pixels at 200 % zoom"],
)
def test_nothing_is_cut_off_in_a_narrow_window(
    visit: Visit, bank: Bank, width: int, height: int, scale: float
) -> None:
    page = visit(viewport={"width": width, "height": height}, device_scale_factor=scale)
    learn_as(page, f"Holding {width}")
    _answer_some(page, bank)
    wide = page.locator(".upm *, .jp-RenderedMarkdown > *").evaluate_all(
        """(all, width) => all
            .filter((each) => !each.closest(".upm-hidden") && each.offsetHeight)
            .filter((each) => each.getBoundingClientRect().right > width)
            .map((each) => `${each.tagName}.${each.className}`)""",
        width,
    )
    assert wide == []


def test_what_is_pressed_is_big_enough_for_a_finger(visit: Visit, bank: Bank) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    learn_as(page, "Finger")
    small = page.locator(".upm button, .upm-choice, .upm-scale label").evaluate_all(
        """(all) => all.map((each) => each.getBoundingClientRect())
            .filter((box) => box.height && (box.height < 44 || box.width < 44))
            .map((box) => `${box.width} x ${box.height}`)"""
    )
    assert small == []


def test_with_forced_colours_a_choice_still_shows(visit: Visit) -> None:
    page = visit(forced_colors="active")
    learn_as(page, "High contrast")
    scale = card_of(page, "date-no-problem").locator(".upm-scale").first
    scale.locator("label").nth(3).click()
    colours = scale.locator("label").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(colours[:3])) == 1
    assert colours[3] != colours[0]


def test_nothing_moves_for_whoever_wants_no_motion(visit: Visit, bank: Bank) -> None:
    page = visit(reduced_motion="reduce")
    learn_as(page, "Still")
    _answer_some(page, bank)
    moving = page.locator(".upm, .upm *").evaluate_all(
        "(all) => all.filter((each) => each.getAnimations().length).length"
    )
    assert moving == 0


def _answer_some(page: Page, bank: Bank) -> None:
    for id, how in ANSWERED.items():
        card = card_of(page, id)
        Mouse().give(card, bank.item(id), how(bank.item(id)))
        expect(card.get_by_role("status")).not_to_be_empty()
    hint = card_of(page, "late-lorries").get_by_role("button", name="A hint")
    hint.click()
    expect(card_of(page, "late-lorries")).to_contain_text("Hint 1 of 2")


def _serious(page: Page) -> list[Any]:
    found = Axe().run(page, {"include": [[".jp-Notebook"]]}).response["violations"]
    return [
        (each["id"], node["target"], node["failureSummary"])
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
        if ".upm" in str(node["target"]) or "upm" in node["html"]
    ]
