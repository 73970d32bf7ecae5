"""Whatever the bytes are, a file is read as it stands or refused in one sentence."""

import struct
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.survey import exports
from tests.survey.exports import records
from tests.survey.population import INSTRUMENT
from upm.survey.answers import PEOPLE, TEXTS, Answers, Missing
from upm.survey.reading import SurveyFileError, read, write_answers

WRITTEN = exports.sample(asked=INSTRUMENT.item_ids[:4])
KINDS: dict[str, Callable[[Path, Answers], object]] = {
    "qualtrics.csv": exports.qualtrics,
    "surveymonkey.csv": exports.surveymonkey,
    "google.csv": exports.google,
    "microsoft.xlsx": exports.microsoft,
    "limesurvey.csv": exports.limesurvey,
    "spss.sav": exports.spss,
    "compressed.sav": lambda file, answers: exports.spss(file, answers, compress=True),
    "ours.csv": lambda file, answers: write_answers(answers, file),
    "ours.parquet": lambda file, answers: write_answers(answers, file),
}
SLOW = ["spss.sav", "compressed.sav"]
"""They are read in a process of their own."""
FILES: dict[str, bytes] = {}
with tempfile.TemporaryDirectory() as made:
    for kind, writer in KINDS.items():
        writer(Path(made, kind), WRITTEN)
        FILES[kind] = Path(made, kind).read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("anything")


def read_or_refuse(folder: Path, data: bytes) -> None:
    """Read a file whose name says nothing; what comes of it is whole and can be told."""
    file = folder / "file"
    file.write_bytes(data)
    refused = ""
    try:
        found = read(file, INSTRUMENT)
    except SurveyFileError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(("file: ", "file › "))
        assert len(refused) < 2_000
        return
    answers = found.answers
    assert answers.points.shape == (len(answers.people), len(INSTRUMENT.items))
    assert len(answers.comments) == len(found.rows) == len(answers)
    assert {*np.unique(answers.points)} <= {*range(-3, 6)}
    assert tuple(answers.people.columns) == PEOPLE
    assert answers.people["respondent"].notna().all()
    assert all("\n" not in line for line in found.account.lines())


@settings(max_examples=40, deadline=None)
@given(
    start=st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"\xff\xfe", b'"a","']),
    data=st.binary(max_size=400),
)  # fmt: skip
def test_any_bytes(folder: Path, start: bytes, data: bytes) -> None:
    read_or_refuse(folder, start + data)


def cut_or_damaged(folder: Path, whole: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole)), "cut")
    read_or_refuse(folder, whole[:cut])
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8), "bytes")):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(folder, bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from([kind for kind in KINDS if kind not in SLOW]), data=st.data())
def test_a_file_that_was_cut_off_or_damaged(folder: Path, kind: str, data: st.DataObject) -> None:
    cut_or_damaged(folder, FILES[kind], data)


@settings(max_examples=2, deadline=None)
@given(kind=st.sampled_from(SLOW), data=st.data())
def test_an_spss_file_that_was_cut_off_or_damaged(
    folder: Path, kind: str, data: st.DataObject
) -> None:
    cut_or_damaged(folder, FILES[kind], data)


def test_a_file_that_crashes_its_reader_is_refused_like_any_other(folder: Path) -> None:
    # Labels for a variable that there is not: the library writes where nothing is.
    labelled, nowhere = struct.pack("<iii", 4, 1, 8), struct.pack("<iii", 4, 1, 2**28)
    assert labelled in FILES["spss.sav"]
    (folder / "x.sav").write_bytes(FILES["spss.sav"].replace(labelled, nowhere))
    with pytest.raises(SurveyFileError) as error:
        read(folder / "x.sav", INSTRUMENT)
    assert str(error.value) == (
        "x.sav: is damaged or cut off: export it again ('reading it crashed')"
    )


# ── Any table ───────────────────────────────────────────────────────────────────────────────────

HEADERS = st.sampled_from([
    "u11a", "u12a", "U11B", INSTRUMENT.item["u13a"].text["member"], "Q1 [u21a]", "respondent",
    "ResponseId", "ID", "id", "Timestamp", "Start time", "Completion time", "submitdate", "team",
    "wave", "form", "seconds", "submitted", "finished", "Status", "item", "answer", "missing",
    "V1", "Respondent ID", "Collector ID", "Email", "Name", "keep", '{"ImportId":"_recordId"}',
    "EndDate", "", " ",
]) | st.text(max_size=8)  # fmt: skip
CELLS = st.sampled_from([
    "", "1", "5", "0", "-1", "-99", "9" * 30, "Almost never", "Did not come up", "A3", "1e5",
    "member", "manager", "true", "2026-05-20 13:43:01", "5/6/26", "1.2E+10", "20.05.2026 25:61",
    "2026-05-20T13:43:01+99:99", "13:00", "u11a", "a@b.example", "=HYPERLINK(\"x\")", '"', ";",
    "x" * 5_000, "\u202e", '{"ImportId":"endDate","timeZone":"Europe/Berlin"}', "NaN", "None",
]) | st.text(max_size=12)  # fmt: skip
TABLES = st.lists(HEADERS, min_size=1, max_size=8).flatmap(
    lambda headers: st.tuples(
        st.just(headers),
        st.lists(st.lists(CELLS, max_size=len(headers) + 1), max_size=6),
    )
)


