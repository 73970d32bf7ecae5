"""Play a scenario phase by phase: first blind, and from the second time on knowing what comes."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Feedback, Flaw, Option, Public, ResponseError, Score
from upm.content.framework import Text
from upm.kinds.in_world import InWorld, gains, percent
from upm.simulation import WEEKS, Run
from upm.simulation.world import BEST_SCORE, EVEN_SCORE

QUIET = "quiet"
FOR_REASONS = 0.2
"""The part of the mark that the reasons make."""


class Reason(Option):
    """A reason to spread the points as one does."""

    fits: Annotated[tuple[Text, ...], Field(strict=False)]
    """The events after which it is the reason, or "quiet": nothing has happened. Empty: never."""


class Simulate(InWorld):
    """Spread ten points in each phase and see what comes of it."""

    kind: Literal["simulate"]
    guess: Text
    """Asks what the learner expects, in percent of what the best plan reaches."""
    why: Text
    """Asks for the reason of each phase after the first."""
    news: dict[str, Text]
    """Event -> what is told when it happens."""
    options: Annotated[tuple[Reason, ...], Field(strict=False, min_length=2, max_length=8)]

    def key_flaws(self) -> Iterator[Flaw]:
        events = [*self.world.scenarios[self.scenario].events]
        if {*self.news} != {*events}:
            yield Flaw("news", [*self.news], f"a text for each of {', '.join(events)}")
        for option in self.options:
            if not {*option.fits} <= {*events, QUIET}:
                expected = f"some of {', '.join([*events, QUIET])}"
                yield Flaw("fits", option.fits, expected, option=option.id)
        for situation in {*self.situations}:
            if not any(situation in option.fits for option in self.options):
                yield Flaw("options", situation, "a reason that fits it")

    def public(self) -> Public:
        return super().public() | {"guess": self.guess, "why": self.why}

    def assess(self, response: Any) -> Assessment:
        """`response`: the plan, ten points a phase; a reason for each but the first; the guess."""
        plan, reasons = self._read(response)
        run = self.run(plan, {})
        feedback = tuple(
            Feedback(
                id,
                "right" if situation in self._reason(id).fits else "off",
                self._reason(id).feedback,
                key=next(option.id for option in self.options if situation in option.fits),
            )
            for id, situation in zip(reasons, self.situations, strict=True)
        )
        matched = sum(each.verdict == "right" for each in feedback) / len(feedback)
        raw = self._mark(self._points(run), matched)
        return Assessment(Score(raw, self._baseline), feedback)

    def show(self, response: Any, checked: bool, first: Any) -> Public:
        """How things stand after the phases in `response`; once checked, beside the best plan."""
        if checked:
            return self._compared(response, first)
        plan = self.read_points(response["plan"], 0) if response else []
        run = self.run(plan, {})
        now = run.levels[-1] if plan else self.line("", run).start
        lines = [self.line(self.world.names.you, run)]
        return self.drawn(lines, len(plan) * WEEKS + 1) | {
            "played": len(plan),
            "levels": percent(now),
            "gains": gains(run) if plan else None,
            "news": self._news(len(plan)),
        }

    def _compared(self, response: Any, first: Any) -> Public:
        names, best = self.world.names, self.world.optimum(self.scenario)
        own, ideal = self.run(response["plan"], {}), self.run(best.plan, {})
        lines = [self.line(names.you, own), self.line(names.best, ideal)]
        before = first and self.run(first["plan"], {})
        score = self.assess(response).score
        return self.drawn(lines, self.phases * WEEKS) | {
            "best": [[int(each) for each in points] for points in best.plan],
            "points": round(self._points(own)),
            "mark": score and round(100 * score.raw),
            "before": before and round(self._points(before)),
            "share": round(100 * own.value / best.best),
            "gains": gains(own),
            "best_gains": gains(ideal),
            "news": self._news(self.phases),
        }

    def _news(self, played: int) -> list[Public]:
        """What has happened before the phase that comes next."""
        events = self.world.scenarios[self.scenario].events
        return [
            {"week": week, "phase": _decision_after(week), "text": self.news[event]}
            for event, week in events.items()
            if _decision_after(week) <= played
        ]

    def _read(self, response: Any) -> tuple[list[list[int]], list[str]]:
        if not isinstance(response, dict) or not {*response} <= {"plan", "reasons", "guess"}:
            raise ResponseError(f"{self.id}: expected plan, reasons and guess")
        reasons = response.get("reasons")
        known = [option.id for option in self.options]
        if (
            not isinstance(reasons, list)
            or len(reasons) != self.phases - 1
            or not all(id in known for id in reasons)
        ):
            expected = f"{self.phases - 1} of {', '.join(known)}"
            raise ResponseError(f"{self.id}: reasons = {reasons!r}; expected {expected}")
        if response.get("guess") not in (None, *range(0, 101, 10)):
            raise ResponseError(f"{self.id}: guess; expected 0, 10, … 100")
        return self.read_points(response.get("plan"), self.phases), reasons

    def _reason(self, id: str) -> Reason:
        return next(option for option in self.options if option.id == id)

    def _points(self, run: Run) -> float:
        return self.world.optimum(self.scenario).score(run.value)

    @staticmethod
    def _mark(points: float, matched: float) -> float:
        return (1 - FOR_REASONS) * min(1.0, points / BEST_SCORE) + FOR_REASONS * matched

    @cached_property
    def situations(self) -> list[str]:
        """What has happened since the last decision, for each phase after the first."""
        events = self.world.scenarios[self.scenario].events
        after = {_decision_after(week): event for event, week in events.items()}
        return [after.get(phase, QUIET) for phase in range(1, self.phases)]

    @cached_property
    def _baseline(self) -> float:
        """Even points in every phase, and always the reason that fits most often."""
        counts = Counter(self.situations)
        most = max(sum(counts[each] for each in option.fits) for option in self.options)
        return self._mark(EVEN_SCORE, most / len(self.situations))


def _decision_after(week: int) -> int:
    """The phase, counted from 0, that is planned right after something happens in a week."""
    return -(-(week - 1) // WEEKS)
