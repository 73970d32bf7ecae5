"""Estimate with a range, or say how likely something is: calibration."""

from collections.abc import Iterator
from statistics import mean
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WrapValidator

from upm.content import Assessment, Flaw, Item, Option, Public, ResponseError, Score
from upm.content.items import Verdict

SURE = 0.8
"""How often a range should hold what it is a range for."""
CHANCES = (0, 10, 30, 50, 70, 90, 100)
"""The chances to choose from, in percent."""


def _number_or_bool(value: Any, read: Any) -> Any:
    if type(value) not in (bool, int, float):
        raise ValueError("a number, or true or false")
    return read(value)


class EstimateOption(Option):
    """One quantity to estimate, or one statement to judge."""

    key: Annotated[bool | float, WrapValidator(_number_or_bool)]
    """The true value; for a statement, whether it is true."""
    unit: str = ""
    low: float | None = None
    """Nobody would expect less than this. None: a statement."""
    high: float | None = None
    """Nobody would expect more than this. None: a statement."""

    def loss(self: Self, ends: list[float] | None) -> float:
        """The interval score of a range, over that of the whole span: 0 is best, 1 like knowing
        nothing, more for a narrow range far off.

        Gneiting and Raftery (2007), Strictly proper scoring rules, equation 43.
        """
        if ends is None or self.low is None or self.high is None:
            return 1.0
        lower, upper = ends
        outside = max(lower - self.key, self.key - upper, 0.0)
        return (upper - lower + 2 / (1 - SURE) * outside) / (self.high - self.low)


class Estimate(Item):
    """Estimate quantities by 80 % ranges, or say how likely statements are to be true."""

    kind: Literal["estimate"]
    give: Literal["range", "chance"]
    options: Annotated[tuple[EstimateOption, ...], Field(strict=False, min_length=4, max_length=12)]

    def public(self) -> Public:
        public = super().public() | {"give": self.give, "chances": list(CHANCES)}
        for shown, option in zip(public["options"], self.options, strict=True):
            shown |= {"unit": option.unit, "low": option.low, "high": option.high}
        return public

    def key_flaws(self) -> Iterator[Flaw]:
        for option in self.options:
            if self.give == "chance":
                if not isinstance(option.key, bool):
                    yield Flaw("key", option.key, "true or false", option=option.id)
            elif isinstance(option.key, bool) or option.low is None or option.high is None:
                yield Flaw("key", option.key, "a number, with low and high", option=option.id)
            elif not option.low < option.key < option.high:
                yield Flaw("key", option.key, "a number between low and high", option=option.id)
        if self.give == "chance" and len({option.key for option in self.scorable}) < 2:
            yield Flaw("options", None, "true statements and false ones")

    def assess(self, response: Any) -> Assessment:
        """`response`: option id -> [lower, upper], or a chance in percent that it is true."""
        answers = self.answers(response)
        for id, given in answers.items():
            if not (_is_range(given) if self.give == "range" else _is_chance(given)):
                raise ResponseError(f"{self.id} › {id}: {given!r}; expected a {self.give}")
        score = self._range_score(answers) if self.give == "range" else self._chance_score(answers)
        feedback = tuple(
            self.comment(option, _verdict(option, given), given)
            for option in self.options
            for given in [answers.get(option.id)]
        )
        return Assessment(score, feedback)

    def _range_score(self, answers: dict[str, list[float]]) -> Score:
        """A range as wide as the span earns nothing, and so does the same share of every span."""
        raw = 1 - mean(option.loss(answers.get(option.id)) for option in self.scorable)
        return Score(max(0.0, raw), self._baseline(), attempted=bool(answers))

    def _baseline(self) -> float:
        """The best that the same two marks on every span earn, without reading what is asked."""
        best = 0.0
        for start in range(0, 100, 5):
            for stop in range(start + 5, 101, 5):
                losses = [option.loss(_share(option, start, stop)) for option in self.scorable]
                best = max(best, 1 - mean(losses))
        return best

    def _chance_score(self, answers: dict[str, int]) -> Score:
        """1 less the Brier score, the mean squared error of the chances; 50 % always: .75."""
        errors = [(answers.get(option.id, 50) / 100 - option.key) ** 2 for option in self.scorable]
        base_rate = mean(option.key for option in self.scorable)
        constant = 1 - base_rate * (1 - base_rate)
        return Score(1 - mean(errors), constant, attempted=bool(answers))


def _share(option: EstimateOption, start: int, stop: int) -> list[float]:
    low, high = option.low or 0.0, option.high or 0.0
    return [low + (high - low) * mark / 100 for mark in (start, stop)]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e12


def _is_range(given: Any) -> bool:
    pair = isinstance(given, list) and len(given) == 2 and all(map(_is_number, given))
    return pair and given[0] <= given[1]


def _is_chance(given: Any) -> bool:
    return type(given) is int and given in CHANCES


def _verdict(option: EstimateOption, given: Any) -> Verdict:
    if given is None:
        return "missed"
    if isinstance(given, list):
        return "right" if given[0] <= option.key <= given[1] else "off"
    if given == 50:
        return "close"
    return "right" if (given > 50) == option.key else "off"
