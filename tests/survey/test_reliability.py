import json
from dataclasses import replace
from math import exp, log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.survey.conftest import Answered
from tests.survey.pillars import signs
from upm.survey.answers import Answers
from upm.survey.moments import Moments, accumulate
from upm.survey.reliability import COEFFICIENTS, Method, Reliability, Rule, Statistic, reliability
from upm.survey.result import NotDefined

REFERENCE = Path(__file__).parent.parent / "reference"
IN_R = json.loads((REFERENCE / "groups.json").read_text())["reliability"]
TABLE = pd.read_csv(REFERENCE / "groups.csv")
SIX = [f"i{j}" for j in range(6)]

STATISTICS: dict[Statistic, str] = {
    "alpha": "alpha",
    "standardised alpha": "standardised",
    "omega, model-implied variance": "implied",
    "omega, observed variance": "observed",
}
OMEGAS = [statistic for statistic in STATISTICS if statistic.startswith("omega")]


@pytest.fixture
def pillar(answered: Answered) -> Moments:
    """Six items with gaps, the second reversed, of 48 teams."""
    return accumulate(answered(TABLE[SIX], reversed=[1], least=4, team=TABLE["team"]))


def defined(
    moments: Moments,
    statistic: Statistic = "alpha",
    missing: Rule = "pairwise",
    interval: Method = "jackknife",
) -> Reliability:
    found = reliability(moments, "p", statistic, missing, interval)
    assert isinstance(found, Reliability)
    return found


def reason(moments: Moments, statistic: Statistic = "alpha", scale: str = "p") -> str:
    found = reliability(moments, scale, statistic)
    assert isinstance(found, NotDefined)
    assert found.statistic == statistic
    return found.reason


# ── Values ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", ["pairwise", "complete"])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_values_are_those_of_psych_and_lavaan(
    pillar: Moments, statistic: Statistic, missing: Rule
) -> None:
    found, in_r = defined(pillar, statistic, missing), IN_R[missing]
    assert found.value == pytest.approx(in_r[STATISTICS[statistic]], rel=1e-11)
    assert (found.n, found.items) == (in_r["n"], 6)


def test_alpha_of_two_items_by_hand(answered: Answered) -> None:
    # 1 2 3 4 and 1 3 2 4: variances 5/3 each, covariance 4/3; 2 (1 - (10/3) / (18/3)) = 8/9.
    # The correlation is 4/5, and 2 · .8 / (1 + .8) = 8/9 too, as the variances are equal.
    moments = accumulate(answered([[1, 1], [2, 3], [3, 2], [4, 4]]))
    assert defined(moments).value == pytest.approx(8 / 9, rel=1e-14)
    assert defined(moments, "standardised alpha").value == pytest.approx(8 / 9, rel=1e-14)


def test_alpha_may_be_negative(answered: Answered) -> None:
    # 1 2 3 4 and 4 2 3 2: variances 20/12 and 11/12, covariance -10/12, so the sum has 11/12:
    # 2 (1 - 31 / 11) = -40/11.
    moments = accumulate(answered([[1, 4], [2, 2], [3, 3], [4, 2]]))
    assert defined(moments).value == pytest.approx(-40 / 11, rel=1e-14)


@pytest.mark.parametrize("statistic", COEFFICIENTS)
def test_reversed_items_are_turned_round_for_every_coefficient(
    answered: Answered, statistic: Statistic
) -> None:
    turned = TABLE[SIX].assign(i1=TABLE["i1"].where(TABLE["i1"] < 1, 6 - TABLE["i1"]))
    as_given = accumulate(answered(TABLE[SIX], reversed=[1], team=TABLE["team"]))
    by_hand = accumulate(answered(turned, team=TABLE["team"]))
    assert defined(as_given, statistic) == defined(by_hand, statistic)
    forgotten = accumulate(answered(TABLE[SIX], team=TABLE["team"]))
    assert defined(forgotten, statistic).value < defined(by_hand, statistic).value - 0.1


