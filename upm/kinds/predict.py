"""Predict what a run of the balance model shows, then see it."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import inf
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Feedback, Flaw, Option, Public, ResponseError
from upm.content.framework import Model, Slug, Text
from upm.kinds.in_world import InWorld
from upm.simulation import EVEN, PILLARS, POINTS, WEEKS, Run, as_efforts
from upm.simulation.figure import STYLES
from upm.simulation.world import Points

Panel = Literal["trust", "goals", "ability", "relationships", "outcome"]
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Trial(Model):
    """A plan that is played, as it is or with a change to the model."""

    id: Slug
    name: Text
    plan: Literal["best", "even"] | Annotated[tuple[Points, ...], Field(strict=False)]
    """Ten points a phase, or the best plan of its scenario, or an even split."""
    scenario: Text | None = None
    """None: the item's own."""
    changes: Annotated[dict[str, float], Field(default_factory=dict)]
    """Parameter of the model -> the value that it has in this run."""
    drawn: bool = True
    """Whether the figure shows it; it has room for three."""


class Expectation(Option):
    """A range that the number may lie in."""

    least: float = -inf
    below: float = inf


class Predict(InWorld):
    """Choose where a number will lie, and see the run that it comes from. Never scored."""

    kind: Literal["predict"]
    number: Text
    """What is predicted, named as in `result`: "first.trust.4", or "first.value / best.value"."""
    result: Text
    """What came out; {first.trust.4} is filled in from the runs."""
    panels: Annotated[tuple[Panel, ...], Field(strict=False, min_length=1)]
    """What the figure shows."""
    trials: Annotated[tuple[Trial, ...], Field(strict=False, min_length=1, max_length=5)]
    options: Annotated[tuple[Expectation, ...], Field(strict=False, min_length=2, max_length=5)]

    @property
    def scored(self) -> bool:
        return False

    def flaws(self) -> Iterator[Flaw]:
        """What no single field shows: plans that fit, numbers that exist, one range that holds."""
        found = [*super().flaws()] or [*self._trial_flaws()] or [*self._number_flaws()]
        yield from found

    def _trial_flaws(self) -> Iterator[Flaw]:
        for trial in self.trials:
            place = self.world.scenarios.get(self._place(trial))
            if place is None:
                yield Flaw("scenario", trial.scenario, f"one of {', '.join(self.world.scenarios)}")
                continue
            try:
                plan = self._plan(trial)
                self.world.changed(trial.changes)
            except (KeyError, ValueError) as error:
                yield Flaw("trials", trial.id, f"a run that can be made: {error}")
                continue
            if len(plan) != place.phases or any(sum(points) != POINTS for points in plan):
                yield Flaw("plan", trial.plan, f"ten points in each of {place.phases} phases")

        if not 1 <= len(self._drawn) <= len(STYLES):
            yield Flaw("drawn", len(self._drawn), f"1 to {len(STYLES)} trials in the figure")

    def _number_flaws(self) -> Iterator[Flaw]:
        for key, term in [("number", self.number), *(("result", t) for t in self._placeholders)]:
            try:
                self._figure(term)
            except (KeyError, ValueError, IndexError, AttributeError):
                yield Flaw(key, term, "such as first.value, first.trust.4, first.points.2.goals")
                return
        if sum(map(self._holds, self.options)) != 1:
            yield Flaw("options", self._figure(self.number), "exactly one range that holds it")

    def assess(self, response: Any) -> Assessment:
        """`response`: the id of what is expected, alone in a list."""
        picked = self.known(response)
        if len(picked) > 1:
            raise ResponseError(f"{self.id}: response = {response!r}; expected at most one id")
        feedback = tuple(
            Feedback(
                option.id,
                "right" if self._holds(option) else "off" if option.id in picked else "left",
                option.feedback,
                given=option.id in picked,
            )
            for option in self.options
        )
        return Assessment(None, feedback)

    def show(self, response: Any, checked: bool, first: Any) -> Public | None:
        """What came out, in words, as a figure and in numbers. None: not predicted yet."""
        if not checked:
            return None
        lines = [
            self.line(trial.name, self._runs[trial.id], trial.scenario) for trial in self._drawn
        ]
        common = {self._place(trial) for trial in self._drawn} == {self.scenario}
        drawn = self.drawn(lines, self.phases * WEEKS, self.panels, named=common)
        return drawn | {"text": PLACEHOLDER.sub(lambda found: self._said(found[1]), self.result)}

    @property
    def _drawn(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.drawn]

    @property
    def _placeholders(self) -> list[str]:
        return PLACEHOLDER.findall(self.result)

    def _holds(self, option: Expectation) -> bool:
        return option.least <= self._figure(self.number) < option.below

    def _said(self, term: str) -> str:
        """A number as it is printed: scores and points as they are, all else in percent."""
        number = self._figure(term)
        plain = re.search(r"\.(score|points)\b", term)
        return f"{number:.0f}" if plain else f"{100 * number:.0f} %"

    def _figure(self, term: str) -> float:
        """A number by its name. KeyError, ValueError, …: there is none of that name."""
        if "/" in term:
            above, below = (self._figure(part.strip()) for part in term.split("/"))
            return above / below
        id, what, *where = term.split(".")
        trial, run = {each.id: each for each in self.trials}[id], self._runs[id]
        match what, where:
            case "value", []:
                return run.value
            case "score", []:
                return self.world.optimum(self._place(trial)).score(run.value)
            case "points", [phase, pillar]:
                return self._plan(trial)[int(phase) - 1][PILLARS.index(pillar)]
            case "outcome", [week]:
                return run.outcomes[int(week) - 1]
            case level, [week]:
                return float(getattr(run.levels[int(week) - 1], level))
        raise KeyError(term)

    def _place(self, trial: Trial) -> str:
        return trial.scenario or self.scenario

    def _plan(self, trial: Trial) -> Sequence[Sequence[float]]:
        place = self._place(trial)
        if trial.plan == "best":
            return self.world.optimum(place, trial.changes).plan
        if trial.plan == "even":
            return [EVEN] * self.world.scenarios[place].phases
        return trial.plan

    @cached_property
    def _runs(self) -> dict[str, Run]:
        return {
            trial.id: self.world.play(
                self._place(trial), as_efforts(self._plan(trial)), trial.changes
            )
            for trial in self.trials
        }
