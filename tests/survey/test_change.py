import pytest
from scipy import stats

from tests.survey import builders
from tests.survey.pairing import IN_R, ONE, agrees, in_csv, waves
from upm.survey.answers import Answers
from upm.survey.change import (
    CLUSTERED,
    PAIRED,
    WELCH,
    Change,
    Detectable,
    detectable_change,
    linked_change,
    unlinked_change,
)
from upm.survey.instrument import Scale
from upm.survey.links import linked
from upm.survey.moments import Moments, accumulate
from upm.survey.result import NotDefined

BOUNDS = ("difference", "se", "df", "low", "high")


def change(found: Change | NotDefined) -> Change:
    assert isinstance(found, Change), found
    return found


def of_wave(points: list[int], teams: list[str | None] | str | None = "t") -> Moments:
    given = builders.answers([[each, 3, 3] for each in points], ONE, form="member", team=teams)
    return accumulate(given)


def members(wave: str) -> Answers:
    return in_csv().of(form="member", wave=wave)


# ── Linked ──────────────────────────────────────────────────────────────────────────────────────


def test_the_change_of_all_is_that_of_sandwich() -> None:
    found = change(linked_change(linked(in_csv(), "member", "T0", "T1"), "p0"))
    in_r = IN_R["linked"]
    retest = dict(zip(("retest", "retest_low", "retest_high"), in_r["retest"], strict=True))
    numbers = {name: in_r[name] for name in (*BOUNDS, "sd", "dz")}
    assert agrees(found, numbers | retest | {"n_from": in_r["n"], "n_to": in_r["n"]})
    assert found.method == CLUSTERED
    assert found.teams == 20


def test_the_change_of_one_team_is_the_paired_t_test() -> None:
    found = change(linked_change(linked(in_csv(), "member", "T0", "T1"), "p0", team="t03"))
    assert agrees(found, IN_R["paired"])
    assert found.method == PAIRED


def test_a_change_by_hand() -> None:
    # Differences 1, 2, 0, 1: the mean is 1, the variance 2/3; r = 4 / 5.
    found = change(linked_change(waves([1, 2, 3, 4], [2, 4, 3, 5]), "p", team="t"))
    assert (found.mean_from, found.mean_to, found.difference) == (2.5, 3.5, 1)
    assert found.dz == pytest.approx((3 / 2) ** 0.5)
    assert found.retest == pytest.approx(0.8)
    assert found.retest_low is None


def test_where_no_team_is_known_the_change_of_all_is_the_paired_t_test() -> None:
    found = change(linked_change(waves([1, 2, 3, 4], [2, 4, 3, 5], None), "p"))
    assert (found.method, found.teams, found.df) == (PAIRED, 0, 3)


def test_a_wider_interval_may_be_asked_for() -> None:
    pairs = waves([1, 2, 3, 4], [2, 4, 3, 5])
    wide, usual = (change(linked_change(pairs, "p", "t", level)) for level in (0.99, 0.95))
    assert wide.low < usual.low < usual.high < wide.high


@pytest.mark.parametrize(
    ("before", "after", "team", "reason"),
    [
        ([], [], None, "Pairs with both scores: 0; needed: 2."),
        ([1, 2], [2, 2], "u", "Pairs with both scores: 0; needed: 2."),
        ([1, 0], [2, 3], "t", "Pairs with both scores: 1; needed: 2."),
        ([1, 2], [2, 2], None, "All pairs belong to one team; clustering takes at least 2."),
        ([1, 2], [2, 3], "t", "The difference is the same in every pair."),
    ],
)
def test_a_linked_change_that_is_not_defined_says_why(
    before: list[int], after: list[int], team: str | None, reason: str
) -> None:
    found = linked_change(waves(before, after), "p", team)
    assert found == NotDefined("linked change of p", reason)


# ── Not linked ──────────────────────────────────────────────────────────────────────────────────


def test_the_change_of_all_who_are_not_linked_is_that_of_sandwich() -> None:
    found = change(unlinked_change(accumulate(members("T0")), accumulate(members("T1")), "p0"))
    assert agrees(found, IN_R["unlinked"])
    assert (found.method, found.teams) == (CLUSTERED, 20)
    assert (found.sd, found.dz, found.retest) == (None, None, None)


def test_the_change_of_one_team_that_is_not_linked_is_welchs() -> None:
    before, after = (accumulate(members(wave)) for wave in ("T0", "T1"))
    found = change(unlinked_change(before, after, "p0", team="t03"))
    assert agrees(found, IN_R["welch"])
    assert found.method == WELCH