def test_the_two_omegas_are_different_numbers_with_different_names(pillar: Moments) -> None:
    implied, observed = (defined(pillar, statistic) for statistic in OMEGAS)
    assert abs(implied.value - observed.value) > 1e-4
    names = [row.tidy().loc[0, "statistic"] for row in (implied, observed)]
    assert names == ["omega, model-implied variance", "omega, observed variance"]


# ── Intervals ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", ["pairwise", "complete"])
def test_feldt_and_duhachek_are_those_of_psych(pillar: Moments, missing: Rule) -> None:
    feldt = defined(pillar, missing=missing, interval="feldt")
    assert [feldt.low, feldt.high] == pytest.approx(IN_R[missing]["feldt"], rel=1e-12)
    normal = defined(pillar, missing=missing, interval="duhachek")
    margin = 1.959963984540054 * IN_R[missing]["ase"]
    assert normal.low == pytest.approx(normal.value - margin, rel=1e-12)
    assert normal.high == pytest.approx(normal.value + margin, rel=1e-12)


def test_bonett_by_hand(answered: Answered) -> None:
    # alpha 8/9, n 4, k 2: ln(1/9) - ln(4/3) = ln(1/12), margin 1.959964 √(2 · 2 / (1 · 2)).
    found = defined(accumulate(answered([[1, 1], [2, 3], [3, 2], [4, 4]])), interval="bonett")
    margin = 1.959963984540054 * 2**0.5
    assert found.low == pytest.approx(1 - exp(log(1 / 12) + margin), rel=1e-13)
    assert found.high == pytest.approx(1 - exp(log(1 / 12) - margin), rel=1e-13)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_jackknife_leaves_out_one_team_at_a_time(pillar: Moments, statistic: Statistic) -> None:
    found = defined(pillar, statistic)
    margin = IN_R["jackknife_t"] * IN_R["jackknife_se"][STATISTICS[statistic]]
    assert found.low == pytest.approx(found.value - margin, rel=1e-10)
    assert found.high == pytest.approx(found.value + margin, rel=1e-10)


def test_a_higher_level_makes_every_interval_wider(pillar: Moments) -> None:
    methods: tuple[Method, ...] = ("jackknife", "feldt", "bonett", "duhachek")
    for interval in methods:
        narrow, wide = (
            reliability(pillar, "p", interval=interval, level=level) for level in (0.8, 0.99)
        )
        assert isinstance(narrow, Reliability)
        assert isinstance(wide, Reliability)
        assert wide.low < narrow.low < narrow.value < narrow.high < wide.high  # type: ignore[operator]


def test_intervals_for_alpha_are_not_given_to_omega(pillar: Moments) -> None:
    with pytest.raises(ValueError, match="interval = 'feldt' is for alpha; expected 'jackknife'"):
        reliability(pillar, "p", "omega, observed variance", interval="feldt")


def in_two_teams(answered: Answered, table: list[list[int]]) -> Answers:
    half = len(table) // 2
    return answered(table, team=["a"] * half + ["b"] * (len(table) - half))


@pytest.mark.parametrize(
    ("table", "missing", "interval", "why"),
    [
        ([[1, 1], [2, 2], [3, 3], [4, 4]], "pairwise", "bonett", "Alpha is 1"),
        ([[1, 1], [2, 3]], "pairwise", "feldt", "There are fewer than three respondents."),
        ([[1, 1], [2, 3], [3, 2]], "complete", "jackknife", "Blocks of teams hold covariances by"),
        ([[1, 2], [2, 1], [3, 3], [3, 3]], "pairwise", "jackknife", "Without one of the teams it"),
    ],
)
def test_a_value_without_interval_has_the_reason(
    answered: Answered, table: list[list[int]], missing: Rule, interval: Method, why: str
) -> None:
    found = defined(accumulate(in_two_teams(answered, table)), "alpha", missing, interval)
    assert (found.low, found.high) == (None, None)
    assert found.reason.startswith(why)
    assert np.isfinite(found.value)


