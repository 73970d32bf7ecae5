"""Confirmatory factor analysis by maximum likelihood: fit, loadings and factor correlations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from upm.survey.fiml import Rule, Sample, UnfitError
from upm.survey.model import Fitted, Group, Structure, fitted
from upm.survey.moments import Moments
from upm.survey.result import NotDefined, Result

EXACT = "Without degrees of freedom a model fits whatever the answers are."
UNRELATED = "The items have no more to do with each other than by chance."


@dataclass(frozen=True)
class Fit(Result):
    """How well a model reproduces means and covariances."""

    missing: Rule
    n: float
    """Respondents who are used."""
    left_out: int
    """Respondents who are not: with gaps if the rule is "complete"; without any answer, or with a
    rare pattern of gaps (see `fiml.MOST_PATTERNS`), if it is "full information"."""
    parameters: int
    chi_square: float
    """Twice the log-likelihood that the saturated model has more: N times the discrepancy."""
    df: int
    p: float | None
    cfi: float | None
    tli: float | None
    rmsea: float | None
    rmsea_low: float | None
    """From here to `rmsea_high`: the 90 % interval."""
    rmsea_high: float | None
    srmr: float
    """Over variances and covariances, and over means where they are part of the model."""
    log_likelihood: float
    aic: float
    bic: float
    reason: str
    """Why measures above are None; "" if none is."""


def fit_of(found: Fitted) -> Fit:
    """The measures of fit as lavaan defines them; several groups are one model.

    CFI and TLI compare with items that have nothing to do with each other, whose likelihood is
    that of the same answers, gaps and all.
    """
    groups, p, q = found.system.groups, len(found.system.structure.items), len(found.x)
    samples = [group.sample for group in groups]
    n, saturated = sum(group.n for group in groups), sum(group.saturated for group in groups)
    df = len(groups) * (p * (p + 1) // 2 + p * found.means) - q
    chi_square = max(0.0, 2 * (saturated - found.value))
    null = 2 * (saturated - sum(group.baseline for group in groups))
    cfi, tli = _against_baseline(chi_square, df, null, len(groups) * p * (p - 1) // 2)
    rmsea, low, high = _rmsea(chi_square, df, n / len(groups))
    return Fit(
        missing=samples[0].missing,
        n=n,
        left_out=sum(sample.left_out for sample in samples),
        parameters=q,
        chi_square=chi_square,
        df=df,
        p=float(special.chdtrc(df, chi_square)) if df else None,
        cfi=cfi,
        tli=tli,
        rmsea=rmsea,
        rmsea_low=low,
        rmsea_high=high,
        srmr=sum(group.n / n * each for group, each in zip(groups, _srmr(found), strict=True)),
        log_likelihood=found.value,
        aic=2 * q - 2 * found.value,
        bic=float(np.log(n)) * q - 2 * found.value,
        reason=EXACT if not df else UNRELATED if cfi is None else "",
    )


def _against_baseline(
    chi_square: float, df: int, null: float, null_df: int
) -> tuple[float, float] | tuple[None, None]:
    """CFI and TLI, given the chi-square and df of the model and of the baseline."""
    if not df or null <= null_df:
        return None, None
    excess = max(0.0, chi_square - df)
    return (
        1 - excess / max(excess, null - null_df),
        1 - (chi_square / df - 1) / (null / null_df - 1),
    )


def _rmsea(
    chi_square: float, df: int, n: float
) -> tuple[float, float, float] | tuple[None, None, None]:
    """The estimate and its 90 % interval, given the respondents of an average group."""
    if not df:
        return None, None, None
    noncentral = (
        max(0.0, chi_square - df),
        *(_noncentral(chi_square, df, at) for at in (0.95, 0.05)),
    )
    estimate, low, high = (float(np.sqrt(each / n / df)) for each in noncentral)
    return estimate, low, high


def _noncentral(chi_square: float, df: int, level: float) -> float:
    """The noncentrality under which `level` of all chi-squares are smaller than this; 0: none."""
    if special.chdtr(df, chi_square) <= level:
        return 0.0

    def over(noncentrality: float) -> float:
        return float(special.chndtr(chi_square, df, noncentrality)) - level

    return float(optimize.brentq(over, 0, 4 * chi_square + 100, xtol=1e-10))


def _srmr(found: Fitted) -> Iterator[float]:
    """By group: the root mean square of what is left over, in the items' standard deviations."""
    for group, full in zip(found.system.groups, found.full(), strict=True):
        mean, cov = found.system.structure.moments(full)
        scale = np.sqrt(np.diag(group.cov))
        left = ((group.cov - cov) / np.outer(scale, scale))[np.tril_indices(len(scale))]
        of_means = (group.mean - mean) / scale if found.means else np.zeros(0)
        yield float(np.sqrt(np.mean(np.concatenate([left, of_means]) ** 2)))


