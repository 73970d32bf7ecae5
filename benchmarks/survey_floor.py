"""What a survey analysis cannot do without: each pass over the answers once, in plain NumPy.

They use no part of the project, and check, label, fit and explain nothing.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

Array = NDArray[Any]
SLOTS, BLOCKS = 7, 200


def decode(file: Path) -> pa.Table:
    """The file in memory, texts that repeat as codes."""
    repeated = ["wave", "team", "department", "manager", "role", "form"]
    return pq.read_table(file, read_dictionary=repeated).combine_chunks().unify_dictionaries()


def matrix(table: pa.Table, items: list[str]) -> Array:
    """Respondents x items; 0: skipped, below 0: no point."""
    columns = [pc.fill_null(table[item].chunk(0), 0).to_numpy() for item in items]
    return np.stack(columns, 1).astype(np.int8)


def cells(table: pa.Table) -> tuple[Array, Array, int]:
    """Wave, wave x team, and how many of these there are."""
    wave, team = (table[name].chunk(0) for name in ("wave", "team"))
    waves, n = wave.indices.to_numpy().astype(np.int64), len(team.dictionary)
    return waves, waves * n + team.indices.to_numpy(), n * len(wave.dictionary)


def histograms(points: Array, cell: Array, n: int) -> list[Array]:
    """How often each point was given to each item in each cell."""
    base = cell * SLOTS
    return [np.bincount(base + (column + 1), minlength=n * SLOTS) for column in points.T]


def scale_scores(points: Array, scales: list[list[int]]) -> Array:
    """Scales x respondents: the mean of the items answered, 0 if there are none."""
    weights = np.zeros((points.shape[1], len(scales)), np.float32)
    for place, scale in enumerate(scales):
        weights[scale, place] = 1
    values = np.maximum(points, 0).astype(np.float32)
    total, n = values @ weights, (points > 0).astype(np.float32) @ weights
    return np.ascontiguousarray((total / np.maximum(n, 1)).T, float)


def team_sums(scores: Array, cell: Array, n: int) -> list[Array]:
    """The sum and the sum of squares of each score in each cell."""
    return [np.bincount(cell, each, n) for own in scores for each in (own, own * own)]


def blocks(points: Array, scores: Array, waves: Array, cell: Array) -> list[Array]:
    """Cross-products of all items and scores, and of which are there, in each block of teams."""
    values = np.concatenate([np.maximum(points, 0), scores.T], 1)
    code = (waves * BLOCKS + cell % BLOCKS).astype(np.int16)
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code))
    found = []
    for start, end in pairwise([0, *ends]):
        own = values[order[start:end]]
        both = np.concatenate([own, own > 0], 1)
        found.append(both.T @ both)
    return found


def patterns(points: Array) -> list[Array]:
    """Cross-products of the answers that have the same gaps."""
    packed = np.packbits(points > 0, 1)
    key = packed @ (1 << 8 * np.arange(packed.shape[1]))
    code, names = pd.factorize(key)
    order = np.argsort(code, kind="stable")
    values = np.maximum(points, 0).astype(float)[order]
    ends = np.cumsum(np.bincount(code, minlength=len(names)))
    parts = (values[start:end] for start, end in pairwise([0, *ends]))
    return [part.T @ part for part in parts]


def screening(points: Array, halves: list[list[int]], turned: list[int], file: pa.Table) -> Any:
    """Runs, spread, distance, odd against even, reversed against the rest, and repeated rows."""
    columns = np.ascontiguousarray(points.T)
    run = longest = np.zeros(len(points), np.int8)
    for before, column in pairwise(columns):
        run = (run + 1) * (column == before)
        longest = np.maximum(longest, run)
    values = np.maximum(points, 0).astype(np.float32)
    ones = np.ones(points.shape[1], np.float32)
    spread = np.sqrt(values**2 @ ones / len(ones) - (values @ ones / len(ones)) ** 2)
    centred = values - values.mean(0)
    inverse = np.linalg.inv(np.cov(values[::10].T)).astype(np.float32)
    distance = ((centred @ inverse) * centred) @ ones
    odd, even = (scale_scores(points, [scale[at::2] for scale in halves]) for at in (0, 1))
    odd, even = odd - odd.mean(0), even - even.mean(0)
    related = (odd * even).sum(0) / np.sqrt((odd * odd).sum(0) * (even * even).sum(0) + 1e-9)
    against = sum(abs(columns[item] - columns[:6].mean(0)) > 1 for item in turned)
    key = points.astype(np.uint64) @ (np.uint64(11) ** np.arange(points.shape[1], dtype=np.uint64))
    seconds = file["seconds"].to_numpy() < 50
    return longest, spread, distance, related, against, pd.factorize(key)[0], seconds


def waves_joined(table: pa.Table, scores: Array, waves: Array, cell: Array, n: int) -> list[Array]:
    """Sums and products of the scores of people who answered at both waves, by cell."""
    before, after = (np.flatnonzero(waves == wave) for wave in (0, 1))
    link = table["link"].combine_chunks()
    place = pc.index_in(link.take(after), value_set=link.take(before)).to_numpy()
    x, y, at = scores[:, before[place]], scores[:, after], cell[after]
    terms = ((a, b, a * a, b * b, a * b) for a, b in zip(x, y, strict=True))
    return [np.bincount(at, term, n) for own in terms for term in own]


def disclosed(sums: list[Array]) -> list[Array]:
    """The sums of groups in order, as a search for small remainders has them."""
    return [np.sort(each) for each in sums]
