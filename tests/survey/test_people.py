"""Who answered is known as far as the file says it, without anything that names a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.survey import exports
from tests.survey.population import INSTRUMENT
from upm.survey.account import Account
from upm.survey.answers import PEOPLE
from upm.survey.reading import Reading, read


def table(folder: Path, headers: Sequence[str], *rows: Sequence[object], **options: Any) -> Reading:
    """A plain table, read. The first column is an item that everybody answers."""
    file = exports.write(
        folder / "t.csv", [["u11a", *headers], *([5 - n % 2, *row] for n, row in enumerate(rows))]
    )
    return read(file, INSTRUMENT, **options)


def notes(reading: Reading) -> tuple[str, ...]:
    assert isinstance(reading.account, Account)
    return reading.account.notes


def told(reading: Reading, field: str) -> list[Any]:
    column = reading.answers.people[field].astype(object)
    return [*column.where(column.notna(), None)]


def test_every_field_is_there_and_has_its_type_even_if_no_column_holds_it(tmp_path: Path) -> None:
    people = table(tmp_path, ["team"], ["red"], ["blue"]).answers.people
    assert tuple(people.columns) == PEOPLE
    types = {str(people[field].dtype) for field in PEOPLE[:9]}
    assert types == {"str"}
    assert [str(people[field].dtype) for field in PEOPLE[9:]] == [
        "datetime64[us, UTC]", "float64", "boolean",
    ]  # fmt: skip


def test_respondents_without_an_id_are_called_after_their_file_and_row(tmp_path: Path) -> None:
    found = table(tmp_path, ["respondent"], ["a"], [""], ["c"])
    assert told(found, "respondent") == ["a", "t-3", "c"]
    assert told(table(tmp_path, ["team"], ["red"], ["red"]), "respondent") == ["t-2", "t-3"]


def test_addresses_are_no_ids_teams_or_codes(tmp_path: Path) -> None:
    rows = [["zora@x.example", "red", "203.0.113.77"], ["b", "team@x.example", "ANGR58"],
            ["2001:db8::7", "", "10.1.2.3.4"]]  # fmt: skip
    found = table(tmp_path, ["respondent", "team", "link"], *rows)
    assert told(found, "respondent") == ["t-2", "b", "t-4"]
    assert told(found, "team") == ["red", None, None]
    assert told(found, "link") == [None, "ANGR58", "10.1.2.3.4"]
    assert notes(found)[:1] == (
        "2 cells of respondent held an e-mail or IP address and were emptied. If they are needed, "
        "say in the mapping that the column is this field.",
    )
    kept = table(tmp_path, ["respondent", "team", "link"], *rows, mapping={"link": "link"})
    assert told(kept, "link") == ["203.0.113.77", "ANGR58", "10.1.2.3.4"]


def test_numbers_that_a_spreadsheet_has_shortened_are_not_taken_for_one_person(
    tmp_path: Path,
) -> None:
    found = table(tmp_path, ["respondent"], ["1.18E+10"], ["1.18E+10"], ["1,18e+10"])
    assert told(found, "respondent") == ["t-2", "t-3", "t-4"]
    assert notes(found) == (
        "A spreadsheet has shortened 3 numbers of respondents, as 1.2E+10: their rows count as "
        "their numbers instead.",
    )
    plain = table(tmp_path, ["respondent"], ["TE+AM1"], ["1E10"])
    assert told(plain, "respondent") == ["TE+AM1", "1E10"]
    assert notes(plain) == ()


def test_what_is_given_holds_where_no_column_says_otherwise(tmp_path: Path) -> None:
    found = table(tmp_path, ["wave"], ["T1"], [""], wave="T0", team="red")
    assert told(found, "wave") == ["T1", "T0"]
    assert told(found, "team") == ["red", "red"]


def test_amounts_times_and_yes_that_are_none_are_listed(tmp_path: Path) -> None:
    found = table(
        tmp_path, ["seconds", "submitted", "finished"],
        ["300", "2026-05-20 13:43:01", "yes"], ["five", "soon", "perhaps"], ["", "", ""],
    )  # fmt: skip
    assert told(found, "seconds") == [300, None, None]
    assert told(found, "submitted") == [pd.Timestamp("2026-05-20 13:43:01", tz="UTC"), None, None]
    assert told(found, "finished") == [True, None, None]
    assert isinstance(found.account, Account)
    assert [(cell.row, cell.column, cell.text) for cell in found.account.not_understood] == [
        (3, "column 2 'seconds'", "five"),
        (3, "column 3 'submitted'", "soon"),
        (3, "column 4 'finished'", "perhaps"),
    ]


def test_the_time_taken_is_that_between_start_and_end(tmp_path: Path) -> None:
    file = exports.write(tmp_path / "q.csv", [
        ["ResponseId", "StartDate", "EndDate", "Finished", "u11a"],
        ["R_1", "2026-05-20 13:40:00", "2026-05-20 13:45:30", "True", 4],
        ["R_2", "2026-05-20 13:40:00", "2026-05-20 13:39:00", "True", 4],  # a clock was set back
        ["R_3", "", "2026-05-20 13:39:00", "False", 4],
    ])  # fmt: skip
    assert told(read(file, INSTRUMENT), "seconds") == [330, None, None]


@pytest.mark.parametrize(
    ("zone", "hour", "note"),
    [
        ("Europe/Berlin", 11, "The file says that its times are those of Europe/Berlin."),
        ("Z", 13, "The file says that its times are those of UTC."),
        ("Moon/Tranquility", 12, "The file names a time zone that is unknown here."),
        ("../../etc/passwd", 12, "The file names a time zone that is unknown here."),
    ],
)
def test_the_zone_that_the_file_names_wins_if_it_exists(
    zone: str, hour: int, note: str, tmp_path: Path
) -> None:
    file = exports.write(tmp_path / "q.csv", [
        ["ResponseId", "EndDate", "Finished", "u11a"],
        ["Response ID", "End Date", "Finished", "u11a"],
        ['{"ImportId":"_recordId"}', '{"ImportId":"endDate","timeZone":"%s"}' % zone, "{}", "{}"],  # noqa: UP031
        ["R_1", "2026-05-20 13:40:00", "1", 4],
    ])  # fmt: skip
    found = read(file, INSTRUMENT, timezone="Europe/London")
    assert told(found, "submitted")[0].hour == hour
    assert note in notes(found)
