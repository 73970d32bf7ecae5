import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.survey.conftest import Answered
from upm.survey.answers import Answers
from upm.survey.items import item_statistics
from upm.survey.moments import accumulate

REFERENCE = Path(__file__).parent.parent / "reference"
IN_R = json.loads((REFERENCE / "groups.json").read_text())["items"]


def shown(given: Answers) -> pd.DataFrame:
    return item_statistics(accumulate(given)).tidy().set_index("item")


def test_they_are_those_of_r(answered: Answered) -> None:
    table = pd.read_csv(REFERENCE / "groups.csv")
    found = shown(answered(table[[f"i{j}" for j in range(6)]], reversed=[1], team=table["team"]))
    for column in ("n", "mean", "sd", "item_rest"):
        for item, value in IN_R[column].items():
            assert found.loc[item, column] == pytest.approx(value, rel=1e-12)


def test_a_reversed_item_counts_as_turned_round(answered: Answered) -> None:
    # 1, 1, 2 and 4 become 5, 5, 4 and 2: mean 16 / 4, squares about it 1 + 1 + 0 + 4 = 6.
    found = shown(answered([[1], [1], [2], [4]], reversed=[0])).loc["i0"]
    assert found["reversed"]
    assert (found["n"], found["mean"], found["sd"]) == (4, 4, pytest.approx(2**0.5, rel=1e-15))
    assert (found["favourable"], found["ceiling"], found["floor"]) == (0.75, 0.5, 0)


def test_did_not_come_up_is_a_share_of_those_who_answered(answered: Answered) -> None:
    # One skipped it and one was not asked: of the other five, two say that it did not come up.
    found = shown(answered([[4], [3], [2], [-1], [-1], [0], [-2]])).loc["i0"]
    assert (found["n"], found["no_point"]) == (3, 0.4)


@pytest.mark.parametrize(
    ("highest", "favourable"), [(2, 1 / 2), (4, 2 / 4), (5, 2 / 5), (7, 3 / 7), (11, 5 / 11)]
)
def test_points_above_the_middle_are_favourable(
    answered: Answered, highest: int, favourable: float
) -> None:
    each_point_once = [[point] for point in range(1, highest + 1)]
    found = shown(answered(each_point_once, highest=highest)).loc["i0"]
    assert found["favourable"] == pytest.approx(favourable, rel=1e-15)
    assert found["ceiling"] == found["floor"] == pytest.approx(1 / highest, rel=1e-15)


def test_an_item_is_compared_with_the_rest_of_its_own_scale(answered: Answered) -> None:
    # i0 is 1 2 3 4 and i1 + i2 is 4 4 5 7: about their means -1.5 -.5 .5 1.5 and -1 -1 0 2, with
    # products 1.5 + .5 + 0 + 3 = 5 and squares 5 and 6.
    table = [[1, 2, 2, 5], [2, 3, 1, 1], [3, 1, 4, 2], [4, 3, 4, 2]]
    found = shown(answered(table, scales={"p": [0, 1, 2]}))
    assert found.loc["i0", "item_rest"] == pytest.approx(5 / 30**0.5, rel=1e-14)
    assert found.loc["i0", "scale"] == "p"
    assert np.isnan(found.loc["i3", "item_rest"])
    assert (found.loc["i3", "scale"], found.loc["i3", "reason"]) == ("", "It is in no scale.")


def test_an_item_against_its_scale_is_warned_of_and_not_turned(answered: Answered) -> None:
    table = [[1, 1, 5], [2, 2, 4], [3, 4, 3], [5, 4, 1]]
    found = shown(answered(table))
    assert found.loc["i2", "item_rest"] < -0.9
    assert found.loc["i2", "warning"].startswith("It goes against the rest of its scale")
    assert not found.loc["i2", "reversed"]
    turned = shown(answered(table, reversed=[2]))
    assert turned["warning"].eq("").all()
    assert turned.loc["i2", "item_rest"] == pytest.approx(-found.loc["i2", "item_rest"], rel=1e-14)


@pytest.mark.parametrize(
    ("table", "scales", "reason"),
    [
        ([[3, 4]], None, "Fewer than two gave a point."),
        ([[-1, 4], [0, 3], [0, 2]], None, "Fewer than two gave a point."),
        ([[3, 0], [4, 0], [0, 3], [0, 2]], None, "Fewer than two answered some pair of items"),
        ([[3, 4], [3, 2], [3, 1]], None, "It, or the rest of its scale, does not vary."),
        ([[3, 4], [2, 4], [3, 1]], {"p": [0]}, "Its scale has no other item."),
    ],
)
def test_what_is_not_defined_has_its_reason(
    answered: Answered, table: list[list[int]], scales: dict[str, list[int]] | None, reason: str
) -> None:
    found = shown(answered(table, scales=scales)).loc["i0"]
    assert np.isnan(found["item_rest"])
    assert found["reason"].startswith(reason)


def test_every_number_that_is_missing_has_a_reason(answered: Answered) -> None:
    found = shown(answered([[0, 3, 3, 3], [0, 0, 2, 3], [0, -1, 1, 3]], scales={"p": [0, 1, 2]}))
    assert (found["reason"] != "").to_list() == [True, True, True, True]
    assert found.loc["i3", "sd"] == 0
    assert found.loc["i1", ["mean", "n"]].to_list() == [3, 1]
    assert found.loc["i0", ["mean", "sd", "ceiling"]].isna().all()


def test_each_form_has_its_own(answered: Answered) -> None:
    given = answered([[5], [4], [2], [1]], form=["member", "member", "manager", "manager"])
    of_members = item_statistics(accumulate(given).of(form="member")).frame
    assert of_members["mean"].to_list() == [4.5]
