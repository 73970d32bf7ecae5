"""A learner at the page: finds a card and answers, by mouse or by keyboard."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from upm.content import Item
from upm.kinds.estimate import CHANCES

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
    card.get_by_role("button", name="Start", exact=True).click()
    expect(card.get_by_text(f"Learning as {name}")).to_be_visible()


def card_of(page: Page, id: str) -> Locator:
    """The card of an item."""
    return page.locator(f'[data-item="{id}"]')


def perfect(item: Item) -> Any:  # noqa: PLR0911, PLR0912 - one for each kind
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
        case "sort":
            return {option.id: option.key for option in item.options}
        case "dialogue":
            return [option.id for option in _talk(item, max)]
        case "estimate" if item.give == "range":
            return {option.id: [option.key, option.key] for option in item.options}
        case "estimate":
            return {option.id: 100 if option.key else 0 for option in item.options}
        case "allocate":
            points = {option.id: int(option.key) for option in item.options}
            for option in item.options:  # the odd points go where the key has half ones
                points[option.id] += option.key % 1 > 0 and sum(points.values()) < 10
            return points
        case "plan":
            words = {"cue": "After the meeting on Tuesday", "act": "call K. the same day"}
            words |= {"words": "<b>Three lines</b>", "day": _tomorrow()}
            return {option.id: words[option.needs] for option in item.options}
        case "write":
            strong = item.options[-1]
            return {"text": strong.text.strip(), "tags": strong.tags, "guess": len(strong.tags)}
        case "simulate":
            fitting = [
                next(option.id for option in item.options if situation in option.fits)
                for situation in item.situations
            ]
            ideal = item.world.optimum(item.scenario).plan
            return {"plan": [[*map(int, each)] for each in ideal], "reasons": fitting, "guess": 90}
        case "predict":
            return [each.option for each in item.assess([]).feedback if each.verdict == "right"]
        case "explore":
            preset = item.public()["options"][0]
            return {"plan": preset["plan"], "dials": preset["dials"]}
    full = [option.id for option in item.scorable if option.key == 3]
    return full[:1] if item.select == "one" else full


def poor(item: Item) -> Any:  # noqa: PLR0911 - one for each kind
    """A response that misses the key."""
    match item.kind:
        case "simulate":
            reasons = [item.options[0].id] * (item.phases - 1)
            return {"plan": [[1, 1, 1, 7]] * item.phases, "reasons": reasons, "guess": 20}
        case "predict":
            return [each.option for each in item.assess([]).feedback if each.verdict != "right"][:1]
        case "explore":
            preset = item.public()["options"][-1]
            return {"plan": preset["plan"], "dials": preset["dials"]}
        case "rate":
            return {option.id: 5 if option.key < 3 else 1 for option in item.options}
        case "order":
            return perfect(item)[::-1]
        case "case" | "plan":
            return {item.options[0].id: "Not finished"}
        case "write":
            return {"text": "<b>Not</b> finished"}
        case "sort":
            bins = [bin.id for bin in item.bins]
            return {each.id: next(bin for bin in bins if bin != each.key) for each in item.options}
        case "dialogue":
            return [option.id for option in _talk(item, min)]
        case "estimate" if item.give == "range":
            return {option.id: [option.low, option.low] for option in item.options}
        case "estimate":
            return {option.id: 0 if option.key else 100 for option in item.options}
        case "allocate":
            return {min(item.options, key=lambda option: option.key).id: 10}
    return [option.id for option in item.scorable if not option.key][:1]


def _talk(item: Item, pick: Callable[..., Any]) -> list[Any]:
    """What is said in a dialogue if at each node the best or the worst is picked."""
    said: list[Any] = []
    at = item.nodes[0].id
    while open_now := [option for option in item.options if option.at == at]:
        said.append(pick(open_now, key=lambda option: option.key))
        at = said[-1].to
    return said


def _tomorrow() -> str:
    return (date.today() + timedelta(days=1)).isoformat()


def _said(item: Item, id: str) -> int:
    """Where something to say stands among all that can be said at that point."""
    option = next(option for option in item.options if option.id == id)
    return [each.id for each in item.options if each.at == option.at].index(id)


Press = Callable[[Locator], None]


def click(button: Locator) -> None:
    """Press it with the mouse."""
    button.click()


def enter(button: Locator) -> None:
    """Press it with the keyboard."""
    button.focus()
    button.page.keyboard.press("Enter")


def spread(card: Locator, points: list[int], press: Press) -> None:
    """Bring the steppers of a card to these points."""
    rows = card.locator(".upm-stepper").all()
    values = [row.locator(".upm-points") for row in rows]
    for row, value, goal in zip(rows, values, points, strict=True):
        for _ in range(int(value.inner_text()) - goal):
            press(row.locator("button").first)
    for row, value, goal in zip(rows, values, points, strict=True):
        for _ in range(goal - int(value.inner_text())):
            press(row.locator("button").last)


def live_through(
    card: Locator, response: Any, press: Press, start: int = 0, stop: int | None = None
) -> None:
    """Play a scenario blind, phase by phase, from one on and up to one before another."""
    if not start:
        card.locator("select").first.select_option(str(response["guess"]))
    for phase, points in [*enumerate(response["plan"])][start:stop]:
        expect(card.locator("h4")).to_contain_text(f"phase {phase + 1} of")
        spread(card, points, press)
        if phase:
            card.locator("select").nth(1).select_option(response["reasons"][phase - 1])
        press(card.locator('[data-do="play"]'))


def explore(card: Locator, response: Any, press: Press) -> None:
    """Change the plan phase by phase; the dials stay."""
    for phase, points in enumerate(response["plan"]):
        card.locator(".upm-phases input").nth(phase).check(force=True)
        spread(card, points, press)


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

    def _sort(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        bins = [bin.id for bin in item.bins]
        for row, option in zip(card.locator(".upm-bins").all(), item.options, strict=True):
            row.locator("label").nth(bins.index(response[option.id])).click()

    def _dialogue(self, card: Locator, item: Item, response: list[str]) -> None:
        for id in response:
            card.locator(".upm-choice").nth(_said(item, id)).click()
            self.press(card, "say")

    def _estimate(self, card: Locator, item: Item, response: dict[str, Any]) -> None:
        rows = card.locator(".upm-range, .upm-scale").all()
        for row, option in zip(rows, item.options, strict=True):
            given = response[option.id]
            if item.give == "range":
                for input, end in zip(row.locator("input").all(), given, strict=True):
                    input.fill(str(end))
            else:
                row.locator("label").nth(CHANCES.index(given)).click()

    def _allocate(self, card: Locator, item: Item, response: dict[str, int]) -> None:
        for row, option in zip(card.locator(".upm-stepper").all(), item.options, strict=True):
            for _ in range(response.get(option.id, 0)):
                row.locator("button").last.click()

    def _plan(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        for field, option in zip(card.locator("textarea, select").all(), item.options, strict=True):
            if option.needs == "day":
                field.select_option(response.get(option.id, ""))
            else:
                field.fill(response.get(option.id, ""))

    def _write(self, card: Locator, item: Item, response: dict[str, Any]) -> None:
        area = card.locator("textarea")
        area.fill(response["text"])
        for row, criterion in zip(card.locator("li").all(), item.public()["options"], strict=True):
            if marked := response.get("tags", {}).get(criterion["id"]):
                start = response["text"].index(marked)
                area.evaluate(
                    "(e, ends) => e.setSelectionRange(...ends)", [start, start + len(marked)]
                )
                row.locator("button").first.click()
        card.locator("select").select_option(str(response.get("guess", "")))

    def _simulate(self, card: Locator, item: Item, response: Any) -> None:
        live_through(card, response, click)

    def _explore(self, card: Locator, item: Item, response: Any) -> None:
        explore(card, response, click)

    def _predict(self, card: Locator, item: Item, response: list[str]) -> None:
        card.locator(f'input[value="{response[0]}"]').check()


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
            self._turn_on(row.locator("input"), response[option.id] - 1, "ArrowRight")

    def _order(self, card: Locator, item: Item, response: list[str]) -> None:
        def press(arrow: Locator) -> None:
            self._reach(arrow)
            card.page.keyboard.press("Enter")

        _bring_in_order(card, item, response, press)

    def _case(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        for area, option in zip(card.locator("textarea").all(), item.options, strict=True):
            self._type(area, response.get(option.id, ""))

    def _type(self, field: Locator, text: str) -> None:
        self._reach(field)
        field.page.keyboard.press("ControlOrMeta+a")
        field.page.keyboard.press("Delete")
        field.page.keyboard.type(text)

    def _turn_on(self, inputs: Locator, place: int, arrow: str) -> None:
        """Of radio buttons none of which is on yet."""
        self._reach(inputs.first)
        inputs.page.keyboard.press("Space")
        for _ in range(place):
            inputs.page.keyboard.press(arrow)

    def _sort(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        bins = [bin.id for bin in item.bins]
        for row, option in zip(card.locator(".upm-bins").all(), item.options, strict=True):
            self._turn_on(row.locator("input"), bins.index(response[option.id]), "ArrowRight")

    def _dialogue(self, card: Locator, item: Item, response: list[str]) -> None:
        for id in response:
            self._turn_on(card.locator(".upm-choice input"), _said(item, id), "ArrowDown")
            self.press(card, "say")

    def _estimate(self, card: Locator, item: Item, response: dict[str, Any]) -> None:
        rows = card.locator(".upm-range, .upm-scale").all()
        for row, option in zip(rows, item.options, strict=True):
            given = response[option.id]
            if item.give == "range":
                for input, end in zip(row.locator("input").all(), given, strict=True):
                    self._type(input, str(end))
            else:
                self._turn_on(row.locator("input"), CHANCES.index(given), "ArrowRight")

    def _allocate(self, card: Locator, item: Item, response: dict[str, int]) -> None:
        for row, option in zip(card.locator(".upm-stepper").all(), item.options, strict=True):
            self._reach(row.locator("button").last)
            for _ in range(response.get(option.id, 0)):
                card.page.keyboard.press("Enter")

    def _plan(self, card: Locator, item: Item, response: dict[str, str]) -> None:
        for field, option in zip(card.locator("textarea, select").all(), item.options, strict=True):
            if option.needs != "day":
                self._type(field, response.get(option.id, ""))
            elif option.id in response:
                self._reach(field)
                card.page.keyboard.press("ArrowDown")  # tomorrow is the first of the days

    def _write(self, card: Locator, item: Item, response: dict[str, Any]) -> None:
        area = card.locator("textarea")
        self._type(area, response["text"])
        keys = card.page.keyboard
        if marked := response.get("tags", {}).get("B1"):
            keys.press("ControlOrMeta+Home")
            for _ in range(response["text"].index(marked)):
                keys.press("ArrowRight")
            for _ in marked:
                keys.press("Shift+ArrowRight")
            self._reach(card.locator("li button").first)
            keys.press("Enter")

    def _simulate(self, card: Locator, item: Item, response: Any) -> None:
        live_through(card, response, enter)

    def _explore(self, card: Locator, item: Item, response: Any) -> None:
        explore(card, response, enter)

    def _predict(self, card: Locator, item: Item, response: list[str]) -> None:
        places = [option.id for option in item.options]
        self._turn_on(card.locator(".upm-choice input"), places.index(response[0]), "ArrowDown")


def _bring_in_order(
    card: Locator, item: Item, response: list[str], press: Callable[[Locator], None]
) -> None:
    """Move the card that belongs at the top there, then the next one, and so on."""
    ids = [option.id for option in item.options]
    for place, id in enumerate(response):
        for now in range(ids.index(id), place, -1):
            press(card.locator("li").nth(now).locator("button").first)
        ids.insert(place, ids.pop(ids.index(id)))
