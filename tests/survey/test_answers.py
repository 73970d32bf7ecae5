"""Answers keep why a cell is empty, and scores follow the rule of their scale to the digit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.survey.population import INSTRUMENT
from upm.survey.answers import NO_SCORE, PEOPLE, Answers, Missing, Points, joined, scores
from upm.survey.instrument import Instrument, read_instrument

S, N, A, U = Missing.SKIPPED, Missing.NO_POINT, Missing.NOT_ASKED, Missing.NOT_UNDERSTOOD

# Two pillars and their total; b and e are reversed, and f has three points.
FOUR = """
id = "four"
name = "Four and two"
version = 1

[[responses]]
id = "often"
stem = "How often?"
points = ["never", "seldom", "half", "often", "always"]

[[responses]]
id = "three"
stem = "How much?"
points = ["little", "some", "much"]

[[forms]]
id = "member"
name = "Members"
introduction = "Thank you."

[[open]]
id = "wish"
text = "What do you wish?"

[[scales]]
id = "practice"
name = "Practice"
level = "practice"
items = ["a", "b"]
least = 2

[[scales]]
id = "first"
name = "First"
level = "pillar"
items = ["a", "b", "c", "d"]
least = 2

[[scales]]
id = "second"
name = "Second"
level = "pillar"
items = ["e"]

[[scales]]
id = "total"
name = "Total"
level = "total"
of = ["first", "second"]

