import numpy as np
import pytest

from upm.survey.jackknife import jackknife


def test_the_error_of_a_mean_is_the_ordinary_one() -> None:
    # Of 1, 2, 3, 6 the mean is 3, and s² = (4 + 1 + 0 + 9) / 3, so SE² = s² / 4 = 14 / 12.
    # Without each: 11/3, 10/3, 9/3, 6/3. t with 3 degrees of freedom is 3.182446305284263.
    se, low, high = jackknife(3, [11 / 3, 10 / 3, 3, 2])
    assert se == pytest.approx((14 / 12) ** 0.5)
    assert low == pytest.approx(3 - 3.182446305284263 * (14 / 12) ** 0.5)
    assert high == pytest.approx(3 + 3.182446305284263 * (14 / 12) ** 0.5)


def test_the_spread_is_about_the_mean_of_the_values_without_a_block() -> None:
    # Two values 1 and 3: SE² = 1/2 · ((1 - 2)² + (3 - 2)²) = 1, whatever the estimate.
    assert jackknife(10, [1, 3]).se == 1


def test_an_interval_may_be_asked_for_at_another_level() -> None:
    # t with 1 degree of freedom at 0.75 is 1.
    assert jackknife(10, [1, 3], level=0.5).high == pytest.approx(11)


def test_it_takes_each_number_of_an_array_by_itself() -> None:
    whole, without = np.ones((2, 3)), np.arange(24.0).reshape(4, 2, 3) ** 2
    found = jackknife(whole, without)
    assert found.se.shape == (2, 3)
    alone = jackknife(whole[1, 2], without[:, 1, 2])
    assert [each[1, 2] for each in found] == [float(each) for each in alone]


@pytest.mark.parametrize("without", [[], [2.0]])
def test_fewer_than_two_blocks_give_no_interval(without: list[float]) -> None:
    assert np.isnan(jackknife(2, without)).all()


def test_a_value_not_defined_without_a_block_makes_only_its_own_interval_undefined() -> None:
    se, _, _ = jackknife([1, 1], np.array([[1, np.nan], [2, 1], [3, 1]]))
    assert np.isnan(se).tolist() == [False, True]
