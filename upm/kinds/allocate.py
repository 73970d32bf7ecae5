"""Spread ten points: what deserves how much of one's effort."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, pairwise
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.items import CORRECT, Verdict

POINTS = 10
TELLING = 3.0
"""A key nearer to the equal split than this is discussed, not scored."""
LONGEST = 500


class AllocateOption(Option):
    """One thing to give points to."""

    key: Annotated[float, Field(ge=0, le=POINTS, multiple_of=0.5)]
    """How many of the ten points it should get."""


class Allocate(Item):
    """Spread ten points over what competes for them."""

    kind: Literal["allocate"]
    options: Annotated[tuple[AllocateOption, ...], Field(strict=False, min_length=2, max_length=6)]
    reason: str = ""
    """The label of a field for the learner's reason, which is kept and not scored. Empty: none."""
    discussed: bool = False
    """Compared and never scored, because good answers lie too near to an equal split."""

    @property
    def scored(self) -> bool:
        return not self.discussed

    def public(self) -> Public:
        return super().public() | {"points": POINTS, "reason": self.reason, "longest": LONGEST}

    def key_flaws(self) -> Iterator[Flaw]:
        if sum(self._key) != POINTS:
            yield Flaw("options", self._key, "keys that make ten points")
        elif not self.discussed and (self._furthest < TELLING or self._raw(self._even) >= CORRECT):
            expected = f"keys at least {TELLING:g} points from an equal split, or discussed = true"
            yield Flaw("options", self._key, expected)
        for option in self.options:
            if option.culture_sensitive:
                yield Flaw("culture_sensitive", True, "discussed = true instead", option=option.id)

    def assess(self, response: Any) -> Assessment:
        """`response`: {"points": option id -> whole number, ten in all; "reason": words}."""
        points = self._points(response)
        given = [points.get(option.id, 0) for option in self.options]
        feedback = tuple(
            self.comment(option, _verdict(own, option.key), own)
            for option, own in zip(self.options, given, strict=True)
        )
        score = None if self.discussed else Score(self._raw(given), self._baseline)
        return Assessment(score, feedback)

    def _points(self, response: Any) -> dict[str, int]:
        if not isinstance(response, dict) or not response.keys() <= {"points", "reason"}:
            raise ResponseError(f"{self.id}: response = {response!r}; expected points and reason")
        reason = response.get("reason", "")
        if not isinstance(reason, str) or len(reason) > LONGEST:
            raise ResponseError(f"{self.id}: reason: expected at most {LONGEST} characters")
        points = self.answers(response.get("points"))
        if any(type(each) is not int or each < 0 for each in points.values()):
            raise ResponseError(f"{self.id}: points = {points!r}; expected whole numbers from 0")
        if sum(points.values()) != POINTS:
            raise ResponseError(f"{self.id}: points = {points!r}; expected {POINTS} in all")
        return points

    @cached_property
    def _key(self) -> list[float]:
        return [option.key for option in self.options]

    @cached_property
    def _even(self) -> list[int]:
        """The even split into whole points; the odd ones go where the key has most."""
        share, odd = divmod(POINTS, len(self.options))
        most = sorted(range(len(self.options)), key=lambda place: -self._key[place])[:odd]
        return [share + (place in most) for place in range(len(self.options))]

    def _raw(self, given: Sequence[float]) -> float:
        """1 at the key, 0 at the equal split; whole points cannot meet a half better than by half
        a point."""
        off = _distance(given, self._key) - self._least
        return max(0.0, 1 - off / (self._furthest - self._least))

    @cached_property
    def _least(self) -> float:
        return sum(key % 1 for key in self._key)

    @cached_property
    def _furthest(self) -> float:
        """From the key to the equal split, which need not be one into whole points."""
        return sum(abs(POINTS / len(self._key) - key) for key in self._key)

    @cached_property
    def _baseline(self) -> float:
        """Guessing: any split into whole points, all equally likely; or the best even one."""
        raws = [self._raw(split) for split in _splits(len(self.options))]
        return max(sum(raws) / len(raws), self._raw(self._even))


def _splits(parts: int) -> Iterator[list[int]]:
    """All ways to cut ten points into so many parts, by where the bars between them stand."""
    places = POINTS + parts - 1
    for bars in combinations(range(places), parts - 1):
        edges = (-1, *bars, places)
        yield [right - left - 1 for left, right in pairwise(edges)]


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _verdict(own: int, key: float) -> Verdict:
    distance = abs(own - key)
    return "right" if distance < 1 else "close" if distance <= 1.5 else "off"
