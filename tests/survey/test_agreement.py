import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.survey.conftest import Answered
from upm.survey.agreement import STATISTICS, Agreement, agreement
from upm.survey.answers import Answers
from upm.survey.moments import accumulate
from upm.survey.result import NotDefined

REFERENCE = Path(__file__).parent.parent / "reference"
IN_R = json.loads((REFERENCE / "groups.json").read_text())
TABLE = pd.read_csv(REFERENCE / "groups.csv")
SIX = [f"i{j}" for j in range(6)]


def found_in(given: Answers) -> Agreement:
    found = agreement(accumulate(given), "p")
    assert isinstance(found, Agreement)
    return found


def team(given: Answers, name: str = "t") -> Any:
    return found_in(given).tidy().set_index("team").loc[name]


def held_against(given: Answers, in_r: dict[str, dict[str, float | None]]) -> None:
    found = found_in(given).teams.set_index("team")
    for column in STATISTICS:
        values = pd.Series(in_r[column], dtype=float)
        ours = found.loc[values.index, column]
        assert ours.to_numpy() == pytest.approx(values.to_numpy(), rel=1e-11, nan_ok=True)
        assert values.notna().sum() > 30


def test_with_everybody_s_answers_it_is_that_of_r(answered: Answered) -> None:
    held_against(answered(TABLE[SIX], reversed=[1], team=TABLE["team"]), IN_R["available"])


def test_with_complete_answers_only_it_is_that_of_r(answered: Answered) -> None:
    complete = TABLE[(TABLE[SIX] > 0).all(axis=1)]
    given = answered(complete[SIX], team=complete["team"])
    held_against(given, IN_R["listwise"])


def test_a_small_team_by_hand(answered: Answered) -> None:
    # Variances 1/3 and 2/3, mean 1/2. Uniform: r = (1/2) / 2, so 2 (3/4) / (2 (3/4) + 1/4) = 6/7.
    # Skewed: r = .5 / 1.34 = 25/67, so 2 (42/67) / (84/67 + 25/67) = 84/109.
    # Distances from 4.5 are all .5; from 4: 1, 0, 1, 0, so .5 too.
    found = team(answered([[4, 3], [4, 4], [5, 5], [5, 4]]))
    assert found["n"] == 4
    assert found["rwg_uniform"] == pytest.approx(6 / 7, rel=1e-14)
    assert found["rwg_skewed"] == pytest.approx(84 / 109, rel=1e-14)
    assert (found["ad_mean"], found["ad_median"], found["reason"]) == (0.5, 0.5, "")


def test_deviations_from_mean_and_median_are_different_numbers(answered: Answered) -> None:
    # 1 1 1 5: from the mean 2, 1 + 1 + 1 + 3; from the median 1, 0 + 0 + 0 + 4.
    found = team(answered([[1], [1], [1], [5]]))
    assert (found["ad_mean"], found["ad_median"]) == (1.5, 1)


def test_nobody_is_left_out_of_rwg_for_one_missing_answer(answered: Answered) -> None:
    # 4 4 5 3 has variance 2/3 and 3 4 5 has 1: r = (5/6) / 2, so (14/12) / (14/12 + 5/12) = 14/19.
    # Without the person who did not answer i1 it would be 4/5.
    for missing in (0, -1, -2):
        found = team(answered([[4, 3], [4, 4], [5, 5], [3, missing]]))
        assert found["rwg_uniform"] == pytest.approx(14 / 19, rel=1e-14)
        assert found["n"] == 3


def test_rwg_below_zero_is_set_to_it_and_counted(answered: Answered) -> None:
    # Mean variances: a 8, b (4/3 + 11/12) / 2 = 1.125, c 2, which is just that of even answers.
    given = answered(
        [[1, 1], [5, 5], [2, 2], [4, 4], [2, 2], [4, 3], [1, 2], [3, 4]],
        team=["a", "a", "b", "b", "b", "b", "c", "c"],
    )
    found = found_in(given)
    by_team = found.teams.set_index("team")
    assert by_team["truncated_uniform"].to_dict() == {"a": True, "b": False, "c": False}
    assert by_team["truncated_skewed"].to_dict() == {"a": True, "b": False, "c": True}
    assert by_team.loc["a", ["rwg_uniform", "rwg_skewed"]].to_list() == [0, 0]
    summary = found.summary().set_index("statistic")
    assert summary.loc["rwg_uniform", ["teams", "defined", "truncated"]].to_list() == [3, 3, 1]
    assert summary["truncated"].to_list() == [1, 2, 0, 0]


