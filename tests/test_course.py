"""The calls in notebooks show a view, remember the learner, and never show a traceback."""

from pathlib import Path
from typing import Any

import pytest

from upm import course, paths
from upm.kinds import load_bank

BANK = load_bank(paths.DATA)
VIEW = "application/vnd.jupyter.widget-view+json"
CHOICE = next(item for item in BANK.items.values() if item.kind == "choice" and item.use == "unit")
ANSWER = [CHOICE.options[-1].id]
PILLAR = BANK.framework.pillar_of(BANK.home_of[CHOICE.id])


def answer(card: Any, uid: str = "1") -> Any:
    return card.press(do="check", uid=uid, response=ANSWER, seconds=3)


def answered(progress: Any) -> int:
    return sum(row["answered"] for row in progress.state["practices"])


@pytest.mark.parametrize(
    ("call", "form"),
    [
        ((course.open,), "learner"),
        ((course.exercise, CHOICE.id), "exercise"),
        ((course.progress, PILLAR.id), "progress"),
    ],
    ids=["open", "exercise", "progress"],
)
def test_a_call_shows_its_view_and_a_text_for_places_without_widgets(
    page: Any, call: Any, form: str
) -> None:
    shown = page.run(*call)
    assert shown.traits["form"] == form
    assert [VIEW in output for output in page.outputs] == [False, True]
    assert page.outputs[1][VIEW]["model_id"] == shown.comm_id
    assert page.outputs[0]["text/plain"].strip()
    assert page.printed == ""


def test_who_says_a_name_can_answer_on_cards_that_are_there_already(page: Any) -> None:
    learner, card = page.run(course.open), page.run(course.exercise, CHOICE.id)
    progress = page.run(course.progress, PILLAR.id)
    assert answer(card)["problem"] == "nobody"
    learner.press(do="choose", name="Ana")
    assert (card.state["problem"], bool(card.state["learner"])) == (None, True)
    assert answer(card)["checked"]
    assert card.told == [{"done": True}] * 2
    assert answered(progress) == 1
    learner.press(do="choose", name="Ben")
    assert not card.state["checked"]
    assert answered(progress) == 0


def test_a_cell_that_runs_again_shows_what_was_answered(page: Any) -> None:
    page.run(course.open).press(do="choose", name="Ana")
    before = answer(page.run(course.exercise, CHOICE.id))
    assert page.run(course.exercise, CHOICE.id).state == before
    page.restart()
    assert page.run(course.exercise, CHOICE.id).state == before
    assert page.run(course.open).state["name"] == "Ana"
    assert answered(page.run(course.progress, PILLAR.id)) == 1


def test_a_page_that_is_reloaded_leaves_only_the_newest_two_views_of_a_part(page: Any) -> None:
    learner = page.run(course.open)
    cards = [page.run(course.exercise, CHOICE.id) for _ in range(3)]
    learner.press(do="choose", name="Ana")
    assert [bool(card.state["learner"]) for card in cards] == [False, True, True]


@pytest.mark.parametrize("call", [(course.exercise, CHOICE.id[:-1]), (course.progress, "charm")])
def test_a_part_that_cannot_be_shown_says_so_in_plain_words(
    page: Any, home: Path, call: Any
) -> None:
    page.run(*call)
    assert page.outputs == [
        {
            "text/plain": "This part of the page could not be shown. The rest of the page works. "
            f"The reason is in the file {home / 'upm.log'}."
        }
    ]
    assert page.printed == ""
    assert call[1] in (home / "upm.log").read_text(encoding="utf-8")


def test_an_author_is_told_the_nearest_id(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPM_STRICT", "1")
    wrong = CHOICE.id[:-1]
    with pytest.raises(KeyError, match=f"no item has the id '{wrong}'; did you mean '{CHOICE.id}'"):
        page.run(course.exercise, wrong)


def test_a_folder_that_cannot_be_made_is_no_reason_to_show_nothing(page: Any, home: Path) -> None:
    home.write_text("in the way", encoding="utf-8")
    learner, card = page.run(course.open), page.run(course.exercise, CHOICE.id)
    assert learner.press(do="choose", name="Ana")["problem"] == "unreachable"
    assert answer(card)["problem"] == "nobody"
    card.press(do="guess")
    assert card.told[-1] == {"failed": True}
    page.run(course.exercise, "no-such-item")
    assert "could not be shown" in page.outputs[0]["text/plain"]
    assert page.printed == ""


def test_an_answer_that_cannot_be_saved_stays_on_the_page(page: Any, home: Path) -> None:
    page.run(course.open).press(do="choose", name="Ana")
    card = page.run(course.exercise, CHOICE.id)
    (home / "records.sqlite").rename(home / "elsewhere")
    (home / "records.sqlite").mkdir()
    state = answer(card)
    assert (state["checked"], state["saved"], state["problem"]) == (True, False, "unreachable")
    (home / "records.sqlite").rmdir()
    (home / "elsewhere").rename(home / "records.sqlite")
    state = card.press(do="save")
    assert (state["saved"], state["problem"], state["attempt"]) == (True, None, 1)
