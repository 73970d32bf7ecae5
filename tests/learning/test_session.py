"""A session: what each view shows, and what an answer changes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from upm.content import Bank
from upm.learning.records import Records
from upm.learning.session import Session, State

NOON = datetime(2031, 5, 17, 12, 0, tzinfo=UTC)
RIGHT, WRONG = ["a"], ["c"]

Open = Callable[..., Session]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def open_session(bank: Bank, path: Path) -> Open:
    """Opens a session on the same file, as a kernel does when it starts."""

    def open_(bank: Bank = bank) -> Session:
        session = Session(bank, Records(path, patience=0.01), now=lambda: NOON)
        session.open()
        return session

    return open_


@pytest.fixture
def session(open_session: Open) -> Session:
    """Ana has just begun."""
    session = open_session()
    session.choose("Ana")
    return session


uids = map(str, count())


def check(session: Session, id: str, response: Any, **message: Any) -> State:
    usual = {"do": "check", "uid": next(uids), "response": response, "seconds": 4.5}
    return session.receive(id, usual | message)


def on_disk(path: Path) -> list[tuple[str, str, int]]:
    """Item, response and hints of everything that the file holds, read without our own code."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT item, response, hints FROM attempt ORDER BY n").fetchall()


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """While another program writes, nothing can be read or saved."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def being_read(path: Path) -> Iterator[None]:
    """While another program is about to write, everything can be read, but nothing saved."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


# ── Who is learning ─────────────────────────────────────────────────────────────────────────────


def test_at_first_nobody_learns(open_session: Open, path: Path) -> None:
    state = open_session().learner_state()
    assert {part["answered"] for part in state.pop("parts")} == {0}
    assert state == {
        "name": None,
        "names": [],
        "began": False,
        "problem": None,
        "place": str(path.parent),
        "set_aside": None,
    }


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ana", "Ana"),
        ("  Ana\t Lima ", "Ana Lima"),
        ("<b>Ana</b>", "<b>Ana</b>"),
        (50 * "y", 40 * "y"),
    ],
)
def test_a_name_is_kept_as_it_was_typed_but_for_spaces(
    open_session: Open, typed: str, name: str
) -> None:
    assert open_session().choose(typed)["name"] == name
    assert open_session().learner_state()["name"] == name


def test_a_name_is_needed(session: Session) -> None:
    state = session.choose("  ")
    assert (state["name"], state["problem"]) == ("Ana", "no-name")


def test_a_name_that_cannot_be_saved_says_why(session: Session, path: Path) -> None:
    with in_use(path):
        state = session.choose("Ben")
    assert (state["name"], state["names"], state["problem"]) == ("Ana", [], "busy")


def test_a_learner_has_begun_with_the_first_answer(session: Session) -> None:
    assert not session.learner_state()["began"]
    check(session, "pick", WRONG)
    assert session.learner_state()["began"]


def test_a_learner_whom_the_damaged_file_forgot_finds_later_answers_again(
    session: Session, open_session: Open, path: Path
) -> None:
    path.write_bytes(b"no database" * 1000)
    check(session, "pick", RIGHT)
    again = open_session()
    assert again.learner == session.learner
    assert again.exercise_state("pick")["feedback"]["outcome"] == "correct"


def test_a_file_that_was_damaged_is_named_to_the_learner(open_session: Open, path: Path) -> None:
    path.write_bytes(b"not a database at all" * 99)
    state = open_session().learner_state()
    assert state["problem"] is None
    assert (path.parent / state["set_aside"]).read_bytes() == b"not a database at all" * 99


# ── An answer ───────────────────────────────────────────────────────────────────────────────────


def test_a_page_that_opens_again_goes_on_as_whoever_learned_last(open_session: Open) -> None:
    page, other = open_session(), open_session()
    page.choose("Ana")
    page.receive("pick", {"do": "hint"})
    other.choose("Ben")
    page.open()
    assert page.learner_state()["name"] == "Ben"
    assert page.exercise_state("pick")["hints"] == []


def test_a_new_learner_sees_no_answer_and_no_feedback(session: Session, path: Path) -> None:
    assert session.exercise_state("pick") == {
        "learner": session.learner and session.learner.id,
        "checked": False,
        "response": None,
        "feedback": None,
        "shown": None,
        "takeaway": None,
        "withheld": False,
        "draft_key": True,
        "attempt": 0,
        "at": None,
        "saved": True,
        "older": None,
        "hints": [],
        "problem": None,
        "place": str(path.parent),
    }


