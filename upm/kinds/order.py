"""Put cards in order."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, permutations
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.items import Verdict


class OrderOption(Option):
    """One card to put in its place."""

    key: Annotated[int, Field(ge=1)]
    """The place, 1 at the top; options with the same key may stand in either order."""


class Order(Item):
    """Put cards in order, the first at the top."""

    kind: Literal["order"]
    first: str
    """What stands at the top, such as "Do first"."""
    last: str
    """What stands at the bottom."""
    options: Annotated[tuple[OrderOption, ...], Field(strict=False, min_length=3, max_length=7)]
    """Written in the order in which a learner finds them, which must not be right."""

    def public(self) -> Public:
        return super().public() | {"first": self.first, "last": self.last}

    def key_flaws(self) -> Iterator[Flaw]:
        keys = [option.key for option in self.scorable]
        if len(set(keys)) < 2:
            yield Flaw("options", keys, "at least two different places")
        elif len(self._key) == len(keys) and self._raw(self._found) > 0.5:  # ids are distinct
            yield Flaw("options", keys, "an order as found that is mostly wrong")

    def assess(self, response: Any) -> Assessment:
        """`response`: all option ids, the first at the top. As found: not attempted."""
        ids = self.known(response)
        if len(ids) != len(self.options):
            raise ResponseError(
                f"{self.id}: response = {ids!r}; expected all {len(self.options)} ids"
            )
        ranked = [id for id in ids if id in self._key]
        attempted = ids != [option.id for option in self.options]
        score = Score(self._raw(ranked), self._baseline, attempted)
        feedback = tuple(
            self.comment(
                option,
                self._verdict(option, ranked),
                ids.index(option.id) + 1,
                key=self._places(option).start + 1,
            )
            for option in sorted(self.options, key=lambda option: option.key)
        )
        return Assessment(score, feedback)

    @cached_property
    def _key(self) -> dict[str, int]:
        return {option.id: option.key for option in self.scorable}

    @cached_property
    def _found(self) -> list[str]:
        return list(self._key)

    def _raw(self, ranked: Sequence[str]) -> float:
        """Pairs in the key's order less pairs against it, over the pairs not tied in the key."""
        steps = [self._key[below] - self._key[above] for above, below in combinations(ranked, 2)]
        agreement = sum((step > 0) - (step < 0) for step in steps)
        return max(0, agreement) / sum(step != 0 for step in steps)

    @cached_property
    def _baseline(self) -> float:
        """Guessing: any order, all equally likely; or the order as found."""
        raws = [self._raw(order) for order in permutations(self._found)]
        return max(sum(raws) / len(raws), self._raw(self._found))

    def _places(self, option: OrderOption) -> range:
        """The places, from 0, that an option may take among those that count."""
        before = sum(other.key < option.key for other in self.scorable)
        return range(before, before + sum(other.key == option.key for other in self.scorable))

    def _verdict(self, option: OrderOption, ranked: Sequence[str]) -> Verdict:
        if option.culture_sensitive:
            return "discussed"  # it has no place among those that count
        place, places = ranked.index(option.id), self._places(option)
        if place in places:
            return "right"
        return "close" if place in (places.start - 1, places.stop) else "off"
