"""Answers in Parquet parts, for surveys too large for memory or for one machine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from upm.survey.answers import PEOPLE, TEXTS, Answers, Missing, Points
from upm.survey.instrument import Instrument
from upm.survey.moments import Moments, accumulate, blocks_of

ROWS = 250_000
"""Respondents in memory at a time."""
KEYS = ("form", "wave", "team")


def accumulate_parts(files: Sequence[Path], instrument: Instrument, client: Any = None) -> Moments:
    """The moments of all parts, each a Parquet file in our wide format, with points as integers.

    Memory is bounded by the number of teams, not of rows. `client` is a `distributed.Client` of a
    Dask cluster whose workers can read the files; parts are then accumulated there and added in
    pairs. None: one after the other, here. ValueError: no part has a respondent.
    """
    if client is None:
        blocks = blocks_of(team for file in files for team in teams_in(file))
        return _whole(_accumulate(file, instrument, blocks) for file in files)
    # Not pure: a file of the same name may hold something else by the next call.
    submit = partial(client.submit, pure=False)
    teams = client.gather([submit(teams_in, file) for file in files])
    whole = blocks_of(team for part in teams for team in part)
    (blocks,) = client.scatter([whole], broadcast=True)
    futures = [submit(_accumulate, file, instrument, blocks) for file in files]
    while len(futures) > 1:
        pairs = [submit(add, *pair) for pair in zip(futures[::2], futures[1::2], strict=False)]
        futures = pairs + futures[2 * len(pairs) :]
    return _whole(future.result() for future in futures)


def _whole(parts: Iterable[Moments | int]) -> Moments:
    total = reduce(add, parts, 0)
    if isinstance(total, int):
        raise ValueError("There is no respondent. Give Parquet files that hold some.")
    return total


def _accumulate(file: Path, instrument: Instrument, blocks: Mapping[str, str]) -> Moments | int:
    """The moments of one part; 0 where it has no row."""
    parts = read_parts([file], instrument, KEYS)
    return reduce(add, (accumulate(part, blocks) for part in parts), 0)


def teams_in(file: Path) -> list[str]:
    """The teams of a part, "" among them if some respondents have none."""
    parts = (
        pc.unique(_text(batch["team"])).to_pylist() if batch.num_columns else [None]
        for batch in _batches(file, ["team"])
    )
    return sorted({team or "" for part in parts for team in part})


def read_parts(
    files: Sequence[Path], instrument: Instrument, columns: Sequence[str] = PEOPLE
) -> Iterator[Answers]:
    """The answers of Parquet parts, so many rows at a time, with these columns of `people`.

    ValueError: a part cannot be read, has no column of an item of the instrument, or one that holds
    something else than points and the numbers of Missing.
    """
    for file in files:
        for batch in _batches(file, [*columns, *instrument.item_ids]):
            yield _typed(batch, instrument, columns, file.name)


def _batches(file: Path, columns: Sequence[str]) -> Iterator[Any]:
    """Those of these columns that a part has, so many rows at a time."""
    try:
        names = pq.read_schema(file).names
        kept = [name for name in columns if name in names]
        with pq.ParquetFile(file) as parquet:
            yield from filter(len, parquet.iter_batches(ROWS, columns=kept))
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{file.name} cannot be read as Parquet: {error}") from error


def _text(column: Any) -> Any:
    """Team 7, if a file holds its number, is "7", whatever else its batch holds."""
    kind = column.type
    known = pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type)
    return column if known else column.cast(pa.string())


def _typed(batch: Any, instrument: Instrument, columns: Sequence[str], file: str) -> Answers:
    there = {*batch.schema.names}
    if there.isdisjoint(instrument.item_ids):
        raise ValueError(f"{file} has no column of an item, such as {instrument.item_ids[0]}.")
    points = np.full((len(batch), len(instrument.item_ids)), Missing.NOT_ASKED, np.int8)
    for place, item in enumerate(instrument.item_ids):
        if item in there:
            points[:, place] = _points(batch[item], f"{file}: {item}", instrument, item)
    people = {name: pd.Series([None] * len(batch), dtype=object) for name in columns}
    for name in there.intersection(columns):
        people[name] = (_text(batch[name]) if name in TEXTS else batch[name]).to_pandas()
    comments = pd.DataFrame(index=range(len(batch)))
    return Answers(instrument, pd.DataFrame(people), points, comments)


def _points(column: Any, where: str, instrument: Instrument, item: str) -> Points:
    """A column of an item; an empty cell is one that was skipped."""
    if pa.types.is_null(column.type):
        return np.zeros(len(column), np.int8)
    if not pa.types.is_integer(column.type):
        raise ValueError(f"{where} holds {column.type}, not integers.")
    points = pc.fill_null(column, Missing.SKIPPED).to_numpy()
    least, most = min(Missing), instrument.points_of(item)
    for found in (points.min(), points.max()):
        if not least <= found <= most:
            raise ValueError(f"{where} holds {found}; expected {least} to {most}.")
    return points.astype(np.int8)
