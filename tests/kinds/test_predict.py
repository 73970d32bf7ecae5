"""Predict a number of the model: what holds is computed, never typed in."""

from typing import Any

import pytest

from upm import paths
from upm.content import Item, ResponseError
from upm.kinds import KINDS, load_bank
from upm.kinds.in_world import read_context

CONTEXT = read_context(paths.DATA, [])
BANK = load_bank(paths.DATA)
RUNS = [item for item in BANK.items.values() if item.kind == "predict"]


def trial(id: str = "first", plan: Any = "best", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": id.title(), "plan": plan, **more}


def option(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "text": f"Option {id}", "feedback": f"Reason {id}", **more}


def build(**fields: Any) -> Item:
    item = {
        "id": "the-item", "kind": "predict", "use": "unit", "title": "T", "stem": "S", "ask": "A",
        "takeaway": "L", "scenario": "year", "number": "first.value", "result": "{first.value}",
        "panels": ["outcome"], "trials": [trial()],
        "options": [option("low", below=0.4), option("high", least=0.4)],
    }  # fmt: skip
    return KINDS["predict"].model_validate(item | fields, context=CONTEXT)


def text(item: Item) -> str:
    return str(item.show([], True, None)["text"])


# ── The nine discoveries ────────────────────────────────────────────────────────────────────────

# What a learner reads of each run, as the model's reference has it.
SAID = {
    "friends-first": ["down to 16 %", "at 64 %", "brings 50 %"],  # .230 of .461
    "one-after-the-other": ["scores 41", "score 88", "scores 67"],
    "without-gates": ["reaches 96 %", "reaches 71 %"],
    "eight-silent-weeks": ["at 30 %", "at 65 %"],
    "hard-work-nothing-shows": ["stands at 6 %", "worth 34 %"],
    "before-the-bad-week": ["at 18 %", "at 29 %", "brings 81 %"],  # .372 of .461
    "always-the-weakest": ["reaches 46 %"],
    "a-closed-door": ["reaches 41 %", "reaches 32 %"],  # .190 and .148 of .461
    "three-blows": ["puts 5 points", "gets 5 as well", "gets 1,", "goals get 6"],
}


def test_all_nine_discoveries_are_there() -> None:
    assert {item.id for item in RUNS} == set(SAID)


@pytest.mark.parametrize("id", SAID)
def test_the_numbers_that_come_out_are_those_of_the_model(id: str) -> None:
    assert [part for part in SAID[id] if part not in text(BANK.item(id))] == []


@pytest.mark.parametrize("item", RUNS, ids=lambda item: item.id)
def test_the_figure_shows_the_trials_that_are_drawn(item: Any) -> None:
    drawn = {trace["legendgroup"] for trace in item.show([], True, None)["figure"]["data"]}
    assert drawn == {each.name for each in item.trials if each.drawn}


@pytest.mark.parametrize("item", RUNS, ids=lambda item: item.id)
def test_nothing_comes_out_before_it_is_predicted(item: Any) -> None:
    assert item.show(None, False, None) is None
    assert item.show([item.options[0].id], False, None) is None


# ── Numbers by their names ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("first.value", "46 %"),
        ("first.score", "100"),
        ("first.trust.4", "64 %"),
        ("first.underway.5", "34 %"),
        ("first.points.2.ability", "7"),
        ("even.value / first.value", "71 %"),
        ("even.score", "60"),
        ("free.value / even.value", "173 %"),  # .5711 of .3296
    ],
)
def test_a_number_is_said_as_score_points_or_in_percent(term: str, said: str) -> None:
    trials = [trial(), trial("even", "even"), trial("free", "even", changes={"ajar": 1.0})]
    assert text(build(trials=trials, result=f"{{{term}}}")) == said


def test_what_holds_follows_the_model_and_not_the_author() -> None:
    item = build()
    assert [each.verdict for each in item.assess(["low"]).feedback] == ["off", "right"]
    assert [each.verdict for each in item.assess(["high"]).feedback] == ["left", "right"]
    even = build(trials=[trial(plan="even")])
    assert [each.verdict for each in even.assess(["low"]).feedback] == ["right", "left"]


def test_it_is_never_scored() -> None:
    item = build()
    assert (item.scored, item.assess(["low"]).score) == (False, None)


@pytest.mark.parametrize("response", [None, "low", ["low", "high"], ["other"], [1]])
def test_what_cannot_have_been_given_is_refused(response: Any) -> None:
    with pytest.raises(ResponseError):
        build().assess(response)


# ── What an author can get wrong ────────────────────────────────────────────────────────────────

SHORT = [[5, 5, 0, 0], [1, 1, 7, 1]]


@pytest.mark.parametrize(
    ("fields", "key", "expected"),
    [
        ({"scenario": "decade"}, "scenario", "one of new,"),
        ({"trials": [trial(scenario="decade")]}, "scenario", "one of new,"),
        ({"trials": [trial(plan=SHORT)]}, "plan", "ten points in each of 6 phases"),
        ({"trials": [trial(plan=[[5, 4, 0, 0]] * 6)]}, "plan", "ten points in each of 6 phases"),
        ({"trials": [trial(changes={"ajar": 0.5})]}, "trials", "no best plan is stored for year"),
        ({"trials": [trial(plan="even", changes={"ajar": 7})]}, "trials", "a run that can be made"),
        ({"trials": [trial(plan="even", changes={"size": 1})]}, "trials", "a run that can be made"),
        ({"trials": [trial(drawn=False)]}, "drawn", "1 to 3 trials in the figure"),
        ({"number": "second.value"}, "number", "such as first.value"),
        ({"number": "first.trust.99"}, "number", "such as first.value"),
        ({"number": "first.courage.4"}, "number", "such as first.value"),
        ({"result": "It is {first}."}, "result", "such as first.value"),
        ({"options": [option("a"), option("b")]}, "options", "exactly one range"),
        ({"options": [option("a", below=0.1), option("b", below=0.2)]}, "options", "exactly one"),
    ],
)
def test_a_flaw_says_what_was_expected(fields: dict[str, Any], key: str, expected: str) -> None:
    (flaw,) = build(**fields).flaws()
    assert flaw.key == key
    assert expected in flaw.expected
