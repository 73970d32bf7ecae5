"""Play a scenario phase by phase: what is told when, and what a plan and its reasons earn."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upm import paths
from upm.content import Item, ResponseError
from upm.kinds import KINDS, load_bank
from upm.kinds.in_world import read_context
from upm.simulation.optimum import SPLITS

CONTEXT = read_context(paths.DATA, [])
YEAR = load_bank(paths.DATA).item("half-a-year-in-the-model")
BEST = [[5, 5, 0, 0], [1, 1, 7, 1], [1, 4, 1, 4], [1, 4, 3, 2], [5, 1, 3, 1], [1, 4, 1, 4]]
STRICT = [[7, 1, 1, 1], [7, 1, 1, 1], [1, 7, 1, 1], [1, 1, 7, 1], [1, 1, 7, 1], [1, 1, 1, 7]]
FIT = ["next-step", "next-step", "agree-anew", "mend", "next-step"]
NONE_FITS = ["lowest"] * 5


def answer(plan: list[list[int]], reasons: list[str], **more: Any) -> dict[str, Any]:
    return {"plan": plan, "reasons": reasons, **more}


def build(**fields: Any) -> Item:
    """An item in the scenario `crisis`, whose event comes right after the first phase."""
    options = [
        {"id": "mend", "text": "Mend", "feedback": "Mended.", "fits": ["crisis"]},
        {"id": "go-on", "text": "Go on", "feedback": "Gone on.", "fits": ["quiet"]},
    ]
    item = {
        "id": "the-item", "kind": "simulate", "use": "unit", "title": "T", "stem": "S", "ask": "A",
        "takeaway": "L", "scenario": "crisis", "guess": "G", "why": "W",
        "news": {"crisis": "It broke."}, "options": options,
    }  # fmt: skip
    return KINDS["simulate"].model_validate(item | fields, context=CONTEXT)


# ── What a plan earns ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("plan", "reasons", "raw"),
    [
        (BEST, FIT, 1.0),
        (BEST, NONE_FITS, 0.8),
        (BEST, ["next-step"] * 5, 0.8 + 0.2 * 3 / 5),  # three of the five are quiet
        (STRICT, FIT, 0.8 * 0.412 + 0.2),  # a score of 41.2
        ([[0, 0, 0, 10]] * 6, NONE_FITS, 0.0),
    ],
)
def test_four_fifths_are_the_plan_and_one_fifth_the_reasons(
    plan: list[list[int]], reasons: list[str], raw: float
) -> None:
    score = YEAR.assess(answer(plan, reasons)).score
    assert score
    assert score.raw == pytest.approx(raw, abs=0.002)


def test_the_baseline_is_an_even_split_with_the_reason_that_fits_most_often() -> None:
    score = YEAR.assess(answer(BEST, FIT)).score
    assert score
    assert score.baseline == pytest.approx(0.8 * 0.6 + 0.2 * 3 / 5)


def test_the_stage_table_in_whole_points_is_correct_and_the_strict_order_is_not_yet() -> None:
    table = [[5, 3, 1, 1], [1, 3, 5, 1], [1, 6, 2, 1], [1, 3, 3, 3], [5, 1, 3, 1], [1, 3, 3, 3]]
    scores = [YEAR.assess(answer(plan, FIT)).score for plan in (table, STRICT)]
    assert [score.outcome for score in scores if score] == ["correct", "not yet"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SPLITS), min_size=6, max_size=6))
def test_no_plan_earns_more_than_all(plan: list[tuple[int, ...]]) -> None:
    score = YEAR.assess(answer([[*each] for each in plan], FIT)).score
    assert score
    assert 0.2 <= score.raw <= 1


def test_each_reason_is_answered_by_whether_it_fits_and_why() -> None:
    reasons = ["next-step", "lowest", "mend", "mend", "as-before"]
    feedback = YEAR.assess(answer(BEST, reasons)).feedback
    assert [each.option for each in feedback] == reasons
    assert [each.verdict for each in feedback] == ["right", "off", "off", "right", "off"]
    assert [each.key for each in feedback] == FIT  # what would have fitted


@pytest.mark.parametrize(
    "response",
    [
        None,
        [],
        {"plan": BEST},
        answer(BEST[:5], FIT),
        answer([*BEST[:5], [5, 5, 0]], FIT),
        answer([*BEST[:5], [5, 4, 0, 0]], FIT),
        answer([*BEST[:5], [11, -1, 0, 0]], FIT),
        answer([*BEST[:5], [2.5, 2.5, 2.5, 2.5]], FIT),  # type: ignore[list-item]
        answer([*BEST[:5], [True, 9, 0, 0]], FIT),
        answer(BEST, FIT[:4]),
        answer(BEST, [*FIT[:4], "another"]),
        answer(BEST, [*FIT[:4], None]),  # type: ignore[list-item]
        answer(BEST, FIT, guess=75),
        answer(BEST, FIT, guess="70"),
        answer(BEST, FIT, played=6),
    ],
)
def test_what_cannot_have_been_given_is_refused(response: Any) -> None:
    with pytest.raises(ResponseError, match=YEAR.id):
        YEAR.assess(response)


# ── What is told, and when ──────────────────────────────────────────────────────────────────────


def test_nothing_that_happens_is_in_the_page_before_it_has_happened() -> None:
    told = json.dumps([YEAR.public(), YEAR.show({"plan": BEST[:2]}, False, None)])
    assert [
        word for word in ("board", "promised", "goal changes", "promise missed") if word in told
    ] == []


@pytest.mark.parametrize(
    ("played", "weeks"), [(0, []), (1, []), (2, []), (3, [10]), (4, [10, 16]), (6, [10, 16])]
)
def test_news_comes_with_the_phase_in_which_it_happens(played: int, weeks: list[int]) -> None:
    shown = YEAR.show({"plan": BEST[:played]}, False, None)
    assert [each["week"] for each in shown["news"]] == weeks
    assert shown["played"] == played


def test_what_happens_between_two_phases_is_told_before_the_second() -> None:
    item = build()
    assert [*item.flaws()] == []
    assert item.show({"plan": []}, False, None)["news"] == []
    news = item.show({"plan": [[1, 3, 3, 3]]}, False, None)["news"]
    assert news == [{"week": 5, "phase": 1, "text": "It broke."}]
    given = ["mend", "go-on", "go-on"]
    feedback = item.assess(answer([[1, 3, 3, 3]] * 4, given)).feedback
    assert [each.verdict for each in feedback] == ["right"] * 3


def test_levels_and_gains_are_those_at_the_end_of_the_last_phase() -> None:
    start = YEAR.show(None, False, None)
    assert start["levels"] == {
        "trust": 25, "goals": 15, "ability": 10, "relationships": 10, "underway": 0
    }  # fmt: skip
    assert start["gains"] is None
    later = YEAR.show({"plan": BEST[:1]}, False, None)
    assert later["levels"]["trust"] == 64
    # √(.640 · .069) = .210 and √(.505 · .064) = .180
    assert later["gains"] == {"own": 21, "organisation": 18}


def test_once_checked_the_plan_stands_beside_the_best_one() -> None:
    shown = YEAR.show(answer(STRICT, FIT), True, None)
    assert (shown["best"], shown["points"], shown["before"]) == (BEST, 41, None)
    assert shown["mark"] == 53  # four fifths of 41.2, and all reasons
    assert shown["share"] == round(100 * 0.283498 / 0.461143)
    assert {trace["name"] for trace in shown["figure"]["data"]} >= {"Your plan", "Best plan"}


def test_a_later_play_is_told_what_the_first_one_scored() -> None:
    shown = YEAR.show(answer(BEST, FIT), True, answer(STRICT, FIT))
    assert (shown["points"], shown["before"]) == (100, 41)


# ── What an author can get wrong ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "key", "expected"),
    [
        ({"scenario": "decade"}, "scenario", "one of new, goal, crisis, newboss, year"),
        ({"news": {}}, "news", "a text for each of crisis"),
        ({"news": {"crisis": "A", "goal": "B"}}, "news", "a text for each of crisis"),
    ],
)
def test_a_flaw_says_what_was_expected(fields: dict[str, Any], key: str, expected: str) -> None:
    (flaw,) = build(**fields).flaws()
    assert (flaw.key, flaw.expected) == (key, expected)


def test_a_reason_fits_only_what_can_happen_and_each_event_has_one() -> None:
    options = [
        {"id": "a", "text": "A", "feedback": "A.", "fits": ["goal"]},
        {"id": "b", "text": "B", "feedback": "B.", "fits": ["quiet"]},
    ]
    found = {(flaw.key, flaw.expected) for flaw in build(options=options).flaws()}
    assert found == {("fits", "some of crisis, quiet"), ("options", "a reason that fits it")}
