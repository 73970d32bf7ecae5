"""Try plans in the balance model and turn its dials. Kept, never scored."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Option, Public, ResponseError
from upm.content.framework import Model, Slug, Text
from upm.kinds.in_world import InWorld, gains
from upm.simulation import EVEN, WEEKS
from upm.simulation.world import Points


class Dial(Model):
    """A number of the model that can be changed."""

    id: Slug
    """The parameter."""
    text: Text
    low: float
    high: float
    step: Annotated[float, Field(gt=0)]
    ends: Text
    """What the two ends mean."""


class Preset(Option):
    """A plan, and where the dials stand, to begin with."""

    feedback: str = ""
    plan: Literal["best"] | Annotated[tuple[Points, ...], Field(strict=False)]
    """Ten whole points in each phase."""
    dials: Annotated[dict[str, float], Field(default_factory=dict)]


class Explore(InWorld):
    """A free hand with the model."""

    kind: Literal["explore"]
    dials: Annotated[tuple[Dial, ...], Field(strict=False, min_length=1)]
    options: Annotated[tuple[Preset, ...], Field(strict=False, min_length=2, max_length=8)]

    @property
    def scored(self) -> bool:
        return False

    def flaws(self) -> Iterator[Flaw]:
        """What no single field shows: dials of the model, presets that can be played."""
        found = [*super().flaws()]
        yield from found
        for dial in () if found else self.dials:
            if type(getattr(self.world.parameters, dial.id, None)) is not float:
                yield Flaw("dials", dial.id, "a number of the model")
        for preset in () if found else self.options:
            try:
                self.show(self._start(preset), False, None)
            except (ResponseError, ValueError) as error:
                yield Flaw("plan", preset.plan, str(error), option=preset.id)

    def public(self) -> Public:
        shown = super().public()
        return shown | {
            "options": [
                option | self._start(preset)
                for option, preset in zip(shown["options"], self.options, strict=True)
            ],
            "dials": [dial.model_dump() for dial in self.dials],
        }

    def assess(self, response: Any) -> Assessment:
        """`response`: the plan, ten points a phase, and the dials: parameter -> value."""
        self._read(response)
        return Assessment(None, ())

    def show(self, response: Any, checked: bool, first: Any) -> Public:
        """What the plan leads to with these dials, beside an even split with the same."""
        plan, dials = self._read(response or self._start(self.options[0]))
        names = self.world.names
        run, even = self.run(plan, dials), self.run([EVEN] * self.phases, dials)
        lines = [self.line(names.you, run), self.line(names.even, even)]
        return self.drawn(lines, self.phases * WEEKS) | {
            "value": round(100 * run.value),
            "even": round(100 * even.value),
            "gains": gains(run),
        }

    def _start(self, preset: Preset) -> Public:
        dials = {dial.id: getattr(self.world.parameters, dial.id) for dial in self.dials}
        best = preset.plan == "best"
        plan = self.world.optimum(self.scenario).plan if best else preset.plan
        whole = [[int(each) for each in points] for points in plan]
        return {"plan": whole, "dials": dials | preset.dials}

    def _read(self, response: Any) -> tuple[list[list[int]], dict[str, float]]:
        if not isinstance(response, dict) or {*response} != {"plan", "dials"}:
            raise ResponseError(f"{self.id}: expected plan and dials")
        dials, ranges = response["dials"], {dial.id: dial for dial in self.dials}
        fits = isinstance(dials, dict) and {*dials} == {*ranges}
        if not fits or not all(
            type(value) in (int, float) and ranges[id].low <= value <= ranges[id].high
            for id, value in dials.items()
        ):
            raise ResponseError(f"{self.id}: dials = {dials!r}; expected each within its range")
        return self.read_points(response["plan"], self.phases), dials
