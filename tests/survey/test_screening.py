import warnings
from collections.abc import Iterator
from itertools import groupby
from math import erfc, exp, sqrt
from statistics import correlation, mean, stdev
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import mahalanobis
from scipy.stats import chi2

from tests.survey.builders import SMALL, answers, drawn, instrument, scale
from tests.survey.conftest import Answered
from upm.survey.answers import Answers
from upm.survey.instrument import Instrument
from upm.survey.moments import Covariance, accumulate
from upm.survey.screening import (
    Screened,
    contradictions,
    distances,
    duplicates,
    even_odd,
    longest_run,
    screen,
    variability,
)

NONE = float("nan")
ORDER = [f"{pillar}{j}" for j in range(1, 7) for pillar in "ba"]
"""The pillars take turns on screen: not the order of the columns."""
PLACES = [SMALL.item_ids.index(item) for item in ORDER]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def asking(**rule: Any) -> Instrument:
    """The small instrument with a rule: order and exclude, if not given, are those of ORDER, 1."""
    return instrument(screening={"order": ORDER, "exclude": 1} | rule)


def screened(given: Answers, population: Covariance | None = None) -> Screened:
    found = screen(given, population)
    assert found is not None
    return found


def points(found: Any) -> np.ndarray:
    return np.array(found, np.int8)


def close(expected: Any, rel: float = 1e-12) -> Any:
    return pytest.approx(np.asarray(expected, float), rel=rel, abs=1e-12, nan_ok=True)


# ── Runs ────────────────────────────────────────────────────────────────────────────────────────

RUNS = {
    "at the beginning": ([3, 3, 3, 2, 2], 3),
    "at the end": ([4, 1, 1, 1, 1], 4),
    "from the first to the last": ([5, 5, 5, 5, 5], 5),
    "no two alike": ([1, 2, 3, 4, 5], 1),
    "alike but not next to each other": ([1, 2, 1, 2, 1], 1),
    "a skipped one between": ([2, 2, 0, 2, 2], 2),
    "did not come up between": ([2, 2, -1, 2, 2], 2),
    "one answer": ([0, 0, 0, 0, 5], 1),
    "nothing answered": ([0, 0, 0, 0, 0], 0),
    "nothing ever came up": ([-1, -1, -1, -1, -1], 0),
}


@pytest.mark.parametrize(("row", "expected"), RUNS.values(), ids=RUNS)
def test_a_run_is_of_the_same_point_and_ends_at_a_gap(row: list[int], expected: int) -> None:
    assert longest_run(points([row])).tolist() == [expected]


def test_a_run_follows_the_order_on_screen_and_the_answers_as_given() -> None:
    row = np.arange(15) % 2 + 1  # nowhere two alike in the order of the columns
    row[PLACES] = [1, 2, 1, 2, 5, 5, 5, 5, 5, 1, 2, 1]  # a3, b5 reversed; b3 a3 b4 a4 b5: 5
    found = screened(answers(row, asking())).indices["longest_run"]
    assert found.tolist() == [5]


def test_items_off_the_screen_lengthen_no_run() -> None:
    row = np.full(15, 4)
    row[PLACES[:6]] = 0
    assert screened(answers(row, asking())).indices["longest_run"].tolist() == [6]


# ── Variability ─────────────────────────────────────────────────────────────────────────────────

VARIABILITY = {
    "1 to 5": ([1, 2, 3, 4, 5], sqrt(2.5)),  # 4 + 1 + 0 + 1 + 4 = 10, by 4
    "all the same": ([5, 5, 5, 5, 5], 0),
    "two of five": ([2, 0, 4, -1, -2], sqrt(2)),  # 1 + 1, by 1
    "one": ([0, 0, 3, 0, 0], NONE),
    "none": ([0, -1, -2, -3, 0], NONE),
}


@pytest.mark.parametrize(("row", "expected"), VARIABILITY.values(), ids=VARIABILITY)
def test_variability_is_the_deviation_of_what_was_answered(row: list[int], expected: float) -> None:
    assert variability(points([row])) == close([expected])


# ── Distance ────────────────────────────────────────────────────────────────────────────────────

