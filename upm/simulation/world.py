"""The worlds that a plan can be tried in: scenarios, what happens there, and the best plan."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from upm.content.framework import Model, Text
from upm.content.problems import Problem
from upm.content.tables import read_table
from upm.simulation.model import WEEKS, Effort, Event, Levels, Parameters, Run, play

POINTS = 10
EVEN = (2.5, 2.5, 2.5, 2.5)
EVEN_SCORE, BEST_SCORE, MOST = 60, 100, 105

Points = Annotated[tuple[float, ...], Field(strict=False, min_length=4, max_length=4)]
"""Ten points over the pillars in their order."""


class PlanError(ValueError):
    """A plan that cannot be played; the message says why."""


class Scenario(Model):
    """Where one begins, for how many phases of four weeks, and what happens."""

    start: str
    phases: Annotated[int, Field(ge=1, le=12)]
    events: Annotated[dict[str, int], Field(default_factory=dict)]
    """Event -> the week, counted from 1, before whose step it hits."""


class Optimum(Model):
    """The best plan of whole points that was found, and what the score is measured by."""

    scenario: str
    changes: Annotated[dict[str, float], Field(default_factory=dict)]
    """Parameter -> the value that it has here instead of its own."""
    plan: Annotated[tuple[Points, ...], Field(strict=False)]
    best: float
    even: float
    """The value of ten points spread evenly in every phase."""
    random: float
    """The median value of plans drawn by lot."""

    def score(self, value: float) -> float:
        """0 at the median plan by lot, 60 at the even one, 100 at the best; from 0 to 105."""
        if value < self.even:
            score = EVEN_SCORE * (value - self.random) / (self.even - self.random)
        else:
            above = (value - self.even) / (self.best - self.even)
            score = EVEN_SCORE + (BEST_SCORE - EVEN_SCORE) * above
        return min(float(MOST), max(0.0, score))


class Variant(Model):
    """A scenario in a changed model, whose best plan is stored too."""

    scenario: str
    changes: dict[str, float]


class Names(Model):
    """What figures call things."""

    label: Text
    """What has to be known of the model wherever it is shown."""
    trust: Text
    goals: Text
    ability: Text
    relationships: Text
    ability_seen: Text
    """Over the panel of the figure that shows ability and work under way."""
    underway: Text
    outcome: Text
    week: Text
    you: Text
    best: Text
    even: Text
    something: Text
    """Where several events share a figure."""
    events: dict[str, Text]


class World(Model):
    """All of `data/simulation`: the model, its scenarios and their best plans."""

    names: Names
    parameters: Parameters
    starts: dict[str, Levels]
    events: dict[str, Event]
    scenarios: dict[str, Scenario]
    variants: Annotated[tuple[Variant, ...], Field(strict=False)] = ()
    optima: Annotated[tuple[Optimum, ...], Field(strict=False)] = ()
    """From a file of their own, `optima.toml`."""

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for variant in self.variants:
            if variant.scenario not in self.scenarios:
                raise ValueError(f"scenario of a variant: one of {', '.join(self.scenarios)}")
            self.changed(variant.changes)
        for name, scenario in self.scenarios.items():
            if scenario.start not in self.starts:
                raise ValueError(f"start of {name}: one of {', '.join(self.starts)}")
            for event, week in scenario.events.items():
                known = self.events.keys() & self.names.events.keys()
                if event not in known or not 1 <= week <= scenario.phases * WEEKS:
                    expected = f"one of {', '.join(sorted(known))}, in one of its weeks"
                    raise ValueError(f"events of {name}: {expected}")
        return self

    @property
    def to_solve(self) -> list[tuple[str, dict[str, float]]]:
        """The scenarios and changes whose best plans are stored."""
        own: list[tuple[str, dict[str, float]]] = [(name, {}) for name in self.scenarios]
        return own + [(each.scenario, each.changes) for each in self.variants]

    def changed(self, changes: Mapping[str, float]) -> Parameters:
        """The parameters with some of their values changed."""
        if not changes:
            return self.parameters
        return Parameters.model_validate(self.parameters.model_dump() | dict(changes))

    def play(
        self, scenario: str, plan: Sequence[Effort], changes: Mapping[str, float] | None = None
    ) -> Run:
        """Play a plan, whole or as far as it goes."""
        start, events = self.beginning(scenario)
        return play(start, plan, events, self.changed(changes or {}))

    def beginning(self, scenario: str) -> tuple[Levels, dict[int, Event]]:
        """Where a scenario starts, and what happens in which week."""
        place = self.scenarios[scenario]
        events = {week: self.events[name] for name, week in place.events.items()}
        return self.starts[place.start], events

    def optimum(self, scenario: str, changes: Mapping[str, float] | None = None) -> Optimum:
        """The stored best plan. KeyError: none is stored for this scenario and these changes."""
        for each in self.optima:
            if each.scenario == scenario and each.changes == (changes or {}):
                return each
        raise KeyError(f"no best plan is stored for {scenario} with {changes or 'no changes'}")


class _Stored(Model):
    optima: Annotated[tuple[Optimum, ...], Field(strict=False)]


def read_world(folder: Path, problems: list[Problem]) -> World | None:
    """Read a folder's model and best plans. None: that cannot be; see the problems."""
    world = read_model(folder, problems)
    stored = read_table(folder / "optima.toml", _Stored, problems)
    if world is None or stored is None:
        return None
    solved = [(each.scenario, each.changes) for each in stored.optima]
    missing = [each for each in world.to_solve if each not in solved]
    if missing:
        expected = "the best plan of each; compute them with: upm optima"
        problems.append(Problem(("optima.toml",), "missing", missing, expected))
    return world.model_copy(update={"optima": stored.optima})


def read_model(folder: Path, problems: list[Problem]) -> World | None:
    """The same without the best plans."""
    return read_table(folder / "model.toml", World, problems)


def write_optima(folder: Path, optima: Iterable[Optimum]) -> None:
    """Store best plans for `read_world`."""
    lines = ["# Computed by `upm optima` from model.toml."]
    for each in optima:
        changes = ", ".join(f"{name} = {value}" for name, value in each.changes.items())
        lines += ["", "[[optima]]", f'scenario = "{each.scenario}"', f"changes = {{ {changes} }}"]
        lines += [f"plan = {[[*map(int, points)] for points in each.plan]}"]
        lines += [f"best = {each.best}", f"even = {each.even}", f"random = {each.random}"]
    (folder / "optima.toml").write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")


def read_plan(plan: Any, phases: int) -> list[tuple[float, ...]]:
    """`plan` if it is a list of as many phases, each four shares that make 1. Raises PlanError."""
    if not isinstance(plan, list) or len(plan) != phases:
        found = f"{len(plan)} of them" if isinstance(plan, list) else repr(plan)
        raise PlanError(f"plan: expected a list of {phases} phases, found {found}")
    for number, shares in enumerate(plan, start=1):
        where = f"phase {number}"
        if not isinstance(shares, list) or len(shares) != 4:
            raise PlanError(f"{where}: expected four shares, found {shares!r}")
        for share in shares:
            if type(share) not in (int, float) or not 0 <= share <= 1:
                raise PlanError(f"{where}: expected shares from 0 to 1, found {share!r}")
        if abs(sum(shares) - 1) > 1e-6:
            raise PlanError(f"{where}: expected shares that make 1, found {sum(shares):g} in all")
    return [tuple(shares) for shares in plan]


def as_efforts(plan: Iterable[Sequence[float]]) -> list[Effort]:
    """Points as shares of the effort, phase by phase."""
    return [tuple(each / POINTS for each in points) for points in plan]
