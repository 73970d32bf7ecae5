"""Typed answers: who answered what, and why a cell holds no point."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from upm.survey.instrument import Instrument

Points = NDArray[np.int8]
"""Respondents x items: the point picked, from 1 up, or a Missing."""
Units = NDArray[np.int64]
"""Respondents x scales: the score times the unit of its scale, or NO_SCORE."""

NO_SCORE = np.iinfo(np.int64).min
TEXTS = ("respondent", "form", "wave", "team", "department", "manager", "role", "link", "about")
PEOPLE = (*TEXTS, "submitted", "seconds", "finished")


class Missing(IntEnum):
    """Why a cell holds no point."""

    SKIPPED = 0
    """It was asked and left empty."""
    NO_POINT = -1
    """The answer was that there is nothing to rate: "Did not come up"."""
    NOT_ASKED = -2
    """The file has no such column, or the form does not ask it."""
    NOT_UNDERSTOOD = -3
    """The cell holds something that is no answer of the instrument."""


@dataclass(frozen=True)
class Answers:
    """What respondents answered: one row each of `people`, `points` and `comments`.

    `people` has the columns PEOPLE: text (null: not known), `submitted` in UTC, `seconds` as a
    float, `finished` as a boolean. A respondent is unique within a wave and form. `link` is the
    code by which a person is known again at another wave; `about`, on a manager's form, is the
    code of the member who is rated.
    """

    instrument: Instrument
    people: pd.DataFrame
    points: Points
    comments: pd.DataFrame
    """A column of text for each open question of the instrument; null: nothing was written."""

    def __len__(self) -> int:
        return len(self.people)

    def where(self, kept: Any) -> "Answers":
        """The answers of some respondents: a boolean for each, or their positions."""
        kept = np.asarray(kept, None if len(kept) else int)  # nobody, of an empty list
        return replace(
            self,
            people=self.people[kept] if kept.dtype == bool else self.people.iloc[kept],
            points=self.points[kept],
            comments=self.comments[kept] if kept.dtype == bool else self.comments.iloc[kept],
        )

    def of(self, **values: str) -> "Answers":
        """The answers where the columns of `people` have these values: `of(wave="T1")`."""
        kept = np.ones(len(self), bool)
        for column, value in values.items():
            kept &= (self.people[column] == value).to_numpy(bool, na_value=False)
        return self.where(kept)

    def long(self) -> pd.DataFrame:
        """A row for each respondent and item: respondent, form, wave, team, item, answer, missing.

        `answer` is null where there is no point, and `missing` then says why.
        """
        n, k = self.points.shape
        keys = self.people[["respondent", "form", "wave", "team"]].reset_index(drop=True)
        flat = self.points.ravel()
        reasons = pd.Categorical.from_codes(
            np.where(flat > 0, -1, -flat), [each.name.lower() for each in Missing]
        )
        items = pd.Categorical.from_codes(np.tile(np.arange(k), n), list(self.instrument.item_ids))
        return (
            keys.loc[keys.index.repeat(k)]
            .reset_index(drop=True)
            .assign(
                item=items,
                answer=pd.arrays.IntegerArray(flat.copy(), flat <= 0),
                missing=reasons,
            )
        )

    def keyed(self) -> Points:
        """The points with reversed items turned round, so that more is always more."""
        turned = self.points.copy()
        for column, item in enumerate(self.instrument.items):
            if item.reversed:
                asked = turned[:, column]
                asked[asked > 0] = self.instrument.points_of(item.id) + 1 - asked[asked > 0]
        return turned

    def scores(self) -> Units:
        """Each respondent's score on each scale, in whole units of the scale."""
        return scores(self.instrument, self.keyed())


def scores(instrument: Instrument, keyed: Points) -> Units:
    """Scale scores from keyed points. A score needs the least number of items that its scale names.

    Returns respondents x scales in units (see `Instrument.unit`), NO_SCORE where there is none.
    """
    columns = {item: column for column, item in enumerate(instrument.item_ids)}
    found: dict[str, Units] = {}
    for id, scale in instrument.scale.items():
        unit = instrument.unit(id)
        if scale.of:
            parts = np.stack([found[part] for part in scale.of])
            factors = [unit // len(parts) // instrument.unit(part) for part in scale.of]
            total = np.tensordot(factors, np.where(parts == NO_SCORE, 0, parts), 1)
            found[id] = np.where((parts == NO_SCORE).any(0), NO_SCORE, total)
        else:
            points = keyed[:, [columns[item] for item in scale.items]]
            answered = (points > 0).sum(1)
            shares = np.array([0, *(unit // m for m in range(1, len(scale.items) + 1))])
            total = np.where(points > 0, points, 0).sum(1, dtype=np.int64) * shares[answered]
            found[id] = np.where(answered < scale.least, NO_SCORE, total)
    return np.stack(list(found.values()), 1) if found else np.empty((len(keyed), 0), np.int64)


def joined(parts: Sequence[Answers]) -> Answers:
    """Several sets of answers to the same instrument as one."""
    return replace(
        parts[0],
        people=pd.concat([part.people for part in parts], ignore_index=True),
        points=np.concatenate([part.points for part in parts]),
        comments=pd.concat([part.comments for part in parts], ignore_index=True).reindex(
            range(sum(map(len, parts)))  # without columns, its length would be lost
        ),
    )
