"""An SPSS file as a sheet of text, read in a process of its own.

The library that reads these files is written in C, and a damaged file can crash it: then it takes
that process with it and not the one in which somebody works.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyreadstat
from numpy.typing import NDArray

from upm.survey.binary import as_text, expanded, headed
from upm.survey.sheet import MOST_BYTES, MOST_CELLS, Sheet, SurveyFileError, check_size

LONGEST = 600
"""Seconds after which reading is given up."""


def read_spss(file: Path, data: bytes) -> Sheet:
    """Names and labels of the variables, then labels, or values where there are none."""
    command = [sys.executable, "-m", __name__, str(file.absolute())]
    done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ValueError(said or "reading it crashed")
    table = pa.ipc.open_stream(done.stdout).read_all()
    about = json.loads(table.schema.metadata[b"about"])
    if "refused" in about:
        raise SurveyFileError(file, about["refused"])
    rows = np.arange(-1, len(table) - 1)  # people count the rows of an SPSS file without headers
    missing = {place: frozenset(texts) for place, texts in enumerate(about["missing"])}
    return Sheet(file, about["encoding"], tuple(table.columns), rows, 2, missing)


def main(file: Path) -> None:
    """Write the table of a file to the standard output, or why it is refused."""
    try:
        table = table_of(file)
    except SurveyFileError as error:
        about = {"refused": str(error).removeprefix(f"{file.name}: ")}
        table = pa.table({}).replace_schema_metadata({"about": json.dumps(about)})
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as out:
        out.write_table(table)


def table_of(file: Path) -> pa.Table:
    """The columns with their headers above them; encoding and missing texts as metadata."""
    about = _read_sav(file, metadataonly=True)[1]
    width, step = about.number_columns, _step(about)
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    missing: list[set[str]] = [set() for _ in range(width)]
    count, size, more = 0, 0, True
    while more:
        found, about = _read_sav(
            file, user_missing=True, output_format="dict", row_offset=count, row_limit=step
        )
        read = len(next(iter(found.values()), ()))
        count, more = count + read, read == step
        check_size(file, width, count * width)
        for place, (name, values) in enumerate(found.items()):
            chunk, declared = _labelled(values, name, about)
            chunks[place].append(chunk)
            missing[place] |= declared
            size += expanded(pa.chunked_array([chunk]))
        check_size(file, width, size=size)
    labels = zip(about.column_names, about.column_labels, chunks, strict=True)
    columns = [headed([name, label or ""], parts) for name, label, parts in labels]
    told = {"encoding": f"SPSS file in {about.file_encoding}", "missing": [*map(sorted, missing)]}
    table = pa.table(columns, [str(place) for place in range(width)]).unify_dictionaries()
    return table.replace_schema_metadata({"about": json.dumps(told)})


def _step(about: Any) -> int:
    """As many rows as may be read at once, whatever a compressed file makes of them."""
    bytes_of_row = sum(about.variable_storage_width.values())
    return max(1, min(MOST_BYTES // 4 // max(1, bytes_of_row), MOST_CELLS))


def _labelled(values: Any, name: str, about: Any) -> tuple[pa.DictionaryArray, frozenset[str]]:
    """Values as their labels, and which of them the file declares missing."""
    labels = about.variable_value_labels.get(name, {})
    ranges = about.missing_ranges.get(name, ())
    different, codes = np.unique(_comparable(values), return_inverse=True)
    texts = [str(labels.get(value, as_text(value))).strip() for value in different.tolist()]
    declared = frozenset(
        text for text, value in zip(texts, different.tolist(), strict=True)
        if any(type(each["lo"]) is type(value) and each["lo"] <= value <= each["hi"]
               for each in ranges)
    )  # fmt: skip
    words = pa.array(texts, pa.string())
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), words), declared


def _comparable(values: Any) -> NDArray[Any]:
    """Numbers as they are, everything else as text, so that they can be sorted."""
    if all(value is None or isinstance(value, int | float) for value in values):
        return np.array(values, float)
    return np.array([as_text(value) for value in values], object)


def _read_sav(file: Path, **options: Any) -> tuple[Any, Any]:
    try:
        return pyreadstat.read_sav(file, **options)
    except (pyreadstat.ReadstatError, UnicodeDecodeError):  # old files do not name their encoding
        return pyreadstat.read_sav(file, encoding="WINDOWS-1252", **options)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
