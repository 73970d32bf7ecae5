"""Exports of every platform are recognised, and read back as the very answers that were written."""

import codecs
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from tests.survey import exports
from tests.survey.exports import records
from tests.survey.population import INSTRUMENT
from upm.survey.account import Account
from upm.survey.answers import Answers, Missing
from upm.survey.reading import Reading, SurveyFileError, read

WRITTEN = exports.sample()
NUMBERED = exports.sample(no_point=False)


def account(reading: Reading) -> Account:
    assert isinstance(reading.account, Account)
    return reading.account


def from_file(file: Path, numbers: Sequence[int] = range(1, 10)) -> list[str]:
    """What respondents are called whom the platform only counts, or does not even count."""
    return [f"{file.stem}-{number}" for number in numbers]


@pytest.fixture(
    scope="module",
    params=[
        ("Qualtrics", "q.csv", exports.qualtrics),
        ("Qualtrics", "q.csv", exports.old_qualtrics),
        ("SurveyMonkey", "sm.csv", exports.surveymonkey),
        ("Google Forms", "g.csv", exports.google),
        ("Microsoft Forms", "m.xlsx", exports.microsoft),
        ("Microsoft Forms", "m.csv", exports.microsoft),
        ("LimeSurvey", "l.csv", exports.limesurvey),
        ("a table", "s.sav", exports.spss),
    ],
    ids=lambda param: f"{param[2].__name__}-{param[1]}",
)
def export(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Reading]:
    platform, name, write = request.param
    file = write(tmp_path_factory.mktemp("export") / name, WRITTEN)
    return platform, read(file, INSTRUMENT)


def test_every_platform_is_known_by_its_signature(export: tuple[str, Reading]) -> None:
    platform, reading = export
    found = account(reading)
    assert found.platform == platform
    assert found.unmatched == ()
    assert found.not_understood == ()
    assert found.respondents == len(WRITTEN)


def test_every_cell_is_read_as_it_was_answered_or_with_why_it_is_empty(
    export: tuple[str, Reading],
) -> None:
    found = export[1].answers
    assert found.points.tolist() == WRITTEN.points.tolist()
    assert {*np.unique(found.points)} >= {1, 5, Missing.SKIPPED, Missing.NO_POINT}
    assert records(found, "form", "team") == records(WRITTEN, "form", "team")


def test_nothing_personal_is_in_the_answers_or_the_account(export: tuple[str, Reading]) -> None:
    _, reading = export
    everything = pickle.dumps(reading).decode(errors="replace").casefold()
    everything += "\n".join(account(reading).lines()).casefold()
    assert "red" in everything
    assert [s for s in exports.SECRETS.values() if s.casefold() in everything] == []
    assert "zora" not in everything


def test_the_account_says_of_every_column_what_became_of_it(export: tuple[str, Reading]) -> None:
    columns = account(export[1]).columns
    became = [*columns.values()]
    assert {f"item {item}" for item in exports.asked(WRITTEN)} <= {*became}
    assert {"open question keep", "open question change", "team", "submitted"} <= {*became}
    assert next(iter(columns)).startswith("column 1 ")
    assert [*columns][-1].startswith(f"column {len(columns)} ")


@pytest.mark.parametrize("write", [exports.qualtrics, exports.surveymonkey, exports.limesurvey])
def test_an_export_saved_again_as_excel_is_still_known(
    write: Callable[[Path, Answers], Path], tmp_path: Path
) -> None:
    delimiter = ";" if write is exports.limesurvey else ","
    rows = exports.rows_of(write(tmp_path / "x.csv", WRITTEN), delimiter)
    file = exports.write_excel(
        tmp_path / "x.xlsx", [[cell or None for cell in row] for row in rows]
    )
    assert read(file, INSTRUMENT).answers.points.tolist() == WRITTEN.points.tolist()


