"""A view shows content and state, gives nothing away, and survives a failure."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from html import unescape
from itertools import cycle
from math import ceil, floor
from pathlib import Path
from typing import Any

import pytest

from tests.browser import learner
from upm import course, paths
from upm.content import Item
from upm.kinds import load_bank

BANK = load_bank(paths.DATA)
CHOICE = next(item for item in BANK.items.values() if item.kind == "choice" and item.use == "unit")
GUIDE = (paths.DATA / "README.md").read_text(encoding="utf-8").split("## Surveys")[0]
EXAMPLES = "\n".join(re.findall(r"^```toml\n(.*?)^```", GUIDE, re.M | re.S))
FOUND = {
    "cue": "When K. opens the meeting",
    "act": "then I will write to K. that day",
    "words": "Ask K.",
    "day": "2026-11-30",
}


@pytest.fixture
def everything(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, list[Item]]:
    """A page of the course and, so that every kind is met, of the examples that authors get."""
    shutil.copytree(paths.DATA, tmp_path / "data")
    (tmp_path / "data" / "items" / "examples.toml").write_text(EXAMPLES, encoding="utf-8")
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    page.restart()
    return page, list(load_bank(paths.DATA).items.values())


def perfect(item: Item) -> Any:  # noqa: PLR0911 - one for each kind
    """The response that the key asks for."""
    keys = {option.id: getattr(option, "key", "My own words.") for option in item.options}
    match item.kind:
        case "rate" | "estimate" | "plan":
            return {option.id: best(option) for option in item.options}
        case "sort" | "case":
            return keys
        case "allocate":
            ups = cycle((ceil, floor))  # of two halves, one goes up and one down
            return {"points": {id: next(ups)(k) if k % 1 else int(k) for id, k in keys.items()}}
        case "order":
            return sorted(keys, key=keys.__getitem__)
        case "dialogue":
            return [option.id for option in best_way(item)]
        case "write":
            return {"text": item.options[-1].text, "tags": item.options[-1].tags}
        case "simulate" | "predict" | "explore":
            return learner.perfect(item)
    full = True if item.kind == "mark" else 3
    picked = [option.id for option in item.scorable if keys[option.id] == full]
    return picked[:1] if getattr(item, "select", None) == "one" else picked


def best(option: Any) -> Any:
    """What is best for one option of several that get a value each."""
    if hasattr(option, "needs"):
        return FOUND[option.needs]
    if isinstance(option.key, bool):
        return 100 * option.key
    return [option.key] * 2 if hasattr(option, "unit") else int(option.key)


def best_way(item: Any) -> Iterator[Any]:
    at = item.nodes[0].id
    while step := next((o for o in item.options if (o.at, o.key) == (at, 3)), None):
        yield step
        at = step.to


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, with the key that it stands under."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield name, name
            yield from strings(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, key)
    elif isinstance(value, str):
        yield key, value


def bare(text: str) -> str:
    """The words of a text, without markup of any sort."""
    return " ".join(re.findall(r"\w+", unescape(re.sub(r"<[^>]*>", "", text))))


def secrets(item: Item) -> list[str]:
    reasons = [option.feedback for option in item.options if option.feedback]
    return [*item.hints, item.takeaway, *reasons]


def told(item: Item) -> list[str]:
    """The secrets that the best answer brings: all; of a conversation those of its way, of a plan
    in the model those of the reasons given."""
    met = {option.at for option in best_way(item)} if item.kind == "dialogue" else None
    away = [o.feedback for o in item.options if met and getattr(o, "at", None) not in met]
    if item.kind == "simulate":
        given = perfect(item)["reasons"]
        away = [option.feedback for option in item.options if option.id not in given]
    return [secret for secret in secrets(item) if secret not in away]


def leaks(shown: Any, item: Item) -> list[str]:
    traits = {name: value for name, value in shown.traits.items() if name not in ("_esm", "_css")}
    texts = " | ".join(bare(text) for _, text in strings(traits))
    return [secret for secret in secrets(item) if bare(secret) in texts]


# ── What a learner may see ──────────────────────────────────────────────────────────────────────


def test_nothing_that_answers_an_item_is_in_the_page_before_it_is_answered(
    everything: tuple[Any, list[Item]],
) -> None:
    page, items = everything
    page.run(course.open).press(do="choose", name="Ana")
    for item in items:
        shown = page.run(course.exercise, item.id)
        assert leaks(shown, item) == []
        names = {key for key, _ in strings(shown.traits["content"])}
        assert names.isdisjoint({"key", "feedback", "verdict", "takeaway", "source", "setting"})
        assert (shown.state["feedback"], shown.state["takeaway"]) == (None, None)


def test_nothing_is_answered_beforehand(
    everything: tuple[Any, list[Item]],
) -> None:
    page, items = everything
    page.run(course.open).press(do="choose", name="Ana")
    for item in items:
        shown = page.run(course.exercise, item.id)
        assert (shown.state["checked"], shown.state["response"]) == (False, None)
        assert [option["id"] for option in shown.traits["content"]["options"]] == [
            option["id"] for option in item.public()["options"]
        ]


def test_an_answer_brings_its_reasons_and_the_takeaway(
    everything: tuple[Any, list[Item]],
) -> None:
    page, items = everything
    page.run(course.open).press(do="choose", name="Ana")
    for item in items:
        if item.use == "test":  # kept back until the second test
            continue
        shown = page.run(course.exercise, item.id)
        for _ in item.hints:
            shown.press(do="hint")
        shown.press(do="check", uid=item.id, response=perfect(item), seconds=1)
        assert leaks(shown, item) == told(item)
        assert shown.state["feedback"]["outcome"] == ("correct" if item.scored else None)


def test_a_place_without_widgets_shows_stem_and_options(
    everything: tuple[Any, list[Item]],
) -> None:
    page, items = everything
    for item in items:
        page.run(course.exercise, item.id)
        plain, html = (page.outputs[0][f"text/{form}"] for form in ("plain", "html"))
        options = [option["text"] for option in item.public()["options"]]
        for text in (item.title, item.stem.strip(), item.ask, *options):
            assert text in plain
        assert unescape(re.sub(r"<[^>]*>", "", html)) == plain


# ── What an author or a learner may type ────────────────────────────────────────────────────────

HTML = "<script>alert(1)</script> <img src=x onerror=alert(2)> & [x](javascript:alert)"
HOSTILE = """
practice = "PRACTICE"

