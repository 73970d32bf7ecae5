"""How far a manager's view of a member is from the member's own, and how far is only noise."""

from dataclasses import dataclass
from math import nan, sqrt

import pandas as pd
from scipy import stats

from upm.survey.answers import Answers
from upm.survey.instrument import Scale
from upm.survey.links import PairMoments, member_manager
from upm.survey.paired import correlation, mean_difference
from upm.survey.result import NotDefined, Result


@dataclass(frozen=True)
class Gap(Result):
    """The manager's rating minus the member's own, in points of the scale."""

    scale: str
    pairs: int
    managers: int
    member: float
    manager: float
    difference: float
    se: float
    """Clustered by manager (CR1)."""
    df: float
    low: float
    high: float
    """The bounds of the difference, at `level`."""
    level: float
    sd: float
    """The standard deviation of the differences."""
    correlation: float | None
    """Pearson's, over all pairs. None: one side does not vary."""
    correlation_low: float | None
    correlation_high: float | None
    """Its bounds, by the jackknife over managers. None: they are not defined."""
    sd_member: float
    sd_manager: float


@dataclass(frozen=True)
class Band(Result):
    """How far two imperfect ratings of the same behaviour lie apart by measurement error alone."""

    scale: str
    sd_member: float
    sd_manager: float
    reliability_member: float
    reliability_manager: float
    assumed: bool
    """Whether a reliability is what the instrument assumes of `retest`. False: both measured."""
    band: float
    """A difference in either direction below this says nothing about the pair."""
    level: float


def gap(pairs: PairMoments, scale: str, level: float = 0.95) -> Gap | NotDefined:
    """The mean difference over all pairs that have both scores, each pair counting the same.

    The error is clustered by manager (see `mean_difference`). Pairs of which neither manager nor
    team is known are left out. It takes two managers.
    """
    sums, unit = pairs.by("manager", scale), pairs.instrument.unit(scale)
    mean = mean_difference(sums, unit, "manager", level)
    if isinstance(mean, str):
        return NotDefined(f"gap of {scale}", mean)
    r = correlation(sums, level)
    return Gap(
        scale=scale,
        pairs=mean.n,
        managers=len(sums),
        member=mean.x,
        manager=mean.y,
        difference=mean.difference,
        se=mean.se,
        df=mean.df,
        low=mean.low,
        high=mean.high,
        level=level,
        sd=mean.sd,
        correlation=r.r,
        correlation_low=r.low,
        correlation_high=r.high,
        sd_member=_sd(sums, "x") / unit,
        sd_manager=_sd(sums, "y") / unit,
    )


def _sd(sums: pd.DataFrame, side: str) -> float:
    n, first, square = (int(sums[name].sum()) for name in ("n", side, 2 * side))
    return sqrt((n * square - first**2) / n / (n - 1)) if n > 1 else nan


def gap_band(
    scale: Scale,
    sds: tuple[float, float],
    reliabilities: tuple[float, float] | None = None,
    level: float = 0.95,
) -> Band | NotDefined:
    """z · √(s² (1 - r) + t² (1 - q)), with z of `level` (1.96): a difference below it is noise.

    s and t are the standard deviations of members' and managers' scores; r and q are their
    `reliabilities`, such as alpha of either form. If these are None, both are the correlation that
    the instrument assumes of two answers by the same person. Errors are taken as independent.
    """
    statistic, assumed = f"band of {scale.id}", scale.retest
    if reliabilities is None and assumed is None:
        return NotDefined(statistic, "No reliability was measured, and none is assumed.")
    r, q = reliabilities or (assumed or 0.0,) * 2
    if not (0 <= r < 1 and 0 <= q < 1):
        reason = f"The reliabilities are {r:.2f} and {q:.2f}; both have to be from 0 to below 1."
        return NotDefined(statistic, reason)
    error = sqrt(sds[0] ** 2 * (1 - r) + sds[1] ** 2 * (1 - q))
    if not error > 0:
        return NotDefined(statistic, "The scores do not vary.")
    band = float(stats.norm.ppf((1 + level) / 2)) * error
    return Band(scale.id, *sds, r, q, reliabilities is None, band, level)


@dataclass(frozen=True)
class Sheet(Result):
    """The two views of one member, for the pair alone: it must never enter a report."""

    frame: pd.DataFrame
    """A row for each pillar: `scale`, `member`, `manager`, `difference`, the `band` of two
    imperfect ratings (NaN: not known), and whether the difference is `beyond` it."""

    def tidy(self) -> pd.DataFrame:
        """One row for each pillar."""
        return self.frame


def pair_sheet(answers: Answers, wave: str, code: str) -> Sheet | NotDefined:
    """The private sheet of the member with this code: own score and the manager's, by pillar.

    The band is that of `gap_band`, with the standard deviations of all pairs of the wave and the
    reliabilities that the instrument assumes. NotDefined: there is no such pair.
    """
    people = answers.people
    own = ((people["link"] == code) | (people["about"] == code)).to_numpy(bool, na_value=False)
    pair, everybody = (member_manager(each, wave) for each in (answers.where(own), answers))
    rows = []
    for scale in answers.instrument.level("pillar"):
        sums, unit = pair.by("manager", scale), answers.instrument.unit(scale)
        if len(sums) != 1 or sums["n"].iloc[0] != 1:
            continue
        member, manager = (float(sums[side].iloc[0]) / unit for side in ("x", "y"))
        whole = everybody.by("manager", scale)
        sds = _sd(whole, "x") / unit, _sd(whole, "y") / unit
        band = gap_band(answers.instrument.scale[scale], sds)
        width = band.band if isinstance(band, Band) else nan
        apart = manager - member
        rows.append((scale, member, manager, apart, width, abs(apart) > width))
    if not rows:
        reason = "No member and manager with this code have both answered the items of a pillar."
        return NotDefined("private sheet", reason)
    columns = ["scale", "member", "manager", "difference", "band", "beyond"]
    return Sheet(pd.DataFrame(rows, columns=columns))
