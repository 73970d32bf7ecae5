"""Estimate: ranges by the interval score, chances by the Brier score."""

from collections.abc import Callable
from typing import Any

import pytest

from upm.content import Item, ResponseError

Build = Callable[..., Item]

ALPHA = 0.2  # 80 % ranges


def by_id(*values: Any) -> dict[str, Any]:
    return {id: value for id, value in zip("abcdefg", values, strict=False) if value is not None}


# ── Ranges ──────────────────────────────────────────────────────────────────────────────────────

# Four quantities that nobody would expect outside 0 to 100. A range costs its width, and ten times
# (2 / .2) by how much it misses, over 100.
KEYS = [20, 40, 60, 80]
QUANTITIES = [(0, key, 100) for key in KEYS]


def around(far: float) -> list[list[float]]:
    return [[key - far, key + far] for key in KEYS]


# The same range everywhere: 20 to 80 costs .6 and holds all; to cut 5 off at one end saves .05 and
# costs 10 x 5 / 100 / 4 = .125. So the baseline is 1 - .6 = .4.
RANGES = [
    (around(0), 1, 1, "correct"),
    (around(5), 0.9, 0.833333333, "correct"),  # (.9 - .4) / .6
    (around(10), 0.8, 0.666666667, "partly"),
    ([*around(0)[:3], None], 0.75, 0.583333333, "partly"),  # left out: like the whole span
    ([[20, 80]] * 4, 0.4, 0, "not yet"),
    ([[0, 100]] * 4, 0, 0, "not yet"),
    ([[-50, 150]] * 4, 0, 0, "not yet"),  # twice the whole span, and still no less than 0
    # 0 + 0 + 0 and, 5 too high, (5 + 10 x 5) / 100 = .55: 1 - .55 / 4
    ([[25, 30], *around(0)[1:]], 0.8625, 0.770833333, "correct"),
    # 0 + 0 + 0 and, 70 too high, (10 + 10 x 70) / 100 = 7.1: 1 - 7.1 / 4 is below 0
    ([[90, 100], *around(0)[1:]], 0, 0, "not yet"),
    ([None] * 4, 0, 0, "not attempted"),
]


