import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.survey.conftest import Answered
from upm.survey.answers import Answers
from upm.survey.moments import accumulate
from upm.survey.result import NotDefined
from upm.survey.variance import (
    METHODS,
    IntraclassCorrelation,
    Method,
    TeamMeans,
    icc,
    team_means,
)

REFERENCE = Path(__file__).parent.parent / "reference"
IN_R = json.loads((REFERENCE / "groups.json").read_text())
TABLE = pd.read_csv(REFERENCE / "groups.csv")
SIX = [f"i{j}" for j in range(6)]


def found_in(given: Answers, method: Method) -> IntraclassCorrelation:
    found = icc(accumulate(given), "p", method)
    assert isinstance(found, IntraclassCorrelation)
    return found


def means_of(given: Answers) -> TeamMeans:
    found = team_means(accumulate(given), "p")
    assert isinstance(found, TeamMeans)
    return found


@pytest.fixture
def teams(answered: Answered) -> Answers:
    """Six items with gaps, of 48 teams of 1 to 13; four items are needed for a score."""
    return answered(TABLE[SIX], reversed=[1], least=4, team=TABLE["team"])


@pytest.fixture
def alike(answered: Answered) -> Answers:
    """Teams that differ less than chance would have it."""
    return answered(TABLE[["i6", "i7"]], team=TABLE["team"])


def in_teams(answered: Answered, **points: list[int]) -> Answers:
    """Answers to one item, by team."""
    names = [name for name, given in points.items() for _ in given]
    return answered([[each] for given in points.values() for each in given], team=names)


# ── ICC ─────────────────────────────────────────────────────────────────────────────────────────


def test_anova_with_the_mean_size_is_that_of_multilevel(teams: Answers) -> None:
    in_r, found = IN_R["variance"], found_in(teams, "anova, mean n")
    assert (found.teams, found.n) == (in_r["teams"], in_r["n"])
    assert found.icc1 == pytest.approx(in_r["icc1_mean_n"], rel=1e-12)
    assert found.icc2 == pytest.approx(in_r["icc2"], rel=1e-12)
    assert found.within == pytest.approx(in_r["msw"], rel=1e-12)


def test_anova_with_n0_rests_on_the_mean_squares_of_r(teams: Answers) -> None:
    in_r, found = IN_R["variance"], found_in(teams, "anova, n0")
    n = np.array([*in_r["sizes"].values()])
    n0 = (n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1)
    above = in_r["msb"] - in_r["msw"]
    assert found.team_size == pytest.approx(n0, rel=1e-12)
    assert found.icc1 == pytest.approx(above / (in_r["msb"] + (n0 - 1) * in_r["msw"]), rel=1e-12)
    assert found.icc2 == pytest.approx(in_r["icc2"], rel=1e-12)


def test_reml_and_its_profile_are_those_of_lme4(teams: Answers) -> None:
    in_r, found = IN_R["variance"], found_in(teams, "reml")
    for ours, theirs in (
        ("icc1", "icc1_reml"), ("low", "reml_low"), ("high", "reml_high"),
        ("between", "between"), ("within", "within"),
    ):  # fmt: skip
        assert getattr(found, ours) == pytest.approx(in_r[theirs], rel=2e-7)
    assert not found.at_boundary
    assert found.note == ""


@pytest.mark.parametrize("method", METHODS)
def test_with_teams_of_one_size_all_three_are_the_same(teams: Answers, method: Method) -> None:
    in_r = IN_R["balanced"]
    found = found_in(teams.where(in_r["rows"]), method)
    assert found.icc1 == pytest.approx(in_r["icc1"], rel=1e-12)
    if method != "reml":
        assert found.low == pytest.approx(in_r["low"], rel=1e-11)
        assert found.high == pytest.approx(in_r["high"], rel=1e-11)


def test_two_unequal_teams_by_hand(answered: Answered) -> None:
    # Means 2 and 4, of all 10/3. MSW = (2 + 2) / (6 - 2) = 1; MSB = 2 (4/3)² + 4 (2/3)² = 16/3.
    # Mean size 3: (13/3) / (16/3 + 2) = 13/22. n0 = 6 - 20/6 = 8/3: (13/3) / (16/3 + 5/3) = 13/21.
    given = in_teams(answered, a=[1, 3], b=[4, 4, 5, 3])
    mean, n0 = found_in(given, "anova, mean n"), found_in(given, "anova, n0")
    assert mean.icc1 == pytest.approx(13 / 22, rel=1e-14)
    assert n0.icc1 == pytest.approx(13 / 21, rel=1e-14)
    assert mean.icc2 == n0.icc2 == pytest.approx(13 / 16, rel=1e-14)
    assert [mean.team_size, n0.team_size] == pytest.approx([3, 8 / 3], rel=1e-14)
    assert [mean.method, n0.method] == ["anova, mean n", "anova, n0"]


@pytest.mark.parametrize("method", METHODS)
def test_teams_that_are_alike_are_at_the_boundary_and_said_to_be(
    alike: Answers, method: Method
) -> None:
    found = found_in(alike, method)
    assert found.at_boundary
    assert found.note.startswith("The variance between teams is estimated as zero or below")
    if method == "reml":
        assert IN_R["flat"]["singular"]
        assert (found.icc1, found.low, found.between, found.icc2) == (0, 0, 0, 0)
        assert found.high == pytest.approx(IN_R["flat"]["reml_high"], rel=1e-6)
    if method == "anova, mean n":
        assert found.icc1 == pytest.approx(IN_R["flat"]["icc1_mean_n"], rel=1e-11)
        assert found.icc2 == pytest.approx(IN_R["flat"]["icc2"], rel=1e-11)


