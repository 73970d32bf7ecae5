"""Careless answering: indices for each respondent, flags by a rule written beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from upm.survey.answers import Answers, Points
from upm.survey.instrument import Instrument, Screening
from upm.survey.moments import Covariance, accumulate, grouped, patterns_of
from upm.survey.result import Result
from upm.survey.sums import Whole

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Screened(Result):
    """What was seen in how each respondent answered. Nobody is removed: `excluded` says whom the
    rule of the instrument leaves out of the second set of results."""

    indices: pd.DataFrame
    """A row for each respondent. `seconds_per_item`, over all that were answered; `longest_run` of
    the same answer; `variability`, the standard deviation of one's answers; `distance`, the squared
    Mahalanobis distance over the items answered, and its chi-square `probability`; `even_odd`, the
    correlation of the halves of scales with Spearman-Brown's correction; `contradictions`, reversed
    items at odds with the rest of their scale. NaN: not defined for this respondent."""
    flags: pd.DataFrame
    """The same rows: whether each index passes its threshold, and `duplicate`."""
    excluded: NDArray[np.bool_]

    def tidy(self) -> pd.DataFrame:
        """A row for each flag: how many respondents have it, and their share; `excluded` last."""
        counts = self.flags.sum().astype(int)
        counts["excluded"] = int(self.excluded.sum())
        shares = counts / len(self.flags) if len(self.flags) else counts.astype(float)
        return pd.DataFrame({"flag": counts.index, "n": counts.values, "share": shares.values})


def screen(answers: Answers, population: Covariance | None = None) -> Screened | None:
    """The indices and flags of all respondents. None: the instrument has no rule for it.

    Distances are from the mean and the pairwise covariance of the items on screen in a population,
    which is needed where the answers are one part of many. None: these same respondents.
    """
    rule = answers.instrument.screening
    if rule is None:
        return None
    columns = [answers.instrument.item_ids.index(item) for item in rule.order]
    given, keyed = answers.points[:, columns], answers.keyed()
    if population is None:
        population = accumulate(answers).covariance(rule.order)
    distance, probability = distances(keyed[:, columns], population)
    answered = (answers.points > 0).sum(1)  # on the whole form, as the time is that of all of it
    with np.errstate(invalid="ignore", divide="ignore"):
        pace = answers.people["seconds"].to_numpy(float, na_value=np.nan) / answered
    indices = pd.DataFrame(
        {
            "seconds_per_item": np.where(answered > 0, pace, np.nan),
            "longest_run": longest_run(given),
            "variability": variability(given),
            "distance": distance,
            "probability": probability,
            "even_odd": even_odd(answers.instrument, keyed),
            "contradictions": contradictions(answers.instrument, keyed),
        }
    )
    flags = _flags(indices, rule).assign(duplicate=duplicates(answers, columns))
    return Screened(indices, flags, (flags.sum(axis=1) >= rule.exclude).to_numpy())


def _flags(indices: pd.DataFrame, rule: Screening) -> pd.DataFrame:
    """An index that is not defined, or has no threshold, flags nobody."""
    return pd.DataFrame(
        {
            "fast": indices["seconds_per_item"] < (rule.seconds_per_item or -np.inf),
            "run": indices["longest_run"] >= (rule.longest_run or np.inf),
            "uniform": indices["variability"] < (rule.least_variability or -np.inf),
            "outlier": indices["probability"] < (rule.outlier_p or -np.inf),
            "inconsistent": indices["even_odd"]
            < (-np.inf if rule.least_even_odd is None else rule.least_even_odd),
            "contradictory": indices["contradictions"] >= (rule.contradictions or np.inf),
        }
    )


def longest_run(points: Points) -> Whole:
    """The length of the longest run of the same point, in the order of the columns.

    A cell without a point ends a run. 0: nothing was answered.
    """
    longest = np.zeros(len(points), np.int64)
    run = np.zeros(len(points), np.int64)
    before = np.zeros(len(points), points.dtype)
    for column in points.T:
        run = np.where(column > 0, np.where(column == before, run + 1, 1), 0)
        longest, before = np.maximum(longest, run), column
    return longest


def variability(points: Points) -> Floats:
    """The standard deviation (n - 1) of each row's points. NaN: fewer than two."""
    n, total = _summed(points)
    square = np.square(np.maximum(points, 0), dtype=np.int16).sum(1)
    with np.errstate(invalid="ignore"):
        return np.sqrt((n * square - total**2) / n / (n - 1))