@pytest.mark.parametrize(("ranges", "raw", "scaled", "outcome"), RANGES)
def test_ranges_earn_being_narrow_and_right(
    build: Build, ranges: list[Any], raw: float, scaled: float, outcome: str
) -> None:
    score = build("estimate", *QUANTITIES).assess(by_id(*ranges)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert score.baseline == pytest.approx(0.4)
    assert (score.scaled, score.outcome) == (scaled, outcome)


def pinball(level: float, forecast: float, true: float) -> float:
    """What a forecast of a quantile costs (Koenker and Bassett, 1978)."""
    return (true - forecast) * (level - (true < forecast))


@pytest.mark.parametrize("true", [0.5, 30, 55, 79, 99])
@pytest.mark.parametrize("ends", [[0, 100], [30, 55], [55, 55], [-20, 10], [90.5, 400]])
@pytest.mark.parametrize(("low", "high"), [(0, 100), (-300, 100), (0.25, 1000)])
def test_the_loss_of_a_range_is_its_interval_score(
    build: Build, true: float, ends: list[float], low: float, high: float
) -> None:
    # Gneiting and Raftery (2007), equation 43, is what the quantiles at alpha / 2 and
    # 1 - alpha / 2 cost together, times 2 / alpha.
    quantiles = ((ALPHA / 2, ends[0]), (1 - ALPHA / 2, ends[1]))
    interval_score = 2 / ALPHA * sum(pinball(level, end, true) for level, end in quantiles)
    option: Any = build("estimate", *[(low, true, high)] * 4).options[0]
    assert option.loss(ends) == pytest.approx(interval_score / (high - low))


@pytest.mark.parametrize(("start", "stop"), [(0, 100), (0, 95), (25, 75), (50, 55), (95, 100)])
def test_the_same_share_of_every_span_earns_nothing(build: Build, start: int, stop: int) -> None:
    quantities = [(0, 30, 100), (1700, 1830, 1920), (-1, 0.5, 1), (20, 193, 1000)]
    shares = [
        [low + (high - low) * mark / 100 for mark in (start, stop)] for low, _, high in quantities
    ]
    score = build("estimate", *quantities).assess(by_id(*shares)).score
    assert score
    assert (score.scaled, score.outcome) == (0, "not yet")


def test_each_range_gets_its_verdict_and_reason(build: Build) -> None:
    item = build("estimate", *QUANTITIES, (0, 50, 100), (0, 50, 100), sensitive="f")
    ranges = by_id([20, 30], [30, 40], [61, 90], [0, 79.9], None, [0, 1])
    feedback = item.assess(ranges).feedback
    assert [(each.verdict, each.given, each.key) for each in feedback] == [
        ("right", [20, 30], 20),  # the ends belong to a range
        ("right", [30, 40], 40),
        ("off", [61, 90], 60),
        ("off", [0, 79.9], 80),
        ("missed", None, 50),
        ("discussed", [0, 1], None),
    ]
    assert [each.text for each in feedback] == [f"Reason {id}" for id in "abcdef"]


@pytest.mark.parametrize("other", [None, [0, 0], [0, 100]])
def test_a_culture_sensitive_quantity_is_never_scored(build: Build, other: Any) -> None:
    item = build("estimate", *QUANTITIES, (0, 1, 100), sensitive="e")
    score = item.assess(by_id(*around(5), other)).score
    assert score
    assert (score.raw, score.baseline) == (pytest.approx(0.9), pytest.approx(0.4))


# ── Chances ─────────────────────────────────────────────────────────────────────────────────────

# Brier (1950): the mean squared distance of the chances from 1 (true) or 0 (false). Two of four are
# true: whoever says 50 % everywhere is .25 off, so the baseline is .75.
CHANCES = [
    ((100, 100, 0, 0), 1, 1, "correct"),
    ((90, 90, 10, 10), 0.99, 0.96, "correct"),  # 1 - .1 x .1; (.99 - .75) / .25
    ((70, 70, 30, 30), 0.91, 0.64, "partly"),  # 1 - .3 x .3
    ((100, 100, 0, None), 0.9375, 0.75, "correct"),  # left out like 50: 1 - .25 / 4
    ((90, 90, 90, 10), 0.79, 0.16, "not yet"),  # 1 - (3 x .01 + .81) / 4
    ((50, 50, 50, 50), 0.75, 0, "not yet"),
    ((100, 100, 100, 100), 0.5, 0, "not yet"),
    ((0, 0, 100, 100), 0, 0, "not yet"),
    ((None, None, None, None), 0.75, 0, "not attempted"),
]


@pytest.mark.parametrize(("chances", "raw", "scaled", "outcome"), CHANCES)
def test_chances_earn_being_sure_and_right(
    build: Build, chances: tuple[int, ...], raw: float, scaled: float, outcome: str
) -> None:
    score = build("estimate", True, True, False, False).assess(by_id(*chances)).score
    assert score
    assert score.raw == pytest.approx(raw)
    assert score.baseline == 0.75
    assert (score.scaled, score.outcome) == (scaled, outcome)


# Three of four are true: 75 % everywhere, if it could be said, is (3 x .0625 + .5625) / 4 = .1875
# off.
@pytest.mark.parametrize("chance", [0, 10, 30, 50, 70, 90, 100])
def test_the_same_chance_everywhere_earns_nothing(build: Build, chance: int) -> None:
    score = build("estimate", True, True, True, False).assess(by_id(*[chance] * 4)).score
    assert score
    assert score.baseline == 0.8125
    assert (score.scaled, score.outcome) == (0, "not yet")


def test_each_chance_gets_its_verdict_and_reason(build: Build) -> None:
    item = build("estimate", True, True, False, False, True, True, True, sensitive="g")
    feedback = item.assess(by_id(70, 30, 0, 100, 50, None, 90)).feedback
    assert [(each.verdict, each.given, each.key) for each in feedback] == [
        ("right", 70, True),
        ("off", 30, True),
        ("right", 0, False),
        ("off", 100, False),
        ("close", 50, True),
        ("missed", None, True),
        ("discussed", 90, None),
    ]


@pytest.mark.parametrize("chance", [None, 0, 100])
def test_a_culture_sensitive_statement_is_never_scored(build: Build, chance: int | None) -> None:
    item = build("estimate", True, True, False, False, True, sensitive="e")
    score = item.assess(by_id(90, 90, 10, 10, chance)).score
    assert score
    assert (score.raw, score.baseline) == (pytest.approx(0.99), 0.75)


# ── Both ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"a": [5, 3]}, "the-item › a: [5, 3]; expected a range"),
        ({"a": [5]}, "the-item › a: [5]; expected a range"),
        ({"a": [1, 2, 3]}, "the-item › a: [1, 2, 3]; expected a range"),
        ({"a": 5}, "the-item › a: 5; expected a range"),
        ({"a": "1-2"}, "the-item › a: '1-2'; expected a range"),
        ({"a": ["1", "2"]}, "the-item › a: ['1', '2']; expected a range"),
        ({"a": [False, True]}, "the-item › a: [False, True]; expected a range"),
        ({"a": [0, float("nan")]}, "the-item › a: [0, nan]; expected a range"),
        ({"a": [0, float("inf")]}, "the-item › a: [0, inf]; expected a range"),
        ({"a": None}, "the-item › a: None; expected a range"),
        ({"z": [1, 2]}, "the-item: option = 'z'; expected each of ['a', 'b', 'c', 'd'] once"),
        ([[1, 2]], "the-item: response = [[1, 2]]; expected a dict by option id"),
    ],
)
def test_what_is_no_range_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("estimate", *QUANTITIES).assess(response)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ({"a": 60}, "the-item › a: 60; expected a chance"),
        ({"a": 50.0}, "the-item › a: 50.0; expected a chance"),
        ({"a": 0.5}, "the-item › a: 0.5; expected a chance"),
        ({"a": True}, "the-item › a: True; expected a chance"),
        ({"a": [0, 50]}, "the-item › a: [0, 50]; expected a chance"),
        ({"a": "50"}, "the-item › a: '50'; expected a chance"),
        (None, "the-item: response = None; expected a dict by option id"),
    ],
)
def test_what_is_no_chance_is_refused(build: Build, response: object, message: str) -> None:
    with pytest.raises(ResponseError) as caught:
        build("estimate", True, False, True, False).assess(response)
    assert str(caught.value) == message


