"""What every kind of file becomes: cells of text in columns; and the error that says why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MOST_BYTES = 300 * 2**20
"""Of a file, and of the text in it: more than a million responses."""
MOST_CELLS = 20_000_000
MOST_COLUMNS = 4_000


def shown(text: str) -> str:
    """Text of a file as it may be printed: in quotation marks, on one line, not too long."""
    short = text if len(text) <= 80 else f"{text[:39]}…{text[-40:]}"
    return repr(short)


class SurveyFileError(ValueError):
    """A file is not understood: where in it, what was found, and what to do about it."""

    def __init__(
        self,
        file: Path,
        problem: str,
        row: int | None = None,
        column: str | None = None,
        cell: str | None = None,
    ) -> None:
        where = [file.name]
        where += [f"row {row}"] if row is not None else []
        where += [column] if column is not None else []
        found = f"found {shown(cell)}; " if cell is not None else ""
        super().__init__(f"{' › '.join(where)}: {found}{problem}")


@dataclass(frozen=True)
class Sheet:
    """The cells of a file as text, column by column, header rows first."""

    file: Path
    encoding: str
    columns: tuple[pa.ChunkedArray, ...]
    """Strings, or a dictionary of strings. Null: the cell is empty."""
    rows: NDArray[np.int64]
    """The number that each row has in the file, from 1."""
    headers: int | None = None
    """Header rows, where the kind of file settles it."""
    missing: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Column -> what stands in it where the file itself declares the answer missing."""
    notes: tuple[str, ...] = ()

    def head(self, rows: int = 3) -> list[list[str]]:
        """The first rows, as many as there are."""
        return [
            [(column[row].as_py() or "").strip() for column in self.columns]
            for row in range(min(rows, len(self.rows)))
        ]


def check_size(file: Path, columns: int, cells: int = 0, size: int = 0) -> None:
    """SurveyFileError: a file unpacks to too many columns or cells, or too many bytes of text."""
    if columns > MOST_COLUMNS:
        raise SurveyFileError(
            file, f"has {columns:,} columns, and at most {MOST_COLUMNS:,} are read: "
            "leave out what is not needed, and export it again",
        )  # fmt: skip
    if cells > MOST_CELLS:
        raise SurveyFileError(
            file, f"has more than {MOST_CELLS:,} cells: export it in parts, or with fewer columns"
        )
    if size > MOST_BYTES:
        limit = MOST_BYTES // 2**20
        raise SurveyFileError(file, f"unpacks to more than {limit} MB: export it in parts")
