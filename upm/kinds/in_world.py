"""What kinds share that are played in the balance model: its world, its words, its figure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr

from upm.content import Flaw, Item, Problem, Public, ResponseError, Wording, read_wording
from upm.content.framework import Text
from upm.simulation import (
    PANELS,
    PILLARS,
    POINTS,
    WEEKS,
    Levels,
    Line,
    Run,
    World,
    as_efforts,
    figure,
    read_world,
)


@dataclass(frozen=True)
class Context(Wording):
    """All that items may need beside their own tables."""

    world: World | None = None
    """None: the content has no simulation."""


def read_context(folder: Path, problems: list[Problem]) -> Context:
    """Read what a content folder has of it; problems are added to the list."""
    wording = read_wording(folder, problems)
    model = folder / "simulation"
    world = read_world(model, problems) if model.is_dir() else None
    return Context(wording.concrete, wording.rubrics, world)


class InWorld(Item):
    """An exercise in the balance model."""

    scenario: Text
    """One of the scenarios of `simulation/model.toml`."""
    _world: World | None = PrivateAttr(None)

    def model_post_init(self, context: Any) -> None:
        if isinstance(context, Context):
            self._world = context.world

    def flaws(self) -> Iterator[Flaw]:
        """The scenario has to exist before anything else can be looked at."""
        known = [*self._world.scenarios] if self._world else []
        if self.scenario in known:
            yield from super().flaws()
        else:
            yield Flaw("scenario", self.scenario, f"one of {', '.join(known)}")

    @property
    def world(self) -> World:
        """The model. ValueError: the content has none, which is a flaw."""
        if self._world is None:
            raise ValueError(f"{self.id}: there is no simulation")
        return self._world

    @property
    def phases(self) -> int:
        """How many phases of four weeks the scenario lasts."""
        return self.world.scenarios[self.scenario].phases

    def public(self) -> Public:
        names = self.world.names
        return super().public() | {
            "label": names.label,
            "pillars": [{"id": each, "text": getattr(names, each)} for each in PILLARS],
            "points": POINTS,
            "phases": self.phases,
            "weeks": WEEKS,
        }

    def read_points(self, plan: Any, fewest: int) -> list[list[int]]:
        """`plan` if it has ten whole points in each of `fewest` phases or more."""
        fits = isinstance(plan, list) and fewest <= len(plan) <= self.phases
        if not fits or not all(_is_split(points) for points in plan):
            expected = f"{fewest} to {self.phases} phases of four whole numbers that make {POINTS}"
            raise ResponseError(f"{self.id}: plan = {plan!r}; expected {expected}")
        return plan

    def run(self, plan: Sequence[Sequence[float]], changes: Mapping[str, float]) -> Run:
        """What a plan of points leads to in the item's scenario."""
        return self.world.play(self.scenario, as_efforts(plan), changes)

    def line(self, name: str, run: Run, scenario: str | None = None) -> Line:
        """A run as a figure shows it."""
        return Line(name, self.world.beginning(scenario or self.scenario)[0], run)

    def drawn(
        self,
        lines: Sequence[Line],
        until: int,
        panels: Sequence[str] = PANELS,
        named: bool = True,
    ) -> Public:
        """The figure of the lines.

        Events up to the week `until` are marked; not `named` if the lines had different ones.
        """
        names, place = self.world.names, self.world.scenarios[self.scenario]
        events = {
            week: names.events[event] if named else names.something
            for event, week in place.events.items()
            if week <= until
        }
        return {"figure": figure(lines, panels, place.phases * WEEKS, events, names)}


def gains(run: Run) -> dict[str, int]:
    """What the learner and the organisation have at the end, in percent.

    The geometric means of trust and relationship, and of goals and ability.
    """
    last = run.levels[-1]
    return {
        "own": round(100 * sqrt(last.trust * last.relationships)),
        "organisation": round(100 * sqrt(last.goals * last.ability)),
    }


def percent(levels: Levels) -> dict[str, int]:
    """Levels as whole percentages by name."""
    return {name: round(100 * level) for name, level in levels._asdict().items()}


def _is_split(points: Any) -> bool:
    return (
        isinstance(points, list)
        and len(points) == len(PILLARS)
        and all(type(each) is int and each >= 0 for each in points)
        and sum(points) == POINTS
    )