HALF = Covariance(
    ("i", "j"), np.full((2, 2), 9.0), np.array([3.0, 3.0]), np.array([[1.0, 0.5], [0.5, 1.0]])
)
# The inverse of the matrix is [[1, -.5], [-.5, 1]] / .75. With two items, p is exp(-d / 2), with
# one erfc(sqrt(d / 2)).
DISTANCES = {
    "in the middle": ([3, 3], 0, 1),
    "one higher": ([4, 3], 4 / 3, exp(-2 / 3)),
    "both higher": ([4, 4], 4 / 3, exp(-2 / 3)),  # (1 - .5 - .5 + 1) / .75
    "apart": ([4, 2], 4, exp(-2)),  # (1 + .5 + .5 + 1) / .75
    "a gap": ([5, 0], 4, erfc(sqrt(2))),  # 2 * 2 / 1
    "a gap at the other": ([-1, 2], 1, erfc(sqrt(0.5))),
    "nothing": ([0, -1], NONE, NONE),
}


@pytest.mark.parametrize(("row", "distance", "p"), DISTANCES.values(), ids=DISTANCES)
def test_a_distance_is_over_the_items_answered(row: list[int], distance: float, p: float) -> None:
    found, probability = distances(points([row]), HALF)
    assert found == close([distance])
    assert probability == close([p])


def test_distances_of_complete_answers_are_those_of_scipy() -> None:
    given = drawn(300, seed=1, missing=0, to=asking())
    keyed = given.keyed()[:, PLACES].astype(float)
    inverse = np.linalg.inv(np.cov(keyed, rowvar=False))
    expected = [mahalanobis(row, keyed.mean(0), inverse) ** 2 for row in keyed]
    found = screened(given).indices
    assert found["distance"].to_numpy() == close(expected, 1e-9)
    assert found["distance"].sum() == pytest.approx(299 * 12, rel=1e-12)  # always (n - 1) k
    assert found["probability"].to_numpy() == close(chi2.sf(expected, 12), 1e-9)


def test_distances_with_gaps_use_the_pairwise_covariance_of_the_items_answered() -> None:
    given = drawn(400, seed=2, missing=0.15, to=asking())
    keyed = given.keyed()[:, PLACES]
    frame = pd.DataFrame(np.where(keyed > 0, keyed, np.nan))
    mean, cov = frame.mean().to_numpy(), frame.cov().to_numpy()
    expected, p = [], []
    for row in frame.to_numpy():
        have = np.flatnonzero(~np.isnan(row))
        inverse = np.linalg.inv(cov[np.ix_(have, have)])
        expected.append(mahalanobis(row[have], mean[have], inverse) ** 2)
        p.append(chi2.sf(expected[-1], len(have)))
    found = screened(given).indices
    assert 100 < (frame.isna().any(axis=1)).sum() < 400
    assert found["distance"].to_numpy() == close(expected, 1e-9)
    assert found["probability"].to_numpy() == close(p, 1e-9)


def test_there_is_no_distance_over_items_that_say_the_same_but_one_over_either() -> None:
    given = drawn(100, seed=3, missing=0, to=asking())
    given.points[:, PLACES[1]] = given.points[:, PLACES[0]]
    population = accumulate(given).covariance(ORDER)
    given.points[0, PLACES[0]] = given.points[1, PLACES[1]] = 0
    found = screened(given, population).indices["distance"]
    assert found[:2].notna().all()
    assert found[2:].isna().all()


def test_there_is_no_distance_over_an_item_on_which_all_agree() -> None:
    given = drawn(50, seed=4, missing=0, to=asking(outlier_p=0.5))
    given.points[:, PLACES[0]] = 4
    given.points[0, PLACES[0]] = 0
    found = screened(given)
    assert found.indices["distance"].notna().tolist() == [True] + [False] * 49
    assert not found.flags["outlier"][1:].any()


def test_there_is_no_distance_over_an_item_that_nobody_in_the_population_has() -> None:
    lacking = HALF._replace(
        means=np.array([3.0, NONE]), matrix=np.array([[1.0, NONE], [NONE, NONE]])
    )
    found, _ = distances(points([[4, 0], [4, 4], [0, 4]]), lacking)
    assert found == close([1, NONE, NONE])


