"""Who answered an export: the fields of `Answers.people`, without anything that names a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from upm.survey.answers import TEXTS
from upm.survey.cells import numbers, texts, times, truths
from upm.survey.columns import Columns
from upm.survey.platforms import Export

ADDRESS = r"\S+@\S+\.\S+|\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){3,7}"
"""An e-mail or IP address."""
ROUNDED = r"\d([.,]\d+)?[eE]\+\d+"
"""A long number that a spreadsheet has shortened, so that it is no longer somebody's own."""
SHORTENED = (
    "A spreadsheet has shortened {:,} numbers of respondents, as 1.2E+10: their rows count as "
    "their numbers instead."
)
FIRST = pd.Timestamp("1990-01-01", tz="UTC")
"""Platforms that keep no dates write an earlier one."""

Flags = NDArray[np.bool_]
Odd = list[tuple[int, Flags]]
"""Columns, by number, and which of their cells are not understood."""


@dataclass(frozen=True)
class People:
    """Who answered."""

    table: pd.DataFrame
    """The columns of `Answers.people`; `form` as it was written."""
    odd: Odd
    notes: tuple[str, ...]


def texts_of(file: Path, export: Export, columns: Columns, id: str) -> "pd.Series[str]":
    """The text of a field or open question; null throughout where no column holds it."""
    place = columns.one(file, id)
    if place is None:
        return pa.nulls(len(export.places), pa.string()).to_pandas()
    return texts(export.columns[place], export.masked)


def people_of(
    file: Path, export: Export, columns: Columns, zone: ZoneInfo, given: Mapping[str, str | None]
) -> People:
    """The people of an export. `given`: field -> what holds where no cell says it.

    SurveyFileError: two columns could be the same field.
    """
    notes: list[str] = []
    table = {field: texts_of(file, export, columns, field) for field in TEXTS}
    for field in TEXTS:
        by_header = [columns.matches[place].rank == 1 for place in columns.of.get(field, ())]
        addresses = _like(table[field], ADDRESS) if any(by_header) else np.zeros(0, bool)
        if addresses.any():
            table[field] = table[field].mask(addresses)
            notes.append(
                f"{addresses.sum():,} cells of {field} held an e-mail or IP address and were "
                "emptied. If they are needed, say in the mapping that the column is this field."
            )
    table["respondent"] = _respondents(file, export, columns, table["respondent"], notes)
    for field, value in given.items():
        table[field] = table[field].fillna(value) if value else table[field]
    times_and_numbers, odd = _measures(file, export, columns, zone, notes)
    return People(pd.DataFrame(table | times_and_numbers), odd, tuple(notes))


def _respondents(
    file: Path, export: Export, columns: Columns, ids: "pd.Series[str]", notes: list[str]
) -> "pd.Series[str]":
    """Ids; where there is none, the name of the file and the row."""
    # Only a text with this in it can be one, and most files have none.
    if pc.any(pc.match_substring(pa.array(ids, pa.string()), "E+", ignore_case=True)).as_py():
        rounded = _like(ids, ROUNDED)
        ids = ids.mask(rounded)
        notes += [SHORTENED.format(rounded.sum())] if rounded.any() else []
    place = columns.one(file, "respondent")
    if export.own_ids and place is not None and columns.matches[place].rank == 2:
        ids = file.stem + "-" + ids
    if ids.notna().all():
        return ids
    rows = pd.Series(export.places[:, 0], dtype="int64").astype("str")
    return ids.fillna(file.stem + "-" + rows)


def _like(cells: "pd.Series[str]", pattern: str) -> Flags:
    """Which cells fit a pattern as a whole."""
    found = pc.match_substring_regex(pa.array(cells, pa.string()), f"^(?:{pattern})$")
    return found.fill_null(False).to_numpy(zero_copy_only=False)


def _measures(
    file: Path, export: Export, columns: Columns, zone: ZoneInfo, notes: list[str]
) -> tuple[dict[str, pd.Series], Odd]:
    """`submitted`, `seconds` and `finished`, and which of their cells are not understood."""
    cells = {
        field: texts_of(file, export, columns, field)
        for field in ("submitted", "started", "seconds", "finished")
    }
    local = _zone(export, zone, notes)
    submitted, assumed = times(cells["submitted"], local)
    notes += assumed
    found = {
        "submitted": submitted,
        "seconds": numbers(cells["seconds"]),
        "finished": truths(cells["finished"]),
    }
    odd = [
        (columns.of[field][0], (cells[field].notna() & values.isna()).to_numpy(bool))
        for field, values in found.items() if columns.of.get(field)
    ]  # fmt: skip
    if not columns.of.get("seconds"):
        lasted = (submitted - times(cells["started"], local)[0]).dt.total_seconds()
        found["seconds"] = lasted.where(lasted >= 0)
    if not columns.of.get("finished") and export.finished != "told":
        dated = cells["submitted"].notna() | (export.finished == "all")
        found["finished"] = dated.astype("boolean")
    found["submitted"] = submitted.where(submitted >= FIRST)
    return found, odd


def _zone(export: Export, zone: ZoneInfo, notes: list[str]) -> ZoneInfo:
    """The time zone that the file names, else the one given."""
    if export.timezone is None:
        return zone
    named = "UTC" if export.timezone == "Z" else export.timezone
    try:
        found = ZoneInfo(named)
    except (OSError, ValueError, KeyError):
        notes.append("The file names a time zone that is unknown here.")
        return zone
    notes.append(f"The file says that its times are those of {found.key}.")
    return found