@dataclass(frozen=True, eq=False)
class FactorModel(Result):
    """A model of one group: its fit, its standardised loadings and its factor correlations."""

    fit: Fit
    loadings: pd.DataFrame
    """`factor`, `item`, `loading` and its `se`, standardised; `residual`, a variance, is not."""
    correlations: pd.DataFrame
    """`factor`, `other`, `correlation`, `se`; no row if there is one factor."""
    inadmissible: tuple[str, ...]
    """What cannot be, in words: then no number here is to be believed. Empty: all is well."""

    def tidy(self) -> pd.DataFrame:
        """The loadings; `fit.tidy()` is the fit."""
        return self.loadings


def cfa(
    moments: Moments,
    factors: Mapping[str, Sequence[str]],
    missing: Rule = "full information",
) -> FactorModel | NotDefined:
    """Confirmatory factor analysis: each item rests on one factor, and factors correlate.

    `factors` names the items of each factor, which are items of pillars; with one it is the model
    of a general factor. Maximum likelihood under the normal distribution. Missing answers:
    "complete" uses those who answered all items, "full information" every answer, which is right
    if whether an answer is missing depends on the other answers only. Without gaps, covariances
    are analysed and standard errors are from the expected information; with gaps, means are part
    of the model and standard errors are from the observed information. Standardised ones are by
    the delta method. Source: lavaan (Rosseel 2012, Journal of Statistical Software 48, 2).
    NotDefined: the answers are too few or do not identify the model, the estimation did not
    converge, or the moments kept no patterns of missing answers.
    """
    try:
        structure = Structure(factors)
        sample = Sample.of(moments, structure.items, missing)
        found = fitted(structure, [Group.of(sample)], means=sample.gaps)
    except UnfitError as reason:
        return NotDefined("factor model", f"It cannot be fitted: {reason}.")
    return FactorModel(
        fit_of(found), _loadings(found), _correlations(found), tuple(inadmissible(found))
    )


def _loadings(found: Fitted) -> pd.DataFrame:
    structure, (full,), (index,) = found.system.structure, found.full(), found.system.index
    blocks = structure.block["loadings"], structure.block["residuals"]
    (loading, residual), (a, b) = (full[at] for at in blocks), (index[at] for at in blocks)
    total = loading**2 + residual  # and the slopes of loading / sqrt(total):
    by_loading, by_residual = residual / total**1.5, -loading / 2 / total**1.5
    own, other, both = found.variance[a, a], found.variance[b, b], found.variance[a, b]
    variance = by_loading**2 * own + by_residual**2 * other + 2 * by_loading * by_residual * both
    columns = {
        "factor": np.take(structure.factors, structure.of),
        "item": structure.items,
        "loading": loading / np.sqrt(total),
        "se": np.sqrt(variance),
        "residual": residual,
    }
    return pd.DataFrame(columns)


def _correlations(found: Fitted) -> pd.DataFrame:
    structure, (index,) = found.system.structure, found.system.index
    at = index[structure.block["factors"]][~structure.own]
    first, second = (np.take(structure.factors, each[~structure.own]) for each in structure.pairs)
    se = np.sqrt(found.variance[at, at])
    return pd.DataFrame({"factor": first, "other": second, "correlation": found.x[at], "se": se})


def inadmissible(found: Fitted) -> Iterator[str]:
    """What cannot be: negative variances, and factors that correlate beyond 1."""
    structure = found.system.structure
    for full in found.full():
        negative = np.flatnonzero(full[structure.block["residuals"]] < 0)
        yield from (
            f"the residual variance of {structure.items[at]} is negative" for at in negative
        )
        _, factors, _ = structure.matrices(full)
        beyond = [
            f"{structure.factors[a]} and {structure.factors[b]} correlate beyond 1"
            for a, b in zip(*structure.pairs, strict=True)
            if factors[a, b] ** 2 > abs(factors[a, a] * factors[b, b]) * (1 + 1e-12)
        ]
        yield from beyond
        if not beyond and np.linalg.eigvalsh(factors)[0] < 0:
            yield "variances and correlations of the factors contradict each other"