def test_an_answer_is_saved_and_explained(session: Session, path: Path) -> None:
    state = check(session, "pick", WRONG)
    assert (state["checked"], state["attempt"], state["saved"]) == (True, 1, True)
    assert (state["response"], state["at"]) == (WRONG, NOON.isoformat())
    assert state["takeaway"] == "The lesson of pick."
    assert (state["feedback"]["outcome"], state["feedback"]["scaled"]) == ("not yet", 0)
    assert state["feedback"]["options"] == [
        {"option": "a", "verdict": "missed", "text": "Why a.", "given": False, "key": 3},
        {"option": "b", "verdict": "left", "text": "Why b.", "given": False, "key": 2},
        {"option": "c", "verdict": "off", "text": "Why c.", "given": True, "key": 0},
    ]
    assert on_disk(path) == [("pick", '["c"]', 0)]


def test_wrong_and_then_right_shows_the_last_and_keeps_both(session: Session, path: Path) -> None:
    check(session, "pick", WRONG)
    state = session.receive("pick", {"do": "again"})
    assert (state["checked"], state["feedback"], state["takeaway"]) == (False, None, None)
    assert (state["response"], state["attempt"]) == (WRONG, 1)
    state = check(session, "pick", RIGHT)
    assert (state["feedback"]["outcome"], state["attempt"]) == ("correct", 2)
    assert [response for _, response, _ in on_disk(path)] == ['["c"]', '["a"]']


def test_what_is_not_scored_is_kept_without_an_outcome(session: Session) -> None:
    state = check(session, "own", {"text": "The **yearly** talk"})
    assert state["feedback"] == {"outcome": None, "scaled": None, "options": []}
    assert state["response"] == {"text": "The **yearly** talk"}


def test_hints_come_one_by_one_and_are_counted(session: Session, path: Path) -> None:
    shown = [session.receive("pick", {"do": "hint"})["hints"] for _ in range(3)]
    assert shown == [
        ["Who waits?"],
        ["Who waits?", "What changes on Friday?"],
        ["Who waits?", "What changes on Friday?"],
    ]
    assert session.exercise_state("tell")["hints"] == []
    check(session, "pick", RIGHT)
    assert on_disk(path) == [("pick", '["a"]', 2)]
    assert hits(session) == 0


@pytest.mark.parametrize(
    ("id", "response", "problem"),
    [
        ("pick", [], "unattempted"),
        ("tell", {}, "unattempted"),
        ("sort", ["a", "b", "c"], "unattempted"),  # as found
        ("own", {}, "unattempted"),
        ("pick", ["z"], "unfitting"),
        ("pick", None, "unfitting"),
        ("tell", {"a": "high"}, "unfitting"),
        ("sort", ["a"], "unfitting"),
        ("own", {"text": 2001 * "x"}, "unfitting"),
    ],
)
def test_no_answer_and_a_wrong_form_of_it_are_told_and_not_kept(
    session: Session, path: Path, id: str, response: Any, problem: str
) -> None:
    state = check(session, id, response)
    assert (state["problem"], state["checked"], state["attempt"]) == (problem, False, 0)
    assert on_disk(path) == []


def test_an_answer_of_nobody_is_not_kept(open_session: Open, path: Path) -> None:
    session = open_session()
    state = check(session, "pick", RIGHT)
    assert (state["problem"], state["learner"], state["checked"]) == ("nobody", None, False)
    session.choose("Ana")
    assert on_disk(path) == []
    assert not session.exercise_state("pick")["checked"]


def test_a_message_that_comes_twice_counts_once(session: Session, path: Path) -> None:
    for _ in range(2):
        state = check(session, "pick", RIGHT, uid="the same")
    assert state["attempt"] == len(on_disk(path)) == 1


def test_a_message_that_asks_for_something_else_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="do = 'guess'; expected check, look, hint, again or save"):
        session.receive("pick", {"do": "guess"})


