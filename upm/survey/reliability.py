"""How far the items of a scale measure the same: alpha and omega, each with an interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from upm.survey.fiml import UnfitError
from upm.survey.jackknife import jackknife
from upm.survey.moments import Covariance, Floats, Moments, modelled
from upm.survey.one_factor import single_factors
from upm.survey.result import NotDefined, Result

Statistic = Literal[
    "alpha", "standardised alpha", "omega, model-implied variance", "omega, observed variance"
]
Rule = Literal["pairwise", "complete"]
Method = Literal["jackknife", "feldt", "bonett", "duhachek"]


@dataclass(frozen=True)
class Reliability(Result):
    """One coefficient of one scale."""

    statistic: Statistic
    scale: str
    missing: Rule
    items: int
    n: int
    """Respondents behind the covariance that rests on fewest."""
    value: float
    """Up to 1. Below 0 it says that the items do not belong together."""
    interval: Method
    level: float
    low: float | None
    high: float | None
    """None, both: there is no interval, and `reason` says why."""
    reason: str = ""


def reliability(
    moments: Moments,
    scale: str,
    statistic: Statistic = "alpha",
    missing: Rule = "pairwise",
    interval: Method = "jackknife",
    level: float = 0.95,
) -> Reliability | NotDefined:
    """The reliability of the sum, or mean, of a scale's items, which are keyed in all of this.

    With S the k x k covariances of the items, "alpha" is k / (k - 1) · (1 - tr S / ΣΣ S) (Cronbach
    1951), "standardised alpha" the same of their correlations. With loadings λ and residual
    variances θ of one factor fitted to S by maximum likelihood, "omega, model-implied variance" is
    (Σλ)² / ((Σλ)² + Σθ), and "omega, observed variance" is (Σλ)² / ΣΣ S (McDonald 1999). Omega
    needs three items.

    Missing answers: "pairwise", each covariance from those who answered both items, and n is that
    of the pair with fewest; "complete", from those who answered all (items of pillars only).

    Interval: "jackknife", leaving out one block of teams at a time, allows for likeness within
    teams (pairwise only); the others, for alpha only, take respondents as independent: "feldt"
    from F (Feldt, Woodruff & Salih 1987), "bonett" on the scale ln(1 - alpha) with its bias taken
    off (Bonett & Wright 2015), "duhachek" normal theory (Duhachek & Iacobucci 2004). Bounds are
    not cut off at 1.
    """
    if interval in CLOSED and statistic != "alpha":
        raise ValueError(f"interval = {interval!r} is for alpha; expected 'jackknife'")
    items = moments.instrument.items_of(scale)
    if missing == "complete" and not {*items} <= {*modelled(moments.instrument)}:
        return NotDefined(statistic, "Complete answers are counted for items of pillars only.")
    cov = moments.complete(items) if missing == "complete" else moments.covariance(items)
    if cov is None:
        return NotDefined(statistic, "There are too many patterns of missing answers to count.")
    value = _coefficient(statistic, cov)
    if isinstance(value, str):
        return NotDefined(statistic, value)
    if interval in CLOSED:
        bounds = _closed(interval, value, cov, level)
    elif missing == "complete":
        bounds = "Blocks of teams hold covariances by pairs only: ask for pairwise."
    else:
        bounds = _jackknife(statistic, value, cov, [*moments.without_each_block(items)], level)
    low, high, reason = (None, None, bounds) if isinstance(bounds, str) else (*bounds, "")
    n = int(cov.n.min())
    return Reliability(
        statistic, scale, missing, len(items), n, value, interval, level, low, high, reason
    )


def _coefficient(statistic: Statistic, cov: Covariance) -> float | str:
    """The coefficient, or the reason why there is none."""
    if problem := _problem(statistic, cov):
        return problem
    try:
        return float(COEFFICIENTS[statistic](cov.matrix[None], cov.n.min()[None], cov.matrix)[0])
    except UnfitError as reason:
        return f"One factor does not fit: {reason}."


def _problem(statistic: Statistic, cov: Covariance) -> str:
    """Why there is no coefficient, as far as can be seen; "" if there may be one."""
    k, variances = len(cov.matrix), np.diag(cov.matrix)
    omega = statistic.startswith("omega")
    if k < 2 or (omega and k < 3):
        return "One factor needs three items." if omega else "The scale has a single item."
    if np.isnan(cov.matrix).any():
        return "Fewer than two respondents answered some pair of items."
    if (constant := variances < 1e-12).any():
        names = ", ".join(np.array(cov.names)[constant])
        return f"Everybody gave the same answer to {names}."
    if cov.matrix.sum() < 1e-12:
        return "The items cancel out: their sum does not vary."
    return ""


# Each of J matrices (J x k x k), of J numbers of respondents, all near to one matrix (k x k).


def _alpha(matrices: Floats, *_: Floats) -> Floats:
    k, traces = matrices.shape[1], np.trace(matrices, axis1=1, axis2=2)
    return np.asarray(k / (k - 1) * (1 - traces / matrices.sum((1, 2))))


def _standardised(matrices: Floats, *_: Floats) -> Floats:
    sd = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    return _alpha(matrices / sd[:, :, None] / sd[:, None, :])


def _implied(matrices: Floats, n: Floats, near: Floats) -> Floats:
    loadings, residuals = single_factors(matrices, n, near)
    common = loadings.sum(1) ** 2
    return np.asarray(common / (common + residuals.sum(1)))


def _observed(matrices: Floats, n: Floats, near: Floats) -> Floats:
    return np.asarray(
        single_factors(matrices, n, near)[0].sum(1) ** 2 / matrices.sum((1, 2)), float
    )


COEFFICIENTS: Mapping[Statistic, Callable[[Floats, Floats, Floats], Floats]] = {
    "alpha": _alpha,
    "standardised alpha": _standardised,
    "omega, model-implied variance": _implied,
    "omega, observed variance": _observed,
}


def _jackknife(
    statistic: Statistic, value: float, cov: Covariance, without: list[Covariance], level: float
) -> tuple[float, float] | str:
    if len(without) < 2:
        return "There are fewer than two teams to leave out."
    problems = (_problem(statistic, each) for each in without)
    problem = next(filter(None, problems), "")
    if not problem:
        matrices = np.stack([each.matrix for each in without])
        n = np.array([each.n.min() for each in without])
        try:
            values = COEFFICIENTS[statistic](matrices, n, cov.matrix)
        except UnfitError as reason:
            problem = f"One factor does not fit: {reason}."
    if problem:
        return f"Without one of the teams it is not defined. {problem}"
    found = jackknife(value, values, level)
    return float(found.low), float(found.high)


def _closed(
    method: Method, alpha: float, cov: Covariance, level: float
) -> tuple[float, float] | str:
    n = int(cov.n.min())
    if n < 3:
        return "There are fewer than three respondents."
    if 1 - alpha < 1e-12:
        return "Alpha is 1: the items agree in all respects, and no interval can be formed."
    return CLOSED[method](alpha, cov.matrix, n, level)


def _feldt(alpha: float, matrix: Floats, n: int, level: float) -> tuple[float, float]:
    df, tail = (n - 1, (n - 1) * (len(matrix) - 1)), (1 - level) / 2
    high, low = (1 - (1 - alpha) * stats.f.ppf(p, *df) for p in (tail, 1 - tail))
    return float(low), float(high)


def _bonett(alpha: float, matrix: Floats, n: int, level: float) -> tuple[float, float]:
    k = len(matrix)
    centre = np.log(1 - alpha) - np.log(n / (n - 1))
    margin = stats.norm.ppf((1 + level) / 2) * np.sqrt(2 * k / ((k - 1) * (n - 2)))
    return float(1 - np.exp(centre + margin)), float(1 - np.exp(centre - margin))


def _duhachek(alpha: float, matrix: Floats, n: int, level: float) -> tuple[float, float]:
    k, total, trace = len(matrix), matrix.sum(), np.trace(matrix)
    square = matrix @ matrix
    q = total * (np.trace(square) + trace**2) - 2 * trace * square.sum()
    se = np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * q / n)
    margin = float(stats.norm.ppf((1 + level) / 2) * se)
    return alpha - margin, alpha + margin


CLOSED: Mapping[str, Callable[[float, Floats, int, float], tuple[float, float]]] = {
    "feldt": _feldt,
    "bonett": _bonett,
    "duhachek": _duhachek,
}