def test_equal_team_means_have_no_icc2(answered: Answered) -> None:
    # MSB = 0, so ICC(1) = -MSW / (k - 1) MSW = -1 with teams of two.
    found = found_in(in_teams(answered, a=[1, 3], b=[2, 2], c=[1, 3]), "anova, n0")
    assert found.icc1 == pytest.approx(-1, rel=1e-14)
    assert (found.icc2, found.at_boundary) == (None, True)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ({"a": [1, 2, 3]}, "There are fewer than two teams."),
        ({"a": [1, 2], "b": [0, 0]}, "There are fewer than two teams."),
        ({"a": [1], "b": [3], "c": [4]}, "No team has two respondents with this score."),
        ({"a": [3, 3], "b": [4, 4, 4]}, "In every team all have the same score"),
        ({"a": [3, 3], "b": [3, 3, 3]}, "In every team all have the same score"),
    ],
)
def test_what_is_not_defined_has_its_reason(
    answered: Answered, points: dict[str, list[int]], reason: str
) -> None:
    moments = accumulate(in_teams(answered, **points))
    for found in (*(icc(moments, "p", method) for method in METHODS), team_means(moments, "p")):
        assert isinstance(found, NotDefined)
        assert found.reason.startswith(reason)


def test_a_method_that_does_not_exist_is_refused(answered: Answered) -> None:
    moments = accumulate(in_teams(answered, a=[1, 3], b=[4, 2]))
    with pytest.raises(ValueError, match="method = 'anova'; expected one of anova, mean n, anova"):
        icc(moments, "p", "anova")  # type: ignore[arg-type]


def test_a_team_that_nearly_agrees_has_nearly_all_variance_between(answered: Answered) -> None:
    others = {f"t{j}": [1 + 4 * (j % 2)] * 3 for j in range(30)}
    found = found_in(in_teams(answered, **others, last=[4, 5]), "reml")
    assert 0.99 < found.low < found.icc1 < found.high < 1


def test_a_result_is_one_row_that_names_its_method(teams: Answers) -> None:
    row = found_in(teams, "reml").tidy()
    assert len(row) == 1
    assert row.loc[0, ["scale", "method", "teams"]].to_list() == ["p", "reml", 48]


# ── Team means ──────────────────────────────────────────────────────────────────────────────────


def test_shrunk_means_are_those_of_lme4_and_the_mixed_model_equations(teams: Answers) -> None:
    in_r, found = IN_R["variance"], means_of(teams)
    frame = found.tidy().set_index("team")
    assert found.overall == pytest.approx(in_r["overall"], rel=1e-7)
    for column, theirs in (("raw", "raw"), ("shrunk", "shrunk")):
        values = pd.Series(in_r[theirs])
        assert frame[column].to_numpy() == pytest.approx(values[frame.index].to_numpy(), rel=1e-7)
    error = pd.Series(in_r["prediction"])[frame.index].to_numpy()
    assert frame["se"].to_numpy() ** 2 == pytest.approx(error, rel=5e-7)
    # lme4's conditional variance leaves the error of the overall mean out.
    alone = pd.Series(in_r["conditional"])[frame.index].to_numpy()
    rest = (1 - frame["weight"].to_numpy()) ** 2 * in_r["overall_variance"]
    assert frame["se"].to_numpy() ** 2 - rest == pytest.approx(alone, rel=5e-7)


def test_two_teams_of_two_by_hand(answered: Answered) -> None:
    # Means 2 and 4, of all 3: MSW = σ² = 2, MSB = 4, τ² = (4 - 2) / 2 = 1, w = 2 / (2 + 2) = 1/2.
    # The overall mean has the variance MSB / 4 = 1, so se² = τ² (1 - w) + (1 - w)² · 1 = 3/4.
    found = means_of(in_teams(answered, a=[1, 3], b=[3, 5]))
    assert found.overall == pytest.approx(3, rel=1e-12)
    frame = found.frame
    assert frame["raw"].to_list() == [2, 4]
    assert frame["shrunk"].to_list() == pytest.approx([2.5, 3.5], rel=1e-10)
    assert frame["weight"].to_list() == pytest.approx([0.5, 0.5], rel=1e-10)
    assert frame["se"].to_list() == pytest.approx([0.75**0.5] * 2, rel=1e-10)
    half = (frame["high"] - frame["low"]) / 2
    assert half.to_list() == pytest.approx([1.959963984540054 * 0.75**0.5] * 2, rel=1e-10)


def test_the_smaller_a_team_the_more_it_is_shrunk(teams: Answers) -> None:
    found = means_of(teams)
    frame = found.frame.sort_values("n")
    assert frame["weight"].is_monotonic_increasing
    shrinking = (frame["shrunk"] - found.overall) / (frame["raw"] - found.overall)
    assert shrinking.to_numpy() == pytest.approx(frame["weight"].to_numpy(), rel=1e-9)
    assert frame["se"].is_monotonic_decreasing


def test_without_variance_between_teams_means_have_no_interval(alike: Answers) -> None:
    found = means_of(alike)
    assert found.frame["shrunk"].nunique() == 1
    assert found.frame["raw"].nunique() > 1
    assert found.frame[["se", "low", "high"]].isna().all(axis=None)
    assert found.frame["reason"].str.startswith("The variance between teams is estimated").all()


def test_who_has_no_score_or_no_team_does_not_count(answered: Answered) -> None:
    table = [[1, 3], [3, 4], [3, 2], [5, 5]]
    more = [[5, 0], [-1, -1], [5, 5]]
    teams: list[Any] = ["a", "a", "b", "b"]
    alone = means_of(answered(table, least=2, team=teams))
    found = means_of(answered(table + more, least=2, team=[*teams, "a", "c", None]))
    pd.testing.assert_frame_equal(alone.frame, found.frame)
