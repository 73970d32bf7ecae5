"""Two answers joined into one pair, over waves or between member and manager, and summed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from upm.survey.answers import NO_SCORE, Answers, Units, scores
from upm.survey.instrument import Instrument
from upm.survey.moments import blocks_of, coded, grouped
from upm.survey.sums import Sums, Whole

MEMBER, MANAGER = "member", "manager"
LARGEST = 1_000
"""Centred scores above this have no surface: fourth powers of 9 million pairs would overflow."""
UNPAIRED = ("no code", "code not unique", "no partner", "another team")
"""Why an answer is in no pair. A partner whose own code is not unique is no partner."""


class Side(NamedTuple):
    """Whose answers stand on one side of the pairs."""

    form: str
    wave: str


@dataclass(frozen=True)
class PairMoments:
    """Sums over pairs (x, y) of scores on the same scale. `a + b` is those of both; 0 is none.

    All are whole numbers, so order and chunking change no bit. All answers with the same code
    have to be in the same part. As confidential as the answers.
    """

    instrument: Instrument
    x: Side
    y: Side
    cells: Sums
    """By team and manager (the team where none is known; "": neither): `pairs`, how many; `scores`
    scales x 6: n, Σx, Σy, Σxx, Σyy and Σxy of the pairs that have both scores, in units."""
    unpaired: Sums
    """By side ("x" or "y") and reason, one of UNPAIRED: `respondents`."""
    surface: Sums | None
    """By block of managers: `products`, scales of `surfaced` x 7 x 7, of 1, x, y, xx, xy, yy and z,
    the outcome of the member, of the pairs that have all three. x and y are centred at the midpoint
    of the scale, in 1/`finer`; z is in units. None: not kept."""

    def __add__(self, other: "PairMoments | int") -> "PairMoments":
        if isinstance(other, int):
            return self  # so that `sum` works, whose beginning is 0
        if (other.instrument, other.x, other.y) != (self.instrument, self.x, self.y):
            raise ValueError("Only pairs of the same kind and instrument can be added.")
        surface = None
        if self.surface is not None and other.surface is not None:
            surface = self.surface + other.surface
        cells, unpaired = self.cells + other.cells, self.unpaired + other.unpaired
        return replace(self, cells=cells, unpaired=unpaired, surface=surface)

    __radd__ = __add__

    def of(self, team: str | Sequence[str]) -> "PairMoments":
        """The pairs of one team or several, without the surface, which is not kept by team."""
        return replace(self, cells=self.cells.where(team=team), surface=None)

    def by(self, level: str, scale: str) -> pd.DataFrame:
        """The sums n, x, y, xx, yy and xy by "team" or "manager", in units.

        Groups without a pair are left out. So are pairs without a group, unless no pair has one.
        """
        sums = self.cells.arrays["scores"][:, [*self.instrument.scale].index(scale)]
        frame = pd.DataFrame(sums, columns=["n", "x", "y", "xx", "yy", "xy"])
        frame = frame.groupby(self.cells.index.get_level_values(level)).sum()
        frame = frame[frame["n"] > 0]
        return frame[frame.index != ""] if len(frame) > 1 else frame


class _Pairs(NamedTuple):
    """The scores of joined pairs, scales x pairs, sorted by the place of each in an index."""

    x: Units
    y: Units
    cell_of: Whole
    index: pd.MultiIndex


def linked(
    answers: Answers, form: str, wave_from: str, wave_to: str, same_team: bool = False
) -> PairMoments:
    """The same person's answers at two waves: x before, y after, joined by `link`.

    Codes that are null or stand twice within a wave are counted, not joined. The team and the
    manager of a pair are those of the later wave; with `same_team`, who changed it or has none is
    left out.
    """
    x, y = Side(form, wave_from), Side(form, wave_to)
    rows, unpaired = linked_rows(answers, x, y, same_team)
    later = answers.people[["team", "manager"]].iloc[rows[1]]
    pairs = _joined(answers, rows, later["team"], later["manager"])
    return PairMoments(answers.instrument, x, y, _cells(pairs), _reasons(unpaired), None)


def linked_rows(
    answers: Answers, x: Side, y: Side, same_team: bool
) -> tuple[tuple[Whole, Whole], Whole]:
    """The rows of both answers of each linked person, and sides x UNPAIRED: who is in no pair."""
    rows, unpaired = _matched(answers, (x, "link"), (y, "link"))
    if same_team:
        before, after = (_plain(answers.people["team"].iloc[side]).fillna("") for side in rows)
        stays = ((before == after) & (before != "")).to_numpy(bool)
        unpaired[:, UNPAIRED.index("another team")] = (~stays).sum()
        rows = rows[0][stays], rows[1][stays]
    return rows, unpaired


def member_manager(
    answers: Answers, wave: str, blocks: Mapping[str, str] | None = None
) -> PairMoments:
    """A member's form, x, with the manager's form about that member, y: `link` equals `about`.

    Where both forms name a team it has to be the same. The manager is the one whom the member's
    form names. `blocks` of managers is that of all parts, where these answers are only one.
    """
    x, y = Side(MEMBER, wave), Side(MANAGER, wave)
    rows, unpaired = paired_rows(answers, wave)
    own, other = (_plain(answers.people["team"].iloc[side]) for side in rows)
    manager = answers.people["manager"].iloc[rows[0]]
    pairs = _joined(answers, rows, own.fillna(other), manager)
    surface = _surface(answers.instrument, pairs, blocks)
    return PairMoments(answers.instrument, x, y, _cells(pairs), _reasons(unpaired), surface)


def paired_rows(answers: Answers, wave: str) -> tuple[tuple[Whole, Whole], Whole]:
    """The rows of member and manager of each pair, and sides x UNPAIRED: who is in none."""
    rows, unpaired = _matched(answers, (Side(MEMBER, wave), "link"), (Side(MANAGER, wave), "about"))
    own, other = (_plain(answers.people["team"].iloc[side]) for side in rows)
    strange = (own.notna() & other.notna() & (own != other)).to_numpy(bool)
    unpaired[:, UNPAIRED.index("another team")] = strange.sum()
    return (rows[0][~strange], rows[1][~strange]), unpaired


def surfaced(instrument: Instrument) -> tuple[str, ...]:
    """The scales that may have a response surface: pillars and total, unless they are too fine."""
    return tuple(
        scale
        for scale in instrument.level("pillar", "total")
        if finer(instrument, scale) * (_points(instrument, scale) - 1) <= 2 * LARGEST
    )


def finer(instrument: Instrument, scale: str) -> int:
    """A score's distance from the midpoint of its scale, times this, is a whole number."""
    unit = instrument.unit(scale)
    return unit * (1 + unit * (1 + _points(instrument, scale)) % 2)


