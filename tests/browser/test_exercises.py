"""Every kind of exercise in the browser, by mouse and by keyboard alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, one_of_each, start_lab
from tests.browser.learner import Keyboard, Mouse, card_of, learn_as, perfect, poor
from upm import paths
from upm.content import Bank, Item
from upm.kinds import load_bank

ONE_OF_EACH = {
    "choose one": "recall-shared-goal",
    "choose several": "fact-concern-opinion",
    "rate": "date-no-problem",
    "order": "disagree-in-order",
    "mark": "softened-thermal-mail",
    "own case": "own-case-honest",
    "dialogue": "four-minutes-before-the-ride",
    "write": "four-thousand-leaflets",
}


# What is played in the model has tests of its own.
OTHERS = {
    item.id: item
    for item in one_of_each(load_bank(paths.DATA))
    if item.kind not in ("simulate", "predict")
}
both_hands = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])


@both_hands
@pytest.mark.parametrize("id", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
def test_a_learner_answers_poorly_sees_why_and_then_answers_well(
    page: Page, bank: Bank, hand: Mouse | Keyboard, id: str
) -> None:
    _answer_poorly_then_well(page, bank.item(id), hand)


@both_hands
@pytest.mark.parametrize("id", OTHERS)
def test_so_does_a_learner_with_the_kinds_of_other_notebooks(
    workbench: Page, hand: Mouse | Keyboard, id: str
) -> None:
    _answer_poorly_then_well(workbench, OTHERS[id], hand)


def _answer_poorly_then_well(page: Page, item: Item, hand: Mouse | Keyboard) -> None:
    id = item.id
    learn_as(page, f"{type(hand).__name__} {id}")
    card = card_of(page, id)
    status = card.get_by_role("status")
    hand.give(card, item, poor(item))
    expect(status).to_contain_text("Not yet." if item.scored else "Kept.")
    expect(status).to_be_focused()
    for option in item.options:
        if option.feedback and item.kind != "dialogue":
            expect(card).to_contain_text(option.feedback.split(".")[0].split("“")[0])
    hand.press(card, "again")
    expect(status).to_be_empty()
    hand.give(card, item, perfect(item))
    expect(status).to_contain_text("Correct." if item.scored else "Kept.")
    if item.scored:
        expect(card).to_contain_text("attempt 2")
    expect(card).to_contain_text("Saved")


@both_hands
def test_the_answers_to_the_test_are_kept_and_not_explained(
    workbench: Page, bank: Bank, hand: Mouse | Keyboard
) -> None:
    learn_as(workbench, f"Tested by {type(hand).__name__}")
    series = workbench.locator(".upm-series")
    for place in (1, 2):
        expect(series).to_contain_text(f"{place} of ")
        card = workbench.locator('.upm-series ~ div [data-item^="test-"]')
        item = bank.item(card.get_attribute("data-item") or "")
        hand.give(card, item, perfect(item))
        expect(card.get_by_role("status")).to_contain_text("Kept. You will see the reasons")
        assert [o.id for o in item.options if o.feedback in card.inner_text()] == []
        hand.press(card, "next")
    workbench.reload()
    expect(workbench.locator(".upm-series")).to_contain_text("3 of ", timeout=60_000)


def test_what_was_marked_stays_marked_beside_the_key(page: Page, bank: Bank) -> None:
    learn_as(page, "Marker")
    item, card = bank.item("late-lorries"), card_of(page, "late-lorries")
    Mouse().give(card, item, [item.options[1].id, item.options[2].id])
    marked = card.locator('.upm-passage[data-given="true"]')
    expect(marked).to_contain_text([item.options[1].text, item.options[2].text])
    plain, line = (
        card.locator(f'.upm-passage[data-given="{given}"]').first.evaluate(
            "passage => getComputedStyle(passage).textDecorationLine"
        )
        for given in ("false", "true")
    )
    assert (plain, line) == ("none", "underline")


def test_an_answer_is_still_there_after_a_reload(page: Page, bank: Bank) -> None:
    learn_as(page, "Reloader")
    _answer(page, bank, "date-no-problem")
    page.reload()
    card = card_of(page, "date-no-problem")
    expect(card.get_by_role("status")).to_contain_text("Correct.", timeout=60_000)
    expect(card).to_contain_text("You: 5. Key: 5.")


def test_a_draft_is_still_there_after_a_reload(page: Page) -> None:
    learn_as(page, "Drafter")
    card = card_of(page, "own-case-listening")
    card.locator("textarea").first.fill("Half a sen")
    page.reload()
    expect(card.locator("textarea").first).to_have_value("Half a sen", timeout=60_000)


def test_somebody_else_finds_every_exercise_fresh(page: Page, bank: Bank) -> None:
    learn_as(page, "First")
    _answer(page, bank, "date-no-problem")
    learn_as(page, "Second")
    card = card_of(page, "date-no-problem")
    expect(card.get_by_role("button", name="Check my answer")).to_be_visible()
    expect(card.locator("input:checked")).to_have_count(0)


def test_an_answer_given_before_saying_who_learns_is_kept(visit: Visit, tmp_path: Path) -> None:
    with start_lab(tmp_path) as untouched:
        page = visit(at=untouched)
        card = card_of(page, "recall-shared-goal")
        card.locator("input").nth(1).check()
        card.get_by_role("button", name="Check my answer").click()
        expect(card.get_by_role("alert")).to_contain_text("First say who is learning")
        card.get_by_role("button", name="Say who is learning").click()
        expect(page.get_by_label("Your name")).to_be_focused()
        learn_as(page, "Hasty")
        expect(card.locator("input").nth(1)).to_be_checked()
        learn_as(page, "Calm")
        expect(card.locator("input").nth(1)).not_to_be_checked()
        page.context.close()


def test_hints_come_one_by_one_and_leave_the_answer_alone(page: Page, bank: Bank) -> None:
    learn_as(page, "Unsure")
    card = card_of(page, "softened-thermal-mail")
    card.locator(".upm-passage").nth(2).click()
    card.get_by_role("button", name="A hint").click()
    expect(card).to_contain_text("Hint 1 of 2")
    card.get_by_role("button", name="Another hint").click()
    expect(card).to_contain_text("Hint 2 of 2")
    expect(card.get_by_role("button", name="hint")).to_have_count(0)
    expect(card.locator(".upm-passage").nth(2)).to_have_attribute("aria-pressed", "true")


def test_an_empty_answer_cannot_be_checked_and_says_what_is_left(page: Page) -> None:
    learn_as(page, "Empty")
    card = card_of(page, "date-no-problem")
    card.get_by_role("button", name="Check my answer").click(force=True)
    expect(card).to_contain_text("5 of 5 still to rate")
    expect(card.get_by_role("status")).to_be_empty()


def test_keys_and_feedback_are_not_in_the_page_before_an_answer(page: Page, bank: Bank) -> None:
    learn_as(page, "Peeper")
    source = page.content()
    secrets = [
        text
        for item in bank.items.values()
        for text in (item.takeaway, *item.hints, *(option.feedback for option in item.options))
        if text
    ]
    assert [text for text in secrets if text in source] == []


def test_nothing_is_selected_before_the_learner_does(page: Page) -> None:
    learn_as(page, "Newcomer")
    expect(page.locator(".upm-card input:checked, .upm-card [aria-pressed=true]")).to_have_count(0)


def test_next_leads_to_what_comes_next_and_go_on_to_what_is_open(page: Page, bank: Bank) -> None:
    learn_as(page, "Walker")
    _answer(page, bank, "softened-thermal-mail")
    card_of(page, "softened-thermal-mail").get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="The same concern, said plainly")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Go on where you stopped").click(timeout=60_000)
    expect(card_of(page, "date-no-problem").locator(".upm-title")).to_be_focused()


def test_the_head_of_a_page_says_where_it_lies_and_leads_to_the_other_parts(
    visit: Visit, bank: Bank
) -> None:
    page = visit()
    learn_as(page, "Wanderer")
    _answer(page, bank, "date-no-problem")
    parts = page.locator(".upm-parts")
    expect(parts).to_contain_text("Part 2 of 10: Build trust · 1 of ")
    parts.locator("summary").click()
    expect(parts.locator("[aria-current=page]")).to_contain_text("Build trust")
    parts.get_by_role("link", name="Start here").click()
    expect(page.get_by_role("heading", name="Start here")).to_be_visible(timeout=60_000)
    expect(page.locator(".upm-parts")).to_contain_text("Part 1 of 10", timeout=60_000)


def test_progress_counts_first_attempts_without_hints(page: Page, bank: Bank) -> None:
    learn_as(page, "Counter")
    _answer(page, bank, "softened-thermal-mail")
    row = page.locator(".upm-map > div").first
    expect(row).to_contain_text("1 of 9 done")
    expect(row).to_contain_text("1 of 1 answered exercises correct at the first attempt")


def test_what_a_learner_types_is_shown_as_text(page: Page, bank: Bank) -> None:
    learn_as(page, "<img src=x onerror=alert(1)>")
    _answer(page, bank, "own-case-honest")
    expect(card_of(page, "own-case-honest")).to_contain_text("<b>in two lines</b>")
    assert page.locator(".upm img, .upm-own b").count() == 0


def _answer(page: Page, bank: Bank, id: str) -> None:
    item, card = bank.item(id), card_of(page, id)
    Mouse().give(card, item, perfect(item))
    expect(card.get_by_role("status")).to_contain_text("Correct." if item.scored else "Kept.")
