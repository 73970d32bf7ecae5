"""The balance model at the page: played blind, played again, predicted, and turned by its dials."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.learner import (
    Keyboard,
    Mouse,
    card_of,
    click,
    enter,
    learn_as,
    live_through,
    perfect,
    poor,
    spread,
)
from upm.content import Bank

NOTEBOOK = "05_dynamic_balance"
YEAR, RUN, FREE = "half-a-year-in-the-model", "friends-first", "turn-the-dials"


def opened(visit: Visit, **options: Any) -> Page:
    page = visit(NOTEBOOK, ready=False, **options)
    card_of(page, FREE).wait_for(timeout=60_000)
    return page


@pytest.fixture(scope="module")
def page(stay: Visit) -> Page:
    return opened(stay)


def test_a_half_year_is_played_blind_and_then_knowing_what_comes(page: Page, bank: Bank) -> None:
    item = bank.item(YEAR)
    learn_as(page, "Player")
    card = card_of(page, YEAR)
    first = poor(item)
    live_through(card, first, click, stop=3)
    expect(card.locator(".upm-news")).to_contain_text("Week 10:")
    expect(card).not_to_contain_text("Week 16:")
    live_through(card, first, click, start=3)
    expect(card.locator("h4")).to_have_text("The half-year is over.")
    card.locator('[data-do="check"]').click()
    expect(card.get_by_role("status")).to_contain_text("Your plan scores 0 of 100")
    expect(card).to_contain_text("You expected about 20 %")
    expect(card.locator(".upm-plan tbody tr")).to_have_count(12)

    card.get_by_role("button", name="Play again, knowing what comes").click()
    expect(card.locator(".upm-news")).to_have_count(2)
    best = perfect(item)
    for phase, points in enumerate(best["plan"]):
        card.locator(".upm-phases label").nth(phase).click()
        spread(card, points, click)
        if phase:
            reason = card.locator("select:visible")
            reason.select_option(best["reasons"][phase - 1])
    card.locator('[data-do="check"]').click()
    status = card.get_by_role("status")
    expect(status).to_contain_text(
        "Correct. Your plan scores 100 of 100, the first time it scored 0"
    )


def test_a_half_year_can_be_played_with_the_keys_alone(page: Page, bank: Bank) -> None:
    item = bank.item(YEAR)
    learn_as(page, "Keys only")
    card = card_of(page, YEAR)
    live_through(card, perfect(item), enter)
    expect(card.locator("h4")).to_be_focused()
    enter(card.locator('[data-do="check"]'))
    expect(card.get_by_role("status")).to_contain_text("Correct.")


def test_a_phase_is_lived_through_only_with_ten_points_and_a_reason(page: Page, bank: Bank) -> None:
    learn_as(page, "Hasty")
    card = card_of(page, YEAR)
    button = card.locator('[data-do="play"]')
    expect(button).to_have_attribute("aria-disabled", "true")
    spread(card, [5, 5, 0, 0], click)
    button.click(force=True)
    expect(card.locator("h4")).to_contain_text("phase 1 of 6")  # no guess yet
    card.locator("select").first.select_option("50")
    button.click()
    expect(card.locator("h4")).to_contain_text("phase 2 of 6")
    spread(card, [1, 1, 7, 1], click)
    expect(button).to_have_attribute("aria-disabled", "true")  # no reason yet


def test_the_figure_is_drawn_by_plotly_and_told_in_numbers(page: Page, bank: Bank) -> None:
    learn_as(page, "Reader of numbers")
    card = card_of(page, RUN)
    card.locator(".upm-choice").nth(2).click()
    card.locator('[data-do="check"]').click()
    expect(card.get_by_role("status")).to_contain_text("As you expected. It is down to 16 %.")
    chart = card.locator(".upm-chart")
    expect(chart).to_have_role("img")
    expect(chart.locator(".scatterlayer .js-line")).to_have_count(6)  # two runs in three panels
    expect(chart).to_have_attribute("aria-label", re.compile("Relationship first, Best plan"))
    card.get_by_text("The figure in numbers").click()
    first = card.locator(".upm-numbers table").first
    cells = first.locator("tbody tr").nth(4).locator("th, td").all_inner_texts()
    assert cells == ["4", "16", "13", "14"]  # week, trust, relationships, all four


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=lambda hand: type(hand).__name__)
def test_a_prediction_is_compared_with_what_came_out(
    page: Page, bank: Bank, hand: Mouse | Keyboard
) -> None:
    item = bank.item(RUN)
    learn_as(page, f"Predicting by {type(hand).__name__}")
    card = card_of(page, RUN)
    hand.give(card, item, poor(item))
    status = card.get_by_role("status")
    expect(status).to_contain_text("Not what you expected. It is down to 16 %.")
    hand.press(card, "again")
    hand.give(card, item, perfect(item))
    expect(status).to_contain_text("As you expected.")


def test_a_dial_changes_the_outcome_and_the_figure(page: Page, bank: Bank) -> None:
    learn_as(page, "Turner")
    card = card_of(page, FREE)
    told = card.locator(".upm-told")
    expect(told).to_have_text(re.compile("46 % with this plan, 33 % with an even split"))
    line = card.locator(".scatterlayer .js-line").first
    before = line.get_attribute("d")
    dial = card.get_by_label("How open your manager is")
    dial.focus()
    for _ in range(14):  # steps of .05, from 1 down to .3
        page.keyboard.press("ArrowLeft")
    expect(told).not_to_contain_text("46 % with")
    expect(line).not_to_have_attribute("d", str(before))
    card.get_by_label("Begin with").select_option("no-gates")
    expect(told).to_have_text(re.compile("51 % with this plan, 57 % with an even split"))
    card.locator('[data-do="check"]').click()
    expect(card.get_by_role("status")).to_contain_text("Kept.")


def test_that_it_is_a_toy_stays_in_view(page: Page, bank: Bank) -> None:
    learn_as(page, "Scroller")
    page.set_viewport_size({"width": 1280, "height": 600})
    for id in (YEAR, FREE):
        card = card_of(page, id)
        card.locator(".upm-chart").scroll_into_view_if_needed()
        card.locator("details").scroll_into_view_if_needed()
        expect(card.get_by_role("note")).to_be_in_viewport()
        expect(card.get_by_role("note")).to_contain_text("A toy model.")
    page.set_viewport_size({"width": 1280, "height": 720})


# In windows of their own, after the others: a kernel keeps two windows of a page alive.


def test_a_half_year_that_was_begun_is_there_after_a_reload(visit: Visit, bank: Bank) -> None:
    item = bank.item(YEAR)
    page = opened(visit)
    learn_as(page, "Half-way")
    card = card_of(page, YEAR)
    live_through(card, perfect(item), click, stop=4)
    expect(card.locator("h4")).to_contain_text("phase 5 of 6")
    levels = card.locator(".upm-levels").inner_text()
    page.reload()
    expect(card.locator("h4")).to_contain_text("phase 5 of 6", timeout=60_000)
    expect(card.locator(".upm-levels")).to_have_text(re.compile(r"\s*".join(levels.split())))
    expect(card.locator(".upm-news")).to_contain_text("Week 16:")


@pytest.mark.parametrize("width", [390, 320])
def test_the_model_fits_a_phone_and_axe_finds_nothing_serious(
    visit: Visit, bank: Bank, width: int
) -> None:
    page = opened(visit, viewport={"width": width, "height": 800}, has_touch=True)
    learn_as(page, f"On a phone of {width}")
    card = card_of(page, YEAR)
    live_through(card, perfect(bank.item(YEAR)), click)
    card.locator('[data-do="check"]').click()
    expect(card.locator(".upm-plan")).to_be_visible()
    card.get_by_text("The figure in numbers").click()
    free = card_of(page, FREE)
    expect(free.locator(".js-line").first).to_be_attached()
    wide = page.locator(".jp-Notebook .upm *").evaluate_all(
        """(all, width) => all
            .filter((each) => !each.closest(".upm-hidden, svg") && each.offsetHeight)
            .filter((each) => each.getBoundingClientRect().right > width)
            .map((each) => `${each.tagName}.${each.className}`)""",
        width,
    )
    assert wide == []
    found = Axe().run(page, {"include": [[".jp-Notebook"]]}).response["violations"]
    assert [
        (each["id"], node["html"])
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
        if ".upm" in str(node["target"]) or "upm" in node["html"]
    ] == []