[[items]]
id = "hostile"
kind = "choice"
use = "unit"
title = "T HTML"
stem = "S HTML"
ask = "A HTML"
hints = ["H HTML"]
takeaway = "W HTML"
options = [
  {id = "a", text = "O HTML", feedback = "F HTML", key = 3},
  {id = "b", text = "P HTML", feedback = "G HTML", key = 0},
]

[[items]]
id = "own"
kind = "case"
use = "unit"
title = "T"
stem = "S"
ask = "A"
takeaway = "W"
options = [{id = "text", text = "O HTML", example = "E HTML"}]
""".replace("PRACTICE", BANK.home_of[CHOICE.id]).replace("HTML", HTML)
# Never taken as markup in the page.
AS_TEXT = {
    *("title", "example", "name", "names", "place"),
    *("first", "last", "partner", "unit", "reason", "given"),
    *("guess", "why", "ends", "legendgroup"),
}


@pytest.fixture
def hostile(page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A page of a course whose author typed HTML wherever there is a text."""
    for name in ("framework.toml", "interface.toml"):
        shutil.copy(paths.DATA / name, tmp_path / name)
    for name in ("rubrics", "simulation"):
        shutil.copytree(paths.DATA / name, tmp_path / name)
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "hostile.toml").write_text(HOSTILE, encoding="utf-8")
    monkeypatch.setattr(paths, "DATA", tmp_path)
    page.restart()
    return page