BETWEEN = "key: a number between low and high"
BOTH = "key: a number, with low and high"


@pytest.mark.parametrize(
    ("keys", "fields", "flaws"),
    [
        (QUANTITIES, {}, []),
        ([(0, 0, 1), (0, 1, 1), (5, 0, 9), *QUANTITIES], {}, [BETWEEN] * 3),
        ([(9, 5, 0), (0, float("nan"), 1), *QUANTITIES], {}, [BETWEEN] * 2),
        ([(None, 5, 9), (0, 5, None), (0, True, 9), *QUANTITIES], {}, [BOTH] * 3),
        ([True, True, False, False], {}, []),
        ([True, True, True, True], {}, ["options: true statements and false ones"]),
        (
            [True, True, True, False],
            {"sensitive": "d"},
            ["options: true statements and false ones"],
        ),
        (
            [True, False, True, (0, 1, 2)],
            {"give": "chance"},
            ["key: true or false"],
        ),
        ([True, False, True, True], {"give": "range"}, [BOTH] * 4),
    ],
)
def test_a_key_fits_what_is_asked_for(
    build: Build, keys: list[Any], fields: dict[str, Any], flaws: list[str]
) -> None:
    item = build("estimate", *keys, **fields)
    assert [f"{flaw.key}: {flaw.expected}" for flaw in item.flaws()] == flaws


def test_the_span_is_shown_and_the_true_value_is_not(build: Build) -> None:
    public = build("estimate", *QUANTITIES).public()
    assert public["options"][0] == {
        "id": "a",
        "text": "Option a",
        "unit": "",
        "low": 0,
        "high": 100,
    }
    assert (public["give"], public["chances"]) == ("range", [0, 10, 30, 50, 70, 90, 100])
