"""A file of answers is read whole, with an account of it; and ours are written and read again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.survey import exports
from tests.survey.exports import records
from tests.survey.population import INSTRUMENT
from upm.survey.account import Account, Accounts
from upm.survey.answers import Answers, Missing
from upm.survey.reading import Reading, SurveyFileError, read, read_all, write_answers

WRITTEN = exports.sample()


def account(reading: Reading) -> Account:
    assert isinstance(reading.account, Account)
    return reading.account


def table(file: Path, headers: Sequence[str], *rows: Sequence[object]) -> Path:
    return exports.write(file, [headers, *rows])


# ── What is understood, and what is not ─────────────────────────────────────────────────────────


def test_why_a_cell_is_empty_is_kept(tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv", ["u11a", "u11b", "u12a"], [5, "", "Did not come up"],
                 ["", "maybe", 9])  # fmt: skip
    points = read(file, INSTRUMENT).answers.points
    assert points[:, :4].tolist() == [
        [5, Missing.SKIPPED, Missing.NO_POINT, Missing.NOT_ASKED],
        [Missing.SKIPPED, Missing.NOT_UNDERSTOOD, Missing.NOT_UNDERSTOOD, Missing.NOT_ASKED],
    ]


def test_what_the_other_form_asks_was_not_asked(tmp_path: Path) -> None:
    # The manager's form has no u11a of "before", and the column is empty for managers.
    file = table(tmp_path / "t.csv", ["form", "u11a", "then_u11a"], ["member", 5, ""],
                 ["For managers, about one team member", 4, ""], ["MANAGER", 4, 3])  # fmt: skip
    found = read(file, INSTRUMENT)
    place = INSTRUMENT.item_ids.index("then_u11a")
    assert [*found.answers.people["form"]] == ["member", "manager", "manager"]
    assert found.answers.points[:, place].tolist() == [Missing.SKIPPED, Missing.NOT_ASKED, 3]
    assert account(found).form == "A column says which form each answered."


def test_the_account_of_a_file_reads_like_this(tmp_path: Path) -> None:
    items = exports.asked(WRITTEN)
    file = table(
        tmp_path / "answers of May.csv", ["Respondent", "E-Mail", "Team", "Score", *items[:-1]],
        ["r1", "a@b.example", "red", 3, 4, "often", *[5] * (len(items) - 3)],
        ["r1", "a@b.example", "red", 3, 4, "often", *[5] * (len(items) - 3)],
        ["r2", "c@d.example", "red", 3, *[""] * (len(items) - 1)],
    )  # fmt: skip
    lines = [*account(read(file, INSTRUMENT)).lines()]
    assert lines[:9] == [
        "answers of May.csv: our own table, UTF-8.",
        "1 of 3 respondents are kept. The form is member, the first one, as nothing says which.",
        "  1 left out: they answered nothing.",
        "  1 left out: they repeat an earlier row.",
        "  column 1 'Respondent': respondent",
        "  column 2 'E-Mail': not read, it may name a person",
        "  column 3 'Team': team",
        "  column 4 'Score': not read, no match in the survey",
        "  column 5 'u11a': item u11a",
    ]
    assert lines[-4:] == [
        'To read a column without a match, say what it is: mapping={"column 5": "team"} in '
        'Python, --map "column 5=team" on the command line.',
        f"No column was found for {items[-1]}.",
        "1 cell is not understood and counts as missing:",
        "  row 2, column 6 'u11b': 'often'",
    ]


def test_the_first_twenty_cells_that_are_not_understood_are_shown_and_all_counted(
    tmp_path: Path,
) -> None:
    rows = [["5", "maybe", "perhaps"] for _ in range(30)]
    file = table(tmp_path / "t.csv", ["u11a", "u11b", "u12a"], *rows)
    found = account(read(file, INSTRUMENT))
    assert found.not_understood_in_all == 60
    assert [(cell.row, cell.text) for cell in found.not_understood] == [
        (row, text) for row in range(2, 12) for text in ("maybe", "perhaps")
    ]


def test_numbers_that_do_not_start_at_one_are_not_taken_for_points(tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv", ["u11a", "u11b"], [1, 0], [5, 4], [3, 2])
    with pytest.raises(SurveyFileError) as error:
        read(file, INSTRUMENT)
    assert str(error.value) == (
        "t.csv › column 2 'u11b': holds 0 and nowhere 5, so its numbers seem not to run from 1 to "
        "5. Number the answers from 1, or export them as words; if 0 stands for no answer, empty "
        "these cells"
    )
    assert read(file, INSTRUMENT, mapping={"u11b": ""}).answers.points[:, 0].tolist() == [1, 5, 3]


def test_a_form_that_nobody_knows_is_an_error_in_its_cell(tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv", ["form", "u11a"], ["member", 5], ["boss", 4])
    message = r"^t.csv › row 3 › column 1 'form': found 'boss'; expected member or manager$"
    with pytest.raises(SurveyFileError, match=message):
        read(file, INSTRUMENT)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "boss"}, "There is no form 'boss'; expected member or manager."),
        ({"timezone": "Berlin"}, "There is no time zone 'Berlin'; try Europe/Berlin."),
        ({"timezone": "../x"}, "There is no time zone '../x'; try Europe/Berlin."),
        ({"timezone": ""}, "There is no time zone ''; try Europe/Berlin."),
    ],
)
def test_an_option_that_nobody_knows_is_named(
    options: dict[str, str], message: str, tmp_path: Path
) -> None:
    file = table(tmp_path / "t.csv", ["u11a"], [5])
    with pytest.raises(ValueError, match=message):
        read(file, INSTRUMENT, **options)
    with pytest.raises(TypeError, match="vawe"):
        read(file, INSTRUMENT, vawe="T0")


@pytest.mark.parametrize("headers", [1, 3])
def test_a_file_without_answers_is_read_as_nobody(headers: int, tmp_path: Path) -> None:
    rows = exports.rows_of(exports.qualtrics(tmp_path / "q.csv", WRITTEN))
    file = exports.write(tmp_path / "q.csv", rows[:headers] if headers > 1 else [["u11a", "team"]])
    found = read(file, INSTRUMENT)
    assert len(found.answers) == 0
    assert found.answers.points.shape == (0, len(INSTRUMENT.items))
    assert [*account(found).lines()][1].startswith("0 of 0 respondents are kept.")


# ── The same respondent twice ───────────────────────────────────────────────────────────────────


def test_a_row_that_repeats_another_is_left_out(tmp_path: Path) -> None:
    rows = [["r1", 5], ["r2", 4], ["r1", 5]]
    found = read(table(tmp_path / "t.csv", ["respondent", "u11a"], *rows), INSTRUMENT)
    assert account(found).dropped == {"repeat an earlier row": 1}
    assert found.rows.tolist() == [2, 3]
    assert [*found.answers.people.index] == [0, 1]


def test_the_same_respondent_with_other_answers_is_refused(tmp_path: Path) -> None:
    rows = [["r1", 5], ["r2", 4], ["r1", 4]]
    with pytest.raises(SurveyFileError) as error:
        read(table(tmp_path / "t.csv", ["respondent", "u11a"], *rows), INSTRUMENT)
    assert str(error.value) == (
        "t.csv › row 4 › the respondent: found 'r1'; row 2 has other answers of the same "
        "respondent, form and wave: keep one"
    )


def test_the_same_respondent_at_another_wave_or_on_another_form_is_another_row(
    tmp_path: Path,
) -> None:
    headers = ["respondent", "wave", "form", "u11a"]
    rows = [["r1", "T0", "member", 5], ["r1", "T1", "member", 4], ["r1", "T0", "manager", 3]]
    assert len(read(table(tmp_path / "t.csv", headers, *rows), INSTRUMENT).answers) == 3


# ── Several files ───────────────────────────────────────────────────────────────────────────────


def test_files_and_folders_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    headers = ["respondent", "u11a"]
    table(tmp_path / "in" / "a.csv", headers, ["r1", 5], ["r2", 4])
    table(tmp_path / "in" / "b.CSV", headers, ["r2", 4], ["r3", 3])
    (tmp_path / "in" / "~$a.xlsx").write_bytes(b"a lock")
    (tmp_path / "in" / "read me.md").write_text("not this", encoding="utf-8")
    last = table(tmp_path / "c.csv", headers, ["r4", 2])
    found = read_all([tmp_path / "in", last], INSTRUMENT, wave="T0")
    assert [*found.answers.people["respondent"]] == ["r1", "r2", "r3", "r4"]
    assert {*found.answers.people["wave"]} == {"T0"}
    assert found.rows.tolist() == [2, 3, 3, 2]
    assert isinstance(found.account, Accounts)
    assert [each.file for each in found.account.files] == ["a.csv", "b.CSV", "c.csv"]
    assert [*found.account.lines()][-1] == "1 respondent stands in two files and is kept once."


def test_two_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    headers = ["respondent", "u11a"]
    files = [table(tmp_path / "a.csv", headers, ["r1", 5]),
             table(tmp_path / "b.csv", headers, ["r0", 5], ["r1", 4])]  # fmt: skip
    message = "^b.csv › row 3 › the respondent: found 'r1'; row 2 of a.csv has other answers of"
    with pytest.raises(SurveyFileError, match=message):
        read_all(files, INSTRUMENT)


def test_people_whom_a_platform_only_counts_stay_apart_in_two_files(tmp_path: Path) -> None:
    files = [exports.microsoft(tmp_path / f"team {name}.xlsx", WRITTEN) for name in "ab"]
    found = read_all(files, INSTRUMENT)
    assert len(found.answers) == 2 * len(WRITTEN)
    assert found.answers.people["respondent"].is_unique


def test_a_folder_without_a_file_to_read_says_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^There is no file to read. Of a folder, .csv, .tsv"):
        read_all([tmp_path], INSTRUMENT)


# ── Written and read again ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["member", "manager"])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_what_is_written_is_read_again(ending: str, form: str, tmp_path: Path) -> None:
    written = exports.sample(form)
    file = tmp_path / f"ours{ending}"
    write_answers(written, file)
    found = read(file, INSTRUMENT)
    assert account(found).platform == "our own table"
    assert records(found.answers) == records(written)


def test_an_answer_that_was_not_understood_stays_so(tmp_path: Path) -> None:
    points = np.where(WRITTEN.points == 3, Missing.NOT_UNDERSTOOD, WRITTEN.points)
    written = replace(WRITTEN, points=points.astype(np.int8))
    write_answers(written, tmp_path / "x.csv")
    assert read(tmp_path / "x.csv", INSTRUMENT).answers.points.tolist() == points.tolist()


def test_no_cell_of_a_csv_file_that_we_write_starts_a_formula(tmp_path: Path) -> None:
    evil = ["=HYPERLINK(\"http://x.example\",\"here\")", "+1", "-1", "@SUM(A1)", "'=1", "=1\n=2",
            "|x", "ok", None]  # fmt: skip
    people = WRITTEN.people.assign(team=evil, link=evil, respondent=[f"={j}" for j in range(9)])
    written = replace(WRITTEN, people=people, comments=WRITTEN.comments.assign(keep=evil))
    write_answers(written, tmp_path / "x.csv")
    cells = [cell for row in exports.rows_of(tmp_path / "x.csv") for cell in row]
    assert [c for c in cells if c.startswith(("=", "+", "@"))] == []
    assert {c for c in cells if c.startswith("-")} <= {"-1", "-2", "-3"}  # why there is no point
    found = read(tmp_path / "x.csv", INSTRUMENT).answers
    assert records(found) == records(written)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x.xlsx ends in .xlsx; use .csv or .parquet."):
        write_answers(WRITTEN, tmp_path / "x.xlsx")


@pytest.mark.parametrize(
    "write", [exports.qualtrics, exports.surveymonkey, exports.microsoft, exports.limesurvey]
)
def test_answers_of_a_platform_are_the_same_after_ours(
    write: Callable[[Path, Answers], Path], tmp_path: Path
) -> None:
    first = read(write(tmp_path / "x.csv", WRITTEN), INSTRUMENT).answers
    for ending in (".csv", ".parquet"):
        write_answers(first, tmp_path / f"ours{ending}")
        again = read(tmp_path / f"ours{ending}", INSTRUMENT).answers
        pd.testing.assert_frame_equal(again.people, first.people)
        pd.testing.assert_frame_equal(again.comments, first.comments)
        assert again.points.tolist() == first.points.tolist()
