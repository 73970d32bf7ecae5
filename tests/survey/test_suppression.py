"""Groups that are hidden for themselves, and those that are hidden for others."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from upm.survey.suppression import LARGE, Measure, shown
from upm.survey.tree import Group, Tree


def tree(units: str, departments: str = "") -> Tree:
    """Units a, b, ... of departments "DDE" and so on; a space: of none."""
    of = departments.ljust(len(units))
    names = sorted({*of} - {" "})
    teams = [
        Group(unit, "team", unit, (unit,), at.strip()) for unit, at in zip(units, of, strict=True)
    ]
    whole = [
        Group(
            name,
            "department",
            name,
            tuple(u for u, at in zip(units, of, strict=True) if at == name),
        )
        for name in names
    ]
    return Tree(tuple(whole), tuple(teams))


def counted(counts: ArrayLike, **fields: object) -> Measure:
    """Of an item: units + 1 x answers."""
    sums = np.array(counts, np.int64)[:, None]
    return Measure(
        **{"parts": ("i",), "least": 5, "sums": sums, "counted": True, "required": 1} | fields
    )


def sized(*sizes: int, **fields: object) -> Measure:
    """Units of such sizes who differ; people in none."""
    return counted([[n // 2, n - n // 2] for n in [*sizes, 0]], **fields)


def seen(of: Tree, *measures: Measure, size: ArrayLike = ()) -> str:
    """The names of the groups that show the last part."""
    sums = measures[-1].sums[:-1]
    n = np.array(size, np.int64) if len(np.array(size)) else sums.sum((1, 2))
    flags = shown(of, measures, n)[measures[-1].parts[-1]]
    names = ["O", *(group.name for group in of.groups[1:])]
    return "".join(name for name, flag in zip(names, flags, strict=True) if flag)


@pytest.mark.parametrize(
    ("departments", "sizes", "expected"),
    [
        ("", (5, 6, 7), "Oabc"),
        ("", (4, 6, 7), "Oc"),  # a is too small; with b they are 10
        ("", (4, 4, 7), "Oc"),  # a and b are 8
        ("", (1, 2, 3), "O"),
        ("", (1, 2, 1), ""),
        ("DDEE", (4, 6, 7, 8), "ODEcd"),  # in D nobody is told apart from a
        ("DDE", (2, 2, 9), "O"),  # D is too small, and E is all the others
        ("DDEEF", (2, 2, 9, 9, 8), "OEcd"),  # F is the smallest
        ("DD ", (6, 7, 3), "Ob"),  # c is in no department: D is hidden for it, and then a
    ],
)
def test_groups_are_hidden_until_no_remainder_is_too_small(
    departments: str, sizes: tuple[int, ...], expected: str
) -> None:
    of = tree("abcdef"[: len(sizes)], departments)
    assert seen(of, sized(*sizes)) == expected


def test_the_smallest_is_that_of_the_size_that_is_given() -> None:
    assert seen(tree("abc"), sized(4, 6, 7), size=[4, 9, 8]) == "Ob"


def test_a_unit_in_which_all_gave_the_same_answer_is_hidden() -> None:
    assert seen(tree("abc"), counted([[6, 0], [4, 4], [5, 4], [0, 0]])) == "Oc"


def test_so_is_a_remainder_in_which_all_did() -> None:
    # Both a and b are too small, and together alike: c has to be hidden, and the whole remains.
    assert seen(tree("abc"), counted([[4, 0], [4, 0], [5, 4], [0, 0]])) == "O"


def test_people_in_no_unit_may_be_the_remainder() -> None:
    assert seen(tree("ab"), counted([[4, 4], [5, 5], [1, 1]])) == "Ob"
    assert seen(tree("ab"), counted([[4, 4], [5, 5], [3, 2]])) == "Oab"


def scored(*scores: list[int]) -> Measure:
    """Units with these scores, and nobody in none."""
    sums = [[len(x), sum(x), sum(each * each for each in x)] for x in [*scores, []]]
    return Measure(("s",), 5, np.array(sums, np.int64)[:, None], False, 1)


def test_scores_that_do_not_vary_are_hidden() -> None:
    differ = [1, 2, 3, 4, 5, 6]
    assert seen(tree("abc"), scored([3] * 6, differ, [*differ, 1]), size=[6, 6, 7]) == "Oc"


def test_among_very_many_people_nobody_asks_whether_all_are_alike() -> None:
    many = counted([[LARGE, 0], [4, 4], [0, 0]])
    assert seen(tree("ab"), many) == "Oab"


def test_all_parts_of_a_measure_are_shown_or_none() -> None:
    both = np.array([[[3, 3], [6, 0]], [[4, 4], [4, 4]], [[5, 5], [5, 5]], [[0, 0], [0, 0]]])
    measure = Measure(("i", "j"), 5, both, True, 2)
    found = shown(tree("abc"), [measure], np.array([6, 8, 10]))
    assert found["i"].tolist() == found["j"].tolist() == [True, False, False, True]


def test_a_part_that_is_told_besides_may_be_of_nobody_but_not_of_few() -> None:
    more = np.zeros((4, 2, 2), np.int64)
    more[:3, 0] = 4
    measure = Measure(("i",), 5, more, True, 1)
    assert shown(tree("abc"), [measure], np.array([8, 8, 8]))["i"].all()
    more[0, 1] = 1, 1
    assert not shown(tree("abc"), [measure], np.array([8, 8, 8]))["i"][:2].any()


def test_of_fewer_people_than_before_a_few_are_a_few_as_well() -> None:
    less = np.zeros((3, 2, 2), np.int64)
    less[:2, 0] = 4
    less[0, 1] = -1, 0
    flags = shown(tree("ab"), [Measure(("i",), 5, less, True, 1)], np.array([8, 8]))["i"]
    assert flags.tolist() == [False, False, True]


def test_what_rests_on_another_part_is_shown_only_with_it() -> None:
    first = sized(4, 6, 7)
    second = sized(8, 9, 10, parts=("j",), rests_on="i")
    assert seen(tree("abc"), first, second) == "Oc"


def test_what_another_part_tells_is_shown_at_least_with_that() -> None:
    first = sized(4, 6, 7)  # shows c
    second = sized(8, 9, 3, parts=("j",), told_by="i")
    assert seen(tree("abc"), first, second, size=[4, 6, 7]) == "Oabc"


def test_only_groups_that_were_shown_before_are_shown_again() -> None:
    before = np.array([True, False, True, True])
    assert seen(tree("abc"), sized(6, 7, 8, before=[before])) == "Obc"
