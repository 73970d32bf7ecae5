"""What a plan in the model leads to, shown while it is being given."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from upm import paths
from upm.kinds import load_bank
from upm.learning.records import Records
from upm.learning.session import Session, State

BANK = load_bank(paths.DATA)
YEAR, FREE, RUN = "half-a-year-in-the-model", "turn-the-dials", "friends-first"
EVEN = [[3, 3, 2, 2]] * 6
BEST = [[5, 5, 0, 0], [1, 1, 7, 1], [1, 4, 1, 4], [1, 4, 3, 2], [5, 1, 3, 1], [1, 4, 1, 4]]
REASONS = ["next-step", "next-step", "agree-anew", "mend", "next-step"]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    now = datetime(2031, 5, 17, tzinfo=UTC)
    session = Session(BANK, Records(tmp_path / "records.sqlite"), now=lambda: now)
    session.choose("Ana")
    return session


def look(session: Session, id: str, response: Any) -> State:
    return session.receive(id, {"do": "look", "response": response})


def check(session: Session, plan: list[list[int]]) -> State:
    response = {"plan": plan, "reasons": REASONS, "guess": None}
    message = {"do": "check", "uid": str(plan), "response": response, "seconds": 1}
    return session.receive(YEAR, message)


def test_a_look_shows_how_far_it_goes_and_keeps_nothing(session: Session) -> None:
    state = look(session, YEAR, {"plan": EVEN[:2]})
    assert state["shown"]["played"] == 2
    assert (state["checked"], state["response"], state["attempt"]) == (False, None, 0)
    assert session.exercise_state(YEAR)["shown"]["played"] == 2  # as when another part is drawn
    assert session.records.attempts(str(session.learner and session.learner.id)) == []


@pytest.mark.parametrize("response", [{"plan": [[9, 0, 0, 0]]}, {"plan": "best"}])
def test_what_cannot_be_played_is_refused_and_changes_nothing(
    session: Session, response: Any
) -> None:
    before = look(session, YEAR, {"plan": EVEN[:2]})
    after = look(session, YEAR, response)
    assert after == before | {"problem": "unfitting"}


def test_an_exercise_that_plays_nothing_has_nothing_to_show(session: Session) -> None:
    assert look(session, RUN, ["lower"])["shown"] is None
    assert session.exercise_state("which-pillar-now")["shown"] is None


def test_a_later_play_begins_with_the_plan_before_and_is_compared_with_the_first(
    session: Session,
) -> None:
    first = check(session, EVEN)["shown"]
    assert first["before"] is None
    again = session.receive(YEAR, {"do": "again"})
    assert (again["response"]["plan"], again["shown"]["played"]) == (EVEN, 6)
    assert look(session, YEAR, {"plan": BEST})["shown"]["gains"] != again["shown"]["gains"]
    second = check(session, BEST)["shown"]
    assert (second["points"], second["before"]) == (100, first["points"])


def test_somebody_else_does_not_see_what_was_being_given(session: Session) -> None:
    look(session, YEAR, {"plan": EVEN[:2]})
    session.choose("Ben")
    assert session.exercise_state(YEAR)["shown"]["played"] == 0


def test_dials_are_shown_as_they_are_turned(session: Session) -> None:
    start = BANK.item(FREE).public()["options"][0]
    dials = start["dials"] | {"openness": 0.3}
    closed = look(session, FREE, {"plan": start["plan"], "dials": dials})["shown"]
    assert closed["value"] < session.bank.item(FREE).show(None, False, None)["value"]
