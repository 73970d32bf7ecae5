from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest

from tests.survey.conftest import Answered
from tests.survey.pillars import GENERAL, IN_R, PILLARS, moments, signs, table
from upm.survey.factors import FactorModel, Fit, cfa
from upm.survey.fiml import Rule
from upm.survey.moments import Floats, Moments, accumulate
from upm.survey.result import NotDefined

Factors = Mapping[str, Sequence[str]]

MEASURES = {
    "chi_square": "chisq",
    "df": "df",
    "p": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "rmsea_low": "rmsea_low",
    "rmsea_high": "rmsea_high",
    "srmr": "srmr",
    "log_likelihood": "logl",
    "aic": "aic",
    "bic": "bic",
    "parameters": "npar",
}
"""Our name of a measure of fit, and lavaan's."""

ONE: Factors = {"f": ["i0", "i1", "i2"]}


def found_in(given: Moments, factors: Factors, missing: Rule = "full information") -> FactorModel:
    found = cfa(given, factors, missing)
    assert isinstance(found, FactorModel)
    return found


def laid_out(answered: Answered, made_of: Sequence[Sequence[int]], **rest: Any) -> Moments:
    """Items x sources: answers whose items are such sums of independent signs; the middle is 6."""
    made = np.array(made_of)
    return accumulate(answered(6 + (made @ signs(made.shape[1])).T, highest=11, **rest))


# ── Those of lavaan ─────────────────────────────────────────────────────────────────────────────

MODELS = {
    "four": ("factors", PILLARS),
    "one": ("factors", GENERAL),
    "gaps": ("factors_gaps", PILLARS),
    "gaps_one": ("factors_gaps", GENERAL),
}


@pytest.fixture(scope="module", params=MODELS)
def pair(request: pytest.FixtureRequest) -> tuple[FactorModel, Any]:
    """Our model and lavaan's: four pillars or one factor, of answers with gaps or without."""
    file, factors = MODELS[request.param]
    return found_in(moments(table(file)), factors), IN_R[request.param]


@pytest.mark.parametrize("measure", MEASURES)
def test_the_fit_is_that_of_lavaan(pair: tuple[FactorModel, Any], measure: str) -> None:
    ours, theirs = pair
    value = theirs["fit"][MEASURES[measure]]
    assert getattr(ours.fit, measure) == pytest.approx(value, rel=3e-8, abs=1e-12)


def test_loadings_and_their_errors_are_those_of_lavaan(pair: tuple[FactorModel, Any]) -> None:
    ours, theirs = pair
    assert ours.loadings["item"].to_list() == theirs["item"]
    for column in ("loading", "se", "residual"):
        assert ours.loadings[column].to_numpy() == pytest.approx(theirs[column], abs=3e-8)
    assert ours.tidy() is ours.loadings
    assert ours.inadmissible == ()


def test_correlations_and_their_errors_are_those_of_lavaan(pair: tuple[FactorModel, Any]) -> None:
    ours, theirs = pair
    assert len(ours.correlations) == len(theirs["factor"])
    for column, name in (("factor", "factor"), ("other", "other")):
        assert ours.correlations[column].to_list() == theirs[name]
    for column, name in (("correlation", "correlation"), ("se", "correlation_se")):
        assert ours.correlations[column].to_numpy() == pytest.approx(theirs[name], abs=3e-8)


# ── By hand ─────────────────────────────────────────────────────────────────────────────────────


def error_of_first_loading(r12: float, r13: float, r23: float, n: int) -> float:
    """By the delta method from the large-sample covariances of three correlations: the loading is
    √(r12 r13 / r23), whose logarithm has the slopes 1/2 r12, 1/2 r13 and -1/2 r23."""

    def both(a: float, b: float, c: float) -> float:
        """n times the covariance of a and b, which share an item; c is of the other two."""
        return c * (1 - a**2 - b**2) - a * b * (1 - a**2 - b**2 - c**2) / 2

    r = np.array([r12, r13, r23])
    cov: Floats = np.diag((1 - r**2) ** 2)
    for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
        cov[i, j] = cov[j, i] = both(r[i], r[j], r[k])
    slopes = np.array([1, 1, -1]) / r / 2
    return float(np.sqrt(r12 * r13 / r23 * (slopes @ cov @ slopes) / n))


def test_three_items_by_hand(answered: Answered) -> None:
    # Loadings 3, 2, 1 and residuals 4, 1, 4, so variances 13, 5, 5 and covariances 6, 3, 2.
    found = found_in(laid_out(answered, [[3, 2, 0, 0], [2, 0, 1, 0], [1, 0, 0, 2]]), ONE)
    loadings = found.loadings
    assert loadings["loading"].to_list() == pytest.approx([3 / 13**0.5, 2 / 5**0.5, 1 / 5**0.5])
    assert loadings["residual"].to_list() == pytest.approx([4, 1, 4], rel=1e-9)
    correlations = 6 / 65**0.5, 3 / 65**0.5, 2 / 5
    assert loadings.loc[0, "se"] == pytest.approx(
        error_of_first_loading(*correlations, 16), rel=1e-9
    )