def _points(instrument: Instrument, scale: str) -> int:
    return instrument.points_of(instrument.items_of(scale)[0])


def _plain(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.astype(object).reset_index(drop=True)


def _matched(answers: Answers, *sides: tuple[Side, str]) -> tuple[tuple[Whole, Whole], Whole]:
    """The rows of both answers of each pair, and sides x UNPAIRED: how many are in none."""
    people, rows, codes = answers.people, [], []
    for side, column in sides:
        there = (people["form"] == side.form) & (people["wave"] == side.wave)
        rows.append(np.flatnonzero(there.to_numpy(bool, na_value=False)))
        codes.append(_plain(people[column].iloc[rows[-1]]))
    flat, values = pd.factorize(pd.concat(codes, ignore_index=True))
    coded = flat[: len(rows[0])], flat[len(rows[0]) :]
    times = [np.bincount(code[code >= 0], minlength=len(values)) for code in coded]
    once = (times[0] == 1) & (times[1] == 1)
    places, unpaired = [], []
    for row, code, time in zip(rows, coded, times, strict=True):
        place = np.empty(len(values), np.int64)
        place[code[code >= 0]] = row[code >= 0]
        places.append(place[once])
        alone = (time == 1).sum() - once.sum()
        unpaired.append([(code < 0).sum(), time[time > 1].sum(), alone, 0])
    return (places[0], places[1]), np.array(unpaired)


def _joined(
    answers: Answers,
    rows: tuple[Whole, Whole],
    team: "pd.Series[Any]",
    manager: "pd.Series[Any]",
) -> _Pairs:
    team, manager = _plain(team), _plain(manager)
    groups = pd.DataFrame({"team": team, "manager": manager.fillna(team)})
    cell_of, index = coded(groups, ("team", "manager"))
    order = np.argsort(cell_of, kind="stable")
    keyed = answers.keyed()
    units = [scores(answers.instrument, keyed[row[order]]) for row in rows]
    x, y = (np.ascontiguousarray(side.T) for side in units)  # sums run along memory
    return _Pairs(x, y, cell_of[order], index)


def _cells(pairs: _Pairs) -> Sums:
    starts = np.flatnonzero(np.diff(pairs.cell_of, prepend=-1))
    both = (pairs.x != NO_SCORE) & (pairs.y != NO_SCORE)
    x, y = (np.where(both, side, 0) for side in (pairs.x, pairs.y))
    terms = (both.astype(np.int64), x, y, x * x, y * y, x * y)
    sums = [np.add.reduceat(term, starts, axis=1).T for term in terms]
    return Sums(
        pairs.index,
        {"pairs": np.bincount(pairs.cell_of), "scores": np.stack(sums, 2)},
    )


def _reasons(unpaired: Whole) -> Sums:
    index = pd.MultiIndex.from_product([["x", "y"], UNPAIRED], names=["side", "reason"])
    return Sums(index, {"respondents": unpaired.ravel()})


def _surface(
    instrument: Instrument, pairs: _Pairs, blocks: Mapping[str, str] | None
) -> Sums | None:
    """None: the instrument names no outcome."""
    if instrument.driver_of is None:
        return None
    managers = pairs.index.get_level_values("manager")
    blocks = blocks or blocks_of(managers)
    block_of, index = coded(
        pd.DataFrame({"block": [blocks[manager] for manager in managers]}, dtype=object), ["block"]
    )
    block = block_of[pairs.cell_of]
    columns, scales = [*instrument.scale], surfaced(instrument)
    products = np.zeros((len(index), len(scales), 7, 7), np.int64)
    z = pairs.x[columns.index(instrument.driver_of)]
    for place, scale in enumerate(scales):
        x, y = (side[columns.index(scale)] for side in (pairs.x, pairs.y))
        there = (x != NO_SCORE) & (y != NO_SCORE) & (z != NO_SCORE)
        x, y = (_centred(instrument, scale, np.where(there, side, 0)) for side in (x, y))
        terms = np.stack([there, x, y, x * x, x * y, y * y, z]) * there
        for one, rows in grouped(block):
            products[one, place] += terms[:, rows] @ terms[:, rows].T
    return Sums(index, {"products": products})


def _centred(instrument: Instrument, scale: str, units: Units) -> Units:
    step = finer(instrument, scale) // instrument.unit(scale)
    return step * units - finer(instrument, scale) * (1 + _points(instrument, scale)) // 2