# ── Qualtrics ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_qualtrics_times_are_in_the_zone_that_the_file_names(zone: str, tmp_path: Path) -> None:
    file = exports.qualtrics(tmp_path / "q.csv", WRITTEN, zone=zone)
    reading = read(file, INSTRUMENT, timezone="Pacific/Auckland")
    assert records(reading.answers) == records(WRITTEN)
    assert f"The file says that its times are those of {zone}." in account(reading).notes


def test_qualtrics_of_2016_writes_its_third_header_row_with_single_quotes(tmp_path: Path) -> None:
    file = exports.qualtrics(tmp_path / "q.csv", WRITTEN, quote="'")
    assert b"{'ImportId': 'QID2_0'}" in file.read_bytes()
    assert records(read(file, INSTRUMENT).answers) == records(WRITTEN)


def test_qualtrics_before_2016_has_two_header_rows_and_an_empty_last_column(
    tmp_path: Path,
) -> None:
    file = exports.old_qualtrics(tmp_path / "q.csv", WRITTEN)
    assert file.read_bytes().startswith(codecs.BOM_UTF8 + b"V1,")
    reading = read(file, INSTRUMENT)
    assert records(reading.answers) == records(WRITTEN)
    assert account(reading).encoding == "UTF-8 with byte order mark"


@pytest.mark.parametrize("say", [exports.words, exports.short, exports.numbers, exports.recodes])
def test_qualtrics_answers_are_known_as_words_and_as_numbers(
    say: exports.Say, tmp_path: Path
) -> None:
    file = exports.qualtrics(tmp_path / "q.csv", WRITTEN, say)
    assert records(read(file, INSTRUMENT).answers) == records(WRITTEN)


def test_qualtrics_in_another_language_is_known_by_its_third_row(tmp_path: Path) -> None:
    file = exports.qualtrics(tmp_path / "q.csv", WRITTEN)
    rows = exports.rows_of(file)
    for place, _ in enumerate(exports.QUALTRICS_COLUMNS):
        rows[0][place] = f"Feld {place}"
        rows[1][place] = f"Frage {place}"
    exports.write(file, rows)
    reading = read(file, INSTRUMENT)
    assert records(reading.answers) == records(WRITTEN)
    assert account(reading).columns["column 4 'Feld 3'"].startswith("not read")


def test_qualtrics_previews_are_left_out_and_counted(tmp_path: Path) -> None:
    file = exports.qualtrics(tmp_path / "q.csv", WRITTEN)
    assert account(read(file, INSTRUMENT)).dropped == {"are previews or tests": 1}
    assert "R_preview" in file.read_text(encoding="utf-8-sig")
    assert "R_preview" not in [*read(file, INSTRUMENT).answers.people["respondent"]]


@pytest.mark.parametrize("two", [True, False], ids=["two header rows", "one header row"])
def test_qualtrics_is_known_without_its_third_header_row(two: bool, tmp_path: Path) -> None:
    file = exports.qualtrics(tmp_path / "q.csv", WRITTEN)
    tags, texts, _, *answers = exports.rows_of(file)
    own = len(exports.QUALTRICS_COLUMNS)
    exports.write(file, [tags, texts, *answers] if two else [[*tags[:own], *texts[own:]], *answers])
    reading = read(file, INSTRUMENT, timezone="Europe/Berlin")
    assert account(reading).platform == "Qualtrics"
    assert records(reading.answers) == records(WRITTEN)


# ── SurveyMonkey ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("condensed", [False, True])
def test_surveymonkey_with_one_header_row_or_two_in_any_encoding(
    encoding: str, condensed: bool, tmp_path: Path
) -> None:
    file = exports.surveymonkey(tmp_path / "sm.csv", WRITTEN, encoding, condensed)
    reading = read(file, INSTRUMENT)
    fields = ("respondent", "form", "team", "submitted", "seconds")
    ids = [str(1180000000 + place) for place in range(len(WRITTEN))]
    assert records(reading.answers) == records(WRITTEN, *fields, respondent=ids)
    assert account(reading).encoding == {"cp1252": "Windows-1252"}.get(encoding, encoding.upper())


