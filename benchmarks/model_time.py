"""The balance model: one run of a plan, and the search for the best plan of a scenario.

The floor of a run is a bare loop over as many powers, of which the model is made; a search is told
in runs. Run: python -m benchmarks.model_time
"""

from timeit import repeat

from upm import paths
from upm.simulation import WEEKS, as_efforts, read_world
from upm.simulation.optimum import find

SCENARIO = "year"
POWERS = 4 + 3 + 5
"""In a week: of the effort, in the gates, in the outcome."""


def bare(weeks: int) -> float:
    """As many powers as a run takes."""
    total = 0.0
    for week in range(weeks * POWERS):
        total += (0.25 + week) ** 0.95
    return total


def main() -> None:
    """Print the times and their ratios, each the best of five."""
    world = read_world(paths.DATA / "simulation", [])
    if world is None:
        raise SystemExit("data/simulation cannot be read; see: upm check")
    plan, phases = as_efforts(world.optimum(SCENARIO).plan), world.scenarios[SCENARIO].phases
    floor = min(repeat(lambda: bare(phases * WEEKS), number=200)) / 200
    run = min(repeat(lambda: world.play(SCENARIO, plan), number=200)) / 200
    search = min(repeat(lambda: find(world, SCENARIO, {}), number=1, repeat=1))
    print(f"bare powers        {floor * 1e6:8.0f} µs")
    print(f"one run of a plan  {run * 1e6:8.0f} µs, {run / floor:.1f} times the floor")
    print(f"the best plan      {search:8.1f} s, as long as {search / run:,.0f} runs")


if __name__ == "__main__":
    main()
