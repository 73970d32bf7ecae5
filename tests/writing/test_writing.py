"""The course finds signs in a message, quotes them, asks about gaps, and falls for no tricks.

How well it does is measured on messages on which no rule was built (texts/held_out.toml).
"""

import pytest

from tests.writing import marked
from upm import paths
from upm.content import read_wording
from upm.writing import check

RUBRICS = read_wording(paths.DATA, []).rubrics
HELD_OUT = marked.read("held_out.toml")
DEVELOPMENT = marked.read("development.toml")
STRONG = {genre: 4 if genre == "credit_line" else len(rubric.criteria) - 1
          for genre, rubric in RUBRICS.items()}  # fmt: skip
"""From so many criteria on a message is strong; up to two it is weak."""


def found(genre: str, text: str, **tags: str) -> set[str]:
    return {each.code for each in check(RUBRICS[genre], text, tags).criteria if each.found}


def vetoes(text: str) -> set[str]:
    return {each.id for each in check(RUBRICS["bad_news"], text, {}).vetoes}


# ── What it finds, and what it asks ─────────────────────────────────────────────────────────────


def test_words_found_are_quoted_as_they_stand_in_the_text() -> None:
    text = "Hello Ana.\nWe are at 62 % of the target;  the plan was 75 %. More on Friday."
    for finding in check(RUBRICS["status_update"], text, {}).criteria:
        assert finding.quote is None or finding.quote in text


def test_what_is_found_has_a_quote_and_what_is_not_a_question() -> None:
    findings = check(RUBRICS["status_update"], "We are at 62 % of the target.", {}).criteria
    assert all((each.quote is None) != (each.question is None) for each in findings)
    assert {each.code for each in findings if each.found} == {"S1"}


def test_an_empty_message_has_nothing_in_it() -> None:
    for genre, rubric in RUBRICS.items():
        findings = check(rubric, "", {})
        assert [each.code for each in findings.criteria if each.found] == []
        assert findings.vetoes == (), genre


def test_news_counts_only_in_the_first_two_sentences() -> None:
    news = "We lost the Henning order."
    hello = "It was a full week. The fair went well. Thank you for the tickets."
    assert "B1" in found("bad_news", f"{news} {hello}")
    assert "B1" not in found("bad_news", f"{hello} {news}")
    assert "B1" not in found("bad_news", f"{hello} {news}", B1=news)


def test_topics_with_minutes_need_two_of_them() -> None:
    one = "Rota (5 min). Holidays."
    two = "Rota (5 min). Holidays (10 min)."
    assert "A1" not in found("one_to_one_agenda", one, A1="Rota (5 min)")
    assert "A1" in found("one_to_one_agenda", two)


def test_a_request_needs_a_time() -> None:
    assert "S5" not in found("status_update", "Can you approve two replacements?")
    assert "S5" in found("status_update", "Can you approve two replacements by Wednesday?")
    assert "B7" not in found("bad_news", "What shall we do?", B7="What shall we do?")
    text = "The truck leaves at noon. What shall we do?"
    assert "B7" in found("bad_news", text, B7="What shall we do?")


def test_marks_are_believed_by_wider_rules() -> None:
    text = "Eleven rooms, and we wanted to be at twelve."
    assert "S1" in found("status_update", text, S1=text)


def test_a_mark_may_differ_from_the_text_in_blanks_only() -> None:
    text = "No decision\n  needed this week."
    assert "S5" in found("status_update", text, S5="No decision needed")
    finding = check(RUBRICS["status_update"], text, {"S5": "No decisions needed"}).criteria[4]
    assert not finding.found
    assert finding.doubt == "“No decisions needed” does not stand in your message."


def test_a_criterion_of_another_genre_is_refused() -> None:
    with pytest.raises(ValueError, match="B1: no criterion of status_update; it has S1, S2, S3"):
        check(RUBRICS["status_update"], "Hello.", {"B1": "Hello"})


# ── What it does not fall for ───────────────────────────────────────────────────────────────────

STUFFED = {
    "status_update": "Status: green. Goal: on track. Progress: good. Decision: made. Risk: none. "
    "Ask: none. Next step: continue. Next update: soon.",
    "bad_news": "News: bad. Effect: some. Known: everything. Unknown: nothing. Fault: mine. "
    "Action: taken. Options: two. Recommendation: yes. Ask: help.",
    "expectation_note": "Purpose: clear. Product: good. Limits: yes. Success: yes. Deadline: soon. "
    "Priority: high. Decisions: mine. Please confirm.",
    "one_to_one_agenda": "1. Updates 2. Projects 3. Decisions 4. Feedback 5. Support 6. AOB",
    "credit_line": "Result: great. Team: great. Me: too. Manager: also. Told: yes.",
}


@pytest.mark.parametrize(("genre", "text"), STUFFED.items())
def test_headings_without_a_content_never_look_strong(genre: str, text: str) -> None:
    assert len(found(genre, text)) < STRONG[genre] - 1


@pytest.mark.parametrize(
    ("genre", "code", "text"),
    [
        ("status_update", "S4", "There is no risk and no delay."),
        ("status_update", "S2", "We have not finished the second floor."),
        ("bad_news", "B5", "I have not called the supplier."),
        ("status_update", "S4", "Nothing is without problems."),
    ],
)
def test_what_is_denied_is_not_found(genre: str, code: str, text: str) -> None:
    assert code not in found(genre, text)


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("The delay is Peter's fault.", {"blame"}),
        ("The delay is the printer's fault.", {"blame"}),
        ("Marketing is useless.", {"tone"}),
        ("The delay is my fault.", set()),
        ("We lost the order. I called them on Monday.", set()),
    ],
)
def test_blame_and_hard_words_are_flagged(text: str, flagged: set[str]) -> None:
    assert vetoes(text) & {"blame", "tone"} == flagged


def test_blame_is_not_ones_own_share() -> None:
    assert "B4" not in found("bad_news", "It is Peter's fault that the parts are late.")


def test_a_message_is_never_graded() -> None:
    findings = check(RUBRICS["status_update"], DEVELOPMENT[0].text, {})
    assert set(vars(findings)) == {"criteria", "vetoes"}


# ── How well it does ────────────────────────────────────────────────────────────────────────────


def test_the_held_out_messages_are_enough_and_mixed() -> None:
    assert len(HELD_OUT) >= 60
    kinds = {(message.genre, message.level) for message in HELD_OUT}
    assert len(kinds) == 3 * len(RUBRICS)
    assert not {message.text for message in HELD_OUT} & {each.text for each in DEVELOPMENT}


def test_what_it_finds_alone_is_there() -> None:
    assert marked.precision(marked.alone(RUBRICS, HELD_OUT)) >= 0.90


@pytest.mark.parametrize("genre", RUBRICS)
def test_what_it_finds_alone_is_there_in_each_genre(genre: str) -> None:
    of_genre = [message for message in HELD_OUT if message.genre == genre]
    assert marked.precision(marked.alone(RUBRICS, of_genre)) >= 0.80


def test_it_accepts_right_marks() -> None:
    assert marked.with_marks(RUBRICS, HELD_OUT) >= 0.85


def test_it_questions_wrong_marks() -> None:
    assert marked.with_wrong_marks(RUBRICS, HELD_OUT) >= 0.80


def test_by_its_count_no_strong_message_looks_weak() -> None:
    strong = [message for message in HELD_OUT if message.level == "strong"]
    counts = {each.id: len(found(each.genre, each.text, **each.given)) for each in strong}
    assert {id: count for id, count in counts.items() if count <= 2} == {}