def test_surveymonkey_with_one_name_for_many_columns_needs_a_mapping(tmp_path: Path) -> None:
    items = exports.asked(WRITTEN)[:3]
    some = exports.sample(asked=items)
    file = exports.surveymonkey(tmp_path / "sm.csv", some, condensed=True)
    stem = INSTRUMENT.responses_of(items[0]).stem
    top = [*exports.MONKEY, *[stem] * 3, "Your team", "keep", "change"]
    exports.write(file, [top, *exports.rows_of(file)[1:]])
    with pytest.raises(SurveyFileError, match=r"^sm.csv: no column is known as an item .* mapping"):
        read(file, INSTRUMENT)
    mapping = {f"column {10 + place}": item for place, item in enumerate(items)}
    found = read(file, INSTRUMENT, mapping=mapping).answers
    assert found.points.tolist() == some.points.tolist()
    with pytest.raises(SurveyFileError, match="column 10 and column 11 have the same header"):
        read(file, INSTRUMENT, mapping={stem: items[0]})


# ── Google Forms ────────────────────────────────────────────────────────────────────────────────

STAMPS = {
    "Timestamp": lambda when: f"{when:%Y/%m/%d} {when:%I:%M:%S %p} GMT+0",
    "timestamp": lambda when: f"{when.month}/{when.day}/{when:%Y %H:%M:%S}",
    "Zeitstempel": lambda when: f"{when:%d.%m.%Y %H:%M:%S}",
    "Horodateur": lambda when: f"{when:%d/%m/%Y %H:%M:%S}",
    "Marca temporal": lambda when: f"{when.day}/{when.month}/{when:%Y %H:%M:%S}",
    "タイムスタンプ": lambda when: f"{when:%Y/%m/%d %H:%M:%S}",
    "Tijdstempel": lambda when: f"{when.day}-{when.month}-{when:%Y %H:%M:%S}",
    "Timestamp ": lambda when: f"{when:%Y/%m/%d} {when:%I:%M:%S}\u202f{when:%p}".lower(),
}


@pytest.mark.parametrize("header", STAMPS)
def test_google_forms_with_grids_and_its_time_in_the_local_manner(
    header: str, tmp_path: Path
) -> None:
    file = exports.google(tmp_path / "g.csv", WRITTEN, header, STAMPS[header])
    reading = read(file, INSTRUMENT)
    rows = [2, *range(4, 12)]  # row 3 holds a time and nothing else
    assert account(reading).dropped == {"answered nothing": 1}
    assert reading.rows.tolist() == rows
    assert records(reading.answers) == records(
        WRITTEN, "respondent", "form", "team", "submitted", "finished",
        respondent=from_file(file, rows), finished=[True] * 9,
    )  # fmt: skip


def test_google_forms_with_an_offset_in_the_file(tmp_path: Path) -> None:
    def stamp(when: datetime) -> str:
        return f"{when + pd.Timedelta(hours=5.5):%Y/%m/%d %I:%M:%S %p} GMT+5:30"

    file = exports.google(tmp_path / "g.csv", WRITTEN, stamp=stamp)
    found = read(file, INSTRUMENT, timezone="America/New_York").answers
    assert [*found.people["submitted"]] == [*WRITTEN.people["submitted"]]


def test_a_comment_without_an_answer_is_kept(tmp_path: Path) -> None:
    file = exports.google(tmp_path / "g.csv", WRITTEN)
    rows = exports.rows_of(file)
    rows[2][-1] = "a cry from the heart"
    exports.write(file, rows)
    reading = read(file, INSTRUMENT)
    assert account(reading).dropped == {}
    assert reading.answers.comments["change"].iloc[1] == "a cry from the heart"