def test_unanimity_is_full_agreement(answered: Answered) -> None:
    found = team(answered([[3, 5], [3, 5], [3, 5]]))
    assert found[[*STATISTICS]].to_list() == [1, 1, 0, 0]


def test_a_team_needs_two_answers_to_every_item(answered: Answered) -> None:
    given = answered(
        [[4, 5], [3, 0], [2, 2], [4, 3], [4, 4]], team=["one", "one", "two", "two", "alone"]
    )
    found = found_in(given)
    by_team = found.teams.set_index("team")
    assert by_team[[*STATISTICS]].notna().all(axis=1).to_dict() == {
        "alone": False, "one": False, "two": True,
    }  # fmt: skip
    assert by_team["n"].to_dict() == {"alone": 1, "one": 1, "two": 2}
    assert by_team.loc["one", "reason"] == "An item has fewer than two answers."
    assert not by_team.loc["one", ["truncated_uniform", "truncated_skewed"]].any()
    assert found.summary()["not_defined"].to_list() == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("highest", "uniform", "skewed"), [(5, 2, 1.34), (7, 4, 2.9), (4, 1.25, None)]
)
def test_the_nulls_depend_on_the_number_of_points(
    answered: Answered, highest: int, uniform: float, skewed: float | None
) -> None:
    given = answered([[2], [3]], highest=highest)
    found = found_in(given)
    assert (found.uniform_null, found.skewed_null) == (uniform, skewed)
    # One item of variance 1/2: rwg = 1 - (1/2) / null.
    assert team(given)["rwg_uniform"] == pytest.approx(1 - 0.5 / uniform, rel=1e-14)
    if skewed is None:
        assert np.isnan(team(given)["rwg_skewed"])
        assert team(given)["reason"] == "No skewed null is published for 4 points."
        assert not team(given)["truncated_skewed"]
    else:
        assert team(given)["rwg_skewed"] == pytest.approx(1 - 0.5 / skewed, rel=1e-14)


def test_turning_an_item_round_changes_nothing(answered: Answered) -> None:
    table = [[4, 3], [2, 4], [5, 5], [5, 1]]
    as_it_is, turned = team(answered(table)), team(answered(table, reversed=[1]))
    assert as_it_is[[*STATISTICS]].to_list() == turned[[*STATISTICS]].to_list()


def test_who_has_no_team_is_in_none(answered: Answered) -> None:
    with_one = answered([[1], [2], [3], [5]], team=["a", "a", None, None])
    assert found_in(with_one).teams["team"].to_list() == ["a"]
    without = agreement(accumulate(answered([[1], [2]], team=[None, None])), "p")
    assert without == NotDefined("agreement", "There are no teams.")


def test_all_forms_and_waves_that_are_asked_for_count_together(answered: Answered) -> None:
    table, teams = [[1], [2], [2], [4], [5], [3]], ["b", "a", "b", "a", "b", "a"]
    waves = ["T0", "T0", "T1", "T1", "T0", "T0"]
    apart = accumulate(answered(table, team=teams, wave=waves))
    together = accumulate(answered(table, team=teams))
    both, whole = agreement(apart, "p"), agreement(together, "p")
    assert isinstance(both, Agreement)
    assert isinstance(whole, Agreement)
    pd.testing.assert_frame_equal(both.teams, whole.teams)
    later = agreement(apart.of(wave="T1"), "p")
    assert isinstance(later, Agreement)
    assert later.teams["n"].to_list() == [1, 1]


def test_the_summary_gives_mean_and_quartiles_over_the_teams_that_have_it(
    answered: Answered,
) -> None:
    # Deviations of the five teams: 0, .5, 1, 1.5 and none; of four values the quartiles stand at
    # 3/4 of the way from the first to the second, in the middle, and 1/4 from third to fourth.
    pairs = [(3, 3), (3, 4), (2, 4), (1, 4), (2, 0)]
    given = answered([[point] for pair in pairs for point in pair], team=list("aabbccddee"))
    summary = found_in(given).summary().set_index("statistic").loc["ad_mean"]
    columns = ["mean", "lower_quartile", "median", "upper_quartile"]
    assert summary[columns].to_list() == [0.75, 0.375, 0.75, 1.125]
    assert summary[["teams", "defined", "not_defined"]].to_list() == [5, 4, 1]
