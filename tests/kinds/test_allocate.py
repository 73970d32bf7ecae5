"""Allocate: nearness to the key, above an equal split."""

from collections.abc import Callable
from typing import Any

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]


def points(*values: int) -> dict[str, Any]:
    return {"points": dict(zip("abcdef", values, strict=False))}


# Key 7 3: the equal split 5 5 is |5 - 7| + |5 - 3| = 4 points off. Of the eleven splits,
# 7:3 earns 1, 6:4 and 8:2 (2 off) earn 1 - 2/4 = 1/2, and 5:5, 9:1 and further ones 0:
# guessing earns (1 + 1/2 + 1/2) / 11 = 2/11.
CASES = [
    ((7, 3), 1, 1, "correct"),
    ((6, 4), 1 / 2, 0.388888889, "partly"),  # (1/2 - 2/11) / (9/11) = 7/18
    ((8, 2), 1 / 2, 0.388888889, "partly"),
    ((5, 5), 0, 0, "not yet"),
    ((9, 1), 0, 0, "not yet"),
    ((3, 7), 0, 0, "not yet"),
]


@pytest.mark.parametrize(("given", "raw", "scaled", "outcome"), CASES)
def test_points_earn_their_nearness_to_the_key(
    build: Build, given: tuple[int, ...], raw: float, scaled: float, outcome: str
) -> None:
    score = build("allocate", 7, 3).assess(points(*given)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert score.baseline == pytest.approx(2 / 11)
    assert (score.scaled, score.outcome) == (scaled, outcome)


# Key 7.5 2.5: whole points come no nearer than 1/2 + 1/2 = 1; the equal split is 2.5 + 2.5 = 5 off.
# raw = 1 - (off - 1) / (5 - 1). Splits 7:3 and 8:2 earn 1; 6:4 and 9:1 are 3 off: 1/2; others 0.
# Guessing: (1 + 1 + 1/2 + 1/2) / 11 = 3/11.
@pytest.mark.parametrize(
    ("given", "raw", "scaled"),
    [
        ((7, 3), 1, 1),
        ((8, 2), 1, 1),
        ((6, 4), 1 / 2, 0.3125),  # (1/2 - 3/11) / (8/11) = 5/16
        ((9, 1), 1 / 2, 0.3125),
        ((5, 5), 0, 0),
    ],
)
def test_either_neighbour_of_a_half_point_is_as_good_as_can_be(
    build: Build, given: tuple[int, ...], raw: float, scaled: float
) -> None:
    score = build("allocate", 7.5, 2.5).assess(points(*given)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert score.baseline == pytest.approx(3 / 11)
    assert score.scaled == scaled


@pytest.mark.parametrize(
    ("keys", "even"),
    [
        ((8, 2), (5, 5)),
        ((7.5, 1.5, 1), (4, 3, 3)),
        ((0, 1, 9), (4, 3, 3)),
        ((5.5, 2.5, 1.5, 0.5), (3, 3, 2, 2)),
        ((6, 1, 1, 1, 1), (2, 2, 2, 2, 2)),
        ((5, 3, 2, 0, 0, 0), (2, 2, 2, 2, 1, 1)),
    ],
)
def test_an_equal_split_earns_nothing(
    build: Build, keys: tuple[float, ...], even: tuple[int, ...]
) -> None:
    item = build("allocate", *keys)
    assert list(item.flaws()) == []
    score = item.assess(points(*even)).score
    assert score
    assert (score.scaled, score.outcome) == (0, "not yet")


def test_an_option_left_out_gets_no_point(build: Build) -> None:
    item = build("allocate", 9, 1, 0)
    assert item.assess({"points": {"a": 9, "b": 1}}) == item.assess(points(9, 1, 0))


def test_the_reason_is_kept_and_changes_nothing(build: Build) -> None:
    item = build("allocate", 7, 3, reason="Why?")
    assert item.public()["reason"] == "Why?"
    assert item.assess(points(7, 3) | {"reason": "x" * 500}) == item.assess(points(7, 3))


def test_each_option_gets_its_verdict_and_reason(build: Build) -> None:
    feedback = build("allocate", 4.5, 3.5, 1.5, 0.5).assess(points(5, 2, 3, 0)).feedback
    assert [(each.verdict, each.given, each.key) for each in feedback] == [
        ("right", 5, 4.5),
        ("close", 2, 3.5),  # 1.5 off
        ("close", 3, 1.5),
        ("right", 0, 0.5),
    ]
    feedback = build("allocate", 7, 3).assess(points(10, 0)).feedback
    assert [each.verdict for each in feedback] == ["off", "off"]
    feedback = build("allocate", 7, 3).assess(points(8, 2)).feedback
    assert [each.verdict for each in feedback] == ["close", "close"]
    assert [each.text for each in feedback] == ["Reason a", "Reason b"]


def test_what_is_discussed_is_compared_and_not_scored(build: Build) -> None:
    item = build("allocate", 5.5, 4.5, discussed=True)
    assert list(item.flaws()) == []
    assert not item.scored
    assessment = item.assess(points(5, 5))
    assert assessment.score is None
    assert [(each.given, each.key) for each in assessment.feedback] == [(5, 5.5), (5, 4.5)]


@pytest.mark.parametrize(
    ("keys", "fields", "flaws"),
    [
        ((7, 3), {}, []),
        ((7.5, 2.5), {}, []),
        ((6, 4), {}, ["keys at least 3 points from an equal split, or discussed = true"]),
        ((6, 4), {"discussed": True}, []),
        ((7, 4), {}, ["keys that make ten points"]),
        ((7, 2.5), {"discussed": True}, ["keys that make ten points"]),
        ((7, 3), {"sensitive": "b"}, ["discussed = true instead"]),
    ],
)
def test_a_key_makes_ten_points_and_says_something(
    build: Build, keys: tuple[float, ...], fields: dict[str, Any], flaws: list[str]
) -> None:
    assert [flaw.expected for flaw in build("allocate", *keys, **fields).flaws()] == flaws


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (points(5, 4), "the-item: points = {'a': 5, 'b': 4}; expected 10 in all"),
        (points(), "the-item: points = {}; expected 10 in all"),
        (points(7, 4), "the-item: points = {'a': 7, 'b': 4}; expected 10 in all"),
        (points(11, -1), "the-item: points = {'a': 11, 'b': -1}; expected whole numbers from 0"),
        (
            {"points": {"a": 7.0, "b": 3}},
            "the-item: points = {'a': 7.0, 'b': 3}; expected whole numbers from 0",
        ),
        (
            {"points": {"a": 9, "b": True}},
            "the-item: points = {'a': 9, 'b': True}; expected whole numbers from 0",
        ),
        ({"points": {"z": 10}}, "the-item: option = 'z'; expected each of ['a', 'b'] once"),
        ({}, "the-item: response = None; expected a dict by option id"),
        ({"a": 7, "b": 3}, "the-item: response = {'a': 7, 'b': 3}; expected points and reason"),
        ([7, 3], "the-item: response = [7, 3]; expected points and reason"),
        (points(7, 3) | {"reason": 1}, "the-item: reason: expected at most 500 characters"),
        (points(7, 3) | {"reason": "x" * 501}, "the-item: reason: expected at most 500 characters"),
    ],
)
def test_a_response_that_cannot_be_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("allocate", 7, 3).assess(response)
    assert str(caught.value) == message


