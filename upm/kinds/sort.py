"""Sort cards into bins, or match each card with its partner."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.framework import Model, Slug, Text


class Bin(Model):
    """Where cards can go: a class of things, or the partner of one card."""

    id: Slug
    text: Text


class SortOption(Option):
    """One card to sort."""

    key: Slug
    """The id of the bin that it belongs in."""


class Sort(Item):
    """Sort cards into bins; with a bin for each card, match them."""

    kind: Literal["sort"]
    bins: Annotated[tuple[Bin, ...], Field(strict=False, min_length=2, max_length=6)]
    options: Annotated[tuple[SortOption, ...], Field(strict=False, min_length=3, max_length=12)]

    def public(self) -> Public:
        return super().public() | {"bins": [bin.model_dump() for bin in self.bins]}

    def key_flaws(self) -> Iterator[Flaw]:
        bins = [bin.id for bin in self.bins]
        for id, count in Counter(bins).items():
            if count > 1:
                yield Flaw("bins", id, "an id of its own for each bin")
        for option in self.options:
            if option.key not in bins:
                yield Flaw("key", option.key, f"one of {', '.join(bins)}", option=option.id)
        if len({option.key for option in self.scorable}) < 2:
            yield Flaw("options", bins, "cards for at least two bins")

    def assess(self, response: Any) -> Assessment:
        """`response`: card id -> bin id. A card left out earns nothing."""
        answers = self.answers(response)
        bins = {bin.id for bin in self.bins}
        for id, bin in answers.items():
            if not isinstance(bin, str) or bin not in bins:
                raise ResponseError(
                    f"{self.id} › {id}: bin = {bin!r}; expected one of {sorted(bins)}"
                )
        right = sum(answers.get(option.id) == option.key for option in self.scorable)
        counted = any(option.id in answers for option in self.scorable)
        feedback = tuple(
            self.comment(option, "right" if own == option.key else "off", own)
            for option in self.options
            for own in [answers.get(option.id)]
        )
        return Assessment(Score(right / len(self.scorable), self._baseline(), counted), feedback)

    def _baseline(self) -> float:
        """Guessing any bin; or putting all cards into the bin that takes most of them."""
        fullest = max(Counter(option.key for option in self.scorable).values())
        return max(1 / len(self.bins), fullest / len(self.scorable))
