"""The response surface: what goes with an outcome, two views of a member and how they match."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from upm.survey.jackknife import Interval, jackknife
from upm.survey.links import PairMoments, finer, surfaced
from upm.survey.moments import Floats
from upm.survey.result import NotDefined, Result

TERMS = ("b0", "b1", "b2", "b3", "b4", "b5", "a1", "a2", "a3", "a4")
"""z = b0 + b1 x + b2 y + b3 x² + b4 xy + b5 y², and the slope and curvature of this surface along
the line x = y (a1, a2) and along the line x = -y (a3, a4)."""
CONTRASTS = np.vstack(
    [
        np.eye(6),
        [0, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 1],
        [0, 1, -1, 0, 0, 0],
        [0, 0, 0, 1, -1, 1],
    ]
)
ORDINARY = "ordinary least squares, t with pairs - 6"
JACKKNIFE = "jackknife over blocks of managers, t with blocks - 1"
SINGULAR = 1e-9
"""A smallest eigenvalue of correlations below this means that some predictor adds nothing."""


@dataclass(frozen=True)
class Surface(Result):
    """What goes with an outcome z of the member: own score x, manager's score y, and their match.

    x and y are points from the midpoint of the scale.
    """

    scale: str
    outcome: str
    pairs: int
    blocks: int
    method: str
    """How errors were computed: ORDINARY or JACKKNIFE."""
    r2: float
    terms: pd.DataFrame
    """One row for each of TERMS: `term`, `estimate`, `se`, `low`, `high`."""
    level: float

    def tidy(self) -> pd.DataFrame:
        """One row for each term."""
        return self.terms


def response_surface(
    pairs: PairMoments, scale: str, clustered: bool = True, level: float = 0.95
) -> Surface | NotDefined:
    """The quadratic surface of the instrument's outcome over both ratings (Edwards & Parry 1993).

    By least squares from the pairs that have x, y and z. Pairs of one manager are alike, so errors
    come from the jackknife; with `clustered` False from the usual formula, too small if they are.
    """
    found = _surface(pairs, scale, clustered, level)
    return NotDefined(f"response surface of {scale}", found) if isinstance(found, str) else found


def _surface(pairs: PairMoments, scale: str, clustered: bool, level: float) -> Surface | str:
    """Text: the reason why it is not defined."""
    instrument, least = pairs.instrument, pairs.instrument.thresholds.surface
    if pairs.surface is None or scale not in surfaced(instrument):
        return "Its sums were not kept."
    products = pairs.surface.arrays["products"][:, surfaced(instrument).index(scale)]
    whole, blocks, units = products.sum(0), len(products), _units(pairs, scale)
    n = int(whole[0, 0])
    if n < least or (clustered and blocks < 2):
        return f"Pairs with all scores: {n}, of {blocks} managers; needed: {least}, of 2."
    fit = _fitted(whole / units)
    if np.isnan(fit.r2):
        return "The scores vary too little to tell the terms apart."
    if fit.r2 > 1 - SINGULAR:
        return "The surface fits exactly, which leaves nothing to estimate its errors from."
    estimate = CONTRASTS @ fit.b
    if clustered:
        spread = jackknife(estimate, _fitted((whole - products) / units).b @ CONTRASTS.T, level)
    else:
        spread = _ordinary(estimate, whole / units, fit.rss, level)
    if np.isnan(spread.se).any():
        return "Without one block of managers, the scores vary too little to tell the terms apart."
    terms = pd.DataFrame({"term": TERMS, "estimate": estimate, **spread._asdict()})
    method, outcome = JACKKNIFE if clustered else ORDINARY, str(instrument.driver_of)
    return Surface(scale, outcome, n, blocks, method, float(fit.r2), terms, level)


class _Fit(NamedTuple):
    """Along the last axis the six coefficients. All are NaN where the design is singular."""

    b: Floats
    r2: Floats
    rss: Floats


def _units(pairs: PairMoments, scale: str) -> Floats:
    """What to divide the products by, so that they are those of points."""
    f, unit = finer(pairs.instrument, scale), pairs.instrument.unit(str(pairs.instrument.driver_of))
    return np.outer(*[np.array([1, f, f, f**2, f**2, f**2, unit], float)] * 2)


def _fitted(products: Floats) -> _Fit:
    """Least squares from cross-products of 1, the five terms and z, on the last two axes."""
    n, raw = products[..., 0, 0], np.diagonal(products, axis1=-2, axis2=-1)[..., 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = products[..., 0, 1:] / n[..., None]
    about = products[..., 1:, 1:] - n[..., None, None] * means[..., None] * means[..., None, :]
    squares = np.diagonal(about, axis1=-2, axis2=-1)
    defined = np.asarray((squares > 1e-12 * raw).all(-1))
    scale = np.sqrt(np.where(defined[..., None], squares, 1))
    r = about / scale[..., None] / scale[..., None, :]
    among = np.where(defined[..., None, None], r[..., :5, :5], np.eye(5))
    defined &= np.linalg.eigvalsh(among)[..., 0] > SINGULAR
    among = np.where(defined[..., None, None], among, np.eye(5))
    weights = np.linalg.solve(among, r[..., :5, 5:])[..., 0]
    slopes = weights * scale[..., 5:] / scale[..., :5]
    start = means[..., 5:] - (means[..., :5] * slopes).sum(-1, keepdims=True)
    r2 = (weights * r[..., :5, 5]).sum(-1)
    b = np.where(defined[..., None], np.concatenate([start, slopes], -1), np.nan)
    return _Fit(b, np.where(defined, r2, np.nan), (1 - r2) * squares[..., 5])


def _ordinary(estimate: Floats, products: Floats, rss: Floats, level: float) -> Interval:
    df = products[0, 0] - 6
    errors = np.linalg.inv(products[:6, :6]) * rss / df
    se = np.sqrt(np.diag(CONTRASTS @ errors @ CONTRASTS.T))
    margin = stats.t.ppf((1 + level) / 2, df) * se
    return Interval(se, estimate - margin, estimate + margin)
