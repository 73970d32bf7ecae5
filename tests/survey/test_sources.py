"""Any kind of file becomes text in cells, or one sentence that says where it is wrong and why."""

import io
import re
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from tests.survey import exports
from upm.survey import sheet, spss
from upm.survey.sheet import MOST_CELLS, MOST_COLUMNS, Sheet, SurveyFileError, shown
from upm.survey.sources import read_sheet

TEXTS = [["id", "said"], ["1", "naïve, “quoted”"], ["2", 'a "b"\nc'], ["3", ""]]


def cells(sheet: Sheet) -> list[list[str]]:
    return sheet.head(len(sheet.rows))


def sheet_of(folder: Path, data: bytes, name: str = "x.csv") -> Sheet:
    file = folder / name
    file.write_bytes(data)
    return read_sheet(file)


# ── Text ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with byte order mark"),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_text_in_every_usual_encoding_with_every_usual_delimiter(
    encoding: str, named: str, delimiter: str, tmp_path: Path
) -> None:
    file = exports.write(tmp_path / "x.csv", TEXTS, encoding, delimiter=delimiter)
    sheet = read_sheet(file)
    assert cells(sheet) == TEXTS
    assert sheet.encoding == named
    assert sheet.rows.tolist() == [1, 2, 3, 4]