# Key 3.5 3.5 1.5 1.5: whole points come no nearer than 4 x 1/2 = 2, and so near lies 3 3 2 2.
# Key 2.5 2.5 1.5 1.5 1.5 .5: no nearer than 6 x 1/2 = 3, and so near lies 2 2 2 2 1 1.
ALMOST_EVEN = [
    ((3.5, 3.5, 1.5, 1.5), (3, 3, 2, 2)),
    ((2.5, 2.5, 1.5, 1.5, 1.5, 0.5), (2, 2, 2, 2, 1, 1)),
]


@pytest.mark.parametrize(("keys", "even"), ALMOST_EVEN)
def test_a_key_that_an_even_split_meets_is_a_flaw(
    build: Build, keys: tuple[float, ...], even: tuple[int, ...]
) -> None:
    assert list(build("allocate", *keys).flaws())


# How much of one's effort each of the four pillars deserves, stage by stage.
STAGES = {
    "new job": (4.5, 3.5, 1, 1),
    "weeks 5 to 8": (1, 3, 5, 1),
    "new manager": (4.5, 2.5, 1, 2),
    "crisis": (5, 1.5, 2.5, 1),
    "change of goal": (1.5, 6, 1.5, 1),
    "conflict": (3.5, 2.5, 1, 3),
    "hand-over": (1.5, 3, 1.5, 4),
}


@pytest.mark.parametrize("keys", STAGES.values(), ids=STAGES)
def test_every_stage_but_steady_delivery_is_telling_enough(
    build: Build, keys: tuple[float, ...]
) -> None:
    assert list(build("allocate", *keys).flaws()) == []
    assert list(build("allocate", 1.5, 2.5, 3, 3).flaws())


def test_the_order_of_the_options_does_not_matter(build: Build) -> None:
    keys, given = (5.5, 2.5, 1.5, 0.5), (5, 2, 2, 1)
    item, turned = build("allocate", *keys), build("allocate", *reversed(keys))
    assert item.assess(points(*given)).score == turned.assess(points(*reversed(given))).score
