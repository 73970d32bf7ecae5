from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.survey import builders
from tests.survey.pairing import IN_R, ONE, in_csv, instrument, waves
from upm.survey.answers import Answers
from upm.survey.links import (
    UNPAIRED,
    PairMoments,
    finer,
    linked,
    member_manager,
    surfaced,
)

TO = builders.instrument(driver_of="o")


def rated(*rows: tuple[str, str | None, str | None, str | None, int], to: Any = ONE) -> Answers:
    """Forms at T0: whose, the member's code, team, manager, the point of p; the outcome is 3."""
    form, code, team, manager, point = zip(*rows, strict=True)
    whose = [*zip(form, code, strict=True)]
    return builders.answers(
        [[each, 3, 3] for each in point],
        to,
        form=form,
        wave="T0",
        team=team,
        manager=manager,
        link=[code if form == "member" else None for form, code in whose],
        about=[code if form == "manager" else None for form, code in whose],
    )


def unpaired(pairs: PairMoments, side: str) -> dict[str, int]:
    found = pairs.unpaired.where(side=side).arrays["respondents"]
    return {reason: int(n) for reason, n in zip(UNPAIRED, found, strict=True) if n}


def everything(pairs: PairMoments) -> list[Any]:
    """All that pairs hold, so that `==` compares every row of an index and every number."""
    held: list[Any] = [pairs.instrument, pairs.x, pairs.y]
    for sums in (pairs.cells, pairs.unpaired, pairs.surface):
        if sums is not None:
            arrays = {name: builders.whole(each) for name, each in sums.arrays.items()}
            held.append(([*sums.index], [*sums.index.names], arrays))
    return held


# ── Linked waves ────────────────────────────────────────────────────────────────────────────────


def test_the_answers_of_a_person_at_two_waves_are_one_pair() -> None:
    # Pairs (1, 2), (2, 4), (3, 3): Σx = 6, Σy = 9, Σxx = 14, Σyy = 29, Σxy = 2 + 8 + 9.
    sums = waves([1, 2, 3], [2, 4, 3]).by("team", "p")
    assert sums.loc["t"].to_dict() == {"n": 3, "x": 6, "y": 9, "xx": 14, "yy": 29, "xy": 19}


def test_the_team_is_that_of_the_later_wave() -> None:
    given = builders.answers(
        [[2, 3, 3], [4, 3, 3]],
        ONE,
        form="member",
        wave=["T0", "T1"],
        team=["old", "new"],
        manager=["boss", None],
        link="c",
    )
    pairs = linked(given, "member", "T0", "T1")
    assert [*pairs.cells.index] == [("new", "new")]


def test_other_forms_and_waves_are_not_linked() -> None:
    given = builders.answers(
        [[2, 3, 3]] * 4,
        ONE,
        form=["member", "manager", "member", None],
        wave=["T0", "T1", "T2", "T1"],
        team="t",
        link="c",
    )
    pairs = linked(given, "member", "T0", "T1")
    assert len(pairs.cells) == 0
    assert unpaired(pairs, "x") == {"no partner": 1}
    assert unpaired(pairs, "y") == {}


def test_codes_that_are_missing_or_not_unique_are_counted_and_not_linked() -> None:
    before = ["a", "b", "b", None, "d", "e"]
    after = ["a", "b", None, None, "f", "e", "e"]
    given = builders.answers(
        [[2, 3, 3]] * 13,
        ONE,
        form="member",
        wave=["T0"] * 6 + ["T1"] * 7,
        team="t",
        link=before + after,
    )
    pairs = linked(given, "member", "T0", "T1")
    assert pairs.cells.arrays["pairs"].tolist() == [1]
    # d has no partner; e has two, which is as good as none.
    assert unpaired(pairs, "x") == {"no code": 1, "code not unique": 2, "no partner": 2}
    assert unpaired(pairs, "y") == {"no code": 2, "code not unique": 2, "no partner": 2}


def test_a_pair_without_both_scores_counts_as_a_pair_and_in_no_sum() -> None:
    pairs = waves([1, 0, 5], [2, 3, -1])
    assert pairs.cells.arrays["pairs"].tolist() == [3]
    assert pairs.by("team", "p")["n"].tolist() == [1]


