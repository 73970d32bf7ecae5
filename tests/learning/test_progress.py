"""Progress: what was answered, what was hit at the first attempt, and where to go on."""

from datetime import UTC, datetime
from typing import Any

import pytest

from upm.content import Bank
from upm.learning.progress import (
    PartProgress,
    PracticeProgress,
    is_hit,
    progress,
    progress_in_parts,
    where_to_go_on,
)
from upm.learning.records import Attempt

RIGHT, NEARLY, WRONG = ["a"], ["b"], ["c"]
RATED, BADLY_RATED = {"a": 5, "b": 1}, {"a": 1, "b": 5}


def attempt(bank: Bank, id: str, response: Any, **changes: Any) -> Attempt:
    usual = {
        "uid": "1",
        "learner": "ana",
        "item": id,
        "version": 1,
        "response": response,
        "score": bank.item(id).assess(response).score,
        "hints": 0,
        "seconds": 1.0,
        "at": datetime(2031, 5, 17, tzinfo=UTC),
    }
    return Attempt(**(usual | changes))


@pytest.mark.parametrize(
    ("id", "response", "hints", "hit"),
    [
        ("pick", RIGHT, 0, True),
        ("pick", RIGHT, 1, False),
        ("pick", NEARLY, 0, False),  # 2/3 where guessing earns 5/9
        ("pick", WRONG, 0, False),
        ("tell", RATED, 0, True),
        ("own", {"text": "Mine."}, 0, False),  # not scored
    ],
)
def test_a_hit_is_correct_without_a_hint(
    bank: Bank, id: str, response: Any, hints: int, hit: bool
) -> None:
    assert is_hit(attempt(bank, id, response, hints=hints)) is hit


@pytest.mark.parametrize(
    ("made", "answered", "hits", "following"),
    [
        ([], 0, 0, "pick"),
        ([("pick", RIGHT, {})], 1, 1, "tell"),
        ([("pick", WRONG, {}), ("pick", RIGHT, {})], 1, 0, "tell"),
        ([("pick", RIGHT, {}), ("pick", WRONG, {})], 1, 1, "tell"),
        ([("tell", RATED, {})], 1, 1, "pick"),
        ([("tell", BADLY_RATED, {}), ("pick", RIGHT, {})], 2, 1, None),
        ([("pick", RIGHT, {"version": 2})], 0, 0, "pick"),  # of another version
        ([("pick", WRONG, {"version": 2}), ("pick", RIGHT, {})], 1, 1, "tell"),
        ([("later", RIGHT, {})], 0, 0, "pick"),  # met after the notebooks
        ([("sort", ["b", "a", "c"], {})], 0, 0, "pick"),  # of another practice
    ],
)
def test_progress_counts_what_was_answered_and_hit(
    bank: Bank, made: list[Any], answered: int, hits: int, following: str | None
) -> None:
    attempts = [attempt(bank, id, response, **changes) for id, response, changes in made]
    assert progress(bank, ["listening"], attempts) == [
        PracticeProgress("listening", 2, answered, scored=answered, hits=hits, next=following)
    ]


def test_what_is_not_scored_can_be_answered_but_not_hit(bank: Bank) -> None:
    made = [attempt(bank, "own", {"text": "Mine."}), attempt(bank, "sort", ["b", "a", "c"])]
    assert progress(bank, ["honesty", "clarity"], made) == [
        PracticeProgress("honesty", 0, 0, scored=0, hits=0, next=None),
        PracticeProgress("clarity", 2, 2, scored=1, hits=1, next=None),
    ]


@pytest.mark.parametrize(
    ("ids", "notebook"),
    [
        ([], "01_trust"),
        (["pick", "sort"], "02_goals"),
        (["sort", "pick"], "01_trust"),
        (["sort", "an-item-that-is-no-more"], "02_goals"),
    ],
)
def test_the_course_goes_on_in_the_notebook_of_the_last_attempt(
    bank: Bank, ids: list[str], notebook: str
) -> None:
    made = [attempt(bank, "pick", RIGHT, item=id) for id in ids]
    assert where_to_go_on(bank, made) == notebook


def test_the_parts_of_the_course_count_what_their_notebooks_show(bank: Bank) -> None:
    made = [attempt(bank, "pick", RIGHT), attempt(bank, "later", RIGHT)]
    made += [attempt(bank, "sort", ["b", "a", "c"], version=2)]  # of another version
    assert progress_in_parts(bank, [], made) == [
        PartProgress("01_trust", "trust", items=2, answered=1),
        PartProgress("02_goals", "goals", items=2, answered=0),
    ]


def test_of_the_capstone_only_the_learners_case_counts(bank: Bank) -> None:
    case = [bank.item("later")]
    made = [attempt(bank, "later", RIGHT)]
    first = progress_in_parts(bank, case, made)[0]
    assert (first.items, first.answered) == (3, 1)
