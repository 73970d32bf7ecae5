"""What a statistic returns: a value object with unrounded fields and a tidy frame."""

from dataclasses import asdict, dataclass

import pandas as pd


@dataclass(frozen=True)
class Result:
    """The base of all results. Fields are unrounded; a field named *_percent does not exist."""

    def tidy(self) -> pd.DataFrame:
        """One row, a column for each field; results that hold a frame return that instead."""
        return pd.DataFrame([asdict(self)])


@dataclass(frozen=True)
class NotDefined(Result):
    """In place of a number that would mean nothing: which statistic, and the reason in words."""

    statistic: str
    reason: str
