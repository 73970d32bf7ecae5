"""Mark passages of a text."""

from collections.abc import Iterator
from math import comb
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Flaw, Item, Option, Public, Score
from upm.content.items import Verdict


class MarkOption(Option):
    """One passage of the text."""

    key: bool
    """Whether this passage should be marked."""


class Mark(Item):
    """Mark the passages of a text that show something."""

    kind: Literal["mark"]
    options: Annotated[tuple[MarkOption, ...], Field(strict=False, min_length=3, max_length=16)]
    """The passages that the text is cut into, in reading order."""
    lines: bool = False
    """Show each passage on a line of its own, as in a dialogue."""

    def public(self) -> Public:
        return super().public() | {"lines": self.lines}

    def key_flaws(self) -> Iterator[Flaw]:
        keys = [option.key for option in self.scorable]
        if len(set(keys)) < 2:
            yield Flaw("options", keys, "passages to mark and passages to leave")

    def assess(self, response: Any) -> Assessment:
        """`response`: the ids of the marked passages."""
        marked = set(self.known(response))
        keyed = {option.id for option in self.scorable if option.key}
        counted = marked & {option.id for option in self.scorable}
        raw = _f1(len(counted & keyed), len(counted - keyed), len(keyed))
        score = Score(raw, _baseline(len(keyed), len(self.scorable)), attempted=bool(marked))
        feedback = tuple(
            self.comment(option, _verdict(option, option.id in marked), option.id in marked)
            for option in self.options
        )
        return Assessment(score, feedback)


def _f1(hits: int, false_alarms: int, keyed: int) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * hits / (hits + false_alarms + keyed)


def _baseline(keyed: int, passages: int) -> float:
    """Guessing: any set of passages, all equally likely; or marking everything."""
    others = passages - keyed
    guess = (
        sum(
            comb(keyed, hits) * comb(others, alarms) * _f1(hits, alarms, keyed)
            for hits in range(keyed + 1)
            for alarms in range(others + 1)
        )
        / 2**passages
    )
    return max(guess, _f1(keyed, others, keyed))


def _verdict(option: MarkOption, marked: bool) -> Verdict:
    if marked:
        return "right" if option.key else "off"
    return "missed" if option.key else "left"
