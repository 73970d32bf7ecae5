"""Factor models, in which each item rests on one factor, and their maximum likelihood fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from upm.survey import fiml
from upm.survey.fiml import Likelihood, Sample, UnfitError
from upm.survey.moments import Floats

MOST_STEPS = 200
NEAR = 1e-18
"""A step that promises less than this to the log-likelihood: 1e-9 standard errors."""
UNIDENTIFIED = "the answers do not identify the model"

Place = tuple[float, Floats, Floats]
"""The log-likelihood, its slope (q) and the information (q x q)."""
Surface = Callable[[Floats, bool], Place]
"""The place at x (q), its information observed or else expected. LinAlgError: x cannot be."""


class Structure:
    """Which item rests on which factor, and where each parameter stands in one long vector.

    The vector of a group: loadings (p), residual variances (p), factor variances and covariances
    (the upper triangle), intercepts (p), factor means (m).
    """

    def __init__(self, factors: Mapping[str, Sequence[str]]) -> None:
        self.factors = tuple(factors)
        self.items = tuple(item for items in factors.values() for item in items)
        p, m = len(self.items), len(factors)
        if len({*self.items}) < p:
            raise ValueError("An item stands twice in the model; each rests on one factor.")
        least = 3 if m == 1 else 2
        if few := [factor for factor, items in factors.items() if len(items) < least]:
            raise UnfitError(f"too few items on {', '.join(few)}: a factor needs {least} or more")
        self.of = np.repeat(np.arange(m), [len(items) for items in factors.values()])
        self.belongs = np.eye(m)[self.of]
        self.pairs = np.triu_indices(m)
        self.own = self.pairs[0] == self.pairs[1]
        basis = np.zeros((len(self.own), m, m))
        basis[np.arange(len(self.own)), *self.pairs] = 1
        self.basis = np.maximum(basis, basis.transpose(0, 2, 1))
        ends = np.cumsum([0, p, p, len(self.own), p, m])
        names = ("loadings", "residuals", "factors", "intercepts", "means")
        self.block = {name: slice(*ends[at : at + 2]) for at, name in enumerate(names)}
        self.size = int(ends[-1])

    def matrices(self, full: Floats) -> tuple[Floats, Floats, Floats]:
        """Loadings (p x m), factor covariances (m x m) and factor means (m) of a group."""
        loadings = self.belongs * full[self.block["loadings"], None]
        factors = np.tensordot(full[self.block["factors"]], self.basis, 1)
        return loadings, factors, full[self.block["means"]]

    def moments(self, full: Floats) -> tuple[Floats, Floats]:
        """The mean and covariance matrix that the model implies."""
        loadings, factors, means = self.matrices(full)
        cov = loadings @ factors @ loadings.T + np.diag(full[self.block["residuals"]])
        return full[self.block["intercepts"]] + loadings @ means, cov

    def slopes(self, full: Floats) -> tuple[Floats, Floats]:
        """How both change with each parameter: size x p, and size x p x p."""
        loadings, factors, means = self.matrices(full)
        p = len(self.items)
        mean, cov, each = np.zeros((self.size, p)), np.zeros((self.size, p, p)), np.arange(p)
        toward = (loadings @ factors)[:, self.of].T
        cov[each, each, :] = toward
        cov[each, :, each] += toward
        cov[p + each, each, each] = 1
        cov[self.block["factors"]] = loadings @ self.basis @ loadings.T
        mean[each, each] = means[self.of]
        mean[self.block["intercepts"]] = np.eye(p)
        mean[self.block["means"]] = loadings.T
        return mean, cov

    def bends(self, full: Floats, here: Likelihood) -> Floats:
        """What the second derivatives of both add to the curvature of the likelihood."""
        loadings, factors, _ = self.matrices(full)
        bend = np.zeros((self.size, self.size))
        first, second, last = (self.block[name] for name in ("loadings", "factors", "means"))
        turned = loadings.T @ here.by_cov
        bend[first, first] = here.by_cov * factors[np.ix_(self.of, self.of)]
        bend[first, second] = np.einsum("rig,gi->ir", self.basis[:, self.of], turned)
        bend[first, last] = here.by_mean[:, None] * self.belongs
        bend[second, first], bend[last, first] = bend[first, second].T, bend[first, last].T
        return bend

    def start(self, mean: Floats, cov: Floats) -> Floats:
        """Values to begin with: the first principal component of each factor's items."""
        full, scale = np.zeros(self.size), np.sqrt(np.diag(cov))
        loadings = np.zeros(len(scale))
        for factor in range(len(self.factors)):
            at = np.flatnonzero(self.of == factor)
            loadings[at] = first_component((cov / np.outer(scale, scale))[np.ix_(at, at)])
        full[self.block["loadings"]] = loadings * scale
        full[self.block["residuals"]] = scale**2 * (1 - loadings**2)
        full[self.block["factors"]] = np.where(self.own, 1, 0.3)
        full[self.block["intercepts"]] = mean
        return full

    def free(self, groups: int, equal: Sequence[str], means: bool) -> NDArray[np.intp]:
        """Groups x size: the number of each free parameter; -1: it is fixed.

        Blocks in `equal` are the same in all groups. Factors have variance 1 and mean 0, but in
        later groups what equal loadings, and equal intercepts, allow to be seen is free.
        """
        index, count = np.full((groups, self.size), -1), 0
        for group in range(groups):
            for name, block in self.block.items():
                at = np.arange(self.size)[block]
                if name == "factors" and not (group and "loadings" in equal):
                    at = at[~self.own]
                elif name == "means" and not (group and "intercepts" in equal):
                    at = at[:0]
                if name == "intercepts" and not means:
                    at = at[:0]
                if group and name in equal:
                    index[group, at] = index[0, at]
                else:
                    index[group, at] = np.arange(count, count + len(at))
                    count += len(at)
        return index


