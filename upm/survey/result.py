"""What a statistic returns: a value object with unrounded fields and a tidy frame."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
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


@dataclass(frozen=True)
class Table(Result):
    """A result that is a table and nothing more."""

    table: pd.DataFrame

    def tidy(self) -> pd.DataFrame:
        """The table."""
        return self.table


def recorded(value: Any) -> Any:
    """A result, or what is in it, as JSON has it: numbers unrounded, null where there is none."""
    if isinstance(value, Table):
        return recorded(value.table)
    if isinstance(value, Result):
        return {each.name: recorded(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, pd.DataFrame):
        return [{str(k): recorded(v) for k, v in row.items()} for row in value.to_dict("records")]
    if isinstance(value, (tuple, list)):
        return [recorded(each) for each in value]
    if value is pd.NA or (isinstance(value, (float, np.floating)) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
