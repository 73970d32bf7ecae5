"""Who is given away by sums: systems worked by hand, and all combinations of small ones."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from upm.survey import leaks
from upm.survey.leaks import NONE, Leak, combined, counted, joined, uniform


def found(
    labels: ArrayLike, values: ArrayLike, least: int = 3, people: ArrayLike | None = None
) -> list[Leak]:
    """`labels` may be one stack."""
    stacks = np.atleast_2d(np.array(labels, np.int64))
    persons = None if people is None else np.array(people, np.int64)
    return combined(stacks, np.array(values, np.int64), least, persons)


DIFFERENT = [*range(1, 13)]

# ── Sets that are apart ─────────────────────────────────────────────────────────────────────────


def test_sets_of_enough_people_who_differ_give_nobody_away() -> None:
    assert found([7, 7, 7, 9, 9, 9], DIFFERENT[:6]) == []


def test_a_set_of_too_few_people_is_a_leak() -> None:
    assert found([7, 7, 7, 9, 9], DIFFERENT[:5]) == [Leak((9,), 2)]


def test_a_set_in_which_all_are_alike_is_a_leak() -> None:
    assert found([7, 7, 7, 9, 9, 9], [1, 2, 3, 4, 4, 4]) == [Leak((9,), 3, True)]


def test_who_has_no_value_or_is_in_no_set_does_not_count() -> None:
    assert found([7, 7, 7, NONE, NONE], [1, 2, NONE, 4, 5]) == [Leak((7,), 2)]
    assert found([NONE, NONE], [4, 5]) == []
    assert found([7, 7], [NONE, NONE]) == []


def test_two_answers_of_a_person_count_once() -> None:
    assert found([7, 7, 7, 7], DIFFERENT[:4], people=[0, 1, 2, 2]) == []
    assert found([7, 7, 7, 7], DIFFERENT[:4], people=[0, 0, 1, 1]) == [Leak((7,), 2)]


# ── Sets that overlap ───────────────────────────────────────────────────────────────────────────


def test_a_difference_of_overlapping_sets_is_a_leak() -> None:
    # Set 0 is everybody, set 10 is all but two.
    (leak,) = found([[0] * 8, [10] * 6 + [NONE] * 2], DIFFERENT[:8])
    assert leak == Leak((10,), 2, near=(10,))


def test_a_difference_of_enough_people_is_none() -> None:
    assert found([[0] * 8, [10] * 5 + [NONE] * 3], DIFFERENT[:8]) == []


def test_a_set_that_is_made_up_of_others_tells_nothing_new() -> None:
    assert found([[0] * 3 + [1] * 3 + [2] * 3, [10] * 6 + [NONE] * 3], DIFFERENT[:9]) == []


def test_a_leak_may_take_sets_of_three_stacks() -> None:
    # 0 is everybody, 10 is rows 0 to 2, 20 is rows 3 and 4: 0 - 10 - 20 is row 5 alone, while
    # 0 - 10 is three people.
    stacks = [[0] * 6, [10] * 3 + [NONE] * 3, [NONE] * 3 + [20] * 2 + [NONE]]
    assert [leak.people for leak in found(stacks, DIFFERENT[:6], 2)] == [1]
    assert found(stacks[:2], DIFFERENT[:6], 2) == []


def test_sets_may_be_subtracted_more_than_once() -> None:
    # 0 is everybody; 10, 20 and 30 each leave out one third: 2 · everybody - (10 + 20 + 30) is 0
    # but for the last two, who are in none of them and stay twice.
    thirds = np.repeat([0, 1, 2, 3], [4, 4, 4, 2])
    stacks = [[0] * 14]
    stacks += [
        np.where((thirds != j) & (thirds < 3), 10 * (j + 1), NONE).tolist() for j in range(3)
    ]
    (leak,) = found(stacks, [*range(1, 15)], 3)
    assert leak.people == 2


def test_a_change_and_the_sums_of_both_waves_tell_of_who_is_not_linked() -> None:
    # Rows 0-4: the first wave; 5-9: the second, of the same people but the last in each.
    waves, linked = [0] * 5 + [1] * 5, [10] * 4 + [NONE] + [10] * 4 + [NONE]
    people = [0, 1, 2, 3, 4, 0, 1, 2, 3, 5]
    (leak,) = found([waves, linked], DIFFERENT[:10], 3, people)
    assert leak.people == 2
    assert found([waves, linked], DIFFERENT[:10], 2, people) == []


def test_the_same_person_in_two_rows_is_one() -> None:
    # What is left over are two rows, of one person.
    waves, some = [0] * 4 + [1] * 4, [10, 10, 10, NONE] * 2
    (leak,) = found([waves, some], DIFFERENT[:8], 2, [0, 1, 2, 3] * 2)
    assert leak.people == 1


def test_people_who_are_left_over_and_are_all_alike_are_a_leak() -> None:
    values = [1, 2, 3, 4, 5, 6, 6, 6, 6]
    (leak,) = found([[0] * 9, [10] * 5 + [NONE] * 4], values)
    assert leak == Leak((10,), 4, True, (10,))


def test_a_search_that_takes_too_long_is_not_known_to_be_safe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stacks = [[0] * 8, [10] * 4 + [NONE] * 4]
    assert found(stacks, DIFFERENT[:8]) == []
    monkeypatch.setattr(leaks, "MOST_STEPS", 1)
    assert [leak.people for leak in found(stacks, DIFFERENT[:8])] == [None]
    monkeypatch.setattr(leaks, "MOST_CELLS", 0)
    assert found(stacks, DIFFERENT[:8]) == [Leak((10,), None, near=(10,))]


# ── Small parts ─────────────────────────────────────────────────────────────────────────────────


def test_people_are_counted_by_label() -> None:
    labels, persons = np.array([0, 0, 1, 1, 1]), np.array([5, 5, 5, 6, 6])
    assert counted(labels, persons, single=True).tolist() == [2, 3]
    assert counted(labels, persons, single=False).tolist() == [1, 2]


def test_a_label_is_uniform_if_all_its_rows_share_a_value() -> None:
    labels, values = np.array([0, 0, 1, 1, 2]), np.array([4, 4, 4, 5, 6])
    assert uniform(labels, values).tolist() == [4, NONE, 6]


def test_labels_are_joined_where_rows_share_any() -> None:
    # Rows 0 and 1 share the first label, rows 1 and 2 the second.
    assert joined(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])).tolist() == [0, 0, 0, 1]


# ── All combinations ────────────────────────────────────────────────────────────────────────────


@st.composite
def systems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Up to three stacks of up to two sets over up to nine answers, their values and people."""
    n = draw(st.integers(1, 9))
    sizes = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    labels = []
    for place, size in enumerate(sizes):
        some = st.integers(0, size - 1).map(lambda each, place=place: 10 * place + each)
        labels.append(draw(st.lists(st.just(NONE) | some, min_size=n, max_size=n)))
    values = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    people = draw(
        st.one_of(st.just([*range(n)]), st.lists(st.integers(0, n), min_size=n, max_size=n))
    )
    return np.array(labels), np.array(values), np.array(people)


