from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.survey.conftest import Answered
from tests.survey.pillars import GENERAL, PILLARS, moments, signs, table
from upm.survey.fiml import Sample, UnfitError
from upm.survey.model import Group, Place, Structure, System, climb, fitted
from upm.survey.moments import Floats, accumulate
from upm.survey.one_factor import single_factor, single_factors

EQUAL = ("loadings", "intercepts", "residuals")


def groups(name: str, factors: dict[str, list[str]], *waves: str) -> list[Group]:
    given = moments(table(name))
    items = Structure(factors).items
    return [Group.of(Sample.of(given.of(wave=wave), items)) for wave in waves]


# ── Structure ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "equal", "means", "parameters"),
    [
        (1, 0, False, 24 + 24 + 6),
        (1, 0, True, 24 + 24 + 6 + 24),
        (3, 0, True, 3 * 78),
        (3, 1, True, 3 * 78 - 2 * 24 + 2 * 4),  # the factors' variances become free
        (3, 2, True, 3 * 78 - 4 * 24 + 4 * 4),  # and their means
        (3, 3, True, 3 * 78 - 6 * 24 + 4 * 4),
    ],
)
def test_so_many_parameters_are_free(count: int, equal: int, means: bool, parameters: int) -> None:
    index = Structure(PILLARS).free(count, EQUAL[:equal], means)
    assert sorted({*index[index >= 0].tolist()}) == [*range(parameters)]


@pytest.mark.parametrize(
    ("factors", "reason"),
    [
        ({"a": ["i", "j"]}, "too few items on a: a factor needs 3 or more"),
        ({"a": ["i"], "b": ["j", "k"], "c": ["l"]}, "too few items on a, c: a factor needs 2"),
    ],
)
def test_a_factor_with_too_few_items_is_named(factors: dict[str, list[str]], reason: str) -> None:
    with pytest.raises(UnfitError, match=f"^{reason}"):
        Structure(factors)


def test_an_item_rests_on_one_factor() -> None:
    with pytest.raises(ValueError, match="An item stands twice in the model"):
        Structure({"a": ["i", "j"], "b": ["j", "k"]})


def test_slope_and_curvature_are_those_of_small_steps() -> None:
    two = {pillar: PILLARS[pillar][:3] for pillar in ("trust", "clarity")}
    structure, made = Structure(two), groups("factors_gaps", two, "first", "second")
    index = structure.free(2, EQUAL, means=True)
    base = np.array([structure.start(group.mean, group.cov) for group in made])
    system = System(structure, made, index, base)
    x = np.random.default_rng(5).normal(1, 0.1, index.max() + 1)
    value, slope, information = system.at(x, True)
    for place, step in enumerate(np.eye(len(x)) * 1e-5):
        up, down = system.at(x + step, True), system.at(x - step, True)
        assert slope[place] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-4, abs=1e-4)
        bent = (down[1] - up[1]) / 2e-5
        assert information[place] == pytest.approx(bent, rel=1e-4, abs=1e-3)
    assert np.isfinite(value)


def test_the_maximum_does_not_hang_on_where_the_climb_begins() -> None:
    made, structure = groups("factors_gaps", GENERAL, "first"), Structure(GENERAL)
    found = fitted(structure, made, means=True)
    rng = np.random.default_rng(1)
    again = climb(found.system.at, found.x * rng.uniform(0.8, 1.2, len(found.x)))
    assert again == pytest.approx(found.x, rel=1e-7, abs=1e-7)


# ── The climb ───────────────────────────────────────────────────────────────────────────────────


def surface(value: Any, slope: Any, bend: Any, expected: float = 1.0) -> Callable[..., Place]:
    """Of one parameter."""

    def at(x: Floats, observed: bool) -> Place:
        information = -bend(x) if observed else np.full(1, expected)
        return float(value(x)[0]), slope(x), information[:, None]

    return at


def test_a_parabola_takes_one_step() -> None:
    parabola = surface(lambda x: -((x - 3) ** 2) / 2, lambda x: 3 - x, lambda x: -np.ones(1))
    assert climb(parabola, np.array([-100.0])).tolist() == [3]


def test_from_where_it_curves_upward_the_climb_scores() -> None:
    # cos x from 2.5, where -cos x is above 0: to its maximum at 0.
    wave = surface(np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x))
    assert climb(wave, np.array([2.5])) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("shape", "start", "reason"),
    [
        (surface(lambda x: x**2, lambda x: 2 * x, lambda x: 2 + 0 * x), 0.0, "do not identify"),
        (surface(lambda x: x, np.ones_like, np.zeros_like, expected=0), 0.0, "do not identify"),
        (surface(np.log, lambda x: 1 / x, lambda x: -(x**-2)), 1.0, "did not converge"),
        (surface(lambda x: -(x**2), lambda x: 2 * x, lambda x: -2 + 0 * x), 1.0, "not converge"),
    ],
    ids=["a valley", "a slope", "no end", "a slope that is wrong"],
)
def test_without_a_maximum_there_is_no_answer(
    shape: Callable[..., Place], start: float, reason: str
) -> None:
    with pytest.raises(UnfitError, match=reason):
        climb(shape, np.array([start]))


