"""How much the members of a team agree: rwg(j) and average deviation."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from upm.survey.moments import Floats, Moments
from upm.survey.result import NotDefined, Result
from upm.survey.sums import Whole

SKEWED_NULL = {5: 1.34, 6: 1.85, 7: 2.90, 8: 3.47, 9: 5.66, 10: 6.30, 11: 7.31}
"""Points -> variance of answers that are slightly skewed only (LeBreton & Senter 2008, table 2)."""

STATISTICS = ("rwg_uniform", "rwg_skewed", "ad_mean", "ad_median")


@dataclass(frozen=True)
class Agreement(Result):
    """The agreement within each team about one scale."""

    scale: str
    items: int
    uniform_null: float
    """The variance of answers that are spread evenly over A points: (A² - 1) / 12."""
    skewed_null: float | None
    """None: no variance is published for so few points, and `rwg_skewed` is not defined."""
    teams: pd.DataFrame
    """One row for each team: `team`, `n` (answers to the item with fewest), the four STATISTICS,
    `truncated_uniform` and `truncated_skewed` (rwg was below 0 and is set to it), and `reason`,
    why they are NaN ("" if they are not)."""

    def tidy(self) -> pd.DataFrame:
        """One row for each team."""
        return self.teams

    def summary(self) -> pd.DataFrame:
        """One row for each statistic, over the teams: mean, quartiles, and how many of each kind.

        `truncated` is among the `defined`; quartiles are interpolated (R's type 7).
        """
        found = self.teams[[*STATISTICS]]
        cut = [int(self.teams[f"truncated_{null}"].sum()) for null in ("uniform", "skewed")]
        return pd.DataFrame(
            {
                "statistic": STATISTICS,
                "teams": len(found),
                "defined": found.notna().sum().to_numpy(),
                "not_defined": found.isna().sum().to_numpy(),
                "truncated": [*cut, 0, 0],
                "mean": found.mean().to_numpy(),
                "lower_quartile": found.quantile(0.25).to_numpy(),
                "median": found.median().to_numpy(),
                "upper_quartile": found.quantile(0.75).to_numpy(),
            }
        )


def agreement(moments: Moments, scale: str) -> Agreement | NotDefined:
    """Agreement within teams about the items of a scale, each item from all who answered it.

    rwg(j) = J (1 - r) / (J (1 - r) + r), where r is the mean variance of the J items in the team
    (divided by n - 1) over that of the null (James, Demaree & Wolf 1984). With r above 1 it is
    set to 0 and marked. AD is the mean distance of the answers from the item's mean or median in
    the team, mean over items (Burke, Finkelstein & Dusig 1999). A team in which any item has
    fewer than two answers has neither, and respondents without a team are left out. Nobody is
    left out for one missing answer, as R's multilevel does: `n` may differ from item to item.
    """
    items = moments.instrument.items_of(scale)
    points = moments.instrument.points_of(items[0])
    places = [moments.instrument.item_ids.index(item) for item in items]
    names, histograms = _by_team(moments, places)
    if not len(names):
        return NotDefined("agreement", "There are no teams.")
    spreads = [_spread(each[:, 1 : points + 1]) for each in histograms.transpose(1, 0, 2)]
    fewest = np.min([each.n for each in spreads], 0)
    uniform, skewed = (points**2 - 1) / 12, SKEWED_NULL.get(points)
    variance, ad_mean, ad_median = (
        np.where(fewest < 2, np.nan, np.mean([each[place] for each in spreads], 0))
        for place in (1, 2, 3)
    )
    null = np.nan if skewed is None else skewed
    frame = pd.DataFrame(
        {
            "team": names,
            "n": fewest,
            "rwg_uniform": _rwg(variance / uniform, len(items)),
            "rwg_skewed": _rwg(variance / null, len(items)),
            "ad_mean": ad_mean,
            "ad_median": ad_median,
            "truncated_uniform": variance > uniform,
            "truncated_skewed": variance > null,
            "reason": "" if skewed else f"No skewed null is published for {points} points.",
        }
    )
    frame.loc[fewest < 2, "reason"] = "An item has fewer than two answers."
    return Agreement(scale, len(items), uniform, skewed, frame)


class _Spread(NamedTuple):
    """Of one item in each team."""

    n: Whole
    variance: Floats
    ad_mean: Floats
    ad_median: Floats


def _spread(counts: Whole) -> _Spread:
    """From teams x points."""
    held = np.ascontiguousarray(counts.T, float)  # points x teams: each step is one long row
    points = np.arange(1.0, len(held) + 1)
    n = held.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = points @ held
        variance = (points**2 @ held - total**2 / n) / (n - 1)
        # With an even number every value between the two in the middle gives the same sum.
        median = 1 + (held.cumsum(0) < n / 2).sum(0)
        ad_mean, ad_median = (
            sum(row * np.abs(point - centre) for point, row in zip(points, held, strict=True)) / n
            for centre in (total / n, median)
        )
    return _Spread(n.astype(np.int64), variance, ad_mean, ad_median)


def _rwg(ratio: Floats, items: int) -> Floats:
    kept = np.minimum(ratio, 1)
    return items * (1 - kept) / (items * (1 - kept) + kept)


def _by_team(moments: Moments, places: list[int]) -> tuple[pd.Index, Whole]:
    """The teams, sorted, and teams x these items x slots, over forms and waves."""
    index, histograms = moments.cells.index, moments.cells.arrays["histograms"][:, places]
    level = index.names.index("team")
    codes = np.asarray(index.codes[level])
    order = np.argsort(codes, kind="stable")
    found, starts = np.unique(codes[order], return_index=True)
    if len(found) < len(codes) or (np.diff(codes) < 0).any():
        histograms = histograms[order]
        if len(found) < len(codes):
            histograms = np.add.reduceat(histograms, starts, 0)
    names = index.levels[level][found]
    there = names != ""
    return names[there], histograms[there] if not there.all() else histograms