def test_a_model_without_degrees_of_freedom_is_not_judged(answered: Answered) -> None:
    fit = found_in(laid_out(answered, [[3, 2, 0, 0], [2, 0, 1, 0], [1, 0, 0, 2]]), ONE).fit
    assert fit.df == 0
    assert fit.chi_square == pytest.approx(0, abs=1e-9)
    assert (fit.p, fit.cfi, fit.tli, fit.rmsea, fit.rmsea_low, fit.rmsea_high) == (None,) * 6
    assert fit.reason == "Without degrees of freedom a model fits whatever the answers are."


def test_four_items_that_are_made_of_one_factor_fit_perfectly(answered: Answered) -> None:
    # Each is f + own: variance 2, covariance 1. One factor has 8 parameters, 10 moments: df = 2.
    # With no factor at all: correlations 1/2, determinant (1 + 3/2) (1/2)³ = 5/16, so that
    # chi-square is n ln(16/5) = 32 ln 3.2 with df = 6, and TLI 1 + 1 / (32 ln 3.2 / 6 - 1).
    given = laid_out(answered, [[1, *row] for row in np.eye(4, dtype=int).tolist()])
    fit = found_in(given, {"f": ["i0", "i1", "i2", "i3"]}).fit
    assert (fit.n, fit.df, fit.parameters, fit.reason) == (32, 2, 8, "")
    assert (fit.p, fit.cfi, fit.rmsea) == (pytest.approx(1), 1, 0)
    assert (fit.rmsea_low, fit.rmsea_high) == (0, 0)
    assert fit.tli == pytest.approx(1 + 1 / (32 * log(3.2) / 6 - 1), rel=1e-9)
    assert fit.srmr == pytest.approx(0, abs=1e-9)
    # -n/2 (4 ln 2π + ln |S| + 4), and |S| = 2⁴ · 5/16 = 5.
    assert fit.log_likelihood == pytest.approx(-16 * (4 * log(2 * np.pi) + log(5) + 4), rel=1e-12)
    assert fit.aic == pytest.approx(16 - 2 * fit.log_likelihood, rel=1e-12)
    assert fit.bic == pytest.approx(8 * log(32) - 2 * fit.log_likelihood, rel=1e-12)


def test_two_factors_by_hand(answered: Answered) -> None:
    # Factors f + g and f + h correlate by 1/2.
    made_of = [[1, 1, 0, *row] for row in np.eye(4, dtype=int)[:2].tolist()]
    made_of += [[1, 0, 1, *row] for row in np.eye(4, dtype=int)[2:].tolist()]
    found = found_in(laid_out(answered, made_of), {"a": ["i0", "i1"], "b": ["i2", "i3"]})
    assert found.correlations["correlation"].to_list() == pytest.approx([0.5], rel=1e-9)
    assert found.loadings["loading"].to_list() == pytest.approx([(2 / 3) ** 0.5] * 4, rel=1e-9)


# ── Missing answers and reversed items ──────────────────────────────────────────────────────────


def same(one: FactorModel, other: FactorModel) -> None:
    for measure in MEASURES:
        assert getattr(one.fit, measure) == pytest.approx(getattr(other.fit, measure), rel=1e-9)
    for column in ("loading", "se"):
        assert one.loadings[column].to_numpy() == pytest.approx(
            other.loadings[column].to_numpy(), rel=1e-8
        )


def test_complete_is_the_model_of_those_who_answered_all() -> None:
    given = table("factors_gaps")
    complete = given[(given[GENERAL["general"]] > 0).all(axis=1)]
    found = found_in(moments(given), PILLARS, "complete")
    assert (found.fit.missing, found.fit.n) == ("complete", len(complete))
    assert found.fit.left_out == 500 - len(complete)
    same(found, found_in(moments(complete), PILLARS))


def test_full_information_uses_every_answer() -> None:
    fit = found_in(moments(table("factors_gaps")), GENERAL).fit
    assert (fit.missing, fit.n, fit.left_out) == ("full information", 500, 0)


def test_a_reversed_item_is_turned_round_for_the_model_too(answered: Answered) -> None:
    rows = table("factors_gaps")[PILLARS["trust"]].to_numpy(int)
    turned = np.where((np.arange(6) == 2) & (rows > 0), 6 - rows, rows)
    factors = {"f": [f"i{j}" for j in range(6)]}
    as_given = found_in(accumulate(answered(turned, reversed=[2])), factors)
    same(as_given, found_in(accumulate(answered(rows)), factors))
    forgotten = found_in(accumulate(answered(turned)), factors)
    assert forgotten.loadings.loc[2, "loading"] < 0 < as_given.loadings.loc[2, "loading"]


@pytest.mark.parametrize("file", ["factors", "factors_gaps"])
def test_cfi_is_a_share_however_badly_the_model_fits(file: str) -> None:
    items = GENERAL["general"]
    crossed = {f"f{j}": items[j::4] for j in range(4)}  # each takes its items from all pillars
    fit = found_in(moments(table(file)), crossed).fit
    assert fit.cfi is not None
    assert fit.tli is not None
    assert 0 <= fit.cfi < 0.8
    assert fit.tli < fit.cfi