def test_a_population_makes_a_part_look_as_it_does_within_the_whole() -> None:
    whole = drawn(300, seed=5, missing=0, to=asking(outlier_p=0.05))
    part = whole.where(np.arange(300) % 3 == 0)
    population = accumulate(whole).covariance(ORDER)
    within, alone = screened(part, population), screened(part)
    expected = screened(whole)
    assert within.flags["outlier"].sum() > 0
    assert within.indices["distance"].tolist() == close(expected.indices["distance"][::3])
    assert (within.excluded == expected.excluded[::3]).all()
    assert alone.indices["distance"].sum() == pytest.approx(99 * 12)  # about its own mean
    assert within.indices["distance"].sum() != pytest.approx(99 * 12)


# ── Even and odd ────────────────────────────────────────────────────────────────────────────────

# Keyed: the first items of three practices, then the second ones.
HALVES = {
    "the same order": ([1, 3, 5], [2, 3, 4], 1),
    "the opposite": ([1, 2, 3], [3, 2, 1], -1),
    "partly": ([1, 2, 3], [1, 3, 2], 2 / 3),  # r = .5; 1 / 1.5
    "against each other": ([1, 2, 3], [3, 1, 2], -1),  # r = -.5; -1 / .5, at least -1
    "not related": ([1, 3, 1, 3], [2, 2, 4, 4], 0),
    "one half does not vary": ([1, 2, 3], [2, 2, 2], NONE),
    "neither varies": ([4, 4, 4], [4, 4, 4], NONE),
    "two scales": ([1, 2], [2, 1], NONE),
    "a gap leaves two scales": ([1, 2, 3], [1, 2, 0], NONE),
    "a gap leaves three scales": ([1, 3, 5, 1], [2, 3, 4, 0], 1),
    "did not come up leaves three scales": ([1, 3, -1, 5], [2, 3, 1, 4], 1),
    "nothing": ([], [], NONE),
}


@pytest.mark.parametrize(("first", "second", "expected"), HALVES.values(), ids=HALVES)
def test_even_odd_is_the_corrected_correlation_of_the_halves_of_practices(
    first: list[int], second: list[int], expected: float
) -> None:
    keyed = np.zeros((1, 15), np.int8)
    keyed[0, range(0, 2 * len(first), 2)] = first
    keyed[0, range(1, 2 * len(second), 2)] = second
    assert even_odd(SMALL, keyed) == close([expected])


def test_even_odd_is_of_keyed_answers() -> None:
    row = np.zeros(15, int)
    row[:6] = [3, 3, 5, 2, 5, 4]  # a3 is reversed: 3, 1, 5 and 3, 2, 4
    assert screened(answers(row, asking())).indices["even_odd"].tolist() == close([1])


def test_even_odd_takes_pillars_where_there_are_no_practices(answered: Answered) -> None:
    # Of each pillar of three items, the first and third against the second: 2, 3.5, 4 and 1, 2, 3;
    # deviations -7/6, 2/6, 5/6 and -1, 0, 1: r = 2 / sqrt(78/36 * 2) = 12 / sqrt(156).
    scales = {"p": range(3), "q": range(3, 6), "r": range(6, 9), "o": range(9, 11)}
    given = answered([[1, 1, 3, 3, 2, 4, 5, 3, 3, 1, 5]], scales=scales)
    r = 12 / sqrt(156)
    assert even_odd(given.instrument, given.keyed()) == close([2 * r / (1 + r)])


# ── Time ────────────────────────────────────────────────────────────────────────────────────────


def test_time_is_shared_by_all_items_answered_on_the_form_in_whatever_order_they_are_asked() -> (
    None
):
    rows = np.ones((4, 15))
    rows[1:3, :5] = 0, -2, -3, 0, 0  # ten are left
    rows[3] = 0
    given = answers(rows, asking(seconds_per_item=2), seconds=[30.0, 19.0, NONE, 60.0])
    found = screened(given)
    assert found.indices["seconds_per_item"].tolist() == close([2, 1.9, NONE, NONE])
    assert found.flags["fast"].tolist() == [False, True, False, False]  # 2 is enough


def test_no_time_is_known_where_the_column_holds_nothing() -> None:
    given = answers(np.ones((2, 15)), asking(), seconds=pd.Series([None, None], dtype=object))
    assert screened(given).indices["seconds_per_item"].isna().all()


# ── Contradictions ──────────────────────────────────────────────────────────────────────────────