def _summed(points: Points) -> tuple[Whole, Whole]:
    """How many points each row has, and their sum."""
    there = points > 0
    return there.sum(1), (points * there).sum(1)


def distances(keyed: Points, population: Covariance) -> tuple[Floats, Floats]:
    """Squared Mahalanobis distance of each row over the items it has, and its chi-square p.

    NaN: nothing was answered, or the covariance of these items is not positive definite.
    """
    there = keyed > 0
    found = np.full(len(keyed), np.nan)
    for _, rows in grouped(patterns_of(there)):
        have = np.flatnonzero(there[rows[0]])
        root = _root(population.matrix[have][:, have])
        if root is not None:
            centred = (keyed[rows][:, have] - population.means[have]).T
            found[rows] = np.square(np.linalg.solve(root, centred)).sum(0)
    return found, chi2.sf(found, there.sum(1))


def _root(matrix: Floats) -> NDArray[Any] | None:
    """Its Cholesky factor. None: it is not positive definite, or is only by rounding."""
    if not matrix.size:
        return None
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None
    return root if (root.diagonal() ** 2 > 1e-9 * matrix.diagonal()).all() else None


def even_odd(instrument: Instrument, keyed: Points) -> Floats:
    """The correlation, over scales, of the means of odd and of even items, as if of full length.

    The scales are the practices, or the pillars where there are none. NaN: fewer than three scales
    with both halves, or halves that do not vary. Spearman-Brown: 2r / (1 + r), at least -1.
    """
    scales = instrument.level("practice") or instrument.level("pillar")
    halves = np.empty((2, len(scales), len(keyed)))
    for half, place in np.ndindex(halves.shape[:2]):
        items = instrument.items_of(scales[place])[half::2]
        n, total = _summed(keyed[:, [instrument.item_ids.index(item) for item in items]])
        halves[half, place] = np.divide(total, n, out=np.full(len(keyed), np.nan), where=n > 0)
    both = np.isfinite(halves).all(0)
    n, (x, y) = both.sum(0), np.where(both, halves, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        xx, yy, xy = ((a * b).sum(0) - a.sum(0) * b.sum(0) / n for a, b in ((x, x), (y, y), (x, y)))
        r = np.where((n > 2) & (xx > 1e-9) & (yy > 1e-9), xy / np.sqrt(xx * yy), np.nan)
        r = np.clip(r, -1, 1)  # beyond -1 by rounding, the correction would be large and positive
        return np.maximum(2 * r / (1 + r), -1)


def contradictions(instrument: Instrument, keyed: Points) -> Whole:
    """How many reversed items each respondent answered at odds with the rest of their scale.

    After keying, the item lies at least one point to one side of the middle, and the mean of the
    items of its pillar that are not reversed, of which two or more were answered, at least one to
    the other.
    """
    found = np.zeros(len(keyed), np.int64)
    for scale in instrument.level("pillar"):
        items = instrument.items_of(scale)
        straight = [instrument.item_ids.index(i) for i in items if not instrument.item[i].reversed]
        n, total = _summed(keyed[:, straight])
        mean = np.divide(total, n, out=np.full(len(keyed), np.nan), where=n > 1)
        for item in items:
            if instrument.item[item].reversed:
                point = keyed[:, instrument.item_ids.index(item)]
                middle = (instrument.points_of(item) + 1) / 2
                low, high = middle - 1, middle + 1
                found += ((point > 0) & (point <= low) & (mean >= high)) | (
                    (point >= high) & (mean <= low)
                )
    return found


def duplicates(answers: Answers, columns: Sequence[int]) -> NDArray[np.bool_]:
    """Who came after somebody of the same form and wave with the same answers, or the same code.

    Answers count as the same where all items were answered and not all with one point; a code
    (`link` and `about` together) only within a team, for two people may come to the same.
    """
    points = answers.points[:, columns]
    telling = (points > 0).all(1) & (points != points[:, :1]).any(1)
    people = answers.people.reset_index(drop=True)
    same = pd.concat([people[["form", "wave"]], pd.DataFrame(points)], axis=1).duplicated()
    codes = people[["form", "wave", "team", "link", "about"]]
    known = codes[["link", "about"]].notna().any(axis=1)
    return (same & telling).to_numpy() | (codes.duplicated() & known).to_numpy()
