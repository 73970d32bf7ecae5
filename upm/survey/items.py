"""What each item shows by itself: how it was answered, and whether it goes with its scale."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from upm.survey.moments import Floats, Moments
from upm.survey.result import Result
from upm.survey.sums import Whole

AGAINST = (
    "It goes against the rest of its scale. Is it marked as reversed, or not, by mistake? "
    "Do people read it in another way than it is meant?"
)
ALONE = {"scale": "", "item_rest": np.nan, "reason": "It is in no scale.", "warning": ""}


@dataclass(frozen=True)
class ItemStatistics(Result):
    """The statistics of all items of an instrument."""

    frame: pd.DataFrame
    """One row for each item, keyed: a reversed item counts as turned round, highest + 1 - x.

    `item`, `reversed`, `n` (how many gave a point), `mean`, `sd` (divided by n - 1); as shares of
    n: `favourable` (points above the middle of the scale: the top two of five, the top three of
    seven, the top two of four), `ceiling` (the highest point), `floor` (the lowest); `no_point`
    (share of "did not come up" among those who answered in either way); `scale`, in which
    `item_rest` is. `reason`: why something is NaN, `warning`: what to look at; "" if nothing.
    """

    def tidy(self) -> pd.DataFrame:
        """One row for each item."""
        return self.frame


def item_statistics(moments: Moments) -> ItemStatistics:
    """The statistics of every item, from all who answered it.

    `item_rest` is the correlation of an item with the sum of the other items of its pillar or
    outcome scale: Σ cov(i, j) / √(var(i) · ΣΣ cov(j, k)) over all j, k other than i, with each
    covariance from those who answered both (pairwise), as r.drop of R's psych::alpha. A negative
    one is warned of and changes nothing.
    """
    rest = _rest_correlations(moments)
    rows = [
        {"item": item} | _answers(moments, item) | rest.get(item, ALONE)
        for item in moments.instrument.item_ids
    ]
    frame = pd.DataFrame(rows)
    frame.loc[frame["n"] < 2, "reason"] = "Fewer than two gave a point."
    return ItemStatistics(frame)


def _answers(moments: Moments, item: str) -> dict[str, object]:
    highest, turned = moments.instrument.points_of(item), moments.instrument.item[item].reversed
    whole: Whole = moments.histogram(item).sum(0)
    given = whole[1 : highest + 1].astype(float)
    counts, n = given[::-1] if turned else given, given.sum()
    points = np.arange(1, highest + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares, mean = counts / n, counts @ points / n
        squares = counts @ points**2 - (counts @ points) ** 2 / n
        return {
            "reversed": turned,
            "n": int(n),
            "mean": mean,
            "sd": np.sqrt(squares / (n - 1)) if n > 1 else np.nan,
            "favourable": shares[points > (highest + 1) / 2].sum(),
            "ceiling": shares[-1],
            "floor": shares[0],
            "no_point": whole[0] / (n + whole[0]),
        }


def _rest_correlations(moments: Moments) -> dict[str, dict[str, object]]:
    """Item -> scale, item_rest, reason and warning. The first scale that has the item counts."""
    found: dict[str, dict[str, object]] = {}
    for scale in moments.instrument.level("pillar", "outcome"):
        names = moments.instrument.items_of(scale)
        matrix = moments.covariance(names).matrix
        for place, item in enumerate(names):
            value, reason = _rest_correlation(matrix, place)
            row = {"scale": scale, "item_rest": value, "reason": reason}
            found.setdefault(item, row | {"warning": AGAINST if value < 0 else ""})
    return found


def _rest_correlation(matrix: Floats, place: int) -> tuple[float, str]:
    """The correlation, or NaN and the reason."""
    others = np.arange(len(matrix)) != place
    if not others.any():
        return np.nan, "Its scale has no other item."
    own, rest = matrix[place, place], matrix[np.ix_(others, others)].sum()
    shared = matrix[place, others].sum()
    if np.isnan([own, rest, shared]).any():
        return np.nan, "Fewer than two answered some pair of items of its scale."
    if min(own, rest) < 1e-12:
        return np.nan, "It, or the rest of its scale, does not vary."
    return float(shared / np.sqrt(own * rest)), ""
