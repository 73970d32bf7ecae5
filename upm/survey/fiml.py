"""The normal likelihood of answers, with gaps or without, from moments by pattern of gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from upm.survey.moments import Floats, Moments, modelled
from upm.survey.sums import Sums

Rule = Literal["full information", "complete"]

MOST_PATTERNS = 1000
"""So many patterns of gaps are used, those with most respondents: it bounds time and memory."""
MOST_STEPS = 5000
"""EM needs the more steps the more is missing: a dozen at 5 %, hundreds at 50 %."""


class UnfitError(ValueError):
    """Why a model cannot be fitted to these answers, in words."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Moments of P groups of respondents, each of whom answered the same of p keyed items.

    What a group did not answer is 0 in its moments.
    """

    names: tuple[str, ...]
    """p: the items."""
    observed: NDArray[np.bool_]
    """P x p."""
    n: Floats
    """P: respondents."""
    mean: Floats
    """P x p."""
    cov: Floats
    """P x p x p: divided by n."""
    missing: Rule = "full information"
    left_out: int = 0
    """Respondents who are not used: see `of`."""

    @classmethod
    def of(
        cls, moments: Moments, items: Sequence[str], missing: Rule = "full information"
    ) -> "Sample":
        """The answers to items of pillars, over all forms and waves that the moments have.

        "full information" uses whoever answered one of the items, but in the MOST_PATTERNS most
        frequent patterns of gaps only; "complete" those who answered all. UnfitError: patterns were
        not kept, there are too few respondents, an item without variance, or two items that nobody
        answered both.
        """
        sums, at = _patterns(moments, items)
        keys = sums.index.get_level_values("pattern")
        there = np.array([[key[place] == "1" for place in at] for key in keys], bool)
        observed, group = np.unique(there, axis=0, return_inverse=True)
        counts = np.bincount(group, sums.arrays["counts"], len(observed))
        usable = observed.sum(1) >= (len(at) if missing == "complete" else 1)
        kept = [row for row in np.argsort(-counts, kind="stable") if usable[row]][:MOST_PATTERNS]
        rows = [group == row for row in kept]
        n = counts[kept].astype(float)
        first = [sums.arrays["sums"][row].sum(0)[at] for row in rows]
        second = [sums.arrays["products"][row].sum(0)[np.ix_(at, at)] for row in rows]
        mean = np.reshape(first, (-1, len(at))) / n[:, None]
        square = np.reshape(second, (-1, len(at), len(at))) / n[:, None, None]
        cov = square - mean[:, :, None] * mean[:, None]
        left_out = int(counts.sum() - n.sum())
        sample = cls(tuple(items), observed[kept], n, mean, cov, missing, left_out)
        sample._check()
        return sample

    @property
    def gaps(self) -> bool:
        """Whether something is missing."""
        return not self.observed.all()

    def _check(self) -> None:
        if self.n.sum() <= len(self.names):
            raise UnfitError(
                f"{self.n.sum():g} respondents are too few for {len(self.names)} items"
            )
        never = np.argwhere((self.observed.T * self.n) @ self.observed == 0)
        if never.size:
            a, b = never[0]
            raise UnfitError(f"nobody answered both {self.names[a]} and {self.names[b]}")
        mean, variance = independent(self)
        same = np.flatnonzero(variance <= 1e-12 * (1 + mean**2))
        if same.size:
            raise UnfitError(
                f"everybody gave the same answer to {', '.join(np.take(self.names, same))}"
            )


def _patterns(moments: Moments, items: Sequence[str]) -> tuple[Sums, list[int]]:
    """The sums by pattern, and where in them the items stand."""
    known = modelled(moments.instrument)
    if unknown := [item for item in items if item not in known]:
        raise UnfitError(f"{', '.join(unknown)} is not an item of a pillar")
    if moments.patterns is None:
        raise UnfitError("there are too many patterns of missing answers to count")
    return moments.patterns, [known.index(item) for item in items]


def independent(sample: Sample) -> tuple[Floats, Floats]:
    """ML means and variances (p each) of items that have nothing to do with each other.

    Their likelihood is a product over items, so each has its closed form, gaps or not.
    """
    weight = sample.n @ sample.observed
    mean = sample.n @ sample.mean / weight
    off = (sample.mean - mean) * sample.observed
    return mean, sample.n @ (np.diagonal(sample.cov, axis1=1, axis2=2) + off**2) / weight


class Likelihood(NamedTuple):
    """The log-likelihood at a mean and a covariance matrix."""

    value: float
    by_mean: Floats
    """p: its slope."""
    by_cov: Floats
    """p x p: twice its slope, as if the halves of the matrix were free of each other."""
    information: Floats
    """q x q: minus its curvature along q directions."""


def likelihood(
    sample: Sample,
    mean: Floats,
    cov: Floats,
    directions: tuple[Floats, Floats] | None = None,
    observed: bool = True,
) -> Likelihood:
    """The log-likelihood of all answers, its slope and its curvature.

    `directions` are q changes of the mean (q x p) and of the covariance matrix (q x p x p).
    `observed`: the curvature is that of these answers, else what is expected under the moments.
    LinAlgError: `cov` is no covariance matrix.
    """
    np.linalg.cholesky(cov)
    n, p = sample.n, len(mean)
    # Where nothing is observed, a variance of 1 and no covariance change no determinant.
    both = sample.observed[:, :, None] & sample.observed[:, None, :]
    padded = np.where(both, cov, np.eye(p))
    inverse = np.linalg.inv(padded) * both
    off = (sample.mean - mean) * sample.observed
    second = sample.cov + off[:, :, None] * off[:, None, :]
    pull = (inverse @ off[:, :, None])[:, :, 0]
    middle = inverse @ second @ inverse
    constant = sample.observed.sum(1) * np.log(2 * np.pi) + np.linalg.slogdet(padded)[1]
    value = -float(n @ (constant + (inverse * second).sum((1, 2)))) / 2
    information = np.zeros((0, 0))
    if directions:
        weighted = n[:, None, None] * inverse
        half = middle - inverse / 2 if observed else inverse / 2
        information = _curvature(weighted, half, pull * observed, directions)
    return Likelihood(value, n @ pull, np.tensordot(n, middle - inverse, 1), information)


def _curvature(
    weighted: Floats, half: Floats, pull: Floats, directions: tuple[Floats, Floats]
) -> Floats:
    """The sum over patterns of tr(W A H B) for directions A and B, and what means add to it."""
    mean, cov = directions
    q, p = mean.shape
    flat = cov.reshape(q, p * p)
    if len(weighted) == 1:
        both = flat @ (half[0] @ cov @ weighted[0]).reshape(q, p * p).T
    else:  # the sum first, then the directions
        outer = weighted.reshape(-1, p * p).T @ half.reshape(-1, p * p)
        turned = outer.reshape(p, p, p, p).transpose(1, 2, 3, 0).reshape(p * p, p * p)
        both = flat @ turned @ flat.T
    mixed = flat @ np.tensordot(pull, weighted, (0, 0)).reshape(p * p, p) @ mean.T
    return both + mean @ weighted.sum(0) @ mean.T + mixed + mixed.T


def saturated(sample: Sample) -> tuple[Floats, Floats]:
    """ML mean (p) and covariance matrix (p x p) with no model, by EM over the patterns.

    The step of EM is the slope of the likelihood, turned by the covariance matrix; without gaps
    the first step arrives. UnfitError: the matrix is singular, or EM did not converge.
    """
    mean, variance = independent(sample)
    cov, scale, n = np.diag(variance), np.sqrt(variance), sample.n.sum()
    last = np.nan
    for _ in range(MOST_STEPS):
        here = likelihood(sample, mean, cov)
        shift = cov @ here.by_mean / n
        change = cov @ here.by_cov @ cov / n - np.outer(shift, shift)
        mean, cov = mean + shift, cov + (change + change.T) / 2
        values, vectors = np.linalg.eigh(cov / np.outer(scale, scale))
        if values[0] < 1e-10:
            names = np.array(sample.names)[abs(vectors[:, 0]) > 1e-3]
            raise UnfitError(f"{', '.join(names)} are not independent: one follows from the others")
        step = max(abs(shift / scale).max(), abs(change / np.outer(scale, scale)).max())
        # Steps shrink by a constant ratio, so that all that are to come make step² / (last - step).
        if step**2 <= 1e-11 * (last - step):
            return mean, cov
        last = step
    raise UnfitError("the means and covariances under missing answers did not converge")
