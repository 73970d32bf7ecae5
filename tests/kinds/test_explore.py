"""A free hand with the model: plans to begin with, dials within their ranges, and no score."""

from typing import Any

import pytest

from upm import paths
from upm.content import Item, ResponseError
from upm.kinds import KINDS, load_bank
from upm.kinds.in_world import read_context

CONTEXT = read_context(paths.DATA, [])
FREE = load_bank(paths.DATA).item("turn-the-dials")
BEST = [[5, 5, 0, 0], [1, 1, 7, 1], [1, 4, 1, 4], [1, 4, 3, 2], [5, 1, 3, 1], [1, 4, 1, 4]]
AS_IT_IS = {"openness": 1.0, "ajar": 0.15, "visible": 0.5, "substitution": -1.0}


def shown(plan: list[list[int]] = BEST, **dials: float) -> Any:
    return FREE.show({"plan": plan, "dials": AS_IT_IS | dials}, False, None)


def build(**fields: Any) -> Item:
    dial = {"id": "openness", "text": "Open", "low": 0.1, "high": 1.2, "step": 0.1, "ends": "E"}
    item = {
        "id": "the-item", "kind": "explore", "use": "unit", "title": "T", "stem": "S", "ask": "A",
        "takeaway": "L", "scenario": "year", "dials": [dial],
        "options": [
            {"id": "best", "text": "Best", "plan": "best"},
            {"id": "own", "text": "Own", "plan": BEST, "dials": {"openness": 0.3}},
        ],
    }  # fmt: skip
    return KINDS["explore"].model_validate(item | fields, context=CONTEXT)


def test_it_begins_with_the_first_plan_and_the_model_as_it_is() -> None:
    first = FREE.public()["options"][0]
    assert (first["plan"], first["dials"]) == (BEST, AS_IT_IS)
    assert FREE.show(None, False, None) == shown()


def test_a_plan_to_begin_with_sets_its_dials_and_leaves_the_others() -> None:
    closed = {option["id"]: option for option in FREE.public()["options"]}["closed"]
    assert closed["dials"] == AS_IT_IS | {"openness": 0.3}


def test_a_plan_stands_beside_an_even_split_in_the_same_world() -> None:
    usual, free = shown(), shown(ajar=1.0)
    assert (usual["value"], usual["even"]) == (46, 33)  # .4611 and .3296
    assert (free["value"], free["even"]) == (51, 57)  # .5139 and .5711, without gates


def test_a_closed_manager_brings_less() -> None:
    assert shown(openness=0.3)["value"] < shown(openness=0.6)["value"] < shown()["value"]


def test_what_was_tried_can_be_kept_and_has_no_score() -> None:
    assert not FREE.scored
    assessment = FREE.assess({"plan": BEST, "dials": AS_IT_IS})
    assert (assessment.score, assessment.feedback) == (None, ())


@pytest.mark.parametrize(
    "response",
    [
        [],
        {"plan": BEST},
        {"plan": BEST, "dials": {}},
        {"plan": BEST, "dials": AS_IT_IS | {"growth": 1}},
        {"plan": BEST, "dials": AS_IT_IS | {"openness": 2}},
        {"plan": BEST, "dials": AS_IT_IS | {"openness": "1"}},
        {"plan": BEST, "dials": AS_IT_IS | {"openness": True}},
        {"plan": BEST, "dials": AS_IT_IS | {"openness": float("nan")}},
        {"plan": BEST[:5], "dials": AS_IT_IS},
        {"plan": [*BEST[:5], [1, 1, 1, 1]], "dials": AS_IT_IS},
    ],
)
def test_what_cannot_have_been_given_is_refused(response: Any) -> None:
    for call in (FREE.assess, lambda each: FREE.show(each or {"a": 1}, False, None)):
        with pytest.raises(ResponseError, match=FREE.id):
            call(response)


DIAL = {"id": "growth", "text": "G", "low": 0.0, "high": 1.0, "step": 0.1, "ends": "E"}
PLAYABLE = {"id": "a", "text": "A", "plan": "best"}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"scenario": "decade"}, "scenario"),
        ({"dials": [DIAL]}, "dials"),  # no single number
        ({"options": [PLAYABLE, {"id": "b", "text": "B", "plan": BEST[:2]}]}, "plan"),
        (
            {
                "options": [
                    PLAYABLE,
                    {**PLAYABLE, "id": "b", "text": "B", "dials": {"openness": 9.0}},
                ]
            },
            "plan",
        ),
    ],
)
def test_a_flaw_names_what_cannot_be_played(fields: dict[str, Any], key: str) -> None:
    assert key in {flaw.key for flaw in build(**fields).flaws()}
    assert [*build().flaws()] == []