# ── One factor, fast ────────────────────────────────────────────────────────────────────────────


def test_three_items_by_hand() -> None:
    # The loadings are √(s12 s13 / s23) = √(6 · 3 / 2) = 3, √(6 · 2 / 3) = 2 and √(3 · 2 / 6) = 1.
    cov = np.array([[13.0, 6, 3], [6, 5, 2], [3, 2, 5]])
    loadings, residuals = single_factor(cov, 100)
    assert loadings == pytest.approx([3, 2, 1], rel=1e-12)
    assert residuals == pytest.approx([4, 1, 4], rel=1e-12)


def test_it_is_what_the_general_model_finds() -> None:
    (group,), structure = groups("factors", GENERAL, "first"), Structure(GENERAL)
    full = fitted(structure, [group], means=False).full()[0]
    loadings, residuals = single_factor(group.cov, group.n)
    assert loadings == pytest.approx(full[structure.block["loadings"]], rel=1e-10)
    assert residuals == pytest.approx(full[structure.block["residuals"]], rel=1e-10)


def test_it_has_the_scale_of_the_covariances() -> None:
    (group,) = groups("factors", GENERAL, "first")
    narrow, wide = single_factor(group.cov, group.n), single_factor(4 * group.cov, group.n)
    assert wide[0] == pytest.approx(2 * narrow[0], rel=1e-12)
    assert wide[1] == pytest.approx(4 * narrow[1], rel=1e-12)


def test_many_at_once_are_what_each_is_by_itself() -> None:
    (group,) = groups("factors", GENERAL, "first")
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.01, (30, *group.cov.shape))
    covs = group.cov + noise + noise.transpose(0, 2, 1)
    covs[7] = np.diag(np.diag(covs[7])) + 0.2  # far from the others, but a factor all the same
    loadings, residuals = single_factors(covs, np.full(30, group.n), group.cov)
    for cov, own, rest in zip(covs, loadings, residuals, strict=True):
        alone = single_factor(cov, group.n)
        assert own == pytest.approx(alone[0], rel=1e-9)
        assert rest == pytest.approx(alone[1], rel=1e-9)


def test_one_among_many_that_cannot_be_is_an_error() -> None:
    (group,) = groups("factors", GENERAL, "first")
    covs = np.stack([group.cov, np.eye(len(group.cov))])
    with pytest.raises(UnfitError, match="do not identify"):
        single_factors(covs, np.full(2, group.n), group.cov)


@pytest.mark.parametrize(
    ("cov", "n", "reason"),
    [
        (np.eye(2) + 1, 10, "10 respondents or 2 items are too few"),
        (np.eye(3) + 1, 3, "3 respondents or 3 items are too few"),
        (np.diag([1.0, 0, 1]), 10, "an item has no variance"),
        (np.ones((3, 3)), 10, "one of the items follows from the others"),
        (np.eye(3), 10, "do not identify"),
        (np.array([[1, 0.4, 0.4], [0.4, 1, 0], [0.4, 0, 1]]), 10, "did not converge"),
        (
            np.array([[1, 0.4, 0.4], [0.4, 1, -0.4], [0.4, -0.4, 1]]),
            10,
            "did not converge|do not identify",
        ),
        # The first loading would be √(2 · 2 / 3), whose square is more than the variance of 1.
        (np.array([[1.0, 2, 2], [2, 6, 3], [2, 3, 6]]), 10, "an item would be negative"),
    ],
)
def test_without_one_factor_there_is_no_number(cov: Floats, n: int, reason: str) -> None:
    with pytest.raises(UnfitError, match=reason):
        single_factor(cov, n)


def test_answers_laid_out_by_design_give_the_loadings_they_were_made_of(
    answered: Answered,
) -> None:
    f, *own = signs(4)
    rows = 6 + np.outer(f, [3, 2, 1]) + np.transpose(own) * [2, 1, 2]
    sample = Sample.of(accumulate(answered(rows, highest=11)), ["i0", "i1", "i2"])
    found = fitted(Structure({"f": ["i0", "i1", "i2"]}), [Group.of(sample)], means=False)
    assert found.x == pytest.approx([3, 2, 1, 4, 1, 4], rel=1e-10)
