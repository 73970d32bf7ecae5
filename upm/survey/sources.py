"""A file on disk as a sheet of text: CSV in any usual encoding, Excel, Parquet or SPSS."""

import codecs
import csv
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from upm.survey.binary import columns_of, read_excel, read_parquet
from upm.survey.sheet import MOST_BYTES, Sheet, SurveyFileError, check_size, shown
from upm.survey.spss import read_spss

PEEK = 2**18
"""So many first bytes tell which character stands between the cells."""
MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def read_sheet(file: Path) -> Sheet:
    """The cells of a file, whose kind is known by its first bytes.

    SurveyFileError: there is no such file, it is damaged, too large, or of another kind.
    """
    try:
        with file.open("rb") as opened:
            marked = opened.read(3) == codecs.BOM_UTF8 or bool(opened.seek(0))
            data = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", error)
        raise SurveyFileError(file, f"cannot be opened ({reason}): check the path") from error
    if len(data) > MOST_BYTES:
        raise SurveyFileError(file, f"is larger than {MOST_BYTES // 2**20} MB: export it in parts")
    kinds = (kind for start, kind in READERS.items() if data.startswith(start))
    try:
        sheet = next(kinds, _marked_text if marked else _text)(file, data)
    except SurveyFileError:
        raise
    except Exception as error:  # what the libraries raise on damaged files has no common base
        reason = shown(str(error).strip()) if str(error).strip() else type(error).__name__
        raise SurveyFileError(file, f"is damaged or cut off: export it again ({reason})") from error
    if not len(sheet.rows) or not any(map(any, sheet.head())):
        raise SurveyFileError(file, "is empty: export it again, with its header row")
    return sheet


def _marked_text(file: Path, data: bytes) -> Sheet:
    return replace(_text(file, data), encoding="UTF-8 with byte order mark")


def _text(file: Path, data: bytes) -> Sheet:
    encoding, data = _utf8(file, data)
    if data.count(b'"') % 2:
        raise SurveyFileError(file, 'has a quotation mark (") without its pair: export it again')
    delimiter, width = _layout(data)
    check_size(file, width)
    names = [str(column) for column in range(width)]
    # An empty line is a row, as in a spreadsheet, but for those at the start and the end.
    above = data[: len(data) - len(data.lstrip(b"\r\n"))].count(b"\n")
    csv_format = pa.csv.ParseOptions(
        delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
    )
    as_text = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    first_too = pa.csv.ReadOptions(column_names=names)
    try:
        body = pa.BufferReader(data.strip(b"\r\n"))
        table = pa.csv.read_csv(body, first_too, csv_format, as_text)
    except pa.ArrowInvalid:  # rows of different length, or a very long one
        return _ragged(file, encoding, data, delimiter)
    check_size(file, width, width * len(table))
    return Sheet(file, encoding, tuple(table.columns), np.arange(1, len(table) + 1) + above)


def _utf8(file: Path, data: bytes) -> tuple[str, bytes]:
    """The name of the encoding, and the text in UTF-8."""
    for mark, codec in MARKS.items():
        if data.startswith(mark):
            return "UTF-16", data[len(mark) :].decode(codec).encode()
    if b"\0" in data:
        raise SurveyFileError(file, "is no table: expected CSV, Excel (.xlsx), Parquet or .sav")
    try:
        _ = data.isascii() or data.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            raise
        return "Windows-1252", data.decode("cp1252").encode()
    return "UTF-8", data


def _layout(data: bytes) -> tuple[str, int]:
    """The delimiter that makes the first rows equally long, and how many cells the first has."""
    start = data[:PEEK].decode(errors="ignore")

    def rated(delimiter: str) -> tuple[float, int]:
        rows = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter, strict=True)
        widths: list[int] = []
        with suppress(csv.Error):  # the last row may be cut
            widths += (len(row) for row, _ in zip(rows, range(20), strict=False) if row)
        width = widths[0] if widths else 1
        return (widths.count(width) / len(widths) if width > 1 else 0), width

    rates = {delimiter: rated(delimiter) for delimiter in ",;\t|"}
    best = max(rates, key=lambda delimiter: rates[delimiter])
    return best, rates[best][1]


def _ragged(file: Path, encoding: str, data: bytes, delimiter: str) -> Sheet:
    """Rows of different length, where short ones are filled up with empty cells."""
    rows: list[list[str]] = []
    numbers, cells = [], 0
    lines = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(lines, 1):
            if not row:
                continue
            cells += len(row)
            rows.append(row[: len(rows[0])] if rows else row)  # the first one is the widest
            numbers.append(number)
            width = len(rows[0])
            check_size(file, width, cells)
            if extra := "".join(row[width:]).strip():
                raise SurveyFileError(
                    file, f"expected {width} cells as in the first row, not {len(row)}: look for a "
                    "comma or line break in an answer without quotation marks", number, cell=extra,
                )  # fmt: skip
    except csv.Error as error:  # the one way left is a cell of more than 100,000 characters
        problem = f"a cell is too long ({error}): look for a quotation mark without its pair"
        raise SurveyFileError(file, problem, len(rows) + 1) from error
    if len(rows) > 2 and len(rows[-1]) < len(rows[-2]) and not data.endswith((b"\n", b"\r")):
        raise SurveyFileError(file, "the file ends in the middle: export it again", numbers[-1])
    short = [number for row, number in zip(rows, numbers, strict=True) if len(row) < len(rows[0])]
    note = f"{len(short):,} rows, the first of them row {short[0]}, are" if len(short) > 1 else ""
    note = note or f"Row {short[0]} is" if short else ""
    notes = (f"{note} shorter than the first row. What is lacking counts as empty.",)
    return Sheet(
        file, encoding, columns_of(file, rows), np.array(numbers), notes=notes if short else ()
    )


def _old_excel(file: Path, data: bytes) -> Sheet:
    raise SurveyFileError(file, "is an old or a locked Excel file: save it as .xlsx or as CSV")


READERS: Mapping[bytes, Callable[[Path, bytes], Sheet]] = {
    b"PK\x03\x04": read_excel,
    b"PAR1": read_parquet,
    b"$FL2": read_spss,
    b"$FL3": read_spss,
    b"\xd0\xcf\x11\xe0": _old_excel,
}
"""The first bytes of a file -> how it is read. Everything else is text."""
