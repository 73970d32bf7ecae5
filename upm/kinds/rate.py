"""Rate actions: situational judgement."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.items import Verdict

LOWEST, MIDDLE, HIGHEST = 1, 3, 5
APART = 1.5


class RateOption(Option):
    """One action to rate."""

    key: Annotated[float, Field(ge=LOWEST, le=HIGHEST, multiple_of=0.5)]
    """How effective the action is."""


class Rate(Item):
    """Situational judgement: rate how effective each action is, 1 (harmful) to 5."""

    kind: Literal["rate"]
    options: Annotated[tuple[RateOption, ...], Field(strict=False, min_length=2, max_length=7)]

    def public(self) -> Public:
        return super().public() | {"points": list(range(LOWEST, HIGHEST + 1))}

    def key_flaws(self) -> Iterator[Flaw]:
        keys = [option.key for option in self.scorable]
        if max(keys) - min(keys) < APART:
            yield Flaw("options", keys, f"two options with keys at least {APART} apart")

    def assess(self, response: Any) -> Assessment:
        """`response`: option id -> rating. An option left out earns nothing."""
        answers = self.answers(response)
        for id, rating in answers.items():
            if type(rating) is not int or not LOWEST <= rating <= HIGHEST:
                raise ResponseError(f"{self.id} › {id}: rating = {rating!r}; expected 1 to 5")
        feedback = tuple(
            self.comment(option, _verdict(option, answers.get(option.id)), answers.get(option.id))
            for option in self.options
        )
        ratings = {option.id: answers.get(option.id) for option in self.scorable}
        raw = self._raw(ratings)
        # One rating for all says nothing about which action is better: it earns the baseline.
        baseline = raw if len(set(ratings.values())) == 1 and raw < 1 else self._baseline()
        attempted = any(rating is not None for rating in ratings.values())
        return Assessment(Score(raw, baseline, attempted), feedback)

    def _raw(self, ratings: dict[str, int | None]) -> float:
        """1 for ratings as near to the key as there are, 0 for the furthest."""
        off = least = most = 0.0
        for option in self.scorable:
            furthest = max(option.key - LOWEST, HIGHEST - option.key)
            rating = ratings[option.id]
            off += furthest if rating is None else abs(rating - option.key)
            least += option.key % 1  # no rating is nearer than half a point to a key of 3.5
            most += furthest
        return (most - off) / (most - least)

    def _baseline(self) -> float:
        """All threes: no response chosen without reading is better over all possible keys."""
        return self._raw({option.id: MIDDLE for option in self.scorable})


def _verdict(option: RateOption, rating: int | None) -> Verdict:
    if rating is None:
        return "missed"
    distance = abs(rating - option.key)
    return "right" if distance < 1 else "close" if distance <= 1 else "off"
