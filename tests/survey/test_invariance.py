from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.survey.conftest import Answered
from tests.survey.pillars import IN_R, PILLARS, moments, signs, table
from tests.survey.test_factors import MEASURES
from upm.survey.factors import cfa
from upm.survey.invariance import STEPS, Ladder, ladder
from upm.survey.moments import Moments, accumulate
from upm.survey.result import NotDefined

WAVES = ["first", "second", "third"]
ONE = {"f": ["i0", "i1", "i2"]}


def found_in(groups: Mapping[str, Moments], factors: Mapping[str, Sequence[str]] = ONE) -> Ladder:
    found = ladder(groups, factors)
    assert isinstance(found, Ladder)
    return found


# ── Those of lavaan ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module", params=["ladder", "gaps_ladder"])
def pair(request: pytest.FixtureRequest) -> tuple[Ladder, Any]:
    """Our ladder over three waves and lavaan's, of answers without gaps or with."""
    given = moments(table("factors" if request.param == "ladder" else "factors_gaps"))
    waves = {wave: given.of(wave=wave) for wave in WAVES}
    return found_in(waves, PILLARS), IN_R[request.param]


@pytest.mark.parametrize("step", STEPS)
def test_the_fit_of_each_step_is_that_of_lavaan(pair: tuple[Ladder, Any], step: str) -> None:
    ours, theirs = pair
    row = ours.tidy().set_index("step").loc[step]
    for measure, name in MEASURES.items():
        assert row[measure] == pytest.approx(theirs["steps"][step][name], rel=1e-7)
    assert row["inadmissible"] == ""


def test_each_step_is_tested_against_the_one_before(pair: tuple[Ladder, Any]) -> None:
    ours, theirs = pair
    fits = pd.DataFrame(theirs["steps"]).T
    changes = fits[["chisq", "df", "cfi"]].astype(float).diff()[1:]
    steps = ours.steps
    assert steps.loc[0, ["chi_square_change", "df_change", "p_change", "cfi_change"]].isna().all()
    for column, name in (("chi_square", "chisq"), ("df", "df"), ("cfi", "cfi")):
        assert steps[f"{column}_change"][1:].to_numpy() == pytest.approx(
            changes[name].to_numpy(), rel=1e-6
        )
    p = stats.chi2.sf(changes["chisq"], changes["df"])
    assert steps["p_change"][1:].to_numpy() == pytest.approx(p, rel=1e-5)


def test_latent_means_and_their_errors_are_those_of_lavaan(pair: tuple[Ladder, Any]) -> None:
    ours, theirs = pair
    for column in ("group", "factor"):
        assert ours.means[column].to_list() == theirs["means"][column]
    for column in ("mean", "se"):
        assert ours.means[column].to_numpy() == pytest.approx(theirs["means"][column], abs=1e-7)


def test_the_configural_model_is_that_of_each_group_alone() -> None:
    given = moments(table("factors_gaps"))
    waves = {wave: given.of(wave=wave) for wave in WAVES[:2]}
    alone: list[Any] = [cfa(each, PILLARS) for each in waves.values()]
    first = found_in(waves, PILLARS).steps.iloc[0]
    for measure in ("chi_square", "df", "parameters", "log_likelihood"):
        assert first[measure] == pytest.approx(
            sum(getattr(each.fit, measure) for each in alone), rel=1e-9
        )


# ── By hand ─────────────────────────────────────────────────────────────────────────────────────


def group(
    answered: Answered,
    loadings: Sequence[int] = (1, 2, 1),
    residuals: Sequence[int] = (1, 1, 2),
    means: Sequence[int] = (5, 5, 5),
) -> Moments:
    """Sixteen people whose three items are made of one factor."""
    f, *own = signs(4)
    rows = np.outer(f, loadings) + np.transpose(own) * residuals + means
    return accumulate(answered(rows, highest=11))


def test_a_group_that_is_one_standard_deviation_higher_is_found_to_be(answered: Answered) -> None:
    # Its means are higher by what the items load on the factor: 1, 2 and 1. So all steps fit.
    groups = {"T0": group(answered), "T1": group(answered, means=(6, 7, 6))}
    found = found_in(groups)
    assert found.steps["chi_square"].to_list() == pytest.approx([0] * 4, abs=1e-9)
    # 18 moments; configural 2 · 9 parameters, then 2 fewer (3 loadings, but a variance is free),
    # 2 fewer (3 intercepts, but a mean is free), 3 fewer.
    assert found.steps["df"].to_list() == [0, 2, 4, 7]
    assert found.means.loc[0, ["group", "factor"]].to_list() == ["T1", "f"]
    assert found.means.loc[0, "mean"] == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(
    ("other", "breaks"),
    [
        ({"loadings": (2, 1, 1)}, "metric"),
        ({"means": (6, 5, 4)}, "scalar"),
        ({"residuals": (2, 1, 1)}, "strict"),
    ],
)
def test_what_differs_between_groups_breaks_its_own_step(
    answered: Answered, other: dict[str, Any], breaks: str
) -> None:
    steps = found_in({"T0": group(answered), "T1": group(answered, **other)}).steps
    fits = steps["chi_square"] < 1e-8
    assert steps["step"][~fits].to_list() == [*STEPS][[*STEPS].index(breaks) :]


def test_what_cannot_be_is_said_in_words_at_its_step(answered: Answered) -> None:
    # Variances 1, 6, 6 and covariances 2, 2, 3: the first residual is 1 - 4/3.
    made_of = np.array([[1, 0, 0, 0], [2, 1, 1, 0], [2, -1, 0, 1]])
    same = accumulate(answered(6 + (made_of @ signs(4)).T, highest=11))
    steps = found_in({"T0": same, "T1": same}).steps
    for words in steps["inadmissible"]:
        assert "the residual variance of i0 is negative" in words


# ── Not defined ─────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_defined_has_its_reason(answered: Answered) -> None:
    whole, few = group(answered), accumulate(answered([[1, 2, 3], [3, 2, 1]]))
    apart = accumulate(answered(6 + signs(3).T, highest=11))
    cases: list[tuple[dict[str, Moments], str]] = [
        ({}, "There are fewer than two groups."),
        ({"T0": whole}, "There are fewer than two groups."),
        ({"T0": whole, "T1": few}, "T1: 2 respondents are too few for 3 items."),
        ({"T0": apart, "T1": apart}, "configural: the answers do not identify the model."),
    ]
    for groups, reason in cases:
        assert ladder(groups, ONE) == NotDefined("measurement invariance", reason)
    assert ladder({"T0": whole, "T1": whole}, {"f": ["i0"]}) == NotDefined(
        "measurement invariance", "the model: too few items on f: a factor needs 3 or more."
    )