# ── An answer that cannot be saved ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hindrance", [in_use, being_read])
def test_an_answer_that_cannot_be_saved_is_explained_and_saved_later(
    session: Session, path: Path, hindrance: Any
) -> None:
    with hindrance(path):
        state = check(session, "pick", RIGHT, uid="1")
        assert (state["problem"], state["saved"], state["checked"]) == ("busy", False, True)
        assert state["feedback"]["outcome"] == "correct"
        state = check(session, "pick", RIGHT, uid="1")  # the message comes again
        assert (state["attempt"], state["saved"]) == (1, False)
        assert hits(session) == 1
        assert session.receive("pick", {"do": "save"})["problem"] == "busy"
    assert on_disk(path) == []
    state = session.receive("pick", {"do": "save"})
    assert (state["problem"], state["saved"], state["attempt"]) == (None, True, 1)
    session.receive("pick", {"do": "save"})
    assert on_disk(path) == [("pick", '["a"]', 0)]


def test_the_next_answer_saves_those_before_it(session: Session, path: Path) -> None:
    with in_use(path):
        check(session, "pick", WRONG)
    assert check(session, "tell", {"a": 5, "b": 1})["saved"]
    assert [item for item, _, _ in on_disk(path)] == ["pick", "tell"]
    assert session.exercise_state("pick")["saved"]


def test_an_unsaved_answer_stays_with_the_learner_who_gave_it(session: Session, path: Path) -> None:
    with in_use(path):
        check(session, "pick", RIGHT)
    session.choose("Ben")
    with in_use(path):
        assert not session.exercise_state("pick")["checked"]
        assert hits(session) == 0
    check(session, "tell", {"a": 1, "b": 5})
    assert session.exercise_state("pick")["attempt"] == 0
    session.choose("Ana")
    assert session.exercise_state("pick")["attempt"] == hits(session) == 1


# ── Others, earlier, and after a restart ────────────────────────────────────────────────────────


def test_learners_do_not_see_the_answers_of_each_other(session: Session) -> None:
    session.receive("pick", {"do": "hint"})
    check(session, "pick", RIGHT)
    session.choose("Ben")
    state = session.exercise_state("pick")
    assert (state["checked"], state["response"], state["hints"]) == (False, None, [])
    assert hits(session) == 0
    check(session, "pick", WRONG)
    assert session.choose("ana")["names"] == ["Ana", "Ben"]
    assert session.exercise_state("pick")["response"] == RIGHT


def test_a_restarted_kernel_goes_on_where_the_learner_stopped(
    session: Session, open_session: Open
) -> None:
    check(session, "pick", WRONG)
    again = open_session()
    assert again.exercise_state("pick") == session.exercise_state("pick")
    assert again.learner_state()["name"] == "Ana"
    assert again.progress_state("trust") == session.progress_state("trust")


@pytest.mark.parametrize("id", ["pick", "own"])
def test_an_answer_to_an_earlier_version_is_shown_as_such(
    session: Session, open_session: Open, bank: Bank, path: Path, id: str
) -> None:
    response = RIGHT if id == "pick" else {"text": "Mine."}
    check(session, id, response)
    rewritten = bank.item(id).model_copy(update={"version": 2})
    after = open_session(replace(bank, items=dict(bank.items) | {id: rewritten}))
    state = after.exercise_state(id)
    assert (state["checked"], state["response"], state["attempt"]) == (False, None, 0)
    outcome = "correct" if id == "pick" else None
    assert state["older"] == {"at": NOON.isoformat(), "outcome": outcome}
    assert check(after, id, response)["attempt"] == 1
    assert len(on_disk(path)) == 2


def test_an_answer_that_the_item_does_not_have_any_more_is_shown_as_older(
    session: Session, open_session: Open, bank: Bank
) -> None:
    check(session, "pick", WRONG)
    item = bank.item("pick")
    shorter = item.model_copy(update={"options": item.options[:2]})
    state = open_session(replace(bank, items=dict(bank.items) | {"pick": shorter})).exercise_state(
        "pick"
    )
    assert (state["checked"], state["older"]["outcome"]) == (False, "not yet")


def hits(session: Session) -> int:
    return sum(row["hits"] for row in session.progress_state("trust")["practices"])


def test_progress_names_each_practice_of_the_pillar(session: Session) -> None:
    check(session, "pick", RIGHT)
    assert session.progress_state("trust") == {
        "practices": [
            {
                "practice": "listening",
                "name": "Listening",
                "items": 2,
                "answered": 1,
                "scored": 1,
                "hits": 1,
                "next": "tell",
            },
            {
                "practice": "honesty",
                "name": "Honesty",
                "items": 0,
                "answered": 0,
                "scored": 0,
                "hits": 0,
                "next": None,
            },
        ]
    }
