import numpy as np
import pandas as pd
import pytest

from upm.survey.paired import Mean, correlation, mean_difference


def sums(*groups: list[tuple[int, int]]) -> pd.DataFrame:
    """The sums of pairs (x, y), a row for each group."""
    rows = []
    for group in groups:
        x, y = np.array(group).T
        rows.append([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])
    return pd.DataFrame(rows, columns=["n", "x", "y", "xx", "yy", "xy"])


FOUR = [(1, 2), (2, 4), (3, 3), (4, 5)]
"""Differences 1, 2, 0, 1: their mean is 1, their variance 2/3. r = 4 / 5 (Σ 4, and 5 of each)."""


def test_a_mean_difference_of_pairs() -> None:
    found = mean_difference(sums(FOUR), 1, None)
    assert isinstance(found, Mean)
    assert (found.n, found.x, found.y, found.difference, found.df) == (4, 2.5, 3.5, 1, 3)
    assert found.sd == pytest.approx((2 / 3) ** 0.5)
    # t with 3 degrees of freedom is 3.182446305284263.
    assert found.high == pytest.approx(1 + 3.182446305284263 * (1 / 6) ** 0.5)


def test_units_become_points() -> None:
    found = mean_difference(sums(FOUR), 60, None)
    assert isinstance(found, Mean)
    assert found.difference == pytest.approx(1 / 60)
    assert found.se == pytest.approx((1 / 6) ** 0.5 / 60)


def test_an_error_clustered_by_hand() -> None:
    # Differences 1, 1 | 0 | 1, so d = 3/4. What strays: 1/2, -3/4, 1/4; Σ² = 14/16.
    # SE² = 3/2 · 14/16 / 4².
    found = mean_difference(sums([(1, 2), (4, 5)], [(3, 3)], [(2, 3)]), 1, "team")
    assert isinstance(found, Mean)
    assert found.se**2 == pytest.approx(3 / 2 * 14 / 16 / 16)
    assert found.df == 2


@pytest.mark.parametrize(
    ("groups", "cluster", "reason"),
    [
        ([], "team", "Pairs with both scores: 0; needed: 2."),
        ([[(1, 2)]], None, "Pairs with both scores: 1; needed: 2."),
        ([FOUR], "team", "All pairs belong to one team; clustering takes at least 2."),
        ([[(1, 2), (2, 3)]], None, "The difference is the same in every pair."),
        ([[(1, 2)], [(2, 3)]], "manager", "The difference is the same in every manager."),
        # Within the teams people differ, but the means of the teams do not.
        ([[(1, 2), (1, 3)], [(3, 4), (3, 5)]], "team", "The difference is the same in every team."),
    ],
)
def test_a_mean_difference_that_is_not_defined_says_why(
    groups: list[list[tuple[int, int]]], cluster: str | None, reason: str
) -> None:
    assert mean_difference(sums(*groups), 1, cluster) == reason


def test_a_correlation_by_hand() -> None:
    assert correlation(sums(FOUR)).r == pytest.approx(0.8)


def test_the_bounds_of_a_correlation_lie_around_it_and_inside_1() -> None:
    found = correlation(sums(FOUR, [(1, 1), (5, 3)], [(2, 2), (4, 5)]))
    assert found.r is not None
    assert found.low is not None
    assert found.high is not None
    assert -1 < found.low < found.r < found.high < 1


@pytest.mark.parametrize(
    "groups",
    [
        [FOUR],  # one group
        [[(1, 2), (2, 4)], [(3, 6)]],  # r is 1
        [[(1, 2), (1, 3), (1, 1)], [(2, 4)]],  # without the second group x does not vary
    ],
)
def test_without_bounds_the_correlation_stands_alone(groups: list[list[tuple[int, int]]]) -> None:
    found = correlation(sums(*groups))
    assert found.r is not None
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize("groups", [[], [[(1, 2), (1, 3)]], [[(2, 1)], [(3, 1)]]])
def test_without_variance_there_is_no_correlation(groups: list[list[tuple[int, int]]]) -> None:
    assert correlation(sums(*groups)) == (None, None, None)
