"""Whole-number sums by group, which add up to the same bits in any order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Sums:
    """Whole-number arrays whose first axis runs over the rows of an index, in its order."""

    index: pd.MultiIndex
    arrays: Mapping[str, Whole]

    def __len__(self) -> int:
        return len(self.index)

    def __add__(self, other: "Sums") -> "Sums":
        """Row by row; a row that only one of them has is taken as it is."""
        if self.index.equals(other.index):
            arrays = {name: array + other.arrays[name] for name, array in self.arrays.items()}
            return Sums(self.index, arrays)
        index = self.index.union(other.index)
        places = index.get_indexer(self.index), index.get_indexer(other.index)
        arrays = {}
        for name, array in self.arrays.items():
            arrays[name] = np.zeros((len(index), *array.shape[1:]), np.int64)
            arrays[name][places[0]] = array
            arrays[name][places[1]] += other.arrays[name]
        return Sums(index, arrays)

    def where(self, **values: str | Iterable[str] | None) -> "Sums":
        """The rows with these values, or one of them, in levels of the index. None: any value."""
        kept = np.ones(len(self), bool)
        for level, value in values.items():
            if value is not None:
                wanted = [value] if isinstance(value, str) else [*value]
                kept &= self.index.get_level_values(level).isin(wanted)
        return Sums(self.index[kept], {name: each[kept] for name, each in self.arrays.items()})
