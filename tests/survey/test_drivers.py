from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.survey import builders
from tests.survey.pairing import IN_R, PILLARS, in_csv, instrument
from upm.survey.answers import NO_SCORE, Answers
from upm.survey.drivers import RELATIVE, SHAPLEY, Drivers, drivers
from upm.survey.moments import Moments, accumulate
from upm.survey.result import NotDefined

TWO = instrument({"p": 1, "q": 1})
GRID = np.array([*product(range(1, 6), range(1, 6))] * 4)
"""100 respondents whose answers to two items have nothing to do with each other."""


def answered(points: Any, teams: int = 5, to: Any = TWO) -> Moments:
    team = [f"t{j % teams}" for j in range(len(points))]
    return accumulate(builders.answers(points, to, form="member", wave="T0", team=team))


def found_in(moments: Moments) -> Drivers:
    found = drivers(moments)
    assert isinstance(found, Drivers), found
    return found


def members() -> Answers:
    return in_csv().of(form="member", wave="T0")


def with_all_scores() -> Answers:
    given = members()
    return given.where((given.scores() != NO_SCORE).all(1))


@pytest.mark.parametrize(("method", "name"), [(RELATIVE, "relative"), (SHAPLEY, "shapley")])
def test_weights_are_those_of_all_orders_of_lm_and_of_the_singular_values(
    method: str, name: str
) -> None:
    found = found_in(accumulate(with_all_scores())).tidy()
    found = found[found["method"] == method]
    assert tuple(found["driver"]) == PILLARS
    for column, expected in IN_R["drivers"][name].items():
        np.testing.assert_allclose(found[column], expected, rtol=1e-9, atol=1e-10, err_msg=column)


def test_the_share_explained_is_that_of_lm() -> None:
    found, in_r = found_in(accumulate(with_all_scores())), IN_R["drivers"]
    bounds = (found.r2_se, found.r2_low, found.r2_high)
    assert (found.n, found.blocks) == (in_r["n"], in_r["teams"])
    assert (found.r2, *bounds) == pytest.approx((in_r["r2"], *in_r["r2_bounds"]), rel=1e-9)


def test_with_gaps_it_comes_from_pairwise_covariances() -> None:
    found, in_r = found_in(accumulate(members())), IN_R["drivers"]
    assert found.r2 == pytest.approx(in_r["pairwise_r2"], rel=1e-9)
    assert found.n == in_r["pairwise_n"]


def test_pillars_that_are_unrelated_and_count_the_same_share_alike() -> None:
    # The two items of the outcome are those of the pillars: R² is 1, and each has half of it.
    found = found_in(answered(np.hstack([GRID, GRID])))
    assert found.r2 == pytest.approx(1)
    assert found.weights["share"].tolist() == pytest.approx([0.5] * 4)


def test_a_pillar_that_counts_twice_in_a_sum_has_four_times_the_weight() -> None:
    # Items p + p and q + q of ten points, of 2p + q: 4 to 1 of the variance.
    to = instrument({"p": 1, "q": 1}, points=11)
    p, q = GRID.T - 1
    found = found_in(answered(np.column_stack([p + 1, q + 1, 2 * p + 1, q + 1]), to=to))
    assert found.weights["share"].tolist() == pytest.approx([0.8, 0.2] * 2)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_of_two_pillars_both_methods_say_the_same(seed: int) -> None:
    points = np.random.default_rng(seed).integers(1, 6, (120, 4))
    found = found_in(answered(points))
    weights = found.weights["weight"].to_numpy().reshape(2, 2)
    np.testing.assert_allclose(weights[0], weights[1], atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_weights_add_up_to_the_share_explained_and_none_is_negative(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = np.clip(rng.integers(1, 5, (150, 1)) + rng.integers(-1, 3, (150, 6)), 1, 5)
    found = found_in(answered(points, to=instrument(dict.fromkeys(PILLARS, 1))))
    sums = found.weights.groupby("method")[["weight", "share"]].sum()
    assert sums["weight"].tolist() == pytest.approx([found.r2] * 2)
    assert sums["share"].tolist() == pytest.approx([1, 1])
    assert (found.weights["weight"] >= -1e-12).all()


RANDOM = np.random.default_rng(1).integers(1, 6, (120, 4))
NO_VARIANCE = "A scale, with all teams or without one, does not vary or follows from the others."


@pytest.mark.parametrize(
    ("moments", "reason"),
    [
        (answered(RANDOM[:99]), "Respondents with the scores: 99, in 5 teams; needed: 100, in 2."),
        (answered(RANDOM, 1), "Respondents with the scores: 120, in 1 teams; needed: 100, in 2."),
        (answered(0 * RANDOM), "Respondents with the scores: 0, in 5 teams; needed: 100, in 2."),
        (answered(RANDOM[:, [0, 0, 2, 3]]), NO_VARIANCE),
        (answered(np.where([False, True, False, False], 3, RANDOM)), NO_VARIANCE),
        (answered(np.where([False, False, True, True], 3, RANDOM)), NO_VARIANCE),
        (
            answered(RANDOM, to=instrument({"p": 1, "q": 1}, driver_of=None)),
            "The instrument has no pillars, or names no outcome for them (driver_of).",
        ),
    ],
)
def test_drivers_that_are_not_defined_say_why(moments: Moments, reason: str) -> None:
    assert drivers(moments) == NotDefined("drivers", reason)


def test_an_outcome_with_which_nothing_goes_has_no_shares() -> None:
    # Each combination of the pillars has each outcome once.
    points = np.array([(*pillars, z, z) for pillars in {*map(tuple, GRID)} for z in range(1, 6)])
    found = drivers(answered(points))
    assert isinstance(found, NotDefined)
    assert found.reason.startswith("The share explained is 0.000")


def test_an_analyst_may_ask_for_more_respondents() -> None:
    more = replace(
        answered(RANDOM),
        instrument=TWO.model_copy(
            update={"thresholds": TWO.thresholds.model_copy(update={"drivers": 121})}
        ),
    )
    assert isinstance(drivers(more), NotDefined)
