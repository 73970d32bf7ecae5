"""Which pillars go with the outcome: relative weights and Shapley shares of explained variance."""

from dataclasses import dataclass
from itertools import combinations, product
from math import factorial

import numpy as np
import pandas as pd

from upm.survey.jackknife import jackknife
from upm.survey.moments import Covariance, Floats, Moments
from upm.survey.result import NotDefined, Result

RELATIVE, SHAPLEY = "relative weight", "Shapley"
SINGULAR = 1e-9
"""A smallest eigenvalue of correlations below this means that some predictor adds nothing."""


@dataclass(frozen=True)
class Drivers(Result):
    """Shares of the outcome's variance that go with each predictor. They do not show causes."""

    outcome: str
    n: int
    """Respondents who have both scores, of the pair of scales that has fewest."""
    blocks: int
    r2: float
    r2_se: float
    r2_low: float
    r2_high: float
    weights: pd.DataFrame
    """Of each `method` and `driver`: its `weight`, which add up to R², and its `share` of R², both
    with `_se`, `_low` and `_high`."""
    level: float

    def tidy(self) -> pd.DataFrame:
        """One row for each method and driver."""
        return self.weights


def drivers(moments: Moments, level: float = 0.95) -> Drivers | NotDefined:
    """How much each pillar adds to explaining `driver_of` of the instrument, by two methods.

    RELATIVE: relative weights (Johnson 2000), by way of the orthonormal variables nearest to the
    pillars. SHAPLEY: the rise of R² when a pillar is added, averaged over all orders (Lindeman,
    Merenda & Gold 1980). From pairwise correlations of one form and wave; intervals are those of
    the delete-a-block jackknife.
    """
    found = _drivers(moments, level)
    return NotDefined("drivers", found) if isinstance(found, str) else found


def _drivers(moments: Moments, level: float) -> Drivers | str:
    """Text: the reason why it is not defined."""
    instrument, least = moments.instrument, moments.instrument.thresholds.drivers
    pillars, outcome = instrument.level("pillar"), instrument.driver_of
    if outcome is None or outcome in pillars or not pillars:
        return "The instrument has no pillars, or names no outcome for them (driver_of)."
    names = (*pillars, outcome)
    whole, without = moments.covariance(names), [*moments.without_each_block(names)]
    n = int(whole.n.min())
    if n < least or len(without) < 2:
        return f"Respondents with the scores: {n}, in {len(without)} teams; needed: {least}, in 2."
    r = _correlations([whole, *without])
    if np.isnan(r).any() or np.linalg.eigvalsh(r[:, :-1, :-1]).min() < SINGULAR:
        return "A scale, with all teams or without one, does not vary or follows from the others."
    by_method = {RELATIVE: _relative_weights(r), SHAPLEY: _shapley(r)}
    r2 = by_method[RELATIVE].sum(-1)
    if r2.min() < SINGULAR or r2.max() > 1 + SINGULAR:
        return f"The share explained is {r2[0]:.3f}, or is outside 0 to 1 without one team."
    frames = []
    for method, weights in by_method.items():
        frame = pd.DataFrame({"method": method, "driver": pillars})
        for name, values in (("weight", weights), ("share", weights / r2[:, None])):
            se, low, high = jackknife(values[0], values[1:], level)
            columns = {"": values[0], "_se": se, "_low": low, "_high": high}
            frame = frame.assign(**{name + end: column for end, column in columns.items()})
        frames.append(frame)
    r2_se, r2_low, r2_high = (float(each) for each in jackknife(r2[0], r2[1:], level))
    table = pd.concat(frames, ignore_index=True)
    return Drivers(outcome, n, len(without), float(r2[0]), r2_se, r2_low, r2_high, table, level)


def _correlations(found: list[Covariance]) -> Floats:
    """Matrices x scales x scales. NaN: a scale does not vary, or too few have both of two."""
    matrices = np.stack([each.matrix for each in found])
    variances = np.diagonal(matrices, axis1=1, axis2=2)
    sd = np.sqrt(np.where(variances > SINGULAR, variances, np.nan))
    return matrices / sd[:, :, None] / sd[:, None, :]


def _relative_weights(r: Floats) -> Floats:
    """Matrices x predictors; the outcome is the last row and column of each matrix."""
    values, vectors = np.linalg.eigh(r[:, :-1, :-1])
    loadings = (vectors * np.sqrt(values)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    on_nearest = np.linalg.solve(loadings, r[:, :-1, -1:])
    return ((loadings**2) @ (on_nearest**2))[..., 0]


def _shapley(r: Floats) -> Floats:
    """Matrices x predictors, likewise."""
    p = r.shape[1] - 1
    explained = {
        chosen: _r2(r, chosen) for size in range(p + 1) for chosen in combinations(range(p), size)
    }
    shares = np.zeros((len(r), p))
    for new, (chosen, before) in product(range(p), explained.items()):
        if new not in chosen:
            orders = factorial(len(chosen)) * factorial(p - len(chosen) - 1) / factorial(p)
            shares[:, new] += orders * (explained[tuple(sorted((*chosen, new)))] - before)
    return shares


def _r2(r: Floats, chosen: tuple[int, ...]) -> Floats:
    to_outcome = r[:, chosen, -1]
    weights = np.linalg.solve(r[:, chosen, :][:, :, chosen], to_outcome[..., None])[..., 0]
    return (to_outcome * weights).sum(-1)
