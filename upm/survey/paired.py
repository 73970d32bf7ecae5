"""The mean difference and the correlation of pairs, from their sums."""

from math import sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from upm.survey.jackknife import jackknife
from upm.survey.moments import Floats


class Mean(NamedTuple):
    """A mean difference y - x, in points of the scale, with its bounds."""

    n: int
    x: float
    y: float
    difference: float
    sd: float
    """Of the differences of single pairs."""
    se: float
    df: float
    low: float
    high: float


class Correlation(NamedTuple):
    """Pearson's r of x and y. None: not defined."""

    r: float | None
    low: float | None
    high: float | None


def mean_difference(
    sums: pd.DataFrame, unit: int, cluster: str | None, level: float = 0.95
) -> Mean | str:
    """The mean of y - x from the sums of `PairMoments.by`. Text: the reason why it is not defined.

    Only pairs with both scores count, each the same. With `cluster` None it is the paired t test:
    SE = sd / √n, n - 1 degrees of freedom. Else the J rows of `sums` are clusters of that name:
    SE² = J / (J - 1) · Σ (nⱼ (dⱼ - d) / n)², J - 1 degrees of freedom. This is CR1, or `vcovCL` of
    the R package sandwich for an intercept, with type HC0 and cadjust.
    """
    whole = {name: int(total) for name, total in sums.sum().items()}
    n, d = whole["n"], whole["y"] - whole["x"]
    squares = n * (whole["xx"] + whole["yy"] - 2 * whole["xy"]) - d * d  # whole numbers: exact
    strays = (n * (sums["y"] - sums["x"]) - d * sums["n"]).to_numpy()
    if n < 2:
        return f"Pairs with both scores: {n}; needed: 2."
    if cluster and len(sums) < 2:
        return f"All pairs belong to one {cluster}; clustering takes at least 2."
    if squares == 0 or (cluster and not strays.any()):
        return f"The difference is the same in every {cluster or 'pair'}."
    sd = sqrt(squares / n / (n - 1)) / unit
    se, df = sd / sqrt(n), n - 1.0
    if cluster:
        se, df = clustered(strays / (n * n * unit)), len(sums) - 1.0
    margin = float(stats.t.ppf((1 + level) / 2, df)) * se
    x, y, difference = (total / n / unit for total in (whole["x"], whole["y"], d))
    return Mean(n, x, y, difference, sd, se, df, difference - margin, difference + margin)


def clustered(shares: Floats) -> float:
    """The CR1 standard error of an estimate, from what each of J clusters adds to its deviation."""
    return sqrt(len(shares) / (len(shares) - 1) * float(shares @ shares))


def correlation(sums: pd.DataFrame, level: float = 0.95) -> Correlation:
    """Pearson's r over all pairs with both scores, from the sums of `PairMoments.by`.

    Its bounds come from the jackknife over the rows of `sums`, of Fisher's z. r is not defined
    where x or y does not vary, and the bounds are not with one row, where r is 1 or -1, or where
    leaving out a row leaves nothing that varies.
    """
    whole, rows = sums.sum().to_numpy(float), sums.to_numpy(float)
    r = _pearson(whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        z, without = np.arctanh(r), np.arctanh(_pearson(whole - rows))
        _, low, high = np.tanh(jackknife(z, without, level))
    if np.isnan(r):
        return Correlation(None, None, None)
    if np.isnan(low) or abs(r) > 1 - 1e-12:
        return Correlation(float(r), None, None)
    return Correlation(float(r), float(low), float(high))


def _pearson(sums: Floats) -> Floats:
    """Of sums n, x, y, xx, yy, xy on the last axis. NaN: one of the two does not vary."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    ss_x, ss_y = n * xx - x * x, n * yy - y * y
    defined = (ss_x > 0) & (ss_y > 0)
    spread = np.sqrt(np.where(defined, ss_x, np.nan)) * np.sqrt(np.where(defined, ss_y, np.nan))
    return np.clip((n * xy - x * y) / spread, -1, 1)