# As given; the last item is reversed. With five points, 2 and less is low, 4 and more high.
CONTRADICTIONS = {
    "agreed to everything": (5, [5, 5, 5, 5], 1),
    "just agreed to everything": (5, [4, 4, 4, 4], 1),
    "disagreed with everything": (5, [1, 1, 1, 1], 1),
    "consistently high": (5, [5, 5, 5, 1], 0),
    "consistently low": (5, [1, 1, 1, 5], 0),
    "in the middle of the reversed item": (5, [5, 5, 5, 3], 0),
    "the rest not quite high": (5, [4, 4, 3, 5], 0),
    "the rest high on average": (5, [5, 4, 3, 5], 1),
    "the rest not quite low": (5, [2, 2, 3, 1], 0),
    "the rest low on average": (5, [1, 2, 3, 1], 1),
    "of the rest, two": (5, [5, 5, 0, 5], 1),
    "of the rest, only one": (5, [5, 0, -1, 5], 0),
    "the reversed item skipped": (5, [5, 5, 5, 0], 0),
    "the reversed item did not come up": (5, [1, 1, 1, -1], 0),
    "seven points, one from the middle": (7, [5, 5, 5, 5], 1),
    "seven points, in the middle": (7, [5, 5, 5, 4], 0),
    "four points, at the ends": (4, [4, 4, 4, 4], 1),  # 1.5 and less, 3.5 and more
    "four points, next to the middle": (4, [3, 3, 3, 3], 0),
    "two points have no room": (2, [2, 2, 2, 2], 0),
}