# ── Microsoft Forms ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["m.xlsx", "m.csv"])
@pytest.mark.parametrize(
    "own",
    [
        ("ID", "Start time", "Completion time", "Email", "Name"),
        ("Id", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name"),
        ("ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom"),
    ],
    ids=["English", "German", "French"],
)
def test_microsoft_forms_in_any_language(name: str, own: Sequence[str], tmp_path: Path) -> None:
    file = exports.microsoft(tmp_path / name, WRITTEN, own, "Europe/Berlin")
    reading = read(file, INSTRUMENT, timezone="Europe/Berlin")
    assert account(reading).platform == "Microsoft Forms"
    assert account(reading).encoding == ("Excel" if name == "m.xlsx" else "Windows-1252")
    assert records(reading.answers) == records(
        WRITTEN, "respondent", "form", "team", "submitted", "seconds", "finished",
        respondent=from_file(file), finished=[True] * 9,
    )  # fmt: skip


def test_the_manager_s_form_is_known_by_its_words(tmp_path: Path) -> None:
    written = exports.sample("manager")
    # "Could not see" is the second of the answers without a point.
    file = exports.microsoft(tmp_path / "m.xlsx", written)
    reading = read(file, INSTRUMENT)
    assert account(reading).form == "The form is manager, as the wording of the headers shows."
    assert reading.answers.points.tolist() == written.points.tolist()


# ── LimeSurvey ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("say", [exports.codes, exports.words, exports.numbers])
@pytest.mark.parametrize("code", ["SQ{place:03}", "{item}"])
def test_limesurvey_codes_or_texts(
    delimiter: str, say: exports.Say, code: str, tmp_path: Path
) -> None:
    file = exports.limesurvey(tmp_path / "l.csv", WRITTEN, say, delimiter, code)
    assert file.read_bytes().endswith(b'"\r\n\r\n')
    finished = WRITTEN.people["finished"]
    assert records(read(file, INSTRUMENT).answers) == records(
        WRITTEN, "respondent", "form", "team", "submitted", "seconds", "finished",
        respondent=from_file(file),
        submitted=[*WRITTEN.people["submitted"].where(finished.astype(bool))],
    )  # fmt: skip


def test_limesurvey_s_date_of_nowhere_is_no_date_but_a_finish(tmp_path: Path) -> None:
    file = exports.limesurvey(tmp_path / "l.csv", WRITTEN)
    rows = exports.rows_of(file, ";")
    rows[1][1] = "1980-01-01 00:00:00"
    exports.write(file, rows)
    people = read(file, INSTRUMENT).answers.people
    assert pd.isna(people["submitted"].iloc[0])
    assert people["finished"].iloc[0]


# ── SPSS ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "write",
    [exports.spss, exports.old_spss, lambda file, given: exports.spss(file, given, compress=True)],
    ids=["sav", "old encoding", "zsav"],
)
def test_spss_with_missing_codes_and_labels_at_the_ends_only(
    write: Callable[[Path, Answers], Path], tmp_path: Path
) -> None:
    reading = read(write(tmp_path / "s.sav", WRITTEN), INSTRUMENT)
    fields = ("respondent", "form", "team", "submitted")
    assert records(reading.answers, *fields) == records(WRITTEN, *fields)
    assert account(reading).encoding.startswith("SPSS file in ")
    assert account(reading).not_understood_in_all == 0


def test_spss_of_qualtrics_is_known_as_such(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "ResponseId": ["R_1", "R_2"], "Finished": [1.0, 0.0], "IPAddress": ["203.0.113.77"] * 2,
        "Q2_1": [5.0, -99.0], "Q2_2": [1.0, 2.0],
    })  # fmt: skip
    texts = [exports.question(WRITTEN, item) for item in ("u11a", "u12a")]
    labels = ["Response ID", "Finished", "IP Address", *(text[:250] for text in texts)]
    pyreadstat.write_sav(frame, str(tmp_path / "q.sav"), column_labels=labels)
    reading = read(tmp_path / "q.sav", INSTRUMENT)
    assert account(reading).platform == "Qualtrics"
    assert reading.answers.points[:, 0].tolist() == [5, Missing.SKIPPED]
    assert [*reading.answers.people["finished"]] == [True, False]


