"""Choose one answer, or several."""

from collections.abc import Iterator
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.items import Verdict


class ChoiceOption(Option):
    """One answer to choose."""

    key: Annotated[int, Field(ge=0, le=3)]
    """Credit in thirds: 3 is full, 0 none. With `select = "several"`: 3 belongs, 0 does not."""


class Choice(Item):
    """Choose one answer, or all that apply."""

    kind: Literal["choice"]
    select: Literal["one", "several"] = "one"
    options: Annotated[tuple[ChoiceOption, ...], Field(strict=False, min_length=2, max_length=8)]

    def public(self) -> Public:
        return super().public() | {"select": self.select}

    def key_flaws(self) -> Iterator[Flaw]:
        keys = [option.key for option in self.scorable]
        if 3 not in keys or min(keys) == 3:
            yield Flaw("options", keys, "some options with key 3, some with less")
        if self.select == "several":
            for option in self.options:
                if option.key not in (0, 3):
                    yield Flaw("key", option.key, "3 (belongs) or 0 (does not)", option=option.id)

    def assess(self, response: Any) -> Assessment:
        """`response`: the ids picked; for `select = "one"` at most one."""
        picked = set(self.known(response))
        if self.select == "one" and len(picked) > 1:
            raise ResponseError(f"{self.id}: response = {response!r}; expected at most one id")
        feedback = tuple(
            self.comment(option, _verdict(option, option.id in picked), option.id in picked)
            for option in self.options
        )
        scorable = {option.id for option in self.scorable}
        if self.select == "one" and picked - scorable:
            return Assessment(None, feedback)  # culture-sensitive: it depends, so no score
        score = Score(self._raw(picked), self._baseline(), attempted=bool(picked))
        return Assessment(score, feedback)

    def _raw(self, picked: set[str]) -> float:
        if self.select == "one":
            return sum(option.key for option in self.scorable if option.id in picked) / 3
        right = sum(option.key == 3 for option in self.scorable if option.id in picked)
        wrong = sum(option.key == 0 for option in self.scorable if option.id in picked)
        return max(0, right - wrong) / sum(option.key == 3 for option in self.scorable)

    def _baseline(self) -> float:
        """Guessing: any option, or any set of options, all equally likely; or ticking all."""
        ids = [option.id for option in self.scorable]
        if self.select == "one":
            return sum(self._raw({id}) for id in ids) / len(ids)
        sets = [
            {id for id, ticked in zip(ids, ticks, strict=True) if ticked}
            for ticks in product((False, True), repeat=len(ids))
        ]
        return max(sum(map(self._raw, sets)) / len(sets), self._raw(set(ids)))


def _verdict(option: ChoiceOption, picked: bool) -> Verdict:
    if picked:
        return "right" if option.key == 3 else "close" if option.key else "off"
    return "missed" if option.key == 3 else "left"