[[scales]]
id = "far"
name = "Far"
level = "outcome"
items = ["f"]
""" + "\n".join(
    f'[[items]]\nid = "{id}"\nresponses = "{"three" if id == "f" else "often"}"\n'
    f"reversed = {str(id in 'bef').lower()}\n"
    f'text = {{ member = "Item {id}" }}\n'
    for id in "abcdef"
)

ROWS = [
    # a  b  c  d  e  f
    [5, 1, 4, 3, 2, 1],
    [4, S, N, 3, 4, 3],
    [2, A, U, S, 5, 2],
    [S, S, S, S, S, N],
]


@pytest.fixture(scope="module")
def instrument(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    file: Path = tmp_path_factory.mktemp("instrument") / "four.toml"
    file.write_text(FOUR, encoding="utf-8")
    return read_instrument(file)


@pytest.fixture
def answers(instrument: Instrument) -> Answers:
    people = pd.DataFrame(
        {
            "respondent": ["r1", "r2", "r3", "r4"],
            "form": "member",
            "wave": ["T0", "T0", "T1", None],
            "team": ["red", "blue", "red", "red"],
        },
        dtype=str,
    ).reindex(columns=list(PEOPLE))
    comments = pd.DataFrame({"wish": ["tea", None, "=1+1", None]}, dtype=str)
    return Answers(instrument, people, np.array(ROWS, np.int8), comments)


# ── Scores ──────────────────────────────────────────────────────────────────────────────────────


def test_reversed_items_are_turned_on_their_own_points_and_gaps_stay(answers: Answers) -> None:
    assert answers.keyed().tolist() == [
        # b and e: 6 - x; f: 4 - x
        [5, 5, 4, 3, 4, 3],
        [4, S, N, 3, 2, 1],
        [2, A, U, S, 1, 2],
        [S, S, S, S, S, N],
    ]
    assert answers.points.tolist() == ROWS  # and what was answered is left as it was


def test_a_score_is_the_mean_of_what_was_answered_in_whole_units(answers: Answers) -> None:
    # practice: halves; first: a mean of 2, 3 or 4, so twelfths; second, far: whole;
    # total: the mean of first and second, so 1/24.
    assert answers.instrument.units == (2, 12, 1, 24, 1)
    assert answers.scores().tolist() == [
        # r1: (5+5)/2; (5+5+4+3)/4 = 4.25 = 51/12; 4; (4.25+4)/2 = 4.125 = 99/24; 3
        [10, 51, 4, 99, 3],
        # r2: b is missing, so no practice; (4+3)/2 = 3.5 = 42/12; 2; 2.75 = 66/24; 1
        [NO_SCORE, 42, 2, 66, 1],
        # r3: one answer of four is too few, so no total either
        [NO_SCORE, NO_SCORE, 1, NO_SCORE, 2],
        [NO_SCORE] * 5,
    ]


@pytest.mark.parametrize(
    ("points", "score"),
    [
        ([5, 5, 5, 5, 5, 5], 5),
        ([4, 4, 4, 4, 4, 5], 25 / 6),
        ([4, 4, 4, 4, 5, S], 21 / 5),
        ([4, 4, N, 4, 5, S], 17 / 4),
        ([4, N, S, A, 5, 4], None),
        ([1, 2, 3, 4, 5, U], 3),
    ],
)
def test_a_pillar_of_ours_needs_four_of_six(points: list[int], score: float | None) -> None:

    columns = [INSTRUMENT.item_ids.index(item) for item in INSTRUMENT.scale["goals"].items]
    keyed = np.full((1, len(INSTRUMENT.items)), S, np.int8)
    keyed[0, columns] = points
    found = scores(INSTRUMENT, keyed)[0, list(INSTRUMENT.scale).index("goals")]
    assert found == (NO_SCORE if score is None else round(60 * score))


def test_our_total_needs_all_four_pillars() -> None:

    place = list(INSTRUMENT.scale).index("total")
    keyed = np.zeros((2, len(INSTRUMENT.items)), np.int8)
    for pillar, points in zip(INSTRUMENT.level("pillar"), (5, 4, 4, 3), strict=True):
        for item in INSTRUMENT.scale[pillar].items:
            keyed[:, INSTRUMENT.item_ids.index(item)] = points
    for item in INSTRUMENT.scale["trust"].items[:3]:
        keyed[1, INSTRUMENT.item_ids.index(item)] = S
    assert scores(INSTRUMENT, keyed)[:, place].tolist() == [240 * 4, NO_SCORE]


def test_an_instrument_without_scales_has_no_scores(instrument: Instrument) -> None:
    bare = Instrument.model_validate(instrument.model_dump() | {"scales": ()})
    assert scores(bare, np.array(ROWS, np.int8)).shape == (4, 0)


def test_nobody_has_no_scores(answers: Answers) -> None:
    assert answers.where(np.zeros(4, bool)).scores().shape == (0, 5)


# ── Parts and wholes ────────────────────────────────────────────────────────────────────────────


def respondents(answers: Answers) -> list[str]:
    assert len(answers) == len(answers.points) == len(answers.comments) == len(answers.people)
    return [*answers.people["respondent"]]


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (np.array([True, False, True, False]), ["r1", "r3"]),
        ([True, False, True, False], ["r1", "r3"]),
        (pd.Series([False, True, False, False]), ["r2"]),
        (np.array([2, 0]), ["r3", "r1"]),
        ([3, 3], ["r4", "r4"]),
    ],
)
def test_some_respondents_by_a_mask_or_by_their_places(
    answers: Answers, kept: object, found: list[str]
) -> None:
    some = answers.where(kept)
    assert respondents(some) == found
    rows = [["r1", "r2", "r3", "r4"].index(each) for each in found]
    assert some.points.tolist() == [ROWS[row] for row in rows]
    assert some.comments["wish"].fillna("").tolist() == [["tea", "", "=1+1", ""][r] for r in rows]


def test_some_respondents_by_what_is_known_of_them(answers: Answers) -> None:
    assert respondents(answers.of(team="red")) == ["r1", "r3", "r4"]
    assert respondents(answers.of(team="red", wave="T1")) == ["r3"]
    assert respondents(answers.of(team="green")) == []
    # Who is at no known wave is at none.
    assert respondents(answers.of(wave="T0")) + respondents(answers.of(wave="T1")) == [
        "r1", "r2", "r3",
    ]  # fmt: skip


def test_parts_of_parts_keep_together(answers: Answers) -> None:
    later = answers.of(team="red").where([2, 1])
    assert respondents(later) == ["r4", "r3"]
    assert later.points.tolist() == [ROWS[3], ROWS[2]]


def test_joined_parts_are_the_whole(answers: Answers) -> None:
    whole = joined([answers.where([0]), answers.where([1, 2]), answers.where([3])])
    pd.testing.assert_frame_equal(whole.people, answers.people)
    pd.testing.assert_frame_equal(whole.comments, answers.comments)
    assert whole.points.tolist() == ROWS
    nobody = answers.where(np.zeros(4, bool))
    assert len(answers.where([])) == 0
    assert respondents(joined([answers, nobody])) == ["r1", "r2", "r3", "r4"]


# ── One row for each answer ─────────────────────────────────────────────────────────────────────


def test_long_has_a_row_for_each_cell_and_says_why_one_is_empty(answers: Answers) -> None:
    long = answers.where([1, 2]).long()
    assert [*long.columns] == ["respondent", "form", "wave", "team", "item", "answer", "missing"]
    assert long["respondent"].tolist() == ["r2"] * 6 + ["r3"] * 6
    assert long["item"].tolist() == [*"abcdef"] * 2
    assert long["answer"].astype(object).where(long["answer"].notna(), None).tolist() == [
        4, None, None, 3, 4, 3,
        2, None, None, None, 5, 2,
    ]  # fmt: skip
    assert long["missing"].astype(object).where(long["missing"].notna(), None).tolist() == [
        None, "skipped", "no_point", None, None, None,
        None, "not_asked", "not_understood", "skipped", None, None,
    ]  # fmt: skip


def test_long_and_the_matrix_hold_the_same(answers: Answers) -> None:
    long = answers.long()
    back = long.pivot(index="respondent", columns="item", values="answer")
    points: Points = np.where(answers.points > 0, answers.points, 0)
    assert back.fillna(0).to_numpy(int).tolist() == points.tolist()


def test_long_of_nobody_is_empty(answers: Answers) -> None:
    assert answers.where(np.zeros(4, bool)).long().empty
