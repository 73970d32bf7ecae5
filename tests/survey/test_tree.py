"""The groups that results are published for."""

import numpy as np

from tests.survey import builders
from upm.survey.answers import Answers
from upm.survey.moments import accumulate
from upm.survey.tree import Tree, tree_of


def people(*rows: tuple[str | None, str | None, int, str]) -> Answers:
    """Answers from rows of team, department, how many, and wave."""
    each = [row for row in rows for _ in range(row[2])]
    return builders.answers(
        np.full((len(each), 15), 3),
        respondent=[f"r{j}" for j in range(len(each))],
        form=["member"] * len(each),
        wave=[wave for *_, wave in each],
        team=[team for team, *_ in each],
        department=[department for _, department, *_ in each],
    )


def tree(*rows: tuple[str | None, str | None, int, str], before: tuple[Tree, ...] = ()) -> Tree:
    answers = people(*rows)
    return tree_of(answers, accumulate(answers), before)


def test_departments_hold_teams_and_the_organisation_holds_all() -> None:
    found = tree(("b", "D", 6, "T0"), ("a", "E", 6, "T0"), ("c", "D", 6, "T0"))
    assert [group.id for group in found.groups] == [
        "organisation", "department D", "department E", "team a", "team b", "team c"
    ]  # fmt: skip
    assert [group.department for group in found.units] == ["E", "D", "D"]
    assert found.departments[0].teams == ("b", "c")
    assert found.parent.tolist() == [1, 0, 0]
    assert found.members.toarray().tolist() == [[0, 1, 1], [1, 0, 0]]


def test_a_team_with_two_departments_belongs_to_neither() -> None:
    found = tree(("a", "D", 6, "T0"), ("a", "E", 6, "T0"), ("b", "D", 6, "T0"))
    assert [(unit.name, unit.department) for unit in found.units] == [("a", ""), ("b", "D")]
    assert found.parent.tolist() == [-1, 0]


def test_a_team_that_is_too_small_at_one_wave_is_pooled_in_all() -> None:
    found = tree(("a", "D", 9, "T0"), ("a", "D", 4, "T1"), ("b", "D", 9, "T0"), ("c", "D", 7, "T1"))
    # a joins the smallest unit: c, with 7.
    assert [unit.id for unit in found.units] == ["pool a", "team b"]
    assert found.units[0].name == "a + c"


def test_a_wave_that_a_team_did_not_answer_does_not_make_it_small() -> None:
    found = tree(("a", "D", 9, "T0"), ("b", "D", 9, "T0"), ("b", "D", 9, "T1"))
    assert [unit.kind for unit in found.units] == ["team", "team"]


def test_small_teams_are_pooled_by_name_until_they_are_enough() -> None:
    found = tree(*((name, "D", 2, "T0") for name in "fedcba"))
    # a, b and c are 6 people, and so are d, e and f.
    assert [unit.teams for unit in found.units] == [("a", "b", "c"), ("d", "e", "f")]


def test_all_that_are_left_of_a_small_department_are_one_pool() -> None:
    found = tree(("a", "D", 1, "T0"), ("b", "D", 2, "T0"), ("c", "E", 9, "T0"))
    assert [unit.teams for unit in found.units] == [("a", "b"), ("c",)]


def test_units_that_were_published_are_kept_but_may_be_joined() -> None:
    first = tree(("a", None, 3, "T0"), ("b", None, 3, "T0"), ("c", None, 9, "T0"))
    assert [unit.teams for unit in first.units] == [("a", "b"), ("c",)]
    rows = ("a", None, 9, "T0"), ("b", None, 9, "T0"), ("c", None, 9, "T0")
    assert [unit.teams for unit in tree(*rows).units] == [("a",), ("b",), ("c",)]
    assert tree(*rows, before=(first,)).units == first.units
    more = tree(*rows, ("c", None, 3, "T1"), before=(first,))
    assert [unit.teams for unit in more.units] == [("a", "b", "c")]


def test_people_without_a_team_count_in_the_organisation_only() -> None:
    answers = people(("a", "D", 6, "T0"), (None, None, 3, "T0"), ("b", None, 5, "T0"))
    moments = accumulate(answers)
    found = tree_of(answers, moments)
    rows = found.of_units(moments.cells)["rows"]
    assert rows.tolist() == [6, 5, 3]
    assert found.of_groups(rows).tolist() == [14, 6, 6, 5]
    assert found.places(["b", "", "unknown", "a"]).tolist() == [1, 2, 2, 0]


def test_sums_of_any_shape_are_added_up() -> None:
    answers = people(("a", "D", 2, "T0"), ("b", "D", 2, "T0"), ("c", "E", 6, "T0"))
    moments = accumulate(answers)
    found = tree_of(answers, moments)
    sums = found.of_units(moments.cells)
    assert sums["histograms"].shape == (3, 15, 8)  # pool a, team c, and nobody
    groups = found.of_groups(sums["histograms"])
    assert groups[:, 0, 3].tolist() == [10, 4, 6, 4, 6]  # all gave the third point


def test_managers_do_not_make_a_team_large() -> None:
    answers = people(("a", "D", 6, "T0"), ("b", "D", 6, "T0"))
    form = ["member"] * 3 + ["manager"] * 3 + ["member"] * 6
    answers.people["form"] = form
    found = tree_of(answers, accumulate(answers))
    assert [unit.teams for unit in found.units] == [("a", "b")]
