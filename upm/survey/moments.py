"""The additive core: whole-number sums over respondents, from which every statistic is computed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from upm.survey.answers import NO_SCORE, Answers, Missing, Points, Units, scores
from upm.survey.instrument import Instrument
from upm.survey.sums import Sums, Whole

Floats = NDArray[np.float64]

MOST_BLOCKS = 200
"""Up to so many teams, each is a block of its own; more are dealt into so many blocks."""
MOST_PATTERNS = 50_000
"""With more patterns of missing answers than this, none are kept."""


class Covariance(NamedTuple):
    """Sample moments of v variables, for each pair from the respondents who have both."""

    names: tuple[str, ...]
    n: Floats
    """v x v: respondents who have both; on the diagonal those who have the one."""
    means: Floats
    """v: over all who have the one. NaN: nobody has."""
    matrix: Floats
    """v x v, divided by n - 1, as R's `cov(use = "pairwise")`. NaN: fewer than two have both."""


@dataclass(frozen=True)
class Moments:
    """Sums over the answers to one instrument. `a + b` is the moments of both together; 0 is none.

    All are whole numbers, so order and chunking change no bit. They hold teams of one person too:
    they are as confidential as the answers, and disclosure control acts when something is shown.
    """

    instrument: Instrument
    cells: Sums
    """By form, wave and team ("": none): `rows` respondents; `histograms` items x slots, of the
    answers as given (slot 0: there was nothing to rate; 1 ...: the points); `scores` scales x 3:
    how many have the score, its sum and the sum of its squares, in units; `partly` scales: how many
    gave some of a scale's answers, but not all."""
    blocks: Sums
    """By form, wave and block of teams, over `variables`: `products` of x and y where both are
    there; `sums` of x where y is there; `counts` of both. Items keyed, scores in units."""
    patterns: Sums | None
    """By form, wave and which of `modelled` are there ("1" or "0" each): `counts`, `sums`,
    `products`. None: there were too many patterns."""

    def __add__(self, other: "Moments | int") -> "Moments":
        if isinstance(other, int):
            return self  # so that `sum` works, whose beginning is 0
        if other.instrument != self.instrument:
            raise ValueError("Only moments of the same instrument can be added.")
        patterns = None
        if self.patterns is not None and other.patterns is not None:
            patterns = _limited(self.patterns + other.patterns)
        cells, blocks = self.cells + other.cells, self.blocks + other.blocks
        return replace(self, cells=cells, blocks=blocks, patterns=patterns)

    __radd__ = __add__

    def of(self, form: str | None = None, wave: str | None = None) -> "Moments":
        """The moments of one form, one wave or both. None: of all."""
        chosen = {"form": form, "wave": wave}
        patterns = self.patterns.where(**chosen) if self.patterns is not None else None
        cells, blocks = self.cells.where(**chosen), self.blocks.where(**chosen)
        return replace(self, cells=cells, blocks=blocks, patterns=patterns)

    def levels(self, name: str) -> list[str]:
        """The forms, waves or teams that are there, sorted."""
        return sorted(self.cells.index.get_level_values(name).unique())

    @cached_property
    def rows(self) -> int:
        """How many respondents there are, once for each form and wave."""
        return int(self.cells.arrays["rows"].sum())

    def histogram(self, item: str) -> Whole:
        """Cells x slots: the answers to an item as given; slot 0: there was nothing to rate."""
        return self.cells.arrays["histograms"][:, self.instrument.item_ids.index(item)]

    def teams(self, scale: str) -> pd.DataFrame:
        """By team: `n` who have the score, their `mean`, and `squares`, summed about the mean.

        Teams in which nobody has the score are left out, and so are respondents without a team.
        """
        sums = self.cells.arrays["scores"][:, [*self.instrument.scale].index(scale)]
        level = self.cells.index.names.index("team")
        names = self.cells.index.levels[level]
        totals = np.zeros((len(names), 3), np.int64)
        np.add.at(totals, np.asarray(self.cells.index.codes[level]), sums)
        kept = (totals[:, 0] > 0) & (names != "")
        n, total, square = totals[kept].T
        unit, about = self.instrument.unit(scale), square - total.astype(float) ** 2 / n
        columns = {"n": n, "mean": total / n / unit, "squares": about.clip(min=0) / unit**2}
        return pd.DataFrame(columns, index=names[kept].rename("team"))

    def covariance(self, names: Sequence[str]) -> Covariance:
        """Means and covariances of items (keyed) and scales, each pair from those who have both."""
        sums = {name: array.sum(0)[None] for name, array in self.blocks.arrays.items()}
        return next(self._covariances(names, sums))

    def without_each_block(self, names: Sequence[str]) -> Iterator[Covariance]:
        """The same without each block of teams in turn, sorted, for the jackknife."""
        yield from self._covariances(names, self._without)

    @cached_property
    def _without(self) -> dict[str, Whole]:
        """Blocks x v x v: the sums of all without each of them."""
        codes, blocks = self.blocks.index.get_level_values("block").factorize(sort=True)
        found = {}
        for name, array in self.blocks.arrays.items():
            found[name] = np.zeros((len(blocks), *array.shape[1:]), np.int64)
            np.subtract.at(found[name], codes, array)
            found[name] += array.sum(0)
        return found

    def _covariances(self, names: Sequence[str], sums: Mapping[str, Whole]) -> Iterator[Covariance]:
        """From each of several sums."""
        known = {name: place for place, name in enumerate(variables(self.instrument))}
        rows, columns = np.ix_(*[[known[name] for name in names]] * 2)
        units = np.array([self._unit(name) for name in names])
        counts, first, product = (
            sums[name][:, rows, columns].astype(float) for name in ("counts", "sums", "products")
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            shared = first * first.transpose(0, 2, 1) / counts
            matrices = (product - shared) / (counts - 1) / np.outer(units, units)
            means = np.diagonal(first / counts, axis1=1, axis2=2) / units
        matrices[counts < 2] = np.nan
        for n, mean, matrix in zip(counts, means, matrices, strict=True):
            yield Covariance(tuple(names), n, mean, matrix)

    def _unit(self, name: str) -> int:
        return self.instrument.unit(name) if name in self.instrument.scale else 1

    def complete(self, items: Sequence[str]) -> Covariance | None:
        """The same of respondents who have all these keyed items. None: patterns were not kept."""
        if self.patterns is None:
            return None
        places = [modelled(self.instrument).index(item) for item in items]
        keys = self.patterns.index.get_level_values("pattern")
        kept = np.array([all(key[place] == "1" for place in places) for key in keys], bool)
        sums = {name: array[kept].sum(0) for name, array in self.patterns.arrays.items()}
        n, first = float(sums["counts"]), sums["sums"][places].astype(float)
        product = sums["products"][np.ix_(places, places)].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            matrix = (product - np.outer(first, first) / n) / (n - 1)
            means = first / n
        return Covariance(
            tuple(items), np.full(matrix.shape, n), means, np.where(n < 2, np.nan, matrix)
        )


def variables(instrument: Instrument) -> tuple[str, ...]:
    """What has cross-products: all items, and the scales above the level of a practice."""
    return instrument.item_ids + instrument.level("pillar", "total", "outcome")


def modelled(instrument: Instrument) -> tuple[str, ...]:
    """The items whose patterns of missing answers are kept: those of the pillars."""
    return tuple(
        item for pillar in instrument.level("pillar") for item in instrument.items_of(pillar)
    )


def blocks_of(teams: Iterable[str]) -> dict[str, str]:
    """Team -> block for all teams of an organisation: the same whichever part is read first."""
    names = sorted({*teams})
    if len(names) <= MOST_BLOCKS:
        return {name: name for name in names}
    return {name: f"{place % MOST_BLOCKS:03}" for place, name in enumerate(names)}


def accumulate(answers: Answers, blocks: Mapping[str, str] | None = None) -> Moments:
    """The moments of answers. `blocks` is that of all parts, where these are only one of them."""
    instrument = answers.instrument
    cell_of, cells = coded(answers.people, ("form", "wave", "team"))
    if blocks is None:
        blocks = blocks_of(cells.get_level_values("team"))
    keyed = answers.keyed()
    units = scores(instrument, keyed)
    groups = [cells.get_level_values(level) for level in ("form", "wave")]
    team_blocks = [blocks[team] for team in cells.get_level_values("team")]
    block_of, block_index = _regrouped(cell_of, [*groups, pd.Index(team_blocks, dtype=object)])
    group_of, group_index = _regrouped(cell_of, groups)
    with threadpool_limits(limits=1):  # for small products, several threads would mostly wait
        return Moments(
            instrument,
            Sums(cells, _cell_sums(answers, units, cell_of, len(cells))),
            Sums(
                block_index.set_names(["form", "wave", "block"]),
                _block_sums(instrument, keyed, units, block_of, len(block_index)),
            ),
            _pattern_sums(instrument, keyed, group_of, group_index),
        )


def coded(people: pd.DataFrame, columns: Sequence[str]) -> tuple[Whole, pd.MultiIndex]:
    """For each respondent the place in an index of the combinations that occur, sorted."""
    codes, levels = zip(*(_factor(people[column]) for column in columns), strict=True)
    flat = np.ravel_multi_index(codes, [max(len(level), 1) for level in levels])
    place, found = pd.factorize(flat, sort=True)
    parts = np.unravel_index(found, [max(len(level), 1) for level in levels])
    return place, pd.MultiIndex(levels=levels, codes=parts, names=list(columns))


def _factor(column: "pd.Series[Any]") -> tuple[Whole, pd.Index]:
    """Codes into the sorted values of a column of text; nothing counts as the empty text."""
    codes, values = pd.factorize(column)
    names = [*map(str, np.asarray(values, object))]
    order = sorted({*names, ""} if (codes < 0).any() else {*names})
    places = {name: place for place, name in enumerate(order)}
    moved = np.array([*(places[name] for name in names), places.get("", 0)], np.int64)
    return moved[codes], pd.Index(order, dtype=object)  # code -1, nothing, takes the last


def _regrouped(cell_of: Whole, levels: Sequence[pd.Index]) -> tuple[Whole, pd.MultiIndex]:
    """The same for a coarser index, given what each cell belongs to."""
    whole = pd.MultiIndex.from_arrays(levels)
    index = whole.unique().sort_values()
    return index.get_indexer(whole)[cell_of], index


def _cell_sums(answers: Answers, units: Units, cell_of: Whole, cells: int) -> dict[str, Whole]:
    least, most = min(Missing), answers.instrument.most_points
    slots = most - least + 1  # of which only "nothing to rate" and the points are kept
    kept = [Missing.NO_POINT - least, *range(1 - least, slots)]
    histograms = np.empty((answers.points.shape[1], cells, len(kept)), np.int64)
    for item, points in enumerate(answers.points.T):
        counted = np.bincount(cell_of * slots + points - least, minlength=cells * slots)
        histograms[item] = counted.reshape(cells, slots)[:, kept]
    sums = np.zeros((3, units.shape[1], cells), np.int64)
    for scale, score in enumerate(units.T):
        there = score != NO_SCORE
        place, own = cell_of[there], score[there]
        sums[0, scale] = np.bincount(place, minlength=cells)
        np.add.at(sums[1, scale], place, own)  # bincount would add up floats
        np.add.at(sums[2, scale], place, own * own)
    partly = np.zeros((units.shape[1], cells), np.int64)
    for scale, some in enumerate(_partly(answers, units)):
        partly[scale] = np.bincount(cell_of[some], minlength=cells)
    rows = np.bincount(cell_of, minlength=cells)
    histograms = histograms.transpose(1, 0, 2)
    return {"rows": rows, "histograms": histograms, "scores": sums.T, "partly": partly.T}


def _partly(answers: Answers, units: Units) -> Iterator[NDArray[np.bool_]]:
    """For each scale, who has a part of what it is the mean of, but not all."""
    scales, items = [*answers.instrument.scale], answers.instrument.item_ids
    for scale in answers.instrument.scales:
        held = sum(
            [answers.points[:, items.index(item)] > 0 for item in scale.items]
            + [units[:, scales.index(part)] != NO_SCORE for part in scale.of],
            np.zeros(len(units), np.int8),
        )
        yield (held > 0) & (held < len(scale.items) + len(scale.of))


def _block_sums(
    instrument: Instrument, keyed: Points, units: Units, block_of: Whole, blocks: int
) -> dict[str, Whole]:
    names = [*instrument.scale]
    wanted = np.array(
        [names.index(name) for name in instrument.level("pillar", "total", "outcome")], int
    )
    v = keyed.shape[1] + len(wanted)
    sums = {name: np.zeros((blocks, v, v), np.int64) for name in ("products", "sums", "counts")}
    for block, rows in grouped(block_of):
        given, own = keyed[rows], units[np.ix_(rows, wanted)]
        there = given > 0, own != NO_SCORE
        both = np.concatenate([given * there[0], own * there[1], *there], 1, dtype=float)
        product = (both.T @ both).astype(np.int64)  # exact: below 2 to the 53
        sums["products"][block] += product[:v, :v]
        sums["sums"][block] += product[:v, v:]
        sums["counts"][block] += product[v:, v:]
    return sums


def _pattern_sums(
    instrument: Instrument, keyed: Points, group_of: Whole, groups: pd.MultiIndex
) -> Sums | None:
    columns = [instrument.item_ids.index(item) for item in modelled(instrument)]
    points = keyed[:, columns]
    code = patterns_of(points > 0, group_of)
    found = pd.Series(np.arange(len(code))).groupby(code).first().to_numpy()
    if len(found) > MOST_PATTERNS:
        return None
    q = len(columns)
    counts = np.bincount(code, minlength=len(found))
    sums, products = np.zeros((len(found), q), np.int64), np.zeros((len(found), q, q), np.int64)
    for pattern, rows in grouped(code):
        values = np.maximum(points[rows], 0).astype(float)
        sums[pattern] += values.sum(0).astype(np.int64)
        products[pattern] += (values.T @ values).astype(np.int64)
    keys = ["".join(map(str, row)) for row in (points[found] > 0).astype(int)]
    index = pd.MultiIndex.from_arrays(
        [*(groups.get_level_values(name)[group_of[found]] for name in ("form", "wave")), keys],
        names=["form", "wave", "pattern"],
    )
    arrays = {"counts": counts, "sums": sums, "products": products}
    order = index.argsort()
    return Sums(index[order], {name: each[order] for name, each in arrays.items()})


def _limited(patterns: Sums) -> Sums | None:
    return patterns if len(patterns) <= MOST_PATTERNS else None


def patterns_of(there: NDArray[np.bool_], group_of: Whole | int = 0) -> Whole:
    """A number for each row, the same for the same row of booleans within the same group."""
    code = np.zeros(len(there), np.int64) + group_of
    for byte in np.packbits(there, axis=1).T:  # as one number, kept small from byte to byte
        code = pd.factorize(code * 256 + byte)[0]
    return code


def grouped(code: Whole, most: int = 100_000) -> Iterator[tuple[int, Whole]]:
    """Each code with the places where it stands, at most so many at a time."""
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    for start, end in pairwise([*starts, len(code)]):
        for first in range(start, end, most):
            rows = order[first : min(first + most, end)]
            yield int(code[rows[0]]), rows
