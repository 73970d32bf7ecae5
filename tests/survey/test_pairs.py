import pytest

from tests.survey import builders
from tests.survey.pairing import IN_R, ONE, agrees, in_csv
from upm.survey.change import Detectable, detectable_change
from upm.survey.instrument import Scale
from upm.survey.links import PairMoments, member_manager
from upm.survey.pairs import Band, Gap, gap, gap_band
from upm.survey.result import NotDefined


def rated(members: list[int], managers: list[int], names: list[str]) -> PairMoments:
    codes, n = [f"c{j}" for j in range(len(members))], len(members)
    given = builders.answers(
        [[each, 3, 3] for each in members + managers],
        ONE,
        form=["member"] * n + ["manager"] * n,
        wave="T0",
        manager=names + [None] * n,
        link=codes + [None] * n,
        about=[None] * n + codes,
    )
    return member_manager(given, "T0")


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