def test_utf_16_of_the_other_byte_order(tmp_path: Path) -> None:
    data = b"\xfe\xff" + "id;ë\r\n1;2\r\n".encode("utf-16-be")
    assert cells(sheet_of(tmp_path, data)) == [["id", "ë"], ["1", "2"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("tail", ["", "{end}", "{end}{end}", "{end}{end}{end}"])
def test_lines_may_end_in_every_manner(end: str, tail: str, tmp_path: Path) -> None:
    data = end.join(["a,b", "1,2", "3,4"]) + tail.format(end=end)
    sheet = sheet_of(tmp_path, data.encode())
    assert cells(sheet) == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_rows_have_the_number_that_a_spreadsheet_gives_them(tmp_path: Path) -> None:
    # A blank line counts; a line break inside a cell does not.
    sheet = sheet_of(tmp_path, b'\r\n\r\na,b\r\n"1\n1",2\r\n\r\n3,4\r\n')
    assert cells(sheet) == [["a", "b"], ["1\n1", "2"], ["", ""], ["3", "4"]]
    assert sheet.rows.tolist() == [3, 4, 5, 6]


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    assert cells(sheet_of(tmp_path, b"a\n1\n2\n")) == [["a"], ["1"], ["2"]]


def test_short_rows_are_filled_up_and_that_is_said(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, b"a,b,c\n1,2\n3,4,5\n6\n7,8,9,,\n")
    assert cells(sheet)[1:] == [["1", "2", ""], ["3", "4", "5"], ["6", "", ""], ["7", "8", "9"]]
    assert sheet.notes == (
        "2 rows, the first of them row 2, are shorter than the first row. What is lacking counts "
        "as empty.",
    )
    one = sheet_of(tmp_path, b"a,b,c\n1,2\n3,4,5\n")
    assert one.notes == ("Row 2 is shorter than the first row. What is lacking counts as empty.",)


def test_a_cell_may_be_longer_than_a_block_of_the_reader(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    file = exports.write(tmp_path / "x.csv", [["a", "b"], ["1", long], ["2", "y"]])
    with pytest.raises(SurveyFileError, match=r"^x.csv › row 2: a cell is too long"):
        read_sheet(file)
    file = exports.write(tmp_path / "x.csv", [["a", "b"], ["1", long[:900_000]], ["2", "y"]])
    assert [len(cell) for cell in read_sheet(file).columns[1].to_pylist()] == [1, 900_000, 1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty: export it again, with its header row"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b" , \n,\n", "is empty"),
        (b"a,b\n1,\"2\n3,4\n", 'has a quotation mark (") without its pair: export it again'),
        (b"a,b\n1,2\n3,4,five\n", "row 3: found 'five'; expected 2 cells as in the first row, not"),
        (b"a,b,c\n1,2,3\n4,5,6\n7,8", "row 4: the file ends in the middle: export it again"),
        ("a,b\n1,é".encode()[:-1], "is damaged or cut off: export it again"),
        (b"a,b\n1,\0\n", "is no table: expected CSV, Excel (.xlsx), Parquet or .sav"),
        (b"%PDF-1.7\n\0\xff", "is no table"),
        (b"\xff\xfea\0,\0b", "is damaged or cut off"),
        (b"PK\x03\x04 and so on", "is damaged or cut off"),
        (b"PAR1 and so on", "is damaged or cut off"),
        (b"$FL2 and so on", "is damaged or cut off"),
        (b"\xd0\xcf\x11\xe0 and so on", "is an old or a locked Excel file: save it as .xlsx or as"),
        (b"x," * MOST_COLUMNS + b"\n1\n", "has 4,001 columns, and at most 4,000 are read"),
        (b",\n" * (MOST_COLUMNS // 2) + b"\x81\xff", "is damaged or cut off"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_understood_says_where_and_what_to_do(
    data: bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(SurveyFileError) as error:
        sheet_of(tmp_path, data)
    said = str(error.value)
    assert said.startswith(("x.csv: ", "x.csv › "))
    assert message in said
    assert len(said) < 400


@pytest.mark.parametrize("name", ["none.csv", ".", "a\0b.csv"])
def test_a_file_that_cannot_be_opened_says_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(SurveyFileError, match=r"cannot be opened \(.*\): check the path"):
        read_sheet(tmp_path / name)


def test_too_many_cells_are_not_read(tmp_path: Path) -> None:
    row = b"," * 3_999 + b"\n"
    with pytest.raises(SurveyFileError, match="has more than 20,000,000 cells: export it in parts"):
        sheet_of(tmp_path, b"a" + row * (MOST_CELLS // 4_000 + 1))


def test_text_of_a_file_is_shown_on_one_short_line() -> None:
    assert shown("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert shown("start " + "x" * 500 + " end") == f"'start {'x' * 33}…{'x' * 36} end'"


# ── Excel ───────────────────────────────────────────────────────────────────────────────────────


def saved(folder: Path, *sheets: tuple[str, Sequence[Sequence[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(folder / "x.xlsx")
    return folder / "x.xlsx"


def test_excel_cells_are_what_they_show(tmp_path: Path) -> None:
    row = [3, 3.0, 3.5, True, None, "4", " a ", date(2026, 5, 20), datetime(2026, 5, 20, 13, 43, 1),
           time(13, 43)]  # fmt: skip
    found = cells(read_sheet(saved(tmp_path, ("s", [[f"c{j}" for j in range(10)], row]))))
    assert found[1] == [
        "3", "3", "3.5", "true", "", "4", "a", "2026-05-20 00:00:00", "2026-05-20 13:43:01",
        "13:43:00",
    ]  # fmt: skip


def test_the_first_sheet_with_content_is_read_and_named(tmp_path: Path) -> None:
    rows = [["a"], [], [], ["1"]]
    sheet = read_sheet(saved(tmp_path, ("empty", []), ("Form1", rows), ("notes", [["z"]])))
    assert cells(sheet) == [["a"], ["1"]]
    assert sheet.rows.tolist() == [1, 4]
    assert sheet.notes == ("Of its sheets only the first with content, 'Form1', was read.",)
    with pytest.raises(SurveyFileError, match="is empty"):
        read_sheet(saved(tmp_path, ("empty", []), ("also", [])))


def rewritten(file: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """An .xlsx one part of which is changed."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, change(data) if name.endswith(part) else data)
    return file


def test_a_formula_is_what_it_showed_and_text_like_one_stays_text(tmp_path: Path) -> None:
    link = '=HYPERLINK("http://x.example","here")'
    file = saved(tmp_path, ("s", [["a", "b", "c"], ["=1+1", "=2+2", "x"]]))
    rewritten(file, "sheet1.xml", lambda data: re.sub(b"<v ?/>", b"<v>2</v>", data, count=1))
    # Excel saves what a formula shows beside it; other programs may not.
    assert cells(read_sheet(file))[1] == ["2", "=2+2", "x"]
    text = exports.write_excel(tmp_path / "t.xlsx", [["a", "b"], ["1", link]])
    assert cells(read_sheet(text))[1] == ["1", link]


def test_a_sheet_that_claims_to_be_huge_is_as_large_as_its_content(tmp_path: Path) -> None:
    def claims(data: bytes) -> bytes:
        data = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', data)
        return data.replace(b'r="A2"', b'r="A1048576"').replace(b'row r="2"', b'row r="1048576"')

    sheet = read_sheet(rewritten(saved(tmp_path, ("s", [["a"], ["1"]])), "sheet1.xml", claims))
    assert cells(sheet) == [["a"], ["1"]]
    assert sheet.rows.tolist() == [1, 1_048_576]


@pytest.mark.parametrize("place", [b"XFD2", b"ZZZ2", b"ZZZZZZ2", b"-"])
def test_a_cell_in_an_impossible_place_is_no_traceback(place: bytes, tmp_path: Path) -> None:
    file = saved(tmp_path, ("s", [["a"], ["1"]]))
    rewritten(file, "sheet1.xml", lambda data: data.replace(b'r="A2"', b'r="' + place + b'"'))
    with pytest.raises(SurveyFileError, match=r"^x.xlsx: (is damaged|has 1.,... columns)"):
        read_sheet(file)


def test_a_zip_archive_that_is_no_workbook_says_so(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("answers.csv", "a,b\n1,2\n")
    with pytest.raises(SurveyFileError, match="is a zip archive: unpack it, and read the file"):
        sheet_of(tmp_path, data.getvalue(), "x.zip")


# ── Parquet, SPSS ───────────────────────────────────────────────────────────────────────────────


def test_parquet_types_as_text(tmp_path: Path) -> None:
    at = datetime(2026, 5, 20, 13, 43, 1)
    table = pa.table({
        "f": [1.0, 2.5, None], "i": [1, -2, None], "b": [True, False, None], "t": [at, None, at],
        "z": pa.array([at, None, at], pa.timestamp("us", "UTC")), "s": ["ë", "", None],
        "d": pa.array(["x", None, "y"]).dictionary_encode(), "n": [None] * 3,
        "di": pa.array([3, None, 4]).dictionary_encode(), "dd": [at.date(), None, None],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "x.parquet")
    sheet = read_sheet(tmp_path / "x.parquet")
    assert sheet.headers == 1
    assert cells(sheet) == [
        ["f", "i", "b", "t", "z", "s", "d", "n", "di", "dd"],
        ["1", "1", "true", "2026-05-20 13:43:01.000000", "2026-05-20 13:43:01.000000Z", "ë", "x",
         "", "3", "2026-05-20"],
        ["2.5", "-2", "false", "", "", "", "", "", "", ""],
        ["", "", "", "2026-05-20 13:43:01.000000", "2026-05-20 13:43:01.000000Z", "", "y", "", "4",
         ""],
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["x.parquet", "x.sav"])
def test_a_file_without_rows_is_a_table_without_rows(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series([], dtype="str"), "b": pd.Series([], dtype=float)})
    file = tmp_path / name
    frame.to_parquet(file) if name == "x.parquet" else pyreadstat.write_sav(frame, str(file))
    assert cells(read_sheet(file))[0] == ["a", "b"]


def test_spss_labels_stand_for_codes_and_other_codes_for_themselves(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 9.0, None], "s": ["x", "y", "", "z"]})
    pyreadstat.write_sav(
        frame, str(tmp_path / "x.sav"), column_labels={"a": "How?"},
        variable_value_labels={"a": {1.0: "Never", 9.0: "Refused"}},
        missing_ranges={"a": [9], "s": ["z"]},
    )  # fmt: skip
    sheet = read_sheet(tmp_path / "x.sav")
    assert cells(sheet) == [
        ["a", "s"], ["How?", ""], ["Never", "x"], ["2", "y"], ["Refused", ""], ["", "z"],
    ]  # fmt: skip
    assert sheet.missing == {0: {"Refused"}, 1: {"z"}}
    assert sheet.rows.tolist() == [-1, 0, 1, 2, 3, 4]


# ── Bombs ───────────────────────────────────────────────────────────────────────────────────────


def zip_bomb(file: Path, megabytes: int = 301) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(megabytes):
                part.write(b" " * 2**20)


def lying_zip_bomb(file: Path) -> None:
    zip_bomb(file, 30)
    size = (30 * 2**20).to_bytes(4, "little")
    file.write_bytes(file.read_bytes().replace(size, (1000).to_bytes(4, "little")))


def entity_bomb(file: Path) -> None:
    exports.write_excel(file, [["a"], ["1"]])
    entities = b'<!ENTITY e0 "ha">' + b"".join(
        b'<!ENTITY e%d "%s">' % (place, b"&e%d;" % (place - 1) * 10) for place in range(1, 12)
    )
    bomb = b'<?xml version="1.0"?><!DOCTYPE worksheet [' + entities + b"]>"
    rewritten(file, "sheet1.xml", lambda data: bomb + data.replace(b"<t>1", b"<t>&e11;"))


def deflate_bomb(file: Path) -> None:
    table = pa.table({"a": pa.array([bytes(301 * 2**20)], pa.large_binary())})
    pq.write_table(
        table, file, compression="gzip", compression_level=1, use_dictionary=False,
        write_statistics=False,
    )  # fmt: skip


def dictionary_bomb(file: Path) -> None:
    codes = pa.array([0] * 10_000, pa.int32())
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["a" * 2**20]))
    pq.write_table(pa.table({"a": column}), file, compression="gzip")


PEAK = """
import re, sys
from pathlib import Path
from upm.survey.sources import SurveyFileError, read_sheet
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
before = peak()
try:
    read_sheet(Path(sys.argv[1]))
except SurveyFileError as error:
    print(peak() - before, error)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux to measure memory")
@pytest.mark.parametrize(
    ("bomb", "message"),
    [
        (zip_bomb, "unpacks to more than 300 MB: export it in parts"),
        (lying_zip_bomb, "is damaged or cut off"),
        (entity_bomb, "is damaged or cut off"),
        (deflate_bomb, "unpacks to more than 300 MB: export it in parts"),
        (dictionary_bomb, "unpacks to more than 300 MB: export it in parts"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_bomb_ends_in_a_sentence_and_not_in_all_memory(
    bomb: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    bomb(tmp_path / "x.bin")
    assert (tmp_path / "x.bin").stat().st_size < 5 * 2**20
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / "x.bin")],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    grown, said = done.stdout.split(maxsplit=1)
    assert message in said
    assert int(grown) < 350  # MB


def test_a_compressed_spss_file_is_unpacked_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({f"c{place}": ["a" * 32_000] * 100 for place in range(10)})
    pyreadstat.write_sav(frame, str(tmp_path / "x.sav"), compress=True)  # 32 MB of text
    for module in (sheet, spss):
        monkeypatch.setattr(module, "MOST_BYTES", 2 * 2**20)
    tracemalloc.start()
    with pytest.raises(SurveyFileError, match="unpacks to more than 2 MB: export it in parts"):
        spss.table_of(tmp_path / "x.sav")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_an_spss_file_in_pieces_is_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"a": [f"{row} {'x' * 3_000}" for row in range(60)], "b": range(60)})
    pyreadstat.write_sav(frame, str(tmp_path / "x.sav"))
    whole = spss.table_of(tmp_path / "x.sav")
    monkeypatch.setattr(spss, "MOST_BYTES", 4 * 7 * 3_100)  # seven rows at once
    assert spss.table_of(tmp_path / "x.sav").to_pydict() == whole.to_pydict()
    assert whole["1"].to_pylist()[2:] == [str(row) for row in range(60)]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (4_001, "has 4,001 columns, and at most 4,000 are read: leave out what is not needed"),
        (1, "is empty: export it again, with its header row"),
    ],
)
def test_what_the_other_process_finds_is_said_in_this_one(
    columns: int, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "x.sav"
    pyreadstat.write_sav(pd.DataFrame({f"c{place}": [1.0] for place in range(columns)}), str(file))
    if columns == 1:
        file.write_bytes(file.read_bytes()[:4] + b"\0" * 100)
        message = "is damaged or cut off: export it again ("
    with pytest.raises(SurveyFileError) as error:
        read_sheet(file)
    assert str(error.value).startswith(f"x.sav: {message}")
    assert "Traceback" not in str(error.value)
