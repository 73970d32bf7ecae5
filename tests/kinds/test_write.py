"""A message of one's own: its marks are checked, gaps are asked about, and nothing is graded."""

from collections.abc import Callable
from typing import Any

import pytest

from upm import paths
from upm.content import Item, ResponseError, read_wording
from upm.widgets.markup import rendered

WORDING = read_wording(paths.DATA, [])
WEAK = ("weak", "All is fine here, more soon.", {})
OK = ("ok", "6 of 14 wards have moved.", {"S1": "6 of 14 wards have moved."})
STRONG = (
    "strong",
    "6 of 14 wards have moved. No decision needed. I report again on Friday.",
    {
        "S1": "6 of 14 wards have moved",
        "S5": "No decision needed",
        "S6": "I report again on Friday",
    },
)


@pytest.fixture
def item(build: Callable[..., Item]) -> Item:
    return build("write", WEAK, OK, STRONG, wording=WORDING)


def told(item: Item, response: Any) -> dict[str, tuple[str, Any]]:
    """By criterion: the verdict and the words it rests on."""
    found = item.assess(response).feedback
    return {each.option: (each.verdict, each.given) for each in found if len(each.option) == 2}


def test_it_is_never_scored(item: Item) -> None:
    assert not item.scored
    assert item.assess({"text": STRONG[1], "tags": STRONG[2]}).score is None


def test_the_criteria_stand_where_others_show_options(item: Item) -> None:
    shown = item.public()["options"]
    assert [each["id"] for each in shown] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert all(set(each) == {"id", "text"} for each in shown)


def test_the_samples_are_not_shown_before_the_answer(item: Item) -> None:
    assert "more soon" not in str(item.public())


def test_what_is_found_is_quoted_in_the_learners_own_words(item: Item) -> None:
    answer = told(item, {"text": "Hello. We have 6 of 14 wards done. Bye.", "tags": {}})
    assert answer["S1"] == ("found", "We have 6 of 14 wards done.")


def test_what_is_not_found_is_asked_about_and_never_called_missing(item: Item) -> None:
    feedback = item.assess({"text": "Hello."}).feedback
    asked = [each for each in feedback if each.verdict == "asked"]
    assert [each.option for each in asked] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert all(each.text.endswith("?") for each in asked)
    assert not any("missing" in each.text for each in asked)


def test_a_mark_that_shows_something_else_is_questioned_with_its_words(item: Item) -> None:
    response = {"text": STRONG[1], "tags": {"S5": "6 of 14 wards have moved"}}
    feedback = {each.option: each for each in item.assess(response).feedback}
    assert feedback["S5"].verdict == "asked"
    assert "6 of 14 wards have moved" in feedback["S5"].text


def test_marked_words_are_in_the_question_as_they_were_typed(item: Item) -> None:
    response = {"text": "*Hello* <b>there</b>", "tags": {"S5": "*Hello* <b>there</b>"}}
    asked = {each.option: each.text for each in item.assess(response).feedback}["S5"]
    assert rendered(asked, "text").startswith(
        "I do not see it in “*Hello* &lt;b&gt;there&lt;/b&gt;”."
    )


def test_the_samples_come_with_their_marks_afterwards(item: Item) -> None:
    feedback = item.assess({"text": "Hello."}).feedback
    samples = [(each.option, each.given, each.key) for each in feedback if each.verdict == "sample"]
    assert samples == [WEAK, OK, STRONG]


def test_words_to_read_again_are_flagged_with_the_sentence(item: Item) -> None:
    text = "6 of 14 are done. Marketing is useless."
    flagged = [each for each in item.assess({"text": text}).feedback if each.verdict == "flagged"]
    assert {each.given for each in flagged} == {"Marketing is useless."}
    assert all(each.text for each in flagged)


@pytest.mark.parametrize(
    "response",
    [
        None,
        [],
        {},
        {"tags": {}},
        {"text": 5},
        {"text": "x" * 4001},
        {"text": "x", "more": 1},
        {"text": "x", "tags": []},
        {"text": "x", "tags": {"B1": "x"}},
        {"text": "x", "tags": {"S1": 5}},
        {"text": "x", "guess": 7},
        {"text": "x", "guess": -1},
        {"text": "x", "guess": "many"},
    ],
)
def test_what_is_no_message_with_marks_is_refused(item: Item, response: Any) -> None:
    with pytest.raises(ResponseError):
        item.assess(response)


@pytest.mark.parametrize("guess", [None, 0, 6])
def test_a_guess_may_be_made_or_left_out(item: Item, guess: int | None) -> None:
    assert told(item, {"text": "x", "guess": guess}) == told(item, {"text": "x"})


@pytest.mark.parametrize(
    ("samples", "fields", "flaw"),
    [
        ([WEAK, OK, STRONG], {}, None),
        (
            [WEAK, OK, STRONG],
            {"genre": "sonnet"},
            ("genre", "sonnet", "one of bad_news, credit_line, expectation_note, "
             "one_to_one_agenda, status_update"),
        ),
        ([OK, WEAK, STRONG], {}, ("options", ["ok", "weak", "strong"], "weak, ok, strong")),
        (
            [WEAK, ("ok", "Six.", {"B1": "Six"}), STRONG],
            {},
            ("tags", "B1", "one of S1, S2, S3, S4, S5, S6"),
        ),
        ([WEAK, ("ok", "Six.", {"S1": "Seven"}), STRONG], {},
         ("tags", "Seven", "words of this text for S1")),
    ],
)  # fmt: skip
def test_a_flaw_of_the_author_is_named(
    build: Callable[..., Item], samples: Any, fields: dict[str, str], flaw: Any
) -> None:
    found = list(build("write", *samples, wording=WORDING, **fields).flaws())
    assert [(each.key, each.found, each.expected) for each in found] == ([flaw] if flaw else [])