def test_one_team_alone_has_no_jackknife(answered: Answered) -> None:
    found = defined(accumulate(answered([[1, 1], [2, 3], [3, 2]])))
    assert (found.low, found.high) == (None, None)
    assert found.reason == "There are fewer than two teams to leave out."


# ── Not defined ─────────────────────────────────────────────────────────────────────────────────

ORDINARY = [[1, 2, 1], [2, 1, 3], [3, 3, 3], [5, 4, 4]]


@pytest.mark.parametrize("statistic", COEFFICIENTS)
@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([[1, 2, 3]], "Fewer than two respondents answered some pair of items."),
        ([[1, 2, 0], [3, 2, 0], [0, 1, 3], [2, 0, 2]], "Fewer than two respondents answered some"),
        ([[1, 2, 3], [2, 2, 5], [4, 2, 4]], "Everybody gave the same answer to i1."),
        ([[3, 3, 3], [3, 3, 3]], "Everybody gave the same answer to i0, i1, i2."),
        ([[1, 3, 5], [5, 3, 1], [3, 1, 5], [3, 5, 1], [1, 5, 3], [5, 1, 3]], "The items cancel"),
    ],
)
def test_without_variance_there_is_no_number(
    answered: Answered, statistic: Statistic, table: list[list[int]], why: str
) -> None:
    assert reason(accumulate(answered(table)), statistic).startswith(why)


@pytest.mark.parametrize("statistic", OMEGAS)
def test_two_items_have_alpha_and_no_omega(answered: Answered, statistic: Statistic) -> None:
    moments = accumulate(answered([row[:2] for row in ORDINARY]))
    assert defined(moments).items == 2
    assert reason(moments, statistic) == "One factor needs three items."


@pytest.mark.parametrize("statistic", OMEGAS)
@pytest.mark.parametrize(
    ("made_of", "why"),
    [
        ([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], "the answers do not identify the model"),
        # With s12 = s13 = 2 and s23 = 3 the first residual variance is 1 - 2 · 2 / 3.
        ([[1, 0, 0, 0], [2, 1, 1, 0], [2, -1, 0, 1]], "the residual variance of an item would be"),
    ],
)
def test_without_one_factor_there_is_alpha_and_no_omega(
    answered: Answered, statistic: Statistic, made_of: list[list[int]], why: str
) -> None:
    rows = 6 + (np.array(made_of) @ signs(4)).T
    moments = accumulate(answered(rows, highest=11))
    assert reason(moments, statistic).startswith(f"One factor does not fit: {why}")
    assert np.isfinite(defined(moments).value)


def test_one_item_has_no_alpha(answered: Answered) -> None:
    moments = accumulate(answered([[1], [3], [4]]))
    assert reason(moments) == "The scale has a single item."


def test_complete_answers_are_counted_for_pillars_only(answered: Answered) -> None:
    moments = accumulate(answered(ORDINARY, scales={"o": [0, 1, 2]}))
    assert isinstance(reliability(moments, "o"), Reliability)
    found = reliability(moments, "o", missing="complete")
    assert isinstance(found, NotDefined)
    assert found.reason == "Complete answers are counted for items of pillars only."


def test_complete_answers_that_were_not_counted_give_no_number(pillar: Moments) -> None:
    found = reliability(replace(pillar, patterns=None), "p", missing="complete")
    assert isinstance(found, NotDefined)
    assert found.reason == "There are too many patterns of missing answers to count."


def test_complete_and_pairwise_differ_only_if_answers_are_missing(
    answered: Answered, pillar: Moments
) -> None:
    whole = accumulate(answered(ORDINARY))
    assert defined(whole).value == defined(whole, missing="complete").value
    assert defined(pillar).n > defined(pillar, missing="complete").n
    complete = TABLE[(TABLE[SIX] > 0).all(axis=1)]
    alone = accumulate(answered(complete[SIX], reversed=[1], team=complete["team"]))
    assert defined(alone).value == pytest.approx(
        defined(pillar, missing="complete").value, rel=1e-13
    )
