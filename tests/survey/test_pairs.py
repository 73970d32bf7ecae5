import pytest

from tests.survey import builders
from tests.survey.pairing import IN_R, ONE, agrees, in_csv
from upm.survey.answers import Answers
from upm.survey.change import Detectable, detectable_change
from upm.survey.instrument import Instrument, Scale
from upm.survey.links import PairMoments, member_manager
from upm.survey.pairs import Band, Gap, Sheet, gap, gap_band, pair_sheet
from upm.survey.result import NotDefined


def answers_of(
    members: list[int], managers: list[int], names: list[str], to: Instrument = ONE
) -> Answers:
    codes, n = [f"c{j}" for j in range(len(members))], len(members)
    return builders.answers(
        [[each, 3, 3] for each in members + managers],
        to,
        form=["member"] * n + ["manager"] * n,
        wave="T0",
        manager=names + [None] * n,
        link=codes + [None] * n,
        about=[None] * n + codes,
    )


def rated(members: list[int], managers: list[int], names: list[str]) -> PairMoments:
    return member_manager(answers_of(members, managers, names), "T0")


def scale(retest: float | None = None) -> Scale:
    return Scale(id="p", name="p", level="pillar", items=("i0",), retest=retest)


# ── Gap ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_gap_is_that_of_sandwich_and_the_correlation_that_of_r() -> None:
    found = gap(member_manager(in_csv(), "T0"), "p0")
    in_r = IN_R["gap"]
    assert agrees(found, {name: in_r[name] for name in ("difference", "se", "df", "low", "high")})
    assert agrees(found, dict(zip(("sd_member", "sd_manager", "sd"), in_r["sds"], strict=True)))
    bounds = ("correlation", "correlation_low", "correlation_high")
    assert agrees(found, dict(zip(bounds, in_r["correlation"], strict=True)))
    assert agrees(found, {"pairs": in_r["n"], "managers": 12})


def test_a_gap_by_hand() -> None:
    # Manager minus member: -1, -1 | 1, so d = -1/3. What strays: -4/3 and 4/3.
    # SE² = 2 · (32/9) / 3².
    found = gap(rated([4, 5, 2], [3, 4, 3], ["m", "m", "n"]), "p")
    assert isinstance(found, Gap)
    assert found.difference == pytest.approx(-1 / 3)
    assert (found.member, found.manager) == pytest.approx((11 / 3, 10 / 3))
    assert found.se**2 == pytest.approx(64 / 81)
    assert (found.pairs, found.managers, found.df) == (3, 2, 1)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["m", "m", "m"], "All pairs belong to one manager; clustering takes at least 2."),
        (["m", "m", None], "All pairs belong to one manager; clustering takes at least 2."),
        ([None] * 3, "All pairs belong to one manager; clustering takes at least 2."),
    ],
)
def test_a_gap_takes_two_managers(names: list[str], reason: str) -> None:
    assert gap(rated([4, 5, 2], [3, 4, 3], names), "p") == NotDefined("gap of p", reason)


def test_a_gap_takes_pairs() -> None:
    found = gap(rated([], [], []), "p")
    assert found == NotDefined("gap of p", "Pairs with both scores: 0; needed: 2.")


def test_where_one_side_does_not_vary_there_is_a_gap_and_no_correlation() -> None:
    found = gap(rated([4, 5, 2], [3, 3, 3], ["m", "m", "n"]), "p")
    assert isinstance(found, Gap)
    assert found.correlation is None


# ── Band ────────────────────────────────────────────────────────────────────────────────────────


def test_a_gap_below_about_0_8_says_nothing_about_a_pair() -> None:
    # With SD 0.60 on both sides: 1.96 · 0.60 · √(2 · (1 - r)) is 0.83 with the alpha that a pillar
    # is expected to have, 0.75, and 0.74 with the assumed retest correlation of 0.80.
    by_alpha, by_retest = (
        gap_band(scale(), (0.6, 0.6), (0.75, 0.75)),
        gap_band(scale(0.8), (0.6, 0.6)),
    )
    assert isinstance(by_alpha, Band)
    assert isinstance(by_retest, Band)
    assert by_alpha.band == pytest.approx(0.8316, abs=1e-4)
    assert by_retest.band == pytest.approx(0.7438, abs=1e-4)
    assert (by_alpha.assumed, by_retest.assumed) == (False, True)


def test_each_side_has_its_own_error() -> None:
    # 1.96² · (0.5² · 0.2 + 0.8² · 0.5) = 1.96² · 0.37
    found = gap_band(scale(), (0.5, 0.8), (0.8, 0.5))
    assert isinstance(found, Band)
    assert found.band == pytest.approx(1.959963984540054 * 0.37**0.5)


def test_two_sides_that_are_alike_have_the_band_of_a_detectable_change() -> None:
    band, change = gap_band(scale(0.8), (0.6, 0.6)), detectable_change(scale(0.8), 0.6)
    assert isinstance(band, Band)
    assert isinstance(change, Detectable)
    assert band.band == pytest.approx(change.change)


@pytest.mark.parametrize(
    ("sds", "reliabilities", "reason"),
    [
        ((0.6, 0.6), None, "No reliability was measured, and none is assumed."),
        (
            (0.6, 0.6),
            (0.7, -0.2),
            "The reliabilities are 0.70 and -0.20; both have to be from 0 to below 1.",
        ),
        ((0.0, 0.0), (0.7, 0.7), "The scores do not vary."),
    ],
)
def test_a_band_that_is_not_known_says_why(
    sds: tuple[float, float], reliabilities: tuple[float, float] | None, reason: str
) -> None:
    assert gap_band(scale(), sds, reliabilities) == NotDefined("band of p", reason)


# ── The private sheet ───────────────────────────────────────────────────────────────────────────

FOUR = [4, 5, 2, 3], [3, 4, 5, 3], ["m", "m", "n", "n"]


def with_retest(retest: float | None) -> Instrument:
    scales = [each.model_dump() | {"retest": retest} for each in ONE.scales]
    return Instrument.model_validate(ONE.model_dump() | {"scales": scales})


def test_a_private_sheet_has_both_views_of_one_member_and_says_which_gap_is_more_than_noise() -> (
    None
):
    # Variances: members 5/3, managers 11/12. Band: 1.96 · √((5/3 + 11/12) · 0.2) = 1.409.
    given = answers_of(*FOUR, to=with_retest(0.8))
    first, third = (pair_sheet(given, "T0", code) for code in ("c0", "c2"))
    assert isinstance(first, Sheet)
    assert isinstance(third, Sheet)
    assert first.frame["band"].tolist() == pytest.approx([1.959964 * (31 / 12 * 0.2) ** 0.5])
    told = ["scale", "member", "manager", "difference", "beyond"]
    assert first.tidy()[told].values.tolist() == [["p", 4, 3, -1, False]]
    assert third.frame[told].values.tolist() == [["p", 2, 5, 3, True]]


def test_without_a_known_reliability_a_sheet_calls_no_gap_more_than_noise() -> None:
    found = pair_sheet(answers_of(*FOUR), "T0", "c2")
    assert isinstance(found, Sheet)
    assert found.frame["band"].isna().all()
    assert not found.frame["beyond"].any()


@pytest.mark.parametrize("code", ["", "c9"])
def test_there_is_no_sheet_of_somebody_who_is_in_no_pair(code: str) -> None:
    assert pair_sheet(answers_of(*FOUR), "T0", code) == NotDefined(
        "private sheet",
        "No member and manager with this code have both answered the items of a pillar.",
    )
