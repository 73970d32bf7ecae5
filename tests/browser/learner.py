"""A learner at the page: finds a card and answers, by mouse or by keyboard."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from upm.content import Item

NOTEBOOK = "01_build_trust"
TABS = 60


def wait_for_page(page: Page) -> None:
    """Wait until the last part of the notebook, its progress, is there."""
    page.locator(".upm-map").wait_for(timeout=60_000)


def learn_as(page: Page, name: str) -> None:
    """Say who is learning, whoever learned before."""
    card = page.locator(".upm-learner")
    somebody_else = card.get_by_role("button", name="Somebody else")
    if somebody_else.count():
        somebody_else.click()
    card.get_by_label("Your name").fill(name)
    card.get_by_role("button", name="Start").click()
    expect(card.get_by_text(f"Learning as {name}")).to_be_visible()


def card_of(page: Page, id: str) -> Locator:
    """The card of an item."""
    return page.locator(f'[data-item="{id}"]')


def perfect(item: Item) -> Any:
    """The response that the key asks for."""
    match item.kind:
        case "rate":
            return {option.id: round(option.key) for option in item.options}
        case "order":
            return [option.id for option in sorted(item.options, key=lambda option: option.key)]
        case "mark":
            return [option.id for option in item.options if option.key]
        case "case":
            return {option.id: f"My {option.id} <b>in two lines</b>" for option in item.options}
    full = [option.id for option in item.scorable if option.key == 3]
    return full[:1] if item.select == "one" else full


def poor(item: Item) -> Any:
    """A response that misses the key."""
    match item.kind:
        case "rate":
            return {option.id: 5 if option.key < 3 else 1 for option in item.options}
        case "order":
            return perfect(item)[::-1]
        case "case":
            return {item.options[0].id: "Not finished"}
    return [option.id for option in item.scorable if not option.key][:1]


class Mouse:
    """Answers with the mouse."""

    def give(self, card: Locator, item: Item, response: Any) -> None:
        """Fill in a response and check it."""
        getattr(self, f"_{item.kind}")(card, item, response)
        self.press(card, "check")

    def press(self, card: Locator, what: str) -> None:
        """Press one of the buttons at the foot of the card."""
        card.locator(f'[data-do="{what}"]').click()

    def _choice(self, card: Locator, item: Item, response: list[str]) -> None:
        for box, option in zip(card.locator(".upm-choice").all(), item.options, strict=True):
            ticked = box.locator("input").is_checked()
            if ticked != (option.id in response) and (item.select == "several" or not ticked):
                box.click()

    def _mark(self, card: Locator, item: Item, response: list[str]) -> None:
        for passage, option in zip(card.locator(".upm-passage").all(), item.options, strict=True):
            if (passage.get_attribute("aria-pressed") == "true") != (option.id in response):
                passage.click()

    def _rate(self, card: Locator, item: Item, response: dict[str, int]) -> None:
        for row, option in zip(card.locator(".upm-scale").all(), item.options, strict=True):
            row.locator("label").nth(response[option.id] - 1).click()

    def _order(self, card: Locator, item: Item, response: list[str]) -> None:
        _bring_in_order(card, item, response, lambda arrow: arrow.click())

    def _case(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        for area, option in zip(card.locator("textarea").all(), item.options, strict=True):
            area.fill(response.get(option.id, ""))


class Keyboard:
    """Answers with the keys alone: Tab, arrows, Space, Enter and letters."""

    def give(self, card: Locator, item: Item, response: Any) -> None:
        """Fill in a response and check it."""
        card.locator(".upm-title").focus()
        getattr(self, f"_{item.kind}")(card, item, response)
        self.press(card, "check")

    def press(self, card: Locator, what: str) -> None:
        """Reach one of the buttons at the foot of the card and press it."""
        self._reach(card.locator(f'[data-do="{what}"]'))
        card.page.keyboard.press("Enter")

    def _reach(self, goal: Locator) -> None:
        for _ in range(TABS):
            if goal.evaluate("element => element === document.activeElement"):
                return
            goal.page.keyboard.press("Tab")
        raise AssertionError(f"{goal} is out of the keyboard's reach")

    def _choice(self, card: Locator, item: Item, response: list[str]) -> None:
        keys = card.page.keyboard
        inputs = card.locator(".upm-choice input").all()
        if item.select == "one":
            self._reach(inputs[0])
            keys.press("Space")
            for _ in range([option.id for option in item.options].index(response[0])):
                keys.press("ArrowDown")
            return
        for box, option in zip(inputs, item.options, strict=True):
            self._reach(box)
            if box.is_checked() != (option.id in response):
                keys.press("Space")

    def _mark(self, card: Locator, item: Item, response: list[str]) -> None:
        for passage, option in zip(card.locator(".upm-passage").all(), item.options, strict=True):
            self._reach(passage)
            if (passage.get_attribute("aria-pressed") == "true") != (option.id in response):
                card.page.keyboard.press("Enter")

    def _rate(self, card: Locator, item: Item, response: dict[str, int]) -> None:
        for row, option in zip(card.locator(".upm-scale").all(), item.options, strict=True):
            self._reach(row.locator("input").first)
            card.page.keyboard.press("Space")
            for _ in range(response[option.id] - 1):
                card.page.keyboard.press("ArrowRight")

    def _order(self, card: Locator, item: Item, response: list[str]) -> None:
        def press(arrow: Locator) -> None:
            self._reach(arrow)
            card.page.keyboard.press("Enter")

        _bring_in_order(card, item, response, press)

    def _case(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        for area, option in zip(card.locator("textarea").all(), item.options, strict=True):
            self._reach(area)
            card.page.keyboard.press("ControlOrMeta+a")
            card.page.keyboard.press("Delete")
            card.page.keyboard.type(response.get(option.id, ""))


def _bring_in_order(
    card: Locator, item: Item, response: list[str], press: Callable[[Locator], None]
) -> None:
    """Move the card that belongs at the top there, then the next one, and so on."""
    ids = [option.id for option in item.options]
    for place, id in enumerate(response):
        for now in range(ids.index(id), place, -1):
            press(card.locator("li").nth(now).locator("button").first)
        ids.insert(place, ids.pop(ids.index(id)))