def weights(labels: np.ndarray) -> np.ndarray:
    """All combinations of sets with whole numbers from -2 to 2: combinations x answers."""
    names = [name for name in np.unique(labels) if name != NONE]
    if not names:
        return np.zeros((1, labels.shape[1]), int)
    sets = np.stack([(labels == name).any(0) for name in names]).astype(int)
    return np.array([*product(range(-2, 3), repeat=len(names))]) @ sets


@given(systems(), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_few_people_are_found_if_some_combination_of_sums_isolates_them(
    system: tuple[np.ndarray, np.ndarray, np.ndarray], least: int
) -> None:
    labels, values, people = system
    fewest = min((len({*people[row != 0]}) for row in weights(labels) if row.any()), default=10**9)
    few = [leak for leak in combined(labels, values, least, people) if not leak.alike]
    assert bool(few) == (fewest < least)
    assert all(leak.people is not None and leak.people < least for leak in few)


@given(systems())
@settings(max_examples=200, deadline=None)
def test_people_who_are_alike_are_found_if_some_combination_of_sums_isolates_them(
    system: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, values, people = system
    alike = any(row.any() and len({*values[row != 0]}) == 1 for row in weights(labels))
    assert bool(combined(labels, values, 1, people)) == alike


@given(systems(), st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_neither_the_order_of_answers_nor_of_numbers_matters(
    system: tuple[np.ndarray, np.ndarray, np.ndarray], least: int
) -> None:
    labels, values, people = system
    order = np.random.default_rng(0).permutation(len(values))
    one = combined(labels, values, least, people)
    other = combined(labels[:, order], values[order], least, people[order])
    assert bool(one) == bool(other)
