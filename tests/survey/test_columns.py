"""Columns are known by id, by wording or by the analyst's word; the rest is listed and not read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.survey import builders, exports
from tests.survey.population import INSTRUMENT
from upm.survey.account import Account
from upm.survey.answers import Missing
from upm.survey.instrument import Instrument
from upm.survey.reading import Reading, SurveyFileError, read

TWINS = builders.instrument(
    items=[
        {"id": id, "responses": stem, "text": {"member": "It was fair."}}
        for id, stem in (("now", "five"), ("before", "seven"))
    ],
    responses=[
        {"id": "five", "stem": "In the last four weeks?", "points": list("abcde")},
        {"id": "seven", "stem": "Before the course?", "points": list("abcdefg")},
    ],
    scales=[],
)
"""Two items in the same words under different questions."""


def table(
    folder: Path, headers: Sequence[str], cells: Sequence[object], to: Instrument = INSTRUMENT,
    mapping: Mapping[str, str] | None = None,
) -> Reading:  # fmt: skip
    """A plain table with one respondent, read."""
    file = exports.write(folder / "t.csv", [headers, cells])
    return read(file, to, mapping=mapping or {})


def became(reading: Reading) -> list[str]:
    assert isinstance(reading.account, Account)
    return [*reading.account.columns.values()]


def test_an_item_is_known_by_its_id_or_its_words_in_any_case_and_punctuation(
    tmp_path: Path,
) -> None:
    words = {item: INSTRUMENT.item[item].text["member"] for item in INSTRUMENT.item_ids}
    headers = [
        "U11A", "12) " + words["u12a"].upper(), f"How often? [{words['u13a']}]",
        f"Q2_4: {words['u21a'].rstrip('.')}", f"<b>{words['u22a']}</b>", "Q01[u23a]", "q7_u31a",
        f"Please tick - {words['u32a']} ", "u33a ",
    ]  # fmt: skip
    items = ["u11a", "u12a", "u13a", "u21a", "u22a", "u23a", "u31a", "u32a", "u33a"]
    found = table(tmp_path, headers, range(1, 6), INSTRUMENT)
    assert became(found) == [f"item {item}" for item in items]


def test_an_id_wins_over_words_and_words_of_another_item_do_not_mislead(tmp_path: Path) -> None:
    words = INSTRUMENT.item["u11a"].text["member"]
    found = table(tmp_path, ["u11a", f"not quite: {words} Really?", "x " + words], [4, 5, 3],
                  mapping={"column 3": ""})  # fmt: skip
    assert became(found) == [
        "item u11a", "not read, no match in the survey", "not read, as the mapping says",
    ]  # fmt: skip
    assert found.answers.points[0, 0] == 4


def test_the_same_words_under_two_questions_are_told_apart_by_the_question(tmp_path: Path) -> None:
    headers = ["Before the course? [It was fair.]", "In the last four weeks? [It was fair.]"]
    found = table(tmp_path, headers, ["g", "e"], TWINS)
    assert became(found) == ["item before", "item now"]
    assert found.answers.points.tolist() == [[5, 7]]


def test_words_of_two_items_without_their_question_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(SurveyFileError) as error:
        table(tmp_path, ["It was fair.", "It was fair."], ["a", "b"], TWINS)
    assert str(error.value) == (
        "t.csv › column 1 'It was fair.': could be item now or item before: say which in the "
        'mapping, as {"column 1": "now"}'
    )
    mapping = {"column 1": "before", "column 2": "now"}
    found = table(tmp_path, ["It was fair.", "It was fair."], ["a", "b"], TWINS, mapping)
    assert found.answers.points.tolist() == [[2, 1]]


def test_two_columns_for_one_item_are_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(SurveyFileError) as error:
        table(tmp_path, ["u11a", "team", "Q2_u11a"], [4, "red", 5])
    assert str(error.value) == (
        "t.csv: column 1 'u11a' and column 3 'Q2_u11a' could both be item u11a: name one of them "
        'in the mapping, as {"column 1": "u11a"}'
    )
    found = table(tmp_path, ["u11a", "team", "Q2_u11a"], [4, "red", 5],
                  mapping={"column 3": "u11a"})  # fmt: skip
    assert found.answers.points[0, 0] == 5
    assert became(found)[0] == "not read, another column is the item u11a"


def test_the_mapping_wins_over_everything(tmp_path: Path) -> None:
    headers = ["u11a", "Email", "group", "u12a", "Notes"]
    mapping = {"u11a": "", "email": "link", "GROUP": "team", "column 4": "u13a", "notes": "keep"}
    found = table(tmp_path, headers, [4, "a@b.example", "red", 2, "thanks"], mapping=mapping)
    assert became(found) == [
        "not read, as the mapping says", "link", "team", "item u13a", "open question keep",
    ]  # fmt: skip
    assert found.answers.people.iloc[0][["link", "team"]].tolist() == ["a@b.example", "red"]
    assert found.answers.points[0, :5].tolist() == [Missing.NOT_ASKED] * 4 + [2]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"x": "u11aa"}, "the mapping says 'u11aa': did you mean u11a?"),
        ({"x": "teem"}, "the mapping says 'teem': did you mean team?"),
        ({"x": "1234"}, "the mapping says '1234': write the id of an item or an open question, or"),
    ],
)
def test_a_mapping_to_nothing_suggests_something(
    mapping: Mapping[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(SurveyFileError) as error:
        table(tmp_path, ["u11a", "x"], [4, 5], mapping=mapping)
    assert message in str(error.value)


def test_a_mapping_of_a_header_that_no_column_has_is_noted(tmp_path: Path) -> None:
    found = table(tmp_path, ["u11a"], [4], mapping={"gruop": "team", "column 7": "wave"})
    assert isinstance(found.account, Account)
    assert found.account.notes == ("The mapping names 'gruop', 'column 7', which no column has.",)


@pytest.mark.parametrize(
    "header",
    ["Name", "name:", "E-Mail", "Email Address", "IP Address", "ip_address", "First name",
     "LastName", "Employee ID", "Date of birth", "Phone number", "Recipient Email", "Token",
     "LocationLatitude", "External Data Reference", "Nutzername"],
)  # fmt: skip
def test_columns_that_name_a_person_are_never_read(header: str, tmp_path: Path) -> None:
    found = table(tmp_path, ["u11a", header], [4, exports.SECRETS["name"]])
    assert became(found)[1] == "not read, it may name a person"
    assert exports.SECRETS["name"] not in found.answers.people.to_csv()


def test_a_column_that_nobody_knows_is_listed_and_not_read(tmp_path: Path) -> None:
    found = table(tmp_path, ["u11a", "Your honest opinion of Zora"], [4, exports.SECRETS["name"]])
    assert became(found)[1] == "not read, no match in the survey"
    lines = [*found.account.lines()]
    assert "  column 2 'Your honest opinion of Zora': not read, no match in the survey" in lines
    assert any(
        line.startswith("To read a column without a match, say what it is") for line in lines
    )
    assert exports.SECRETS["name"] not in str(found)


def test_two_forms_in_one_file_are_read_once_each(tmp_path: Path) -> None:
    words = INSTRUMENT.item["u11a"].text
    headers = ["respondent", words["member"], words["manager"], "team"]
    file = exports.write(tmp_path / "t.csv", [headers, ["r1", 4, 2, "red"]])
    with pytest.raises(SurveyFileError, match=r"asks in the words of manager and member: read it"):
        read(file, INSTRUMENT)
    for form, point in (("member", 4), ("manager", 2)):
        found = read(file, INSTRUMENT, form=form)
        assert found.answers.points[0, 0] == point
        assert [*found.answers.people["form"]] == [form]
        assert "not read, item u11a in the words of another form" in became(found)


def test_a_file_without_any_item_names_the_columns_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(SurveyFileError) as error:
        table(tmp_path, ["who", "when"], [1, 2])
    assert str(error.value) == (
        "t.csv: no column is known as an item of upward-management: say in the mapping which is, "
        "as {\"column 5\": \"u11a\"}. There are column 1 'who', column 2 'when'"
    )
