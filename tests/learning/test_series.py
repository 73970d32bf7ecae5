"""Series: which form and case a learner gets, and how far their ratings go with the key."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.learning.conftest import make_item
from upm.content import Bank
from upm.learning import series
from upm.learning.records import Attempt, Records
from upm.learning.session import Session

KEY = {"a": 5.0, "b": 4.0, "c": 2.0, "d": 2.0, "e": 1.0}
NOON = datetime(2031, 5, 17, 12, 0, tzinfo=UTC)
PERFECT = {"a": 5, "b": 4, "c": 2, "d": 2, "e": 1}


@pytest.fixture
def bank(bank: Bank) -> Bank:
    """The small course with a test of two forms and two cases for the capstone."""
    items = [
        *(make_item(f"t-{form}", "rate", "test", KEY, series=f"form-{form}") for form in "ab"),
        *(make_item(f"c-{case}", "rate", "capstone", KEY, series=f"case-{case}") for case in "xy"),
    ]
    homes = {item.id: "clarity" for item in items}
    return replace(
        bank,
        items=dict(bank.items) | {item.id: item for item in items},
        home_of=dict(bank.home_of) | homes,
    )


def attempt(bank: Bank, id: str, response: Any) -> Attempt:
    score = bank.item(id).assess(response).score
    return Attempt("1", "ana", id, 1, response, score, 0, 1.0, NOON)


@pytest.mark.parametrize(
    ("ratings", "agreement"),
    [
        # 4 4 3 2 1 with 5 4 2 2 1: both means are 2.8; the products of the distances from them
        # add up to 7.8, the squares to 6.8 and 10.8; 7.8 / sqrt(6.8 * 10.8) = .910
        ({"a": 4, "b": 4, "c": 3, "d": 2, "e": 1}, 0.910),
        (PERFECT, 1),
        ({"a": 1, "b": 2, "c": 4, "d": 4, "e": 5}, -1),
        (dict.fromkeys("abcde", 3), 0),
    ],
)
def test_agreement_is_the_correlation_of_ratings_and_key(
    bank: Bank, ratings: dict[str, int], agreement: float
) -> None:
    item = bank.item("t-a")
    assert series.agreement([item], [attempt(bank, "t-a", ratings)]) == pytest.approx(
        agreement, abs=0.0005
    )


def test_only_the_first_answer_to_an_item_counts_in_the_test(bank: Bank) -> None:
    made = [attempt(bank, "t-a", dict.fromkeys("abcde", 3)), attempt(bank, "t-a", PERFECT)]
    assert series.agreement([bank.item("t-a")], made) == 0


def test_nothing_rated_is_no_agreement_of_0(bank: Bank) -> None:
    assert series.agreement([bank.item("t-a")], []) is None


def test_half_of_the_learners_begin_with_each_form_and_end_with_the_other(bank: Bank) -> None:
    first = Counter()
    for number in range(400):
        before, after = (series.form(bank, f"learner {number}", part) for part in PARTS)
        assert {before[0].series, after[0].series} == {"form-a", "form-b"}
        first[before[0].series] += 1
    assert 160 <= first["form-a"] <= 240  # four standard deviations of 10 around 200


PARTS: tuple[series.Part, series.Part] = ("before", "after")


def test_a_learner_stays_with_a_case_until_another_is_asked_for(bank: Bank) -> None:
    drawn = series.case(bank, "ana", [])
    assert series.case(bank, "ana", []) == drawn
    made = [attempt(bank, "c-y", PERFECT)]
    assert [item.id for item in series.case(bank, "ana", made)] == ["c-y"]
    assert [item.id for item in series.case(bank, "ana", made, further=1)] == ["c-x"]


def test_a_goal_is_open_until_all_its_items_are_answered(bank: Bank) -> None:
    items = [bank.item("c-x"), bank.item("c-y")]
    half = series.goals(items, [attempt(bank, "c-x", PERFECT)])
    both = series.goals(items, [attempt(bank, each.id, PERFECT) for each in items])
    assert [(goal.name, goal.reached, goal.met) for goal in (half[0], both[0])] == [
        ("judgement", None, False),
        ("judgement", 1, True),
    ]


def test_the_reasons_of_the_test_come_after_its_second_form(bank: Bank, tmp_path: Path) -> None:
    session = Session(bank, Records(tmp_path / "records.sqlite"), now=lambda: NOON)
    session.choose("Ana")
    for number, part in enumerate(PARTS):
        id = session.series_state(part)["items"][0]["content"]["id"]
        message = {"do": "check", "item": id, "uid": str(number), "response": PERFECT}
        state = session.receive_in_series(part, message | {"seconds": 1})
        item = state["items"][0]["state"]
        assert (state["done"], item["checked"]) == (True, True)
        assert item["withheld"] is (part == "before")
        assert (item["feedback"] is None) is (part == "before")
        assert state["result"] == (None if part == "before" else {"before": 1, "after": 1})


def test_without_a_learner_a_series_is_empty(bank: Bank, tmp_path: Path) -> None:
    session = Session(bank, Records(tmp_path / "records.sqlite"), now=lambda: NOON)
    assert session.series_state("before")["items"] == []