def test_people_without_a_team_are_left_out_unless_nobody_has_one() -> None:
    assert waves([1, 2], [2, 2], ["t", None]).by("team", "p")["n"].to_dict() == {"t": 1}
    assert waves([1, 2], [2, 2], None).by("team", "p")["n"].to_dict() == {"": 2}


def test_a_team_can_be_looked_at_by_itself() -> None:
    pairs = waves([1, 2, 3], [2, 2, 2], ["s", "t", "u"])
    assert [*pairs.of("t").by("team", "p").index] == ["t"]
    assert [*pairs.of(["t", "u"]).by("team", "p").index] == ["t", "u"]


# ── Members and managers ────────────────────────────────────────────────────────────────────────


def test_a_member_is_paired_with_the_form_that_is_about_that_member() -> None:
    given = rated(
        ("member", "a", "t", "boss", 5),
        ("member", "b", "t", "boss", 2),
        ("manager", "b", "t", None, 1),
        ("manager", "a", "t", None, 4),
    )
    pairs = member_manager(given, "T0")
    # Pairs (5, 4) and (2, 1).
    expected = {"n": 2, "x": 7, "y": 5, "xx": 29, "yy": 17, "xy": 22}
    assert pairs.by("manager", "p").loc["boss"].to_dict() == expected


@pytest.mark.parametrize(
    ("member", "manager", "cell"),
    [
        (("s", "boss"), ("s", None), ("s", "boss")),
        (("s", None), ("s", "boss of the boss"), ("s", "s")),
        ((None, "boss"), ("s", None), ("s", "boss")),
        (("s", None), (None, None), ("s", "s")),
        ((None, None), (None, None), ("", "")),
    ],
)
def test_a_form_without_a_team_goes_along_and_a_team_stands_for_its_manager(
    member: tuple[str | None, str | None],
    manager: tuple[str | None, str | None],
    cell: tuple[str, str],
) -> None:
    given = rated(("member", "a", *member, 5), ("manager", "a", *manager, 4))
    assert [*member_manager(given, "T0").cells.index] == [cell]


def test_forms_of_two_teams_are_not_a_pair() -> None:
    given = rated(("member", "a", "s", "boss", 5), ("manager", "a", "t", "boss", 4))
    pairs = member_manager(given, "T0")
    assert len(pairs.cells) == 0
    assert unpaired(pairs, "x") == unpaired(pairs, "y") == {"another team": 1}


def test_a_member_whom_two_managers_rated_is_not_paired() -> None:
    given = rated(
        ("member", "a", "t", None, 5),
        ("manager", "a", "t", None, 4),
        ("manager", "a", "t", None, 3),
    )
    assert unpaired(member_manager(given, "T0"), "y") == {"code not unique": 2}


def test_as_many_are_joined_as_in_r() -> None:
    given = in_csv()
    pairs = linked(given, "member", "T0", "T1")
    assert pairs.cells.arrays["pairs"].sum() == IN_R["linked"]["linked"]
    assert member_manager(given, "T0").cells.arrays["pairs"].sum() == IN_R["gap"]["pairs"]


# ── The sums of the surface ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("points", "by"), [(5, 1), (4, 2), (7, 1)])
def test_scores_are_centred_at_the_midpoint_in_whole_numbers(points: int, by: int) -> None:
    to = instrument({"p": 1}, points=points)
    assert finer(to, "p") == by
    given = rated(("member", "a", "t", None, 1), ("manager", "a", "t", None, points), to=to)
    pairs = member_manager(given, "T0")
    assert pairs.surface is not None
    # Whoever picks the lowest point is (points - 1) / 2 below the midpoint.
    x, y, z = -by * (points - 1) // 2, by * (points - 1) // 2, 3 * 2
    terms = np.array([1, x, y, x * x, x * y, y * y, z])
    assert pairs.surface.arrays["products"].tolist() == [[np.outer(terms, terms).tolist()]]


def test_a_scale_too_fine_for_sums_of_fourth_powers_has_no_surface() -> None:
    # Nine items of which one is enough: scores are whole numbers of 1/2520.
    assert surfaced(instrument({"p": 6, "q": 9})) == ("p",)


def test_without_an_outcome_nothing_is_kept_for_surfaces() -> None:
    given = rated(
        ("member", "a", "t", None, 1),
        ("manager", "a", "t", None, 2),
        to=instrument({"p": 1}, driver_of=None),
    )
    assert member_manager(given, "T0").surface is None


