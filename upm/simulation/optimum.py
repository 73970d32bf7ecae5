"""Find the best plan of whole points for a scenario: climb from many beginnings."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from random import Random
from statistics import median

from upm.simulation.model import PILLARS, WEEKS, play
from upm.simulation.world import EVEN, POINTS, Optimum, World, as_efforts

BEGINNINGS = 20
DRAWS = 10_001
SEED = 1
Whole = tuple[int, ...]
"""Ten whole points over the pillars in their order."""

SPLITS: list[Whole] = [
    (a, b, c, POINTS - a - b - c)
    for a in range(POINTS + 1)
    for b in range(POINTS + 1 - a)
    for c in range(POINTS + 1 - a - b)
]
"""All 286 of them."""


def find(world: World, scenario: str, changes: Mapping[str, float]) -> Optimum:
    """The best plan that climbing finds, with what the score is measured by."""
    lot = Random(SEED)  # noqa: S311 - the same plans every time
    phases = world.scenarios[scenario].phases

    def value(plan: Sequence[Sequence[float]]) -> float:
        return world.play(scenario, as_efforts(plan), changes).value

    def by_lot() -> list[Whole]:
        return [lot.choice(SPLITS) for _ in range(phases)]

    best = max((climb(world, scenario, by_lot(), changes) for _ in range(BEGINNINGS)), key=value)
    return Optimum(
        scenario=scenario,
        changes=dict(changes),
        plan=tuple(best),
        best=value(best),
        even=value([EVEN] * phases),
        random=median(value(by_lot()) for _ in range(DRAWS)),
    )


def climb(
    world: World, scenario: str, begin: Sequence[Whole], changes: Mapping[str, float]
) -> list[Whole]:
    """Move single points, in one phase after the other, until no move makes the plan better."""
    start, events = world.beginning(scenario)
    parameters = world.changed(changes)
    plan, before = [*begin], None
    while plan != before:
        before, now = [*plan], start
        for phase in range(len(plan)):
            first = phase * WEEKS + 1
            rest = as_efforts(plan[phase + 1 :])
            runs = {
                points: play(now, [*as_efforts([points]), *rest], events, parameters, first)
                for points in _near(plan[phase])
            }
            plan[phase] = max(runs, key=lambda points: runs[points].total)
            now = runs[plan[phase]].levels[WEEKS - 1]
    return plan


def _near(points: Whole) -> Iterator[Whole]:
    """The points as they are, which a draw keeps, and with one of them moved."""
    yield points
    for giver, taker in permutations(range(len(PILLARS)), 2):
        if points[giver]:
            moved = [*points]
            moved[giver] -= 1
            moved[taker] += 1
            yield tuple(moved)
