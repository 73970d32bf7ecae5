"""How much of a score lies between teams: three ICC(1), ICC(2), and shrunk team means."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from scipy import optimize, stats

from upm.survey.moments import Floats, Moments
from upm.survey.result import NotDefined, Result

Method = Literal["anova, mean n", "anova, n0", "reml"]
METHODS: tuple[Method, ...] = get_args(Method)

AT_ZERO = (
    "The variance between teams is estimated as zero or below, the edge of what is possible: "
    "these answers do not show that teams differ. They do not show that teams are alike either."
)


@dataclass(frozen=True)
class IntraclassCorrelation(Result):
    """ICC(1), the share of variance between teams, and ICC(2), the reliability of a team's mean."""

    scale: str
    method: Method
    level: float
    teams: int
    n: int
    """Respondents who have the score and a team."""
    team_size: float
    """What the method takes for the size of a team. ICC(2) is for the mean of so many."""
    between: float
    """The variance between teams."""
    within: float
    """The variance within teams."""
    icc1: float
    low: float
    high: float
    icc2: float | None
    """None: the team means do not differ at all, and it is not defined."""
    at_boundary: bool
    """Whether the variance between teams is estimated as zero, or by ANOVA below it."""
    note: str
    """What that means; "" if it is above zero."""


@dataclass(frozen=True)
class TeamMeans(Result):
    """The mean of each team as it is, and shrunk towards the mean of all."""

    scale: str
    overall: float
    """The mean of all teams, each weighted by how well its own mean is known."""
    level: float
    frame: pd.DataFrame
    """One row for each team: `team`, `n`, `raw` mean, `weight` of the raw mean in the shrunk one
    (0 to 1), `shrunk` mean, its prediction error `se`, `low`, `high`, and `reason`, why these
    three are NaN ("" if they are not)."""

    def tidy(self) -> pd.DataFrame:
        """One row for each team."""
        return self.frame


class OneWay(NamedTuple):
    """A score in teams, compressed: what counts of the teams of each size. All are of length s."""

    size: Floats
    teams: Floats
    mean: Floats
    """The mean of their means."""
    squares: Floats
    """The sum of squares of their means about it."""
    within: float
    """The sum of squares within all teams."""

    @property
    def n(self) -> float:
        """Respondents."""
        return float(self.size @ self.teams)

    def about(self, centre: float | Floats) -> Floats:
        """The sum of squares of the team means about a value, for each size."""
        return self.squares + self.teams * (self.mean - centre) ** 2

    def weights(self, ratio: float) -> Floats:
        """What a team of each size counts, given the variance between over that within."""
        return self.size / (1 + ratio * self.size)

    def overall(self, ratio: float) -> float:
        """The mean of all teams (generalised least squares)."""
        weights = self.weights(ratio) * self.teams
        return float(weights @ self.mean / weights.sum())

    def residual(self, ratio: float) -> float:
        """The weighted sum of squares; divided by n - 1 the variance within teams."""
        return float(self.within + self.weights(ratio) @ self.about(self.overall(ratio)))

    def deviance(self, ratio: float) -> float:
        """-2 log restricted likelihood, the mean and the variance within at their best."""
        df = self.n - 1
        determinant = self.teams @ np.log1p(ratio * self.size)
        information = np.log(self.weights(ratio) @ self.teams)
        spread = np.log(2 * np.pi * self.residual(ratio) / df)
        return float(df * (1 + spread) + determinant + information)

    def slope(self, ratio: float) -> float:
        """The derivative of the deviance."""
        weights = self.weights(ratio)
        pull = weights**2 @ self.about(self.overall(ratio)) / self.residual(ratio)
        total = weights @ self.teams
        return float(total - (weights**2 @ self.teams) / total - (self.n - 1) * pull)


def icc(
    moments: Moments, scale: str, method: Method = "reml", level: float = 0.95
) -> IntraclassCorrelation | NotDefined:
    """ICC(1) and ICC(2) of a scale's scores in a one-way random model of teams.

    By ANOVA: (MSB - MSW) / (MSB + (k - 1) MSW) with k the mean size of a team (Bartko 1976, as
    R's multilevel::ICC1) or n0 = (N - Σn² / N) / (G - 1) (Searle), which sets unequal sizes
    right; it may be negative. ICC(2) is (MSB - MSW) / MSB for both. Interval from F (Shrout &
    Fleiss 1979), exact for teams of one size. By REML: the restricted likelihood at its highest,
    as R's lme4, which no team size biases and which is never below 0; ICC(2) is its ICC(1) stepped
    up to the mean size by Spearman and Brown; interval from the profile likelihood. The three
    differ, so always say which. Each respondent who has the score and a team counts.
    """
    if method not in METHODS:
        raise ValueError(f"method = {method!r}; expected one of {', '.join(METHODS)}")
    data = _compressed(moments.teams(scale))
    if isinstance(data, str):
        return NotDefined(f"ICC ({method})", data)
    if method == "reml":
        return _by_reml(data, scale, level)
    return _by_anova(data, scale, method, level)