def test_html_in_content_is_shown_and_not_obeyed(hostile: Any) -> None:
    hostile.run(course.open).press(do="choose", name="Ana")
    shown = hostile.run(course.exercise, "hostile")
    assert "<script" not in hostile.outputs[0]["text/html"]
    assert "<img" not in hostile.outputs[0]["text/html"]
    shown.press(do="hint")
    shown.press(do="check", uid="1", response=["a"], seconds=1)
    texts = {
        text
        for trait in ("content", "state")
        for key, text in strings(shown.traits[trait])
        if "alert" in text and key not in AS_TEXT
    }
    assert sorted(bare(text)[0] for text in texts) == list("AFGHOPSW")
    assert [text for text in texts if re.search(r"<(?!/?p>)|href", text)] == []


# What in a file is no text: the names of things, and which of several they are.
NO_TEXT = {
    *("id", "kind", "use", "select", "give", "mood", "needs", "at", "to", "key", "genre"),
    *("work", "learner", "manager", "level"),
    *("scenario", "fits", "number", "panels", "plan"),
    *(f"B{number}" for number in range(1, 8)),  # marks, which have to stand in the text
}


def hostile_toml(value: Any, key: str = "") -> str:
    """A value as TOML, with HTML in every text."""
    if isinstance(value, dict):
        inside = ", ".join(f"{name} = {hostile_toml(each, name)}" for name, each in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(hostile_toml(each, key) for each in value)}]"
    if isinstance(value, str) and key not in NO_TEXT:
        return json.dumps(f"{value} {HTML}")
    return json.dumps(value)


@pytest.mark.parametrize("example", tomllib.loads(EXAMPLES)["items"], ids=lambda each: each["id"])
def test_html_in_an_item_of_any_kind_is_not_obeyed(
    hostile: Any, tmp_path: Path, example: dict[str, Any]
) -> None:
    home = BANK.home_of[CHOICE.id]
    (tmp_path / "items" / "example.toml").write_text(
        f'practice = "{home}"\nitems = [{hostile_toml(example)}]', encoding="utf-8"
    )
    item = load_bank(tmp_path).item(example["id"])
    hostile.run(course.open).press(do="choose", name="Ana")
    shown = hostile.run(course.exercise, item.id)
    state = shown.press(do="check", uid="1", response=perfect(item), seconds=1)
    assert state["checked"]
    texts = [
        text
        # The learner's own response is shown as text, which a test in the browser sees.
        for trait in (shown.traits["content"], state | {"response": None})
        for key, text in strings(trait)
        if "alert" in text and key not in AS_TEXT
    ]
    assert len(texts) > len(item.options)
    assert [text for text in texts if "<script" in text or "<img" in text or "href" in text] == []


def test_what_a_learner_types_comes_back_as_it_was_typed(hostile: Any) -> None:
    learner = hostile.run(course.open)
    assert learner.press(do="choose", name="<b>*A*</b>")["name"] == "<b>*A*</b>"
    own = hostile.run(course.exercise, "own")
    response = {"text": f"*{HTML}*"}
    assert own.press(do="check", uid="1", response=response, seconds=1)["response"] == response
    assert hostile.run(course.exercise, "own").state["response"] == response


# ── What goes wrong ─────────────────────────────────────────────────────────────────────────────


def test_a_failure_is_told_to_the_page_and_explained_in_the_log(page: Any, home: Path) -> None:
    shown = page.run(course.exercise, CHOICE.id)
    before = json.dumps(shown.state)
    page.run(lambda: shown.press(do="guess"))
    assert shown.told == [{"failed": True}]
    assert json.dumps(shown.state) == before
    assert page.printed == ""
    log = (home / "upm.log").read_text(encoding="utf-8")
    assert f"<exercise: {CHOICE.title}> could not guess" in log
    assert "ValueError: do = 'guess'; expected check, look, hint, again or save" in log


def test_a_failure_is_raised_as_well_where_it_is_looked_for(
    page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPM_STRICT", "1")
    shown = page.run(course.exercise, CHOICE.id)
    page.run(lambda: shown.press(do="guess"))
    assert shown.told == [{"failed": True}]
    assert "ValueError" in page.printed  # ipywidgets prints what a handler raises
