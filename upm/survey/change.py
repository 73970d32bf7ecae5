"""Change between two waves: of people who are linked, of groups that are not, and what is noise."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats

from upm.survey.instrument import Scale
from upm.survey.links import PairMoments
from upm.survey.moments import Moments
from upm.survey.paired import clustered, correlation, mean_difference
from upm.survey.result import NotDefined, Result

PAIRED = "paired t"
WELCH = "Welch's t"
CLUSTERED = "t, clustered by team (CR1)"


@dataclass(frozen=True)
class Change(Result):
    """The mean of a later wave minus that of an earlier one, in points of the scale."""

    scale: str
    method: str
    """How the standard error was computed: PAIRED, WELCH or CLUSTERED."""
    n_from: int
    n_to: int
    """Respondents with a score; of linked waves the same."""
    teams: int
    mean_from: float
    mean_to: float
    difference: float
    se: float
    df: float
    low: float
    high: float
    """The bounds of the difference, at `level`."""
    level: float
    sd: float | None = None
    """The standard deviation of the differences. None: not linked."""
    dz: float | None = None
    """The difference divided by `sd`. None: not linked."""
    retest: float | None = None
    """Pearson's correlation of the waves. None: not linked, or a wave does not vary."""
    retest_low: float | None = None
    retest_high: float | None = None
    """Its bounds, by the jackknife over teams (see `correlation`). None: they are not defined."""


@dataclass(frozen=True)
class Detectable(Result):
    """The change of one person's score that exceeds noise: minimal detectable, or reliable."""

    scale: str
    sd: float
    retest: float
    assumed: bool
    """Whether `retest` is what the instrument assumes. False: it was measured."""
    sem: float
    """The standard error of measurement of one score: sd · √(1 - retest)."""
    change: float
    level: float


def linked_change(
    pairs: PairMoments, scale: str, team: str | None = None, level: float = 0.95
) -> Change | NotDefined:
    """The mean paired difference of people who have the score at both waves.

    Of one team it is the paired t test. Of all, each person counts the same and the error is
    clustered by team (see `mean_difference`); people without a team are then left out, unless
    nobody has one: then it is the paired t test too.
    """
    sums = (pairs if team is None else pairs.of(team)).by("team", scale)
    single = team is not None or [*sums.index] == [""]
    mean = mean_difference(sums, pairs.instrument.unit(scale), None if single else "team", level)
    if isinstance(mean, str):
        return NotDefined(f"linked change of {scale}", mean)
    retest = correlation(sums, level)
    return Change(
        scale=scale,
        method=PAIRED if single else CLUSTERED,
        n_from=mean.n,
        n_to=mean.n,
        teams=int((sums.index != "").sum()),
        mean_from=mean.x,
        mean_to=mean.y,
        difference=mean.difference,
        se=mean.se,
        df=mean.df,
        low=mean.low,
        high=mean.high,
        level=level,
        sd=mean.sd,
        dz=mean.difference / mean.sd,
        retest=retest.r,
        retest_low=retest.low,
        retest_high=retest.high,
    )


def unlinked_change(
    before: Moments, after: Moments, scale: str, team: str | None = None, level: float = 0.95
) -> Change | NotDefined:
    """The difference of the means of two waves whose respondents are not known to be the same.

    Of one team, or where no team is known, it is Welch's t test. Of several teams the error is
    clustered by team over both waves: SE² = J / (J - 1) · Σ (nⱼ (yⱼ - y) / n - mⱼ (xⱼ - x) / m)²,
    t with J - 1 degrees of freedom: CR1, or `vcovCL` of the R package sandwich for score on wave,
    with type HC0 and cadjust. Respondents without a team are then left out.
    """
    sums = _by_team(before, after, scale)
    if team is not None:
        sums = sums[sums.index == team]
    elif len(sums) > 1:
        sums = sums[sums.index != ""]
    m, a, _, n, b, _ = (int(total) for total in sums.sum())
    if min(m, n) < 2:
        reason = f"Respondents with the score: {m} before and {n} after; needed: 2."
        return NotDefined(f"change of {scale}", reason)
    unit = before.instrument.unit(scale)
    se, df = (_clustered if len(sums) > 1 else _welch)(sums)
    if se == 0:
        return NotDefined(f"change of {scale}", "Nothing varies around the means of the waves.")
    se /= unit
    difference, margin = (b / n - a / m) / unit, float(stats.t.ppf((1 + level) / 2, df)) * se
    return Change(
        scale=scale,
        method=CLUSTERED if len(sums) > 1 else WELCH,
        n_from=m,
        n_to=n,
        teams=int((sums.index != "").sum()),
        mean_from=a / m / unit,
        mean_to=b / n / unit,
        difference=difference,
        se=se,
        df=df,
        low=difference - margin,
        high=difference + margin,
        level=level,
    )


def _welch(sums: pd.DataFrame) -> tuple[float, float]:
    """Standard error, in units, and degrees of freedom (Satterthwaite)."""
    m, a, aa, n, b, bb = (int(total) for total in sums.sum())
    before, after = (m * aa - a * a) / m**2 / (m - 1), (n * bb - b * b) / n**2 / (n - 1)
    parts = before**2 / (m - 1) + after**2 / (n - 1)
    return sqrt(before + after), (before + after) ** 2 / parts if parts else 0.0


def _clustered(sums: pd.DataFrame) -> tuple[float, float]:
    m, a, _, n, b, _ = (int(total) for total in sums.sum())
    exact = sums.to_numpy(object).T  # whole numbers of any size
    strays = (n * exact[4] - b * exact[3]) * m**2 - (m * exact[1] - a * exact[0]) * n**2
    return clustered(strays.astype(float) / (m * n) ** 2), len(sums) - 1.0


def detectable_change(
    scale: Scale, sd: float, measured: float | None = None, level: float = 0.95
) -> Detectable | NotDefined:
    """z · √2 · SD · √(1 - r), with z of `level` (1.96), for scores of this standard deviation.

    r is the correlation of two answers by the same person: `measured`, or else what the
    instrument assumes. Who changes by more has changed reliably (Jacobson & Truax 1991).
    """
    retest = scale.retest if measured is None else measured
    reason = None
    if retest is None:
        reason = "No retest correlation was measured, and the instrument assumes none."
    elif not 0 <= retest < 1:
        reason = f"The retest correlation is {retest:.2f}; it has to be at least 0 and below 1."
    elif not sd > 0:
        reason = "The scores do not vary."
    if retest is None or reason is not None:
        return NotDefined(f"detectable change of {scale.id}", reason or "")
    sem = sd * sqrt(1 - retest)
    change = float(stats.norm.ppf((1 + level) / 2)) * sqrt(2) * sem
    return Detectable(scale.id, sd, retest, measured is None, sem, change, level)


def _by_team(before: Moments, after: Moments, scale: str) -> pd.DataFrame:
    """By team the n, sum and sum of squares before, and the same after, in units."""
    place, frames = [*before.instrument.scale].index(scale), []
    for moments in (before, after):
        sums = pd.DataFrame(moments.cells.arrays["scores"][:, place])
        frames.append(sums.groupby(moments.cells.index.get_level_values("team")).sum())
    both = pd.concat(frames, axis=1).fillna(0).astype(np.int64)
    return both[both.iloc[:, 0] + both.iloc[:, 3] > 0]
