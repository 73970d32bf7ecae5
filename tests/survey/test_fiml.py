from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from tests.survey import pillars
from tests.survey.conftest import Answered
from upm.survey import fiml
from upm.survey.fiml import Likelihood, Sample, UnfitError, independent, likelihood, saturated
from upm.survey.moments import Floats, accumulate

THREE = ["i0", "i1", "i2"]
MEAN = np.array([3.1, 2.8, 3.4])
COV = np.array([[1.2, 0.4, 0.3], [0.4, 0.9, 0.2], [0.3, 0.2, 1.5]])


def table(seed: int = 1, n: int = 60, missing: float = 0.3) -> Any:
    """Respondents x 3 items that have to do with each other; 0: missing."""
    rng = np.random.default_rng(seed)
    points = np.clip(np.round(3 + rng.normal(size=(n, 1)) + rng.normal(size=(n, 3))), 1, 5)
    return np.where(rng.random((n, 3)) < missing, 0, points).astype(int)


@pytest.fixture
def sample(answered: Answered) -> Sample:
    """Sixty people with gaps."""
    return Sample.of(accumulate(answered(table())), THREE)


# ── From moments ────────────────────────────────────────────────────────────────────────────────


def test_each_group_has_the_moments_of_those_who_answered_the_same(answered: Answered) -> None:
    rows = [[1, 2, 0], [3, 5, 0], [2, 2, 1], [4, 1, 3], [4, 3, 5], [3, 0, 4]]
    found = Sample.of(accumulate(answered(rows)), THREE)
    assert found.observed.tolist() == [[True] * 3, [True, True, False], [True, False, True]]
    assert found.n.tolist() == [3, 2, 1]
    # 2 4 4, 2 1 3 and 1 3 5; 1 3 and 2 5: mean 2 and 3.5, divided by n 1, 1.5 and 2.25.
    assert found.mean.tolist() == [[10 / 3, 2, 3], [2, 3.5, 0], [3, 0, 4]]
    assert found.cov[1].tolist() == [[1, 1.5, 0], [1.5, 2.25, 0], [0, 0, 0]]


def test_items_stand_in_the_order_asked_for(answered: Answered) -> None:
    moments = accumulate(answered(table()))
    turned, straight = Sample.of(moments, ["i2", "i0"]), Sample.of(moments, ["i0", "i2"])
    assert saturated(turned)[0] == pytest.approx(saturated(straight)[0][::-1], rel=1e-9)
    assert turned.observed.shape == (3, 2)  # both, or one of them


def test_waves_and_forms_are_taken_together_or_one_by_one(answered: Answered) -> None:
    rows = table()
    moments = accumulate(answered(rows, wave=["T0", "T1"] * 30))
    whole = Sample.of(moments, THREE)
    assert whole.n.tolist() == Sample.of(accumulate(answered(rows)), THREE).n.tolist()
    first = Sample.of(moments.of(wave="T0"), THREE)
    alone = Sample.of(accumulate(answered(rows[::2])), THREE)
    assert first.mean.tolist() == alone.mean.tolist()


def test_who_answered_none_of_the_items_is_left_out_and_counted(answered: Answered) -> None:
    rows = np.concatenate([table(), np.zeros((4, 3), int)])
    found = Sample.of(accumulate(answered(rows)), THREE)
    nobody = int((table() == 0).all(1).sum()) + 4
    assert (found.n.sum(), found.left_out) == (64 - nobody, nobody)


def test_complete_leaves_out_whoever_misses_one_of_these_items(answered: Answered) -> None:
    rows = np.concatenate([table(), np.zeros((60, 1), int)], 1)  # nobody answered the fourth
    found = Sample.of(accumulate(answered(rows)), THREE, "complete")
    n = int((table() > 0).all(1).sum())
    assert (found.n.tolist(), found.left_out, found.gaps) == ([n], 60 - n, False)
    assert found.mean[0] == pytest.approx(table()[(table() > 0).all(1)].mean(0), rel=1e-14)


def test_of_too_many_patterns_the_most_frequent_are_used(
    answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fiml, "MOST_PATTERNS", 2)
    rows = [[1, 2, 3], [3, 2, 2], [4, 5, 5], [2, 3, 0], [4, 1, 0], [0, 3, 4], [0, 0, 4], [0, 0, 0]]
    found = Sample.of(accumulate(answered(rows)), THREE)
    assert (found.n.tolist(), found.left_out) == ([3, 2], 3)


ENOUGH = [[1, 2, 3], [2, 1, 1], [4, 4, 5], [5, 3, 2], [3, 5, 4]]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[0, 0, 0]], "0 respondents are too few for 3 items"),
        (ENOUGH[:3], "3 respondents are too few for 3 items"),
        ([[1, 2, 0], [2, 1, 0], [3, 0, 1], [1, 0, 3]], "nobody answered both i1 and i2"),
        ([[a, 3, c] for a, _, c in ENOUGH], "everybody gave the same answer to i1"),
    ],
)
def test_answers_to_which_no_model_can_be_fitted_have_the_reason(
    answered: Answered, rows: list[list[int]], reason: str
) -> None:
    with pytest.raises(UnfitError, match=f"^{reason}$"):
        Sample.of(accumulate(answered(rows)), THREE)


def test_items_of_which_no_patterns_are_kept_are_refused(answered: Answered) -> None:
    moments = accumulate(answered(ENOUGH, scales={"p": [0, 1], "o": [2]}))
    with pytest.raises(UnfitError, match=r"^i2, x is not an item of a pillar$"):
        Sample.of(moments, ["i0", "i2", "x"])
    with pytest.raises(UnfitError, match="too many patterns of missing answers to count"):
        Sample.of(replace(moments, patterns=None), ["i0", "i1"])


