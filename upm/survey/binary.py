"""Excel and Parquet files as sheets of text, neither of which can unpack without end."""

import io
import math
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from upm.survey.sheet import Sheet, SurveyFileError, check_size, shown

LAST_ROW = 1_048_576
"""Of an Excel sheet."""


def as_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates as ISO 8601, nothing as ""."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return value if isinstance(value, str) else str(getattr(value, "text", value))


def columns_of(file: Path, rows: Sequence[Sequence[str]]) -> tuple[pa.ChunkedArray, ...]:
    """Rows of text as columns, all as long as the longest."""
    width = max(map(len, rows), default=0)
    check_size(file, width, width * len(rows))
    return tuple(
        pa.chunked_array([[row[place] if place < len(row) else "" for row in rows]], pa.string())
        for place in range(width)
    )


# ── Excel ───────────────────────────────────────────────────────────────────────────────────────


def read_excel(file: Path, data: bytes) -> Sheet:
    """The first sheet with content. A formula counts as what it showed when it was saved."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise SurveyFileError(file, "is a zip archive: unpack it, and read the file inside")
        check_size(file, 0, size=sum(part.file_size for part in archive.infolist()))
    title, rows, others = _first_sheet(file, data)
    notes = (f"Of its sheets only the first with content, {shown(title)}, was read.",)
    if any(cell.startswith("=") for row in rows.values() for cell in row):
        values = _first_sheet(file, data, data_only=True)[1]
        for number, row in rows.items():
            said = values.get(number, [])
            said += [""] * (len(row) - len(said))
            rows[number] = [value or cell for cell, value in zip(row, said, strict=False)]
    numbers = np.array([*rows], np.int64)
    columns = columns_of(file, list(rows.values()))
    return Sheet(file, "Excel", columns, numbers, notes=notes if others else ())


def _first_sheet(
    file: Path, data: bytes, **options: bool
) -> tuple[str, dict[int, list[str]], bool]:
    """The title and the rows of the first sheet with content, and whether there are others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on styles, which nobody reads
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False, **options)
        title, rows = "", dict[int, list[str]]()
        for sheet in book.worksheets:
            title, rows = sheet.title, dict(_excel_rows(file, sheet))
            if rows:
                break
    return title, rows, len(book.worksheets) > 1


def _excel_rows(file: Path, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with their numbers, whatever size the sheet claims."""
    sheet.reset_dimensions()
    cells = 0
    for number, row in enumerate(sheet.iter_rows(max_row=LAST_ROW, values_only=True), 1):
        width = len(row)
        while width and row[width - 1] is None:
            width -= 1
        cells += width
        check_size(file, width, cells)
        if width:
            yield number, [as_text(value) for value in row[:width]]


# ── Parquet ─────────────────────────────────────────────────────────────────────────────────────


def read_parquet(file: Path, data: bytes) -> Sheet:
    """All columns but those of lists and the like, below their names."""
    source = pa.BufferReader(data)
    schema = pa.parquet.read_schema(source)
    texts = [each.name for each in schema if each.type in (pa.string(), pa.large_string())]
    # As a dictionary, a long text that fills a column is kept once.
    parts = pa.parquet.ParquetFile(source, read_dictionary=texts)
    about = parts.metadata
    groups = (about.row_group(group).total_byte_size for group in range(about.num_row_groups))
    check_size(file, len(schema), about.num_rows * len(schema), sum(groups))
    batches, size = [], 0
    for batch in parts.iter_batches(100_000):
        size += batch.nbytes
        check_size(file, 0, size=size)
        batches.append(batch)
    table = pa.Table.from_batches(batches, parts.schema_arrow)
    nested = [
        name for name in table.column_names if pa.types.is_nested(table.schema.field(name).type)
    ]
    table = table.drop_columns(nested)
    columns = tuple(
        headed([name], [_text_of(chunk) for chunk in column.chunks])
        for name, column in zip(table.column_names, table.columns, strict=True)
    )
    check_size(file, 0, size=sum(map(expanded, columns)))
    note = f"Columns of lists or records are not read: {', '.join(map(shown, nested))}."
    notes = (note,) if nested else ()
    return Sheet(file, "Parquet", columns, np.arange(len(table) + 1), headers=1, notes=notes)


def _text_of(chunk: pa.Array) -> pa.DictionaryArray:
    encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
    words = encoded.dictionary
    whole = pa.types.is_floating(words.type)
    texts = [as_text(word) for word in words.to_pylist()] if whole else words.cast(pa.string())
    return pa.DictionaryArray.from_arrays(
        encoded.indices.cast(pa.int32()), pa.array(texts, pa.string())
    )


def headed(headers: Iterable[str], chunks: list[pa.Array]) -> pa.ChunkedArray:
    """A column with its headers above it."""
    top = pa.array(headers, pa.string()).dictionary_encode()
    return pa.chunked_array([top, *chunks])


def expanded(column: pa.ChunkedArray) -> int:
    """The bytes of a column with every text written out."""
    sizes = (
        pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py()
        for chunk in column.chunks
    )
    return sum(size or 0 for size in sizes)
