"""One factor behind the items of one scale: fast, for a jackknife fits it hundreds of times."""

from functools import partial

import numpy as np

from upm.survey.fiml import UnfitError
from upm.survey.model import NEAR, Place, climb, first_component
from upm.survey.moments import Floats

MOST_STEPS = 20


def single_factor(cov: Floats, n: float) -> tuple[Floats, Floats]:
    """Loadings (p) and residual variances (p) of one factor with variance 1, by maximum likelihood.

    The same as a model of one factor. `cov` (p x p) may be divided by n or n - 1: the answer has
    its scale. UnfitError: fewer than three items, too few respondents, no convergence, or a
    residual variance below 0, so that one factor cannot be.
    """
    p, scale = len(cov), np.sqrt(np.diag(cov))
    if p < 3 or n <= p:
        raise UnfitError(f"{n:g} respondents or {p} items are too few")
    if not (scale > 0).all():
        raise UnfitError("an item has no variance")
    correlations = cov / np.outer(scale, scale)
    if not np.linalg.eigvalsh(correlations)[0] > 1e-10:
        raise UnfitError("one of the items follows from the others")
    start = first_component(correlations)
    x = climb(partial(_single, correlations), np.concatenate([start, 1 - start**2]))
    if (x[p:] < 0).any():
        raise UnfitError("the residual variance of an item would be negative")
    return x[:p] * scale, x[p:] * scale**2


def single_factors(covs: Floats, n: Floats, near: Floats) -> tuple[Floats, Floats]:
    """The same of J matrices (J x p x p), all of them near to one (p x p): J x p each.

    Newton's method for all at once, from the answer to that one. Those for which it does not arrive
    are fitted one by one. UnfitError: one of them cannot be.
    """
    scale = np.sqrt(np.diagonal(covs, axis1=1, axis2=2))
    correlations = covs / (scale[:, :, None] * scale[:, None, :])
    loadings, residuals = single_factor(near, float(n.max()))
    own = np.sqrt(np.diag(near))
    x = np.tile(np.concatenate([loadings / own, residuals / own**2]), (len(covs), 1))
    arrived = np.zeros(len(covs), bool)
    try:
        for _ in range(MOST_STEPS):
            _, slope, information = _single(correlations, x, True)
            np.linalg.cholesky(information)  # at a maximum it curves downward
            step = np.linalg.solve(information, slope[..., None])[..., 0]
            arrived, x = (slope * step).sum(1) <= NEAR, x + step
            if arrived.all():
                break
    except np.linalg.LinAlgError:
        arrived[:] = False
    p = len(near)
    found, rest = x[:, :p] * scale, x[:, p:] * scale**2
    for j in np.flatnonzero(~arrived | (rest <= 0).any(1) | (n <= p)):
        found[j], rest[j] = single_factor(covs[j], float(n[j]))
    return found, rest


def _single(correlations: Floats, x: Floats, observed: bool) -> Place:
    """The place of loadings and residual variances, for one respondent; of J models, J places."""
    loadings, residuals = np.split(x, 2, axis=-1)
    down, across = loadings[..., :, None], loadings[..., None, :]
    cov = down * across + residuals[..., None] * np.eye(x.shape[-1] // 2)
    roots = np.diagonal(np.linalg.cholesky(cov), axis1=-2, axis2=-1)
    inverse = np.linalg.inv(cov)
    middle = inverse @ correlations @ inverse
    by_cov = middle - inverse
    half = middle - inverse / 2 if observed else inverse / 2
    a, b = inverse @ down, half @ down
    cross = a @ b.swapaxes(-1, -2)
    first = cross + cross.swapaxes(-1, -2) - by_cov * observed
    first += (across @ b) * inverse + (across @ a) * half
    mixed = inverse * b.swapaxes(-1, -2) + half * a.swapaxes(-1, -2)
    value = -np.log(roots).sum(-1) - (inverse * correlations).sum((-2, -1)) / 2
    own = np.diagonal(by_cov, axis1=-2, axis2=-1) / 2
    slope = np.concatenate([(by_cov @ down)[..., 0], own], -1)
    upper = np.concatenate([first, mixed], -1)
    lower = np.concatenate([mixed.swapaxes(-1, -2), inverse * half], -1)
    return value, slope, np.concatenate([upper, lower], -2)