# ── The likelihood ──────────────────────────────────────────────────────────────────────────────


def test_it_is_the_sum_of_what_each_respondent_s_answers_are_worth(sample: Sample) -> None:
    value = 0.0
    for row in table():
        at = np.flatnonzero(row)
        if at.size:
            value += multivariate_normal(MEAN[at], COV[np.ix_(at, at)]).logpdf(row[at])
    assert likelihood(sample, MEAN, COV).value == pytest.approx(value, rel=1e-13)


def directions(seed: int = 3, q: int = 5) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(q, 3, 3))
    return rng.normal(size=(q, 3)), half + half.transpose(0, 2, 1)


def test_slope_and_curvature_are_those_of_small_steps(sample: Sample) -> None:
    along, step = directions(), 1e-5

    def slopes(here: Likelihood) -> Floats:
        return along[0] @ here.by_mean + np.tensordot(along[1], here.by_cov) / 2

    here = likelihood(sample, MEAN, COV, along)
    for place, (mean, cov) in enumerate(zip(*along, strict=True)):
        up, down = (likelihood(sample, MEAN + s * mean, COV + s * cov) for s in (step, -step))
        assert slopes(here)[place] == pytest.approx((up.value - down.value) / 2 / step, rel=1e-5)
        bent = (slopes(down) - slopes(up)) / 2 / step
        assert here.information[place] == pytest.approx(bent, rel=1e-5)


def test_expected_and_observed_information_meet_where_the_moments_are_the_model_s(
    answered: Answered,
) -> None:
    sample = Sample.of(accumulate(answered(table(missing=0))), THREE)
    expected, observed = (
        likelihood(sample, *saturated(sample), directions(), each).information
        for each in (False, True)
    )
    assert expected == pytest.approx(observed, rel=1e-10)


def test_one_group_and_many_take_two_ways_to_one_curvature(answered: Answered) -> None:
    sample = Sample.of(accumulate(answered(table(missing=0))), THREE)
    twice = replace(
        sample,
        observed=np.repeat(sample.observed, 2, 0),
        n=np.repeat(sample.n, 2) / 2,
        mean=np.repeat(sample.mean, 2, 0),
        cov=np.repeat(sample.cov, 2, 0),
    )
    one, two = (likelihood(each, MEAN, COV, directions()).information for each in (sample, twice))
    assert one == pytest.approx(two, rel=1e-12)


# ── With no model ───────────────────────────────────────────────────────────────────────────────


def test_without_gaps_they_are_mean_and_covariance_divided_by_n(answered: Answered) -> None:
    rows = table(missing=0)
    mean, cov = saturated(Sample.of(accumulate(answered(rows)), THREE))
    assert mean == pytest.approx(rows.mean(0), rel=1e-13)
    assert cov == pytest.approx(np.cov(rows.T, bias=True), rel=1e-12)


def test_two_items_of_which_one_has_gaps_by_hand(answered: Answered) -> None:
    # x is 1 2 3 4 5 (mean 3, variance 2) and y is 1 3 2 of the first three, where x has mean 2 and
    # variance 2/3, y mean 2 and variance 2/3, and both 1/3: slope 1/2, left over 2/3 - 1/6 = 1/2.
    # So y has mean 2 + 1/2 (3 - 2) = 2.5 and variance 1/2 + 1/4 · 2 = 1, and both 1/2 · 2 = 1.
    rows = [[1, 1], [2, 3], [3, 2], [4, 0], [5, 0]]
    sample = Sample.of(accumulate(answered(rows)), ["i0", "i1"])
    mean, cov = saturated(sample)
    assert mean == pytest.approx([3, 2.5], rel=1e-10)
    assert cov.ravel() == pytest.approx([2, 1, 1, 1], rel=1e-10)
    alone, variance = independent(sample)
    assert (alone.tolist(), variance) == ([3, 2], pytest.approx([2, 2 / 3], rel=1e-14))


@pytest.mark.parametrize("missing", [0.05, 0.3, 0.6])
def test_however_much_is_missing_the_likelihood_is_flat_there(
    answered: Answered, missing: float
) -> None:
    sample = Sample.of(accumulate(answered(table(n=400, missing=missing))), THREE)
    here = likelihood(sample, *saturated(sample))
    assert np.abs(here.by_mean).max() < 1e-7
    assert np.abs(here.by_cov).max() < 1e-7


def test_an_item_that_follows_from_others_is_named(answered: Answered) -> None:
    rows = [[a, b, a - b + 3, c] for a, b, c in [*ENOUGH, [3, 1, 2], [2, 4, 4]]]
    sample = Sample.of(accumulate(answered(rows, highest=8)), [*THREE, "i3"])
    with pytest.raises(UnfitError, match=r"^i0, i1, i2 are not independent: one follows from the"):
        saturated(sample)


def test_em_that_has_not_arrived_gives_no_number(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fiml, "MOST_STEPS", 3)
    with pytest.raises(UnfitError, match="under missing answers did not converge"):
        saturated(sample)


def test_whom_lavaan_s_answers_with_gaps_consist_of() -> None:
    given = pillars.table("factors_gaps")
    found = Sample.of(pillars.moments(given), pillars.GENERAL["general"])
    there = given[pillars.GENERAL["general"]] > 0
    assert len(found.n) == len(pd.DataFrame(there).drop_duplicates())
    assert found.n.sum() == 500