def team_means(moments: Moments, scale: str, level: float = 0.95) -> TeamMeans | NotDefined:
    """Empirical-Bayes means: a small team's mean is drawn towards the mean of all teams.

    shrunk = overall + w (raw - overall) with w = n τ² / (n τ² + σ²), variances by REML (the best
    linear unbiased prediction). se² = τ² (1 - w) + (1 - w)² var(overall): the error of predicting
    the team's true mean, that of the overall mean included, that of the two variances not
    (Henderson 1975; R's lme4 gives the first term alone). The interval is normal. With τ² = 0
    every shrunk mean is the overall one, and se and interval are not defined.
    """
    by_team = moments.teams(scale)
    data = _compressed(by_team)
    if isinstance(data, str):
        return NotDefined("shrunk team means", data)
    ratio = _best_ratio(data)
    within, overall = data.residual(ratio) / (data.n - 1), data.overall(ratio)
    n, raw = by_team["n"].to_numpy(float), by_team["mean"].to_numpy()
    weight = n * ratio / (1 + n * ratio)
    known = within / (data.weights(ratio) @ data.teams)
    se = np.sqrt(within * ratio * (1 - weight) + (1 - weight) ** 2 * known)
    if ratio == 0:
        se[:] = np.nan
    shrunk, margin = overall + weight * (raw - overall), stats.norm.ppf((1 + level) / 2) * se
    columns = {"n": by_team["n"].to_numpy(), "raw": raw, "weight": weight, "shrunk": shrunk}
    columns |= {"se": se, "low": shrunk - margin, "high": shrunk + margin}
    frame = pd.DataFrame({"team": by_team.index} | columns)
    return TeamMeans(scale, overall, level, frame.assign(reason="" if ratio else AT_ZERO))


def _compressed(by_team: pd.DataFrame) -> OneWay | str:
    """The teams by size, or the reason why nothing can be said."""
    n, means = by_team["n"].to_numpy(float), by_team["mean"].to_numpy()
    size, place, teams = np.unique(n, return_inverse=True, return_counts=True)
    within = float(by_team["squares"].sum())
    if len(n) < 2:
        return "There are fewer than two teams."
    if size[-1] < 2:
        return "No team has two respondents with this score."
    if within < 1e-12:
        return "In every team all have the same score: there is no variance within teams."
    mean = np.bincount(place, means) / teams
    squares = np.bincount(place, (means - mean[place]) ** 2)
    return OneWay(size, teams.astype(float), mean, squares.astype(float), within)


def _by_anova(data: OneWay, scale: str, method: Method, level: float) -> IntraclassCorrelation:
    g, n = float(data.teams.sum()), data.n
    centre = float(data.size * data.teams @ data.mean / n)
    msb = float(data.size @ data.about(centre) / (g - 1))
    msw = data.within / (n - g)
    n0 = (n - float(data.size**2 @ data.teams) / n) / (g - 1)
    k, f, tail = n / g if method == "anova, mean n" else n0, msb / msw, (1 + level) / 2
    ends = f / stats.f.ppf(tail, g - 1, n - g), f * stats.f.ppf(tail, n - g, g - 1)
    icc1, low, high = (float((each - 1) / (each + k - 1)) for each in (f, *ends))
    icc2, between = None if f < 1e-12 else (f - 1) / f, (msb - msw) / k
    zero, note = f <= 1, AT_ZERO if f <= 1 else ""
    return IntraclassCorrelation(
        scale, method, level, int(g), int(n), k, between, msw, icc1, low, high, icc2, zero, note
    )


def _by_reml(data: OneWay, scale: str, level: float) -> IntraclassCorrelation:
    g, n, ratio = float(data.teams.sum()), data.n, _best_ratio(data)
    k, within = n / g, data.residual(ratio) / (n - 1)
    limit = data.deviance(ratio) + stats.chi2.ppf(level, 1)

    def beyond(ratio: float) -> float:
        return data.deviance(ratio) - limit

    least = 0.0 if beyond(0) <= 0 else optimize.brentq(beyond, 0, ratio, xtol=1e-15)
    above = ratio + 1
    while beyond(above) < 0:
        above *= 4
    most = optimize.brentq(beyond, ratio, above, xtol=1e-15)
    icc1, low, high = (each / (1 + each) for each in (ratio, least, most))
    icc2, between = k * ratio / (1 + k * ratio), ratio * within
    zero, note = ratio == 0, "" if ratio else AT_ZERO
    return IntraclassCorrelation(
        scale, "reml", level, int(g), int(n), k, between, within, icc1, low, high, icc2, zero, note
    )


def _best_ratio(data: OneWay) -> float:
    """The variance between over that within teams at which the deviance is least; 0: its edge.

    Every valley is looked into: with unequal teams there may be more than one.
    """
    grid = np.array([0, *np.geomspace(1e-8, 1e16, 241)])
    slopes = np.array([data.slope(ratio) for ratio in grid])
    valleys = [0.0] if slopes[0] >= 0 else []
    valleys += [
        optimize.brentq(data.slope, *grid[at : at + 2], xtol=1e-15)
        for at in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
    ]
    return min(valleys, key=data.deviance)