def first_component(correlations: Floats) -> Floats:
    """Loadings (p) of about the right size: those of the first principal component."""
    p = len(correlations)
    values, vectors = np.linalg.eigh(correlations)
    first = vectors[:, -1] * (np.sign(vectors[:, -1].sum()) or 1)
    return np.clip(first * np.sqrt(p * max(values[-1] - 1, 0.1) / (p - 1)), -0.95, 0.95)


@dataclass(frozen=True, eq=False)
class Group:
    """The answers of one group, and what models of no interest make of them."""

    sample: Sample
    mean: Floats
    """p: with no model."""
    cov: Floats
    """p x p: with no model."""
    saturated: float
    """The log-likelihood with no model."""
    baseline: float
    """The log-likelihood if no item had to do with another."""

    @classmethod
    def of(cls, sample: Sample) -> "Group":
        """Made from the answers. UnfitError: no model can be fitted to them."""
        mean, cov = fiml.saturated(sample)
        alone, variance = fiml.independent(sample)
        saturated = fiml.likelihood(sample, mean, cov).value
        baseline = fiml.likelihood(sample, alone, np.diag(variance)).value
        return cls(sample, mean, cov, saturated, baseline)

    @property
    def n(self) -> float:
        """Respondents."""
        return float(self.sample.n.sum())

    def filled(self) -> "Group":
        """As if there were no gaps, and the moments were those found under the gaps."""
        everybody, names = np.array([self.n]), self.sample.names
        there = np.ones((1, len(names)), bool)
        return replace(
            self, sample=Sample(names, there, everybody, self.mean[None], self.cov[None])
        )


