"""Intervals from leaving out one block of teams at a time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


class Interval(NamedTuple):
    """Standard errors and bounds, each of the shape of the estimate. NaN: not defined."""

    se: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def jackknife(estimate: ArrayLike, without: ArrayLike, level: float = 0.95) -> Interval:
    """The delete-one-block jackknife of an estimate of any shape.

    `without` is J x the shape of the estimate: its values without each block in turn. Then
    SE² = (J - 1) / J · Σ (θⱼ - mean θⱼ)² and the bounds are θ ± t · SE, with t of J - 1 degrees
    of freedom (Efron & Tibshirani 1993, chapter 11). All are NaN with fewer than two blocks,
    and where one of the values is NaN.
    """
    whole, parts = np.asarray(estimate, float), np.asarray(without, float)
    j = len(parts)
    if j < 2:
        nothing = np.full(whole.shape, np.nan)
        return Interval(nothing, nothing, nothing)
    se = np.sqrt((j - 1) * parts.var(0))
    margin = stats.t.ppf((1 + level) / 2, j - 1) * se
    return Interval(se, whole - margin, whole + margin)