# ── Additive ────────────────────────────────────────────────────────────────────────────────────


def organisation(seed: int, n: int) -> Answers:
    """Random answers, and codes some of which are missing, alone or not unique."""
    rng = np.random.default_rng(seed)
    plain = builders.drawn(n, seed, to=TO)
    codes = rng.choice(np.array([*(f"c{j}" for j in range(max(1, n // 2))), None], object), n)
    managers = rng.choice(np.array(["m1", "m2", "m3", None], object), n)
    code, member = pd.Series(codes), plain.people["form"] == "member"
    people = plain.people.assign(
        manager=managers, link=code.where(member, None), about=code.mask(member, None)
    )
    return replace(plain, people=people)


def both(given: Answers) -> list[PairMoments]:
    return [linked(given, "member", "T0", "T1"), member_manager(given, "T0")]


def dealt(given: Answers, parts: int, seed: int) -> list[Answers]:
    """Answers in parts, in another order; those with the same code stay together."""
    rng = np.random.default_rng(seed)
    codes = given.people["link"].fillna(given.people["about"]).fillna("").to_numpy(str)
    part = {code: rng.integers(parts) for code in sorted({*codes})}
    order = rng.permutation(len(given))
    chosen = np.array([part[code] for code in codes[order]], int)
    return [given.where(order[chosen == each]) for each in range(parts)]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), n=st.integers(0, 60), parts=st.integers(1, 4))
def test_order_and_chunking_change_no_bit(seed: int, n: int, parts: int) -> None:
    whole = organisation(seed, n)
    pieces = [both(part) for part in dealt(whole, parts, seed + 1)]
    for place, expected in enumerate(both(whole)):
        forwards = sum((piece[place] for piece in pieces), start=0)
        backwards = sum((piece[place] for piece in reversed(pieces)), start=0)
        assert everything(forwards) == everything(backwards) == everything(expected)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), n=st.integers(3, 60))
def test_merging_is_associative_and_commutative(seed: int, n: int) -> None:
    for a, b, c in zip(
        *(both(part) for part in dealt(organisation(seed, n), 3, seed)), strict=True
    ):
        assert everything((a + b) + c) == everything(a + (b + c))
        assert everything(a + b) == everything(b + a)
        assert everything(0 + a) == everything(a + 0) == everything(a)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), n=st.integers(2, 60))
def test_the_sums_are_those_of_a_plain_join(seed: int, n: int) -> None:
    given = organisation(seed, n)
    frame = pd.concat([given.people, builders.values(given)], axis=1)
    x = frame[(frame["form"] == "member") & (frame["wave"] == "T0")]
    y = frame[(frame["form"] == "manager") & (frame["wave"] == "T0")]
    x = x[x["link"].notna()].drop_duplicates("link", keep=False)
    y = y[y["about"].notna()].drop_duplicates("about", keep=False)
    pair = x.merge(y, left_on="link", right_on="about", suffixes=("", "_y"))
    pair = pair[(pair["team"] == pair["team_y"]) | pair["team"].isna() | pair["team_y"].isna()]
    found = member_manager(given, "T0")
    assert found.cells.arrays["pairs"].sum() == len(pair)
    for scale in TO.scale:
        scores = pair[[scale, f"{scale}_y"]].dropna().to_numpy() * TO.unit(scale)
        sums = found.cells.arrays["scores"][:, [*TO.scale].index(scale)].sum(0)
        a, b = scores.T
        assert sums.tolist() == pytest.approx(
            [len(a), a.sum(), b.sum(), a @ a, b @ b, a @ b], abs=1e-6
        )


def test_blocks_of_all_managers_may_be_given_to_each_part() -> None:
    given = organisation(5, 400)
    blocks = {"m1": "odd", "m2": "even", "m3": "odd"}
    blocks |= {f"team {j}": "even" for j in range(3)} | {"": "none"}
    whole = member_manager(given, "T0", blocks)
    parts = [member_manager(part, "T0", blocks) for part in dealt(given, 3, 1)]
    assert whole.surface is not None
    assert {*whole.surface.index} <= {("odd",), ("even",), ("none",)}
    assert everything(sum(parts)) == everything(whole)  # type: ignore[arg-type]


def test_pairs_of_different_kinds_are_not_added() -> None:
    one, other = both(organisation(1, 20))
    with pytest.raises(ValueError, match="same kind"):
        one + other