@settings(max_examples=100, deadline=None)
@given(table=TABLES, delimiter=st.sampled_from(",;\t"))
def test_any_table(
    folder: Path, table: tuple[Sequence[str], Sequence[Sequence[str]]], delimiter: str
) -> None:
    headers, rows = table
    file = exports.write(folder / "file", [headers, *rows], delimiter=delimiter, encoding="utf-8")
    read_or_refuse(folder, file.read_bytes())


@settings(max_examples=30, deadline=None)
@given(table=TABLES)
def test_any_table_in_parquet(
    folder: Path, table: tuple[Sequence[str], Sequence[Sequence[str]]]
) -> None:
    headers, rows = table
    frame = pd.DataFrame([[*row, *[None] * 9][: len(headers)] for row in rows], dtype="str")
    frame = frame.reindex(columns=range(len(headers))).astype("str")
    frame.columns = pd.Index([f"{header}{'' if headers.index(header) == place else place}"
                              for place, header in enumerate(headers)])  # fmt: skip
    frame.loc[:, ~frame.columns.duplicated()].to_parquet(folder / "table.parquet", index=False)
    read_or_refuse(folder, (folder / "table.parquet").read_bytes())


# ── Written and read again ──────────────────────────────────────────────────────────────────────

WORDS = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    .map(lambda text: text.strip().strip("\x1c\x1d\x1e\x1f\x85"))
    .filter(lambda text: "@" not in text and ":" not in text and "." not in text)
)
"""Text as it is read: without space around it. Addresses are dropped by design."""


@st.composite
def answered(draw: st.DrawFn) -> Answers:
    """Any answers that a file can hold: nobody among them said nothing at all."""
    n = draw(st.integers(1, 5))
    forms = [draw(st.sampled_from(["member", "manager"])) for _ in range(n)]
    points = np.full((n, len(INSTRUMENT.items)), Missing.NOT_ASKED, np.int8)
    for row, form in enumerate(forms):
        for place, item in enumerate(INSTRUMENT.items[:6] + INSTRUMENT.items[-2:]):
            column = place if place < 6 else len(INSTRUMENT.items) - 8 + place
            least = Missing.NOT_UNDERSTOOD if form in item.text else Missing.NOT_ASKED
            point = draw(st.integers(least, INSTRUMENT.points_of(item.id)))
            points[row, column] = point if form in item.text or point else Missing.NOT_ASKED
        points[row, 0] = draw(st.integers(1, 5))
    texts: dict[str, list[str | None]] = {
        field: [draw(WORDS) or None for _ in range(n)] for field in TEXTS
    }
    texts["form"] = [*forms]
    texts["respondent"] = [f"{draw(WORDS)}·{row}" for row in range(n)]
    times = st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2200-01-01"))
    people = pd.DataFrame(texts, dtype="str").assign(
        submitted=pd.Series([draw(times | st.none()) for _ in range(n)], dtype="datetime64[us]")
        .dt.tz_localize("UTC"),
        seconds=pd.Series([draw(st.floats(0, 1e9) | st.none()) for _ in range(n)], dtype=float),
        finished=pd.Series([draw(st.booleans() | st.none()) for _ in range(n)], dtype="boolean"),
    )  # fmt: skip
    said = {each.id: [draw(WORDS) or None for _ in range(n)] for each in INSTRUMENT.open}
    return Answers(INSTRUMENT, people, points, pd.DataFrame(said, dtype="str"))


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
@settings(max_examples=25, deadline=None)
@given(written=answered())
def test_any_answers_that_are_written_are_read_again(
    folder: Path, ending: str, written: Answers
) -> None:
    file = folder / f"ours{ending}"
    write_answers(written, file)
    found = read(file, INSTRUMENT)
    assert records(found.answers) == records(written)
    pd.testing.assert_frame_equal(found.answers.people, written.people)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=5), write=st.sampled_from(["csv", "xlsx"]))
def test_any_comment_comes_through_a_platform_as_it_was_written(
    folder: Path, texts: list[str], write: str
) -> None:
    write_table: Callable[..., Path] = exports.write
    if write == "xlsx":
        write_table = exports.write_excel
        texts = [text for text in texts if text.isprintable()] or ["x"]
    rows = [["u11a", "u12a", "keep"], *([5, 4, text] for text in texts)]
    found = read(write_table(folder / f"comments.{write}", rows), INSTRUMENT).answers
    assert found.comments["keep"].fillna("").tolist() == texts
