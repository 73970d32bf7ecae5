"""What is shown of each group: means, how items were answered, agreement, and change."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from upm.survey.agreement import STATISTICS, Agreement, agreement
from upm.survey.disclosure import bands, by_unit
from upm.survey.exposure import View
from upm.survey.links import MANAGER
from upm.survey.moments import Moments
from upm.survey.release import BANDS, POINTS, Layer, Release
from upm.survey.sums import Sums, Whole
from upm.survey.suppression import Bools
from upm.survey.variance import TeamMeans, team_means

LEVEL = 0.95
DECIMALS = 1
"""Means and changes of groups are published to so many. With more, the mean of a scale beside the
counts of its items, or the total beside its pillars, would tell of somebody who skipped an item."""
BAND_NAMES = ("low", "middle", "high")


def group_tables(
    moments: Moments, release: Release, views: Sequence[View]
) -> dict[str, pd.DataFrame]:
    """The tables of all groups, with no cell that the release withholds, and means to DECIMALS.

    `groups` (`Release.table`); `means`, `items` and `agreement` by form, wave and group, and
    `changes` by form, step and group: see the functions that make them. `views` are those of the
    forms whose changes are shown.
    """
    means, items, agreements = [], [], []
    for layer in release.layers:
        cells = _cells(moments.of(*layer), release, layer)
        means += [_named(layer, table) for table in mean_tables(cells, release, layer)]
        items.append(_named(layer, item_table(cells, release, layer)))
        if layer.form != MANAGER:
            agreements.append(_named(layer, agreement_table(cells, release, layer)))
    tables = {"means": means, "items": items, "agreement": agreements}
    tables["changes"] = [change_table(view, release) for view in views]
    found = {name: pd.concat(some, ignore_index=True) if some else pd.DataFrame()
             for name, some in tables.items()}  # fmt: skip
    return {"groups": release.table(), **found}


def _named(layer: Layer, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "form", layer.form)
    table.insert(1, "wave", layer.wave)
    return table


def _cells(moments: Moments, release: Release, layer: Layer) -> Moments:
    """Moments whose teams are the groups of the tree, each with all its people."""
    sums = release.tree.of_units(moments.cells)
    arrays = {name: release.tree.of_groups(array) for name, array in sums.items()}
    index = pd.MultiIndex.from_tuples(
        [(*layer, group.id) for group in release.tree.groups], names=moments.cells.index.names
    )
    return replace(moments, cells=Sums(index, arrays))


def _some(moments: Moments, some: Bools) -> Moments:
    arrays = {name: array[some] for name, array in moments.cells.arrays.items()}
    return replace(moments, cells=Sums(moments.cells.index[some], arrays))


def mean_tables(cells: Moments, release: Release, layer: Layer) -> list[pd.DataFrame]:
    """Of each group and scale shown: `group`, `scale`, `n`, `mean`, `sd`, `low`, `high` (t, 95 %),
    and `shrunk`, `shrunk_low`, `shrunk_high`: drawn towards the mean of all groups of its kind that
    are shown. NaN: not defined."""
    kinds = np.array([group.kind for group in release.tree.groups])
    kinds = np.where(kinds == "pool", "team", kinds)
    return [
        _means(_some(cells, release.shows(layer, scale) & (kinds == kind)), scale)
        for scale in release.instrument.scale for kind in ("organisation", "department", "team")
    ]  # fmt: skip


def _means(shown: Moments, scale: str) -> pd.DataFrame:
    teams = shown.teams(scale)
    n, mean = teams["n"].to_numpy(), teams["mean"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(teams["squares"].to_numpy() / (n - 1))
        margin = stats.t.ppf((1 + LEVEL) / 2, n - 1) * sd / np.sqrt(n)
    practice = shown.instrument.scale[scale].level == "practice"  # for conversation, not comparison
    found = team_means(shown, scale, LEVEL) if len(n) > 1 and not practice else None
    frame = found.frame if isinstance(found, TeamMeans) else {}
    drawn = {
        name: frame[of] if len(frame) else np.nan
        for name, of in (("shrunk", "shrunk"), ("shrunk_low", "low"), ("shrunk_high", "high"))
    }
    columns = {"group": teams.index, "scale": scale, "n": n, "mean": mean, "sd": sd}
    table = pd.DataFrame(columns | {"low": mean - margin, "high": mean + margin} | drawn)
    return table.round(DECIMALS)


def item_table(cells: Moments, release: Release, layer: Layer) -> pd.DataFrame:
    """How the items were answered in each group, as given (not keyed).

    `group`, `item`, `n` who gave a point, the `answer` and its `count`: "1" and so on, or where
    points are withheld "low", "middle" (the one or two points in the middle) and "high".
    """
    instrument, ids = release.instrument, np.array([group.id for group in release.tree.groups])
    tables = [pd.DataFrame(columns=["group", "item", "n", "answer", "count"])]
    for place, item in enumerate(instrument.item_ids):
        highest = instrument.points_of(item)
        counts = cells.cells.arrays["histograms"][:, place, 1 : highest + 1]
        points = release.shows(layer, POINTS + item)
        in_bands = release.shows(layer, BANDS + item) & ~points
        names = [*map(str, range(1, highest + 1))]
        some = [(points, names, counts), (in_bands, [*BAND_NAMES], counts @ bands(highest))]
        for shown, answers, table in some:
            tables.append(
                pd.DataFrame(
                    {
                        "group": np.repeat(ids[shown], len(answers)),
                        "item": item,
                        "n": np.repeat(table[shown].sum(1), len(answers)),
                        "answer": np.tile(answers, int(shown.sum())),
                        "count": table[shown].ravel(),
                    }
                )
            )
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)


def agreement_table(cells: Moments, release: Release, layer: Layer) -> pd.DataFrame:
    """Of each team and scale, all of whose points it shows: `group`, `scale`, `n`, STATISTICS."""
    teams = np.array([group.kind == "team" for group in release.tree.groups])
    tables = [pd.DataFrame(columns=["group", "scale", "n", *STATISTICS])]
    for scale in release.instrument.level("pillar", "outcome"):
        items = release.instrument.items_of(scale)
        shown = teams & np.all([release.shows(layer, POINTS + item) for item in items], 0)
        found = agreement(_some(cells, shown), scale) if shown.any() else None
        if isinstance(found, Agreement):
            table = found.teams.rename(columns={"team": "group"}).assign(scale=scale)
            tables.append(table[["group", "scale", "n", *STATISTICS]])
    return pd.concat(tables[1:] or tables, ignore_index=True)


def change_table(view: View, release: Release) -> pd.DataFrame:
    """Of each step, group and scale shown: `form`, `from`, `to`, `group`, `scale`, `n` linked
    people, `difference`, `sd`, `se`, `df`, `low`, `high` (t, 95 %) and `dz`.

    Of a unit it is the paired t test; of larger groups the error is clustered by unit, as in
    `linked_change`, if there are two or more; people in no unit are one more. NaN: not defined.
    """
    ids = np.array([group.id for group in release.tree.groups])
    scales, tables = [*release.instrument.scale], [pd.DataFrame()]
    for step, ((before, after), pairs) in enumerate(zip(view.between, view.pairs(), strict=True)):
        linked = by_unit(release.tree, pairs)
        for scale, shown in release.changes[view.form].items():
            of = linked[:, scales.index(scale)]
            table = _changes(release, of, release.instrument.unit(scale))[shown[step]]
            table.insert(0, "scale", scale)
            table.insert(0, "group", ids[shown[step]])
            table.insert(0, "to", after)
            table.insert(0, "from", before)
            table.insert(0, "form", view.form)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _changes(release: Release, sums: Whole, unit: int) -> pd.DataFrame:
    """The change of every group, from n, Σx, Σy, Σxx, Σyy and Σxy of units."""
    tree, first = release.tree, 1 + len(release.tree.departments)
    n, x, y, xx, yy, xy = tree.of_groups(sums).T.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = (y - x) / n
        sd = np.sqrt((xx + yy - 2 * xy - n * difference**2) / (n - 1))
        se, df = sd / np.sqrt(n), n - 1
        of, d = sums[:, 0], sums[:, 2] - sums[:, 1]
        parents = [np.zeros(len(of), np.int64), np.append(1 + tree.parent, 0)]
        for at, inside in ((slice(0, 1), parents[0]), (slice(1, first), parents[1])):
            strays = (d - of * difference[inside]) ** 2
            kept = inside >= at.start
            total = np.bincount(inside[kept], strays[kept], first)[at]
            units = np.bincount(inside[kept], (of > 0)[kept], first)[at]
            several = units > 1
            clustered = np.sqrt(units / (units - 1) * total) / n[at]
            se[at], df[at] = (
                np.where(several, clustered, se[at]),
                np.where(several, units - 1, df[at]),
            )
        margin = stats.t.ppf((1 + LEVEL) / 2, df) * se
        columns = {"difference": difference, "sd": sd, "se": se}
        table = pd.DataFrame({name: column / unit for name, column in columns.items()})
        table.insert(0, "n", n.astype(np.int64))
        low, high = (difference - margin) / unit, (difference + margin) / unit
        return table.assign(df=df, low=low, high=high, dz=difference / sd).round(DECIMALS)