def test_a_difference_of_two_groups_by_hand() -> None:
    # Variances 1 and 1, so SE² = 1/3 + 1/3, with 4 degrees of freedom.
    found = change(unlinked_change(of_wave([1, 2, 3], None), of_wave([3, 4, 5], None), "p"))
    assert (found.difference, found.teams) == (2, 0)
    assert found.se == pytest.approx((2 / 3) ** 0.5)
    assert found.df == pytest.approx(4)


def test_a_team_that_answered_at_one_wave_only_is_a_cluster_too() -> None:
    # Before: s 1, t 2, 3; mean 2. After: t 4, u 4, 1; mean 3.
    # What each adds: s +1/3, t 1/3 - 1/3 = 0, u -1/3. SE² = 3/2 · 2/9.
    before, after = of_wave([1, 2, 3], ["s", "t", "t"]), of_wave([4, 4, 1], ["t", "u", "u"])
    found = change(unlinked_change(before, after, "p"))
    assert found.se**2 == pytest.approx(1 / 3)
    assert (found.df, found.teams) == (2, 3)


def test_people_without_a_team_are_left_out_where_others_have_one() -> None:
    before = of_wave([1, 2, 3, 5], ["s", "t", "t", None])
    found = change(unlinked_change(before, of_wave([4, 2], ["s", "t"]), "p"))
    assert (found.n_from, found.mean_from) == (3, 2)


@pytest.mark.parametrize(
    ("before", "after", "team", "reason"),
    [
        ([], [1, 2], None, "Respondents with the score: 0 before and 2 after; needed: 2."),
        ([1, 2], [3, 0], None, "Respondents with the score: 2 before and 1 after; needed: 2."),
        ([1, 2], [1, 2], "u", "Respondents with the score: 0 before and 0 after; needed: 2."),
        ([2, 2], [3, 3], None, "Nothing varies around the means of the waves."),
    ],
)
def test_an_unlinked_change_that_is_not_defined_says_why(
    before: list[int], after: list[int], team: str | None, reason: str
) -> None:
    found = unlinked_change(of_wave(before), of_wave(after), "p", team)
    assert found == NotDefined("change of p", reason)


def test_teams_that_all_changed_alike_give_no_error_to_go_by() -> None:
    before, after = of_wave([1, 2, 2, 3], list("sstt")), of_wave([2, 3, 3, 4], list("sstt"))
    assert isinstance(unlinked_change(before, after, "p"), NotDefined)


# ── What is noise ───────────────────────────────────────────────────────────────────────────────


def scale(retest: float | None) -> Scale:
    return Scale(id="p", name="p", level="pillar", items=("i0",), retest=retest)


def test_a_persons_pillar_has_to_change_by_three_quarters_of_a_point() -> None:
    # 1.96 · √2 · 0.60 · √(1 - 0.80) = 0.74
    found = detectable_change(scale(0.8), sd=0.6)
    assert isinstance(found, Detectable)
    assert found.change == pytest.approx(0.7438, abs=1e-4)
    assert found.sem == pytest.approx(0.6 * 0.2**0.5)
    assert found.assumed


def test_a_measured_correlation_comes_before_the_assumed_one() -> None:
    found = detectable_change(scale(0.8), sd=0.6, measured=0.7)
    assert isinstance(found, Detectable)
    assert (found.retest, found.assumed) == (0.7, False)


@pytest.mark.parametrize(
    ("retest", "half_widths"),
    [
        (0.8, [0.47, 0.32, 0.27, 0.24, 0.20, 0.18, 0.14, 0.12, 0.09]),
        (0.7, [0.58, 0.39, 0.33, 0.30, 0.25, 0.22, 0.17, 0.15, 0.11]),
    ],
)
def test_the_noise_of_one_person_gives_the_half_widths_planned_with(
    retest: float, half_widths: list[float]
) -> None:
    found = detectable_change(scale(retest), sd=0.6)
    assert isinstance(found, Detectable)
    for n, half_width in zip((5, 8, 10, 12, 16, 20, 30, 40, 70), half_widths, strict=True):
        of_mean = found.change / stats.norm.ppf(0.975) * stats.t.ppf(0.975, n - 1) / n**0.5
        assert of_mean == pytest.approx(half_width, abs=0.0051)


@pytest.mark.parametrize(
    ("assumed", "measured", "sd", "reason"),
    [
        (None, None, 0.6, "No retest correlation was measured, and the instrument assumes none."),
        (0.8, -0.1, 0.6, "The retest correlation is -0.10; it has to be at least 0 and below 1."),
        (0.8, 1.0, 0.6, "The retest correlation is 1.00; it has to be at least 0 and below 1."),
        (0.8, None, 0.0, "The scores do not vary."),
    ],
)
def test_noise_that_is_not_known_says_why(
    assumed: float | None, measured: float | None, sd: float, reason: str
) -> None:
    found = detectable_change(scale(assumed), sd, measured)
    assert found == NotDefined("detectable change of p", reason)