@pytest.mark.parametrize(("highest", "row", "n"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_reversed_item_contradicts_the_rest_of_its_pillar(
    answered: Answered, highest: int, row: list[int], n: int
) -> None:
    given = answered([row], reversed=[3], highest=highest)
    assert contradictions(given.instrument, given.keyed()).tolist() == [n]


def test_each_reversed_item_is_counted_against_its_own_pillar(answered: Answered) -> None:
    table = [
        [5, 5, 5, 5, 5, 5, 5],  # both of p and the one of q
        [5, 5, 5, 1, 1, 1, 1],  # the first of p; q at the other end
        [5, 5, 1, 1, 1, 1, 5],  # none
    ]
    given = answered(table, scales={"p": range(4), "q": range(4, 7)}, reversed=[2, 3, 6])
    assert contradictions(given.instrument, given.keyed()).tolist() == [3, 2, 0]


# ── Duplicates ──────────────────────────────────────────────────────────────────────────────────

SAME = [1, 2, 3, 4]
OTHER = [4, 3, 2, 1]


def test_the_same_answers_to_everything_are_a_duplicate_of_the_first(answered: Answered) -> None:
    given = answered([SAME, OTHER, SAME, SAME], team=["t", "u", "v", "t"])
    assert duplicates(given, range(4)).tolist() == [False, False, True, True]


ALIKE = {
    "everywhere the same point": [3, 3, 3, 3],
    "an item skipped": [1, 0, 3, 4],
    "an item that did not come up": [1, 2, -1, 4],
    "nothing": [0, 0, 0, 0],
}


@pytest.mark.parametrize("row", ALIKE.values(), ids=ALIKE)
def test_answers_that_many_give_alike_are_no_duplicates(answered: Answered, row: list[int]) -> None:
    assert not duplicates(answered([row, row, row]), range(4)).any()


@pytest.mark.parametrize("column", ["form", "wave"])
def test_the_same_answers_on_another_form_or_wave_are_no_duplicates(
    answered: Answered, column: str
) -> None:
    values = {column: ["one", "other", "one"]}
    assert duplicates(answered([SAME] * 3, **values), range(4)).tolist() == [False, False, True]


def test_only_the_items_on_screen_are_compared(answered: Answered) -> None:
    given = answered([SAME, [1, 2, 3, 5]])
    assert duplicates(given, range(3)).tolist() == [False, True]
    assert duplicates(given, range(4)).tolist() == [False, False]


CODES: dict[str, tuple[dict[str, list[str | None]], bool]] = {
    "the same code": ({"link": ["ANGR58", "ANGR58"]}, True),
    "another code": ({"link": ["ANGR58", "KLOS71"]}, False),
    "no code": ({"link": [None, None]}, False),
    "the same code in another team": ({"link": ["ANGR58"] * 2, "team": ["t", "u"]}, False),
    "the same code at another wave": ({"link": ["ANGR58"] * 2, "wave": ["T0", "T1"]}, False),
    "the same code on another form": ({"link": ["ANGR58"] * 2, "form": ["x", "y"]}, False),
    "without a team": ({"link": ["ANGR58"] * 2, "team": [None, None]}, True),
    "a manager about the same member": ({"about": ["A", "A"]}, True),
    "a manager about two members": ({"link": ["M", "M"], "about": ["A", "B"]}, False),
}


@pytest.mark.parametrize(("people", "expected"), CODES.values(), ids=CODES)
def test_a_code_that_comes_again_in_a_team_is_a_duplicate(
    answered: Answered, people: dict[str, Any], expected: bool
) -> None:
    given = answered([SAME, OTHER], **people)
    assert duplicates(given, range(4)).tolist() == [False, expected]


def test_a_respondent_is_no_duplicate_of_one_who_was_left_out(answered: Answered) -> None:
    given = answered([SAME, OTHER, SAME], link=["a", "b", "b"])
    assert duplicates(given.where([1, 2]), range(4)).tolist() == [False, True]
    assert duplicates(given.where([2]), range(4)).tolist() == [False]


# ── All indices, worked out in another way ──────────────────────────────────────────────────────


Row = dict[str, int]
"""Item -> point, of the items answered."""


def halves(keyed: Row) -> float:
    pairs = [SMALL.items_of(id) for id in SMALL.level("practice")]
    both = [(keyed[i], keyed[j]) for i, j in pairs if i in keyed and j in keyed]
    if len(both) < 3 or min(len({*half}) for half in zip(*both, strict=True)) == 1:
        return NONE
    r = correlation(*zip(*both, strict=True))
    return -1 if r < -1 / 3 else 2 * r / (1 + r)  # at -1/3 it is -1


def against(keyed: Row) -> int:
    """Each pillar of the small instrument has five points and one reversed item."""
    found = 0
    for pillar, turned in (("a", "a3"), ("b", "b5")):
        items = {*SMALL.items_of(pillar)} - {turned}
        rest = [keyed[item] for item in items if item in keyed]
        if len(rest) > 1 and turned in keyed:
            side = (keyed[turned] >= 4) - (keyed[turned] <= 2)
            found += side * ((mean(rest) >= 4) - (mean(rest) <= 2)) == -1
    return found


@pytest.mark.parametrize("missing", [0, 0.1, 0.4])
def test_the_indices_of_hundreds_are_those_of_plain_python(missing: float) -> None:
    given = drawn(300, seed=6, missing=missing, to=asking())
    same = np.repeat(np.arange(1, 6), 8)[:, None]
    given.points[:40] = np.where(given.points[:40] > 0, same, 0)
    given.people["seconds"] = np.random.default_rng(6).uniform(10, 100, 300)
    found = screened(given).indices
    for row, turned, (place, index) in zip(
        given.points, given.keyed(), found.iterrows(), strict=True
    ):
        raw = {item: int(x) for item, x in zip(SMALL.item_ids, row, strict=True) if x > 0}
        keyed = {item: int(turned[SMALL.item_ids.index(item)]) for item in raw}
        seen = [raw[item] for item in ORDER if item in raw]
        runs = [[*run] for _, run in groupby(ORDER, key=raw.get)]
        assert index.drop(["distance", "probability"]).tolist() == close(
            [
                given.people["seconds"][place] / len(raw) if raw else NONE,
                max((len(run) for run in runs if run[0] in raw), default=0),
                stdev(seen) if len(seen) > 1 else NONE,
                halves(keyed),
                against(keyed),
            ]
        ), place
    assert found["contradictions"].max() == 2
    assert found["longest_run"].max() > 4


# ── Flags and the rule ──────────────────────────────────────────────────────────────────────────

STRICT = {
    "seconds_per_item": 2,
    "longest_run": 9,
    "least_variability": 0.5,
    "outlier_p": 0.001,
    "least_even_odd": 0,
    "contradictions": 2,
}
FLAGS = ["fast", "run", "uniform", "outlier", "inconsistent", "contradictory", "duplicate"]
HASTY, STRAIGHT, ODD, AGAIN, SILENT = range(95, 100)


def example(**rule: Any) -> Answers:
    """95 careful people, and after them, in this order:

    HASTY takes 1 second for each item. STRAIGHT says 4 to all: a run of 12, no variability, and
    both reversed items contradict the others. ODD is at either end where the others move together.
    AGAIN answers as the sixth did. SILENT answers nothing.
    """
    rng = np.random.default_rng(7)
    level = rng.integers(2, 5, (100, 1))  # high or low altogether, with one point to either side
    points = np.clip(level + rng.integers(-1, 2, (100, 15)), 1, 5)
    points[ODD] = np.where(np.arange(15) % 4 < 2, 1, 5)
    for item in ("a3", "b5"):
        place = SMALL.item_ids.index(item)
        points[:, place] = 6 - points[:, place]
    points[ODD, [SMALL.item_ids.index("a3"), SMALL.item_ids.index("b5")]] = 3
    points[STRAIGHT], points[AGAIN], points[SILENT] = 4, points[5], 0
    seconds = np.full(100, 90.0)
    seconds[HASTY] = 15
    return answers(points, asking(**rule), form="member", wave="T0", team="t", seconds=seconds)


def test_flags_say_which_index_passed_which_threshold() -> None:
    found = screened(example(**STRICT))
    assert [*found.flags] == FLAGS
    assert {*found.flags.dtypes} == {np.dtype(bool)}
    index = found.indices
    assert (found.flags["fast"] == (index["seconds_per_item"] < 2)).all()
    assert (found.flags["run"] == (index["longest_run"] >= 9)).all()
    assert (found.flags["uniform"] == (index["variability"] < 0.5)).all()
    assert (found.flags["outlier"] == (index["probability"] < 0.001)).all()
    assert (found.flags["inconsistent"] == (index["even_odd"] < 0)).all()
    assert (found.flags["contradictory"] == (index["contradictions"] >= 2)).all()
    flagged = {flag: np.flatnonzero(found.flags[flag]).tolist() for flag in FLAGS}
    assert flagged["fast"] == [HASTY]
    assert flagged["run"] == flagged["uniform"] == flagged["contradictory"] == [STRAIGHT]
    assert flagged["outlier"] == [ODD]
    assert len(flagged["inconsistent"]) > 1  # a threshold of 0 is one too
    assert flagged["duplicate"] == [AGAIN]
    assert not found.flags.loc[SILENT].any()


@pytest.mark.parametrize("name", STRICT)
def test_an_index_without_a_threshold_flags_nobody(name: str) -> None:
    flag = FLAGS[[*STRICT].index(name)]
    with_it, without = (screened(example(**STRICT | {name: x})) for x in (STRICT[name], None))
    assert with_it.flags[flag].any()
    assert not without.flags[flag].any()
    pd.testing.assert_frame_equal(with_it.indices, without.indices)  # still looked at
    pd.testing.assert_frame_equal(
        with_it.flags.drop(columns=flag), without.flags.drop(columns=flag)
    )


def test_without_any_threshold_only_duplicates_are_flagged() -> None:
    found = screened(example())
    assert found.flags.sum().tolist() == [0, 0, 0, 0, 0, 0, 1]


THRESHOLDS = {
    # All answered 1 and 2 in turn: the longest run is of 1; the deviation is sqrt(12/4/11).
    "a run as long": ("longest_run", 2, "run", [False, True]),
    "just as variable": ("least_variability", sqrt(3 / 11), "uniform", [False, False]),
    "no variability is the least there is": ("least_variability", 0, "uniform", [False, False]),
}


@pytest.mark.parametrize(("name", "value", "flag", "expected"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_a_run_is_flagged_at_its_threshold_and_variability_below(
    name: str, value: float, flag: str, expected: list[bool]
) -> None:
    rows = np.ones((2, 15))
    rows[:, PLACES[::2]] = 2
    rows[1, PLACES[:4]] = 2, 2, 1, 1  # as many of each
    found = screened(answers(rows, asking(**{name: value})))
    assert found.flags[flag].tolist() == expected


@pytest.mark.parametrize(
    ("exclude", "expected"), [(1, [HASTY, STRAIGHT, ODD, AGAIN]), (3, [STRAIGHT]), (4, [])]
)
def test_who_has_so_many_flags_is_left_out_of_the_second_set(
    exclude: int, expected: list[int]
) -> None:
    found = screened(example(**STRICT | {"exclude": exclude, "least_even_odd": None}))
    assert np.flatnonzero(found.excluded).tolist() == expected


def test_nobody_is_removed_and_no_answer_is_changed() -> None:
    given = example(**STRICT)
    points, people = given.points.copy(), given.people.copy()
    found = screened(given)
    assert len(found.indices) == len(found.flags) == len(found.excluded) == len(given) == 100
    assert found.excluded.any()
    assert (given.points == points).all()
    pd.testing.assert_frame_equal(given.people, people)
    assert len(given.where(~found.excluded)) == 100 - found.excluded.sum()


def test_a_table_tells_how_many_have_each_flag_and_are_left_out() -> None:
    table = screened(example(**STRICT | {"least_even_odd": None})).tidy()
    assert table["flag"].tolist() == [*FLAGS, "excluded"]
    assert table["n"].tolist() == [1, 1, 1, 1, 0, 1, 1, 4]
    assert table["share"].tolist() == [n / 100 for n in table["n"]]


def test_rows_are_in_the_order_of_the_respondents_whatever_their_labels() -> None:
    given = example(**STRICT)
    order = [STRAIGHT, *np.random.default_rng(8).permutation(STRAIGHT)]  # without AGAIN
    population = accumulate(given).covariance(ORDER)
    found, mixed = (screened(x, population) for x in (given, given.where(order)))
    for before, after in ((found.indices, mixed.indices), (found.flags, mixed.flags)):
        pd.testing.assert_frame_equal(after, before.iloc[order].reset_index(drop=True))
    assert mixed.flags["run"].tolist() == [True] + [False] * STRAIGHT


# ── Little or nothing ───────────────────────────────────────────────────────────────────────────


def test_an_instrument_without_a_rule_screens_nobody() -> None:
    assert screen(drawn(5)) is None


def test_one_respondent_has_no_distance_but_all_that_is_his_or_hers() -> None:
    row = np.tile([1, 2, 3], 5)
    found = screened(answers(row, asking(**STRICT), seconds=[45.0]))
    assert found.indices[["distance", "probability"]].isna().all(axis=None)
    assert found.indices["seconds_per_item"].tolist() == [3]
    assert found.indices["variability"].tolist() == close([sqrt(8 / 11)])  # 4 each of 1, 2 and 3
    assert not found.flags[["outlier", "duplicate"]].any(axis=None)


def test_nobody_is_no_respondent_with_no_flags() -> None:
    found = screened(answers([], asking(**STRICT)))
    assert found.indices.shape == (0, 7)
    assert found.flags.shape == (0, 7)
    assert found.excluded.shape == (0,)
    assert found.tidy()["n"].tolist() == [0] * 8


def test_where_all_say_the_same_there_is_a_run_and_no_distance() -> None:
    found = screened(answers(np.full((6, 15), 3), asking(**STRICT)))
    assert found.indices["distance"].isna().all()
    assert found.indices["even_odd"].isna().all()
    assert found.indices["longest_run"].tolist() == [12] * 6
    assert found.flags.sum().to_dict() == dict.fromkeys(FLAGS, 0) | {"run": 6, "uniform": 6}
    assert found.excluded.all()


def test_who_answered_nothing_has_no_index_and_no_flag() -> None:
    found = screened(answers(np.zeros((3, 15)), asking(**STRICT), seconds=5.0))
    assert found.indices.drop(columns=["longest_run", "contradictions"]).isna().all(axis=None)
    assert found.indices[["longest_run", "contradictions"]].eq(0).all(axis=None)
    assert not found.flags.any(axis=None)


def test_an_instrument_with_nothing_but_items_is_screened_too() -> None:
    given = drawn(30, seed=9, to=instrument(scales=[], screening={"order": ORDER, "exclude": 1}))
    found = screened(given).indices
    assert found["even_odd"].isna().all()
    assert found["contradictions"].eq(0).all()
    assert found["longest_run"].ge(1).any()


def test_reversed_items_of_outcomes_are_not_looked_at() -> None:
    scales = [scale("o", "outcome", ["a1", "a2", "a3"])]
    given = answers(np.full(15, 5), instrument(scales=scales))
    assert contradictions(given.instrument, given.keyed()).tolist() == [0]
