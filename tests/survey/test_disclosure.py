"""What may be shown of whom, in organisations small enough to work out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from tests.survey import builders
from upm.survey.answers import Answers, joined
from upm.survey.disclosure import bands, plan
from upm.survey.exposure import DisclosureError, check
from upm.survey.instrument import Instrument
from upm.survey.release import BANDS, FEW, HIDDEN, POINTS, SOME_HIDDEN, Layer, Release

T0 = Layer("member", "T0")


def small(**thresholds: int) -> Instrument:
    """Pillars a (a1, a2) and b (b1), their total, and nothing else."""
    return builders.instrument(
        items=[
            {"id": item, "responses": "five", "text": {"member": item}}
            for item in ("a1", "a2", "b1")
        ],
        responses=[{"id": "five", "stem": "How often?", "points": list("abcde")}],
        scales=[
            builders.scale("a", "pillar", ["a1", "a2"]),
            builders.scale("b", "pillar", ["b1"]),
            {"id": "total", "name": "Total", "level": "total", "of": ["a", "b"]},
        ],
        thresholds=thresholds,
    )


SMALL = small()
Sizes = Mapping[str, int] | Mapping[str, Mapping[str, int]]


def varied(n: int, start: int = 0) -> list[list[int]]:
    """People who differ: points of a1, a2 and b1 that run through all five."""
    return [
        [1 + (j + start) % 5, 1 + (2 * j + start) % 5, 1 + (j + start + 3) % 5] for j in range(n)
    ]


def of_teams(
    sizes: Mapping[str, int],
    department: str | Mapping[str, str] | None = "D",
    points: ArrayLike | None = None,
    to: Instrument = SMALL,
    **people: object,
) -> Answers:
    """Answers of teams, in their order. `department`: of all of them, or of each."""
    teams = np.repeat([*sizes], [*sizes.values()]).astype(object)
    of = department if isinstance(department, Mapping) else dict.fromkeys(sizes, department)
    who = {
        "form": "member",
        "wave": "T0",
        "team": teams,
        "department": [of[team] for team in teams],
        "manager": [f"manager of {team}" for team in teams],
    }
    who |= people
    given = varied(len(teams)) if points is None else points
    names = [f"{who['form']} {who['wave']} {j}" for j in range(len(teams))]
    return builders.answers(given, to, respondent=names, **who)


def shown(release: Release, measure: str, layer: Layer = T0) -> list[str]:
    """The names of the groups that show it."""
    flags = release.shows(layer, measure)
    return [group.name for group, flag in zip(release.tree.groups, flags, strict=True) if flag]


def names(release: Release) -> list[str]:
    return [unit.name for unit in release.tree.units]


WHOLE = "The organisation"

# ── How many people it takes ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("n", "total", "means", "banded", "points"),
    [
        (4, False, False, False, False),
        (5, True, False, False, False),
        (7, True, False, False, False),
        (8, True, True, True, False),
        (9, True, True, True, False),
        (10, True, True, True, True),
    ],
)
def test_the_more_people_answer_the_more_is_shown(
    n: int, total: bool, means: bool, banded: bool, points: bool
) -> None:
    release = plan(of_teams({"t": n}, None))
    for measure, expected in (
        ("total", total), ("a", means), ("b", means),
        (BANDS + "a1", banded), (POINTS + "a1", points),
    ):  # fmt: skip
        assert shown(release, measure) == ([WHOLE, "t"] if expected else []), measure


def test_raised_thresholds_are_followed() -> None:
    raised = small(total=10, means=12, full=14)
    for n, expected in ((9, 0), (10, 1), (12, 4), (14, 5)):
        release = plan(of_teams({"t": n}, None, to=raised))
        measures = ("total", "a", "b", BANDS + "a1", POINTS + "a1")
        assert sum(bool(shown(release, measure)) for measure in measures) == expected, n


def test_who_skipped_does_not_count() -> None:
    points = varied(10)
    for row in points[:3]:
        row[2] = 0  # b1, and with it b and the total: 7 are left
    release = plan(of_teams({"t": 10}, None, points))
    assert shown(release, "total") == [WHOLE, "t"]
    assert shown(release, POINTS + "b1") == shown(release, BANDS + "b1") == []
    assert shown(release, "b") == []


def test_the_table_says_what_is_shown_and_why_not_all() -> None:
    answers = of_teams({"four": 4, "nine": 9, "ten": 10}, {"four": "D", "nine": "E", "ten": "F"})
    table = plan(answers).table().set_index("group")
    four, nine, ten = (table.loc[f"team {name}"] for name in ("four", "nine", "ten"))
    assert four["n"] is pd.NA
    assert not four[["total", "means", "points"]].any()
    assert four["reason"] == FEW.format(5)
    assert (ten["n"], ten["department"], ten["name"]) == (10, "F", "ten")
    assert nine["reason"] in (FEW.format(10), HIDDEN)
    known = {"", HIDDEN, SOME_HIDDEN, *map(FEW.format, (5, 8, 10))}
    assert {*table["reason"]} <= known


# ── Small teams ─────────────────────────────────────────────────────────────────────────────────


def test_a_team_that_is_too_small_is_pooled_with_the_next_small_one_by_name() -> None:
    release = plan(of_teams({"c": 3, "a": 4, "b": 12}))
    assert names(release) == ["a + c", "b"]
    pool = release.tree.units[0]
    assert (pool.kind, pool.teams, pool.department) == ("pool", ("a", "c"), "D")
    assert shown(release, "total") == [WHOLE, "D", "a + c", "b"]


def test_a_small_team_alone_joins_the_smallest_sibling() -> None:
    assert names(plan(of_teams({"a": 3, "b": 12, "c": 11}))) == ["a + c", "b"]


def test_small_teams_of_different_departments_are_not_pooled() -> None:
    release = plan(of_teams({"a": 3, "b": 3, "c": 10}, {"a": "D", "b": "E", "c": "E"}))
    assert names(release) == ["b + c", "a"]
    assert "a" not in shown(release, "total")


# ── What would be worked out ────────────────────────────────────────────────────────────────────


def test_beside_a_hidden_team_the_smallest_other_is_hidden() -> None:
    # Means take 8: the team of 7 is hidden. Without 9, it would be the whole without 9 and 12.
    release = plan(of_teams({"seven": 7, "nine": 9, "twelve": 12}))
    assert shown(release, "total") == [WHOLE, "D", "nine", "seven", "twelve"]
    assert shown(release, "a") == [WHOLE, "D", "twelve"]


def test_two_hidden_teams_that_are_enough_together_hide_no_other() -> None:
    release = plan(of_teams({"six": 6, "seven": 7, "twelve": 12}))
    assert shown(release, "a") == [WHOLE, "D", "twelve"]


def test_a_small_department_hides_the_smallest_other_department_or_team() -> None:
    of = {"seven": "D", "nine": "E", "ten": "F", "twelve": "F"}
    release = plan(of_teams({"seven": 7, "nine": 9, "ten": 10, "twelve": 12}, of))
    departments = {group.name for group in release.tree.departments} & {*shown(release, "a")}
    assert departments == {"F"}
    assert "nine" not in shown(release, "a")  # it is all of department E


def test_people_without_a_team_are_a_remainder_as_well() -> None:
    lost = of_teams({"none": 3}, None, team=[None] * 3)
    release = plan(joined([of_teams({"ten": 10, "twelve": 12}, None), lost]))
    assert shown(release, "total") == [WHOLE, "twelve"]


def test_what_pillars_tell_together_rests_on_the_total() -> None:
    # In "ten" all totals are the same: 1/2 ((x + x) / 2 + 6 - x) = 3. With both pillars shown, the
    # total would follow.
    same = [[1 + j % 5, 1 + j % 5, 5 - j % 5] for j in range(10)]
    release = plan(of_teams({"ten": 10, "twelve": 12}, None, same + varied(12)))
    assert "ten" not in shown(release, "total")
    assert "ten" not in shown(release, "a") + shown(release, "b")


# ── Unanimity ───────────────────────────────────────────────────────────────────────────────────


def test_an_item_that_all_answered_alike_is_hidden_and_cannot_be_worked_out() -> None:
    points = np.array(varied(34))
    points[:10, 0] = 4
    release = plan(of_teams({"ten": 10, "eleven": 11, "thirteen": 13}, points=points))
    for kind in (POINTS, BANDS):
        # Without "eleven", the department would tell of "ten".
        assert shown(release, kind + "a1") == [WHOLE, "D", "thirteen"]
    assert shown(release, BANDS + "b1") == [WHOLE, "D", "eleven", "ten", "thirteen"]
    assert shown(release, "a") == [WHOLE, "D", "eleven", "ten", "thirteen"]


def test_points_of_one_band_are_as_good_as_alike() -> None:
    points = np.array(varied(10))
    points[:, 0] = [4, 5] * 5
    release = plan(of_teams({"t": 10}, None, points))
    assert shown(release, POINTS + "a1") == [WHOLE, "t"]
    points[:, 0] = 4
    assert shown(plan(of_teams({"t": 10}, None, points)), BANDS + "a1") == []


def test_the_points_of_a_scale_are_shown_together() -> None:
    points = np.array(varied(10))
    points[:, 0] = 4  # the mean of a and the points of a2 would tell of a1
    release = plan(of_teams({"t": 10}, None, points))
    assert shown(release, POINTS + "a2") == []
    assert shown(release, POINTS + "b1") == [WHOLE, "t"]


@pytest.mark.parametrize(
    ("points", "low", "middle", "high"),
    [
        (2, [1], [], [2]),
        (4, [1], [2, 3], [4]),
        (5, [1, 2], [3], [4, 5]),
        (7, [1, 2, 3], [4], [5, 6, 7]),
    ],
)
def test_bands_are_low_middle_and_high(
    points: int, low: list[int], middle: list[int], high: list[int]
) -> None:
    found = [[*(np.flatnonzero(band) + 1)] for band in bands(points).T]
    assert found == [low, middle, high]


# ── Managers ────────────────────────────────────────────────────────────────────────────────────


def rated(sizes: Mapping[str, int]) -> Release:
    return plan(of_teams(sizes, form="manager"))


def test_what_managers_say_is_shown_as_one_whole_only() -> None:
    release = rated({"a": 10, "b": 12, "c": 14})
    assert {*release.layers} == {Layer("manager", "T0")}
    for measure in ("total", "a", POINTS + "a1"):
        assert shown(release, measure, Layer("manager", "T0")) == [WHOLE]
    assert [*release.table()["group"]] == ["organisation"]
    assert "manager" not in release.changes


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"a": 20, "b": 20}, False),  # two managers
        ({"a": 2, "b": 2, "c": 3}, False),  # seven ratings
        ({"a": 2, "b": 3, "c": 3}, True),
    ],
)
def test_it_takes_eight_ratings_by_three_managers(sizes: dict[str, int], expected: bool) -> None:
    assert bool(shown(rated(sizes), "total", Layer("manager", "T0"))) is expected


# ── What was published before ───────────────────────────────────────────────────────────────────


def late(first: Answers, team: str, n: int, start: int = 0) -> Answers:
    """The same, and some more of a team."""
    more = of_teams({team: n}, points=varied(n, start), to=first.instrument)
    return joined([first, more])


FIRST = of_teams({"ten": 10, "twelve": 12, "twenty": 20})


@pytest.mark.parametrize(("n", "expected"), [(1, False), (4, False), (5, True)])
def test_a_few_late_answers_hide_what_would_give_them_away(n: int, expected: bool) -> None:
    before = plan(FIRST)
    assert shown(before, "total") == [WHOLE, "D", "ten", "twelve", "twenty"]
    release = plan(late(FIRST, "ten", n), before=[before])
    # The organisation and the department have grown by as few as the team has.
    grown = [WHOLE, "D", "ten"] if expected else []
    assert shown(release, "total") == [*grown, "twelve", "twenty"]
    assert "ten" not in shown(release, "a")  # which takes 8


def test_late_answers_who_skipped_a_statistic_are_not_counted_for_it() -> None:
    before, more = plan(FIRST), varied(10)
    for row in more[:9]:
        row[2] = 0  # one of ten late answers has b
    answers = joined([FIRST, of_teams({"ten": 10}, points=more)])
    release = plan(answers, before=[before])
    assert "ten" not in shown(release, "b") + shown(release, BANDS + "b1") + shown(release, "total")
    assert "ten" in shown(release, BANDS + "a1")


def test_late_answers_that_are_all_alike_are_not_given_away() -> None:
    answers = joined([FIRST, of_teams({"ten": 12}, points=[[4, 4, 4]] * 12)])
    release = plan(answers, before=[plan(FIRST)])
    assert shown(release, "total") == ["twelve", "twenty"]


def test_what_was_hidden_before_stays_hidden_for_its_difference_would_tell() -> None:
    # At first 7 and 9 are hidden. With 9 and 12 shown now, 7 would follow from the old department.
    first = of_teams({"seven": 7, "nine": 9, "twelve": 12})
    release = plan(late(first, "seven", 10), before=[plan(first)])
    assert "nine" in shown(plan(late(first, "seven", 10)), "a")
    assert shown(release, "a") == [WHOLE, "D", "twelve"]


def test_pools_are_not_taken_apart_later() -> None:
    first = of_teams({"a": 4, "c": 3, "b": 12})
    grown = late(late(first, "a", 8), "c", 9, start=2)
    assert names(plan(grown)) == ["a", "b", "c"]
    assert names(plan(grown, before=[plan(first)])) == ["a + c", "b"]


def test_the_same_answers_again_show_the_same() -> None:
    first = plan(FIRST)
    again = plan(FIRST, before=[first])
    assert again.layers.keys() == first.layers.keys()
    for measure, flags in first.layers[T0].items():
        assert (again.layers[T0][measure] == flags).all(), measure


# ── Change ──────────────────────────────────────────────────────────────────────────────────────


def waves(sizes: Mapping[str, int], apart: Mapping[str, int] | None = None) -> Answers:
    """All answer at T0 and T1, linked but for so many of each team."""
    n, parts = sum(sizes.values()), []
    unlinked = [j < (apart or {}).get(team, 0) for team in sizes for j in range(sizes[team])]
    for wave, start in (("T0", 0), ("T1", 2)):
        points = [[(x + j * start) % 5 + 1 for x in row] for j, row in enumerate(varied(n))]
        link = [f"{wave} {j}" if alone else f"code {j}" for j, alone in enumerate(unlinked)]
        parts.append(of_teams(sizes, points=points, wave=wave, link=link))
    return joined(parts)


def changed(release: Release, scale: str) -> list[str]:
    (flags,) = release.changes["member"][scale]
    return [group.name for group, flag in zip(release.tree.groups, flags, strict=True) if flag]


def test_change_is_shown_where_all_are_linked() -> None:
    release = plan(waves({"ten": 10, "twelve": 12}))
    assert changed(release, "total") == changed(release, "a") == [WHOLE, "D", "ten", "twelve"]


@pytest.mark.parametrize(("linked", "expected"), [(4, False), (5, True)])
def test_change_takes_enough_linked_people(linked: int, expected: bool) -> None:
    release = plan(waves({"ten": 10, "twenty": 20}, {"ten": 10 - linked}))
    assert ("ten" in changed(release, "total")) is expected


def test_change_of_pillars_takes_eight() -> None:
    release = plan(waves({"thirteen": 13, "twenty": 20}, {"thirteen": 6}))
    assert "thirteen" in changed(release, "total")
    assert "thirteen" not in changed(release, "a")


@pytest.mark.parametrize(("unlinked", "expected"), [(1, False), (2, False), (3, True)])
def test_change_takes_enough_unlinked_people_or_none(unlinked: int, expected: bool) -> None:
    # The means of both waves and the difference tell of those who are not linked in either wave:
    # twice as many, and of fewer than five nothing is told.
    release = plan(waves({"twenty": 20, "thirty": 30}, {"twenty": unlinked}))
    assert ("twenty" in changed(release, "total")) is expected


def test_change_of_a_team_that_is_hidden_hides_the_smallest_other() -> None:
    release = plan(waves({"ten": 10, "twelve": 12, "twenty": 20}, {"ten": 7, "twelve": 3}))
    assert changed(release, "total") == [WHOLE, "D", "twenty"]


def test_nor_is_it_told_by_the_means_of_a_team_in_which_all_are_linked() -> None:
    # The change of "twelve" is the difference of its means. So that of the department would tell
    # of the 3 who are linked in "ten".
    release = plan(waves({"ten": 10, "twelve": 12}, {"ten": 7}))
    assert changed(release, "total") == []


def test_no_change_is_shown_after_late_answers() -> None:
    first = waves({"ten": 10, "twelve": 12})
    again = plan(first, before=[plan(first)])
    assert changed(again, "total") == [WHOLE, "D", "ten", "twelve"]
    more = of_teams({"ten": 6}, wave="T1", link=[f"late {j}" for j in range(6)])
    late = plan(joined([first, more]), before=[plan(first)])
    assert changed(late, "total") == []


# ── The whole ───────────────────────────────────────────────────────────────────────────────────


def test_the_order_of_rows_changes_nothing() -> None:
    answers = waves({"four": 4, "seven": 7, "nine": 9, "twelve": 12, "x": 2}, {"nine": 3})
    turned = answers.where(np.random.default_rng(0).permutation(len(answers)))
    one, other = plan(answers), plan(turned)
    assert one.tree == other.tree
    for layer, measures in one.layers.items():
        for measure, flags in measures.items():
            assert (flags == other.layers[layer][measure]).all(), measure
    for scale, steps in one.changes["member"].items():
        assert (steps == other.changes["member"][scale]).all(), scale


def test_a_release_that_gives_somebody_away_is_refused() -> None:
    answers = of_teams({"seven": 7, "nine": 9, "twelve": 12})
    release = plan(answers)
    check(answers, release)
    open = {name: np.ones_like(flags) for name, flags in release.layers[T0].items()}
    with pytest.raises(DisclosureError, match="form member"):
        check(answers, replace(release, layers={T0: open}))


def test_waves_stand_in_the_order_that_is_given() -> None:
    answers = waves({"ten": 10, "twelve": 12})
    order: Sequence[str] = ("T1", "T0")
    assert plan(answers, waves=order).waves == order
    assert plan(answers).waves == ("T0", "T1")
