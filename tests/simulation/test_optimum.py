"""The best plans: those stored are those found, nothing near beats them, and they are no accident.

Plans are written as points for trust, goals, ability and relationships: "5311 1351" is two phases.
"""

from collections.abc import Mapping, Sequence
from random import Random
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upm import paths
from upm.simulation import EVEN, Optimum, World, as_efforts, read_world
from upm.simulation.model import Parameters
from upm.simulation.optimum import SPLITS, climb, find

WORLD = read_world(paths.DATA / "simulation", [])
every_optimum = pytest.mark.parametrize(
    "stored", WORLD.optima, ids=lambda each: f"{each.scenario} {each.changes or ''}"
)


def value(
    scenario: str,
    plan: Sequence[Sequence[float]],
    changes: Mapping[str, float] | None = None,
    world: World = WORLD,
) -> float:
    return world.play(scenario, as_efforts(plan), changes).value


def test_there_are_286_ways_to_split_ten_points() -> None:
    assert len({*SPLITS}) == len(SPLITS) == 286
    assert all(len(split) == 4 and min(split) >= 0 and sum(split) == 10 for split in SPLITS)


@pytest.mark.parametrize(
    ("scenario", "plan", "best", "even", "random"),
    [
        ("new", "5311 1351 1234 1315", 0.480866, 0.3864, 0.231),
        ("goal", "3133 1621 1144 2413", 0.646872, 0.604042, 0.42),
        ("crisis", "1333 5131 1324 2314", 0.611268, 0.577381, 0.4),
        ("newboss", "1261 5212 1324 1324", 0.527538, 0.469809, 0.305),
        ("year", "5500 1171 1414 1432 5131 1414", 0.461143, 0.329605, 0.182),
    ],
)
def test_the_best_plans_of_the_scenarios_are_these(
    scenario: str, plan: str, best: float, even: float, random: float
) -> None:
    stored = WORLD.optimum(scenario)
    assert stored.plan == tuple(tuple(map(int, phase)) for phase in plan.split())
    assert (stored.best, stored.even) == pytest.approx((best, even), abs=5e-7)
    assert stored.random == pytest.approx(random, abs=0.002)  # the median of another lot


@pytest.mark.parametrize(("openness", "best"), [(0.3, 0.190), (0.15, 0.148)])
def test_with_a_closed_manager_no_plan_goes_far(openness: float, best: float) -> None:
    stored = WORLD.optimum("year", {"openness": openness})
    assert stored.best == pytest.approx(best, abs=0.0005)


def test_what_the_model_asks_for_is_stored() -> None:
    assert [(each.scenario, each.changes) for each in WORLD.optima] == WORLD.to_solve


@every_optimum
def test_stored_values_are_those_of_their_plans(stored: Optimum) -> None:
    even = value(stored.scenario, [EVEN] * len(stored.plan), stored.changes)
    best = value(stored.scenario, stored.plan, stored.changes)
    # C libraries differ in the last digit of a power.
    assert (stored.best, stored.even) == pytest.approx((best, even), rel=1e-12)
    assert stored.random < stored.even < stored.best


def test_what_is_found_is_what_is_stored() -> None:
    found, stored = find(WORLD, "new", {}), WORLD.optimum("new")
    assert (found.scenario, found.changes, found.plan) == ("new", {}, stored.plan)
    assert [found.best, found.even, found.random] == pytest.approx(
        [stored.best, stored.even, stored.random], rel=1e-12
    )


@every_optimum
def test_no_change_of_a_single_phase_makes_a_best_plan_better(stored: Optimum) -> None:
    for phase in range(len(stored.plan)):
        changed = [[*stored.plan[:phase], split, *stored.plan[phase + 1 :]] for split in SPLITS]
        best = max(value(stored.scenario, plan, stored.changes) for plan in changed)
        assert best == pytest.approx(stored.best, rel=1e-12)


@pytest.mark.parametrize("scenario", ["new", "year"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_climb_goes_up_and_never_beyond_the_best_plan(scenario: str, data: st.DataObject) -> None:
    stored = WORLD.optimum(scenario)
    phases = len(stored.plan)
    begin = data.draw(st.lists(st.sampled_from(SPLITS), min_size=phases, max_size=phases))
    top = climb(WORLD, scenario, begin, {})
    assert value(scenario, begin) <= value(scenario, top) <= stored.best + 1e-12


@pytest.mark.parametrize("scenario", ["new", "year"])
def test_a_more_open_manager_never_lowers_what_can_be_reached(scenario: str) -> None:
    phases = WORLD.scenarios[scenario].phases
    beginnings = [begin * phases for begin in ([(1, 3, 2, 4)], [(3, 3, 2, 2)], [(7, 1, 1, 1)])]
    reached = []
    for openness in (0.15, 0.3, 0.6, 1.0, 1.2):
        changes = {"openness": openness}
        tops = [climb(WORLD, scenario, begin, changes) for begin in beginnings]
        reached.append(max(value(scenario, top, changes) for top in tops))
    assert reached == sorted(reached)


@pytest.mark.parametrize("scenario", WORLD.scenarios)
def test_an_even_split_is_worth_something_and_leaves_something_to_learn(scenario: str) -> None:
    stored = WORLD.optimum(scenario)
    assert 0.65 <= stored.even / stored.best <= 0.95


def varied(number: Any, lot: Random) -> Any:
    """Up to a fifth more or less, of every number in a table."""
    if isinstance(number, dict):
        return {key: varied(each, lot) for key, each in number.items()}
    return number * lot.uniform(0.8, 1.2)


@pytest.mark.parametrize(
    ("scenario", "draws"),
    [("new", 10), ("goal", 10), ("crisis", 10), ("newboss", 10), ("year", 40)],
)
def test_the_best_plan_stays_good_when_the_numbers_of_the_model_are_somewhat_off(
    scenario: str, draws: int
) -> None:
    lot = Random(2031)  # noqa: S311 - the same numbers every time
    plan = [tuple(map(int, points)) for points in WORLD.optimum(scenario).plan]
    kept = []
    for _ in range(draws):
        parameters = Parameters.model_validate(varied(WORLD.parameters.model_dump(), lot))
        world = WORLD.model_copy(update={"parameters": parameters})
        beginnings = [plan, *([lot.choice(SPLITS) for _ in plan] for _ in range(2))]
        tops = [climb(world, scenario, begin, {}) for begin in beginnings]
        best = max(value(scenario, top, world=world) for top in tops)
        kept.append(value(scenario, plan, world=world) / best)
    assert median(kept) >= 0.95