# ── What cannot be ──────────────────────────────────────────────────────────────────────────────


def test_a_negative_residual_variance_is_said_to_be_inadmissible(answered: Answered) -> None:
    # Variances 1, 6, 6 and covariances 2, 2, 3: λ² = 2 · 2 / 3, so the first residual is -1/3.
    found = found_in(laid_out(answered, [[1, 0, 0, 0], [2, 1, 1, 0], [2, -1, 0, 1]]), ONE)
    assert found.inadmissible == ("the residual variance of i0 is negative",)
    assert found.loadings["residual"].to_list() == pytest.approx([-1 / 3, 3, 3], rel=1e-9)


def test_factors_that_correlate_beyond_1_are_inadmissible(answered: Answered) -> None:
    # Covariances are 4 - 1 within a and within b, but 4 between: 4/3.
    made_of = [[2, 1, 0, 1, 0, 0, 0], [2, -1, 0, 0, 1, 0, 0]]
    made_of += [[2, 0, 1, 0, 0, 1, 0], [2, 0, -1, 0, 0, 0, 1]]
    found = found_in(laid_out(answered, made_of), {"a": ["i0", "i1"], "b": ["i2", "i3"]})
    assert found.correlations["correlation"].to_list() == pytest.approx([4 / 3], rel=1e-9)
    assert found.inadmissible == ("a and b correlate beyond 1",)


def test_correlations_that_cannot_be_together_are_inadmissible(answered: Answered) -> None:
    # a = f + 2g, b = f + 2h, c = 2g - 2h: covariances 1, 4 and -4 between, and within, less 1 for
    # what each pair has with opposite signs, 4, 4 and 7: the determinant is -55.
    sources = np.eye(10, dtype=int)
    f, g, h, u, v, w, *own = sources
    a, b, c = f + 2 * g, f + 2 * h, 2 * g - 2 * h
    made_of = [a + u + own[0], a - u + own[1], b + v + own[2], b - v + own[3], c + w, c - w]
    factors = {name: [f"i{2 * at}", f"i{2 * at + 1}"] for at, name in enumerate("abc")}
    found = found_in(laid_out(answered, [each.tolist() for each in made_of]), factors)
    expected = [1 / 4, 4 / 28**0.5, -4 / 28**0.5]
    assert found.correlations["correlation"].to_list() == pytest.approx(expected, rel=1e-9)
    assert found.inadmissible == (
        "variances and correlations of the factors contradict each other",
    )


def test_items_that_have_nothing_to_do_with_each_other_have_no_cfi(answered: Answered) -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        found = cfa(accumulate(answered(rng.integers(1, 6, (60, 4)))), {"f": [*ONE["f"], "i3"]})
        if isinstance(found, FactorModel) and found.fit.cfi is None:
            break
    assert isinstance(found, FactorModel)
    assert (found.fit.cfi, found.fit.tli) == (None, None)
    assert found.fit.reason == "The items have no more to do with each other than by chance."


ROWS = [[1, 2, 3], [2, 1, 1], [4, 4, 5], [5, 3, 2], [3, 5, 4], [2, 2, 4]]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (ROWS[:3], "3 respondents are too few for 3 items"),
        ([[0, 0, 0]], "0 respondents are too few for 3 items"),
        ([[a, 4, c] for a, _, c in ROWS], "everybody gave the same answer to i1"),
        ([[a, a, c] for a, _, c in ROWS], "i0, i1 are not independent: one follows from the oth"),
        ([[1, 2, 0], [2, 1, 0], [3, 0, 1], [1, 0, 3]], "nobody answered both i1 and i2"),
        (6 + signs(3).T, "the answers do not identify the model"),
        # s23 = 0, so that the first loading √(s12 s13 / s23) has no end: others report a fit.
        (6 + (signs(3).T @ [[1, 1, 1], [0, 1, -1], [1, 0, 0]]), "the estimation did not converge"),
    ],
)
def test_what_is_not_defined_has_its_reason(answered: Answered, rows: Any, why: str) -> None:
    found = cfa(accumulate(answered(rows, highest=11)), ONE)
    assert isinstance(found, NotDefined)
    assert found.statistic == "factor model"
    assert found.reason.startswith(f"It cannot be fitted: {why}")


def test_too_few_items_or_no_patterns_are_not_defined(answered: Answered) -> None:
    given = accumulate(answered(ROWS))
    for found, why in (
        (cfa(given, {"f": ["i0", "i1"]}), "too few items on f: a factor needs 3 or more"),
        (cfa(replace(given, patterns=None), ONE), "there are too many patterns of missing"),
    ):
        assert isinstance(found, NotDefined)
        assert found.reason.startswith(f"It cannot be fitted: {why}")


def test_the_fit_is_one_row_of_unrounded_numbers() -> None:
    fit = found_in(moments(table("factors")), GENERAL).fit
    row = fit.tidy()
    assert len(row) == 1
    assert isinstance(fit, Fit)
    assert row.loc[0, "rmsea_low"] == fit.rmsea_low != round(float(fit.rmsea_low or 0), 6)