# ── Other tables ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("header", ["id", "wording", "question"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("say", [exports.words, exports.numbers])
def test_a_plain_table_by_ids_or_by_wordings(
    header: str, kind: str, say: exports.Say, tmp_path: Path
) -> None:
    heads = {
        "id": str.upper,
        "wording": lambda item: f"12. {exports.wording(WRITTEN, item).upper()} ",
        "question": lambda item: exports.question(WRITTEN, item),
    }
    frame = pd.DataFrame(
        exports.said(WRITTEN, say), columns=[*map(heads[header], exports.asked(WRITTEN))]
    ).assign(Department=[*WRITTEN.people["team"]], Name=exports.SECRETS["name"])
    file = tmp_path / f"t.{kind}"
    if kind == "csv":
        frame.to_csv(file, index=False, sep="\t")
    elif kind == "xlsx":
        frame.to_excel(file, index=False)
    else:
        frame.to_parquet(file)
    reading = read(file, INSTRUMENT)
    assert account(reading).platform == "a table"
    assert reading.answers.points.tolist() == WRITTEN.points.tolist()
    assert [*reading.answers.people["department"]] == [*WRITTEN.people["team"]]
    assert [*reading.answers.people["respondent"]] == from_file(
        file, range(1, 10) if kind == "parquet" else range(2, 11)
    )
    assert exports.SECRETS["name"].encode() not in pickle.dumps(reading)


def test_parquet_of_every_type_that_holds_an_answer(tmp_path: Path) -> None:
    items = exports.asked(NUMBERED)
    points = NUMBERED.points[:, [INSTRUMENT.item_ids.index(item) for item in items]]
    there = pd.DataFrame(points, columns=items).astype("Int64").mask(points == 0)
    types = ["Int8", "float64", "str", "category", "object", "float32", "Int64"]
    frame = pd.DataFrame({
        item: there[item].astype("str").where(there[item].notna())
        if (kind := types[place % len(types)]) in ("str", "object")
        else there[item].astype(kind)
        for place, item in enumerate(items)
    })  # fmt: skip
    frame["submitted"] = NUMBERED.people["submitted"]
    frame["tags"] = [["a", "b"]] * len(frame)
    frame["nothing"] = None
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    reading = read(tmp_path / "t.parquet", INSTRUMENT)
    assert reading.answers.points.tolist() == NUMBERED.points.tolist()
    assert [*reading.answers.people["submitted"]] == [*NUMBERED.people["submitted"]]
    assert account(reading).notes[0] == "Columns of lists or records are not read: 'tags'."


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_with_a_row_for_each_answer(kind: str, tmp_path: Path) -> None:
    long = WRITTEN.long()
    file = tmp_path / f"long.{kind}"
    long.to_csv(file, index=False) if kind == "csv" else long.to_parquet(file, index=False)
    reading = read(file, INSTRUMENT)
    assert account(reading).platform == "our own table, one row for each answer"
    assert account(reading).rows == len(WRITTEN)
    fields = ("respondent", "form", "team")
    bare = replace(WRITTEN, comments=WRITTEN.comments.mask(WRITTEN.comments.notna()))
    assert records(reading.answers, *fields) == records(bare, *fields)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("r1,u11a,4", r"row 4 › answer: found '4'; row 2 has '5' for the same respondent: mend"),
        (",u11a,4", r"row 4: names no respondent"),
    ],
)
def test_a_long_table_that_contradicts_itself_is_refused(
    row: str, problem: str, tmp_path: Path
) -> None:
    file = tmp_path / "long.csv"
    file.write_text(f"respondent,item,answer\nr1,u11a,5\nr1,u12a,4\n{row}\n", encoding="utf-8")
    with pytest.raises(SurveyFileError, match=rf"^long.csv › {problem}"):
        read(file, INSTRUMENT)