@dataclass(frozen=True, eq=False)
class System:
    """A model of one group or more, whose free parameters x (q) are sought."""

    structure: Structure
    groups: Sequence[Group]
    index: NDArray[np.intp]
    """See `Structure.free`."""
    base: Floats
    """Groups x size: values at the start, which those that are fixed keep."""

    def full(self, x: Floats) -> Floats:
        """Groups x size: all parameters."""
        return np.where(self.index < 0, self.base, x[self.index])

    def at(self, x: Floats, observed: bool) -> Place:
        """The log-likelihood, its slope and the information: observed, or else expected."""
        last = len(x) + 1  # one more place, into which index -1 leads: all that is fixed
        value, slope, information = 0.0, np.zeros(last), np.zeros((last, last))
        for group, full, index in zip(self.groups, self.full(x), self.index, strict=True):
            moments, directions = self.structure.moments(full), self.structure.slopes(full)
            here = fiml.likelihood(group.sample, *moments, directions, observed)
            value += here.value
            slope[index] += directions[0] @ here.by_mean
            slope[index] += np.tensordot(directions[1], here.by_cov, 2) / 2
            bends = self.structure.bends(full, here) if observed else 0.0
            information[np.ix_(index, index)] += here.information - bends
        return value, slope[:-1], information[:-1, :-1]


def climb(surface: Surface, x: Floats) -> Floats:
    """The maximum, from x: by Newton, or by scoring where the surface does not curve downward.

    UnfitError: it is not found.
    """
    here = surface(x, True)
    for _ in range(MOST_STEPS):
        value, slope, information = here
        newton = _step(information, slope)
        step = newton if newton is not None else _step(surface(x, False)[2], slope)
        if step is None:
            raise UnfitError(UNIDENTIFIED)
        if slope @ step <= NEAR:
            if newton is None or _flat(information):
                raise UnfitError(UNIDENTIFIED)
            return x + step
        x, here = _stride(surface, x, step, value)
    raise UnfitError("the estimation did not converge")


def _flat(information: Floats) -> bool:
    """Whether there is a direction in which next to nothing changes."""
    scale = np.sqrt(np.diag(information))
    return not np.linalg.eigvalsh(information / np.outer(scale, scale))[0] > 1e-9


def _stride(surface: Surface, x: Floats, step: Floats, value: float) -> tuple[Floats, Place]:
    """The whole step, or half, or a quarter ... of it, that does not lead down."""
    for part in 0.5 ** np.arange(40):
        try:
            here = surface(x + part * step, True)
        except np.linalg.LinAlgError:
            continue
        if here[0] >= value - 1e-12 * abs(value):
            return x + part * step, here
    raise UnfitError("the estimation did not converge")


def _step(information: Floats, slope: Floats) -> Floats | None:
    """Where the surface would be flat if it were a parabola. None: it does not curve downward."""
    try:
        np.linalg.cholesky(information)
        return np.asarray(np.linalg.solve(information, slope), float)
    except np.linalg.LinAlgError:
        return None


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model at its maximum."""

    system: System
    means: bool
    """Whether means are part of the model."""
    x: Floats
    """q: the free parameters."""
    variance: Floats
    """q x q: of the estimates; the inverse of the information."""
    value: float
    """The log-likelihood."""

    def full(self) -> Floats:
        """Groups x size: all parameters, as `Structure` orders them."""
        return self.system.full(self.x)


def fitted(
    structure: Structure, groups: Sequence[Group], means: bool, equal: Sequence[str] = ()
) -> Fitted:
    """A model at its maximum; blocks of parameters in `equal` are the same in all groups.

    Standard errors rest on the expected information, under gaps on the observed one. UnfitError:
    the maximum is not found, or the answers do not identify it.
    """
    index = structure.free(len(groups), equal, means)
    base = np.array([structure.start(group.mean, group.cov) for group in groups])
    free = index >= 0
    start = np.bincount(index[free], weights=base[free]) / np.bincount(index[free])
    system, gaps = System(structure, groups, index, base), any(g.sample.gaps for g in groups)
    x = climb(replace(system, groups=[group.filled() for group in groups]).at, start)
    if gaps:
        x = climb(system.at, x)  # which is dear, so that it begins nearby
    value, _, information = system.at(x, gaps)
    return Fitted(system, means, x, np.asarray(np.linalg.inv(information), float), value)
