"""A plan in the learner's own words: if-then, or a canvas of several fields."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Feedback, Option, Public
from upm.kinds.case import LONGEST
from upm.kinds.own_words import OwnWords

FEWEST_WORDS = 3
DAYS = 14
"""How far ahead a day can be chosen."""


class PlanField(Option):
    """A field to fill in; `text` is its label."""

    feedback: str = ""
    needs: Literal["words", "cue", "act", "day"]
    """What the course looks for: any words, a cue (place, time or event), an act that can be
    seen, or one of the next 14 days."""
    ask_again: Annotated[str, Field(min_length=1)]
    """The question where it was not found."""
    example: str = ""
    """What somebody else wrote here, shown under the field. A day needs none."""


class Plan(OwnWords):
    """A plan or canvas, checked for being complete and concrete."""

    kind: Literal["plan"]
    options: Annotated[tuple[PlanField, ...], Field(strict=False, min_length=2, max_length=10)]

    def public(self) -> Public:
        public = super().public() | {"longest": LONGEST, "days": DAYS}
        for shown, field in zip(public["options"], self.options, strict=True):
            shown |= {"needs": field.needs, "example": field.example}
        return public

    def assess(self, response: Any) -> Assessment:
        """`response`: option id -> the learner's words; for a day, as in 2026-11-30."""
        answers = {
            id: self.words(words, LONGEST, id) for id, words in self.answers(response).items()
        }
        feedback = tuple(
            Feedback(field.id, "found", "", given=words)
            if self._is_met(field, words)
            else Feedback(field.id, "asked", field.ask_again, given=words)
            for field in self.options
            for words in [answers.get(field.id, "")]
        )
        return Assessment(None, feedback)

    def _is_met(self, field: PlanField, words: str) -> bool:
        if field.needs == "day":
            return _is_day(words)
        if field.needs == "words":
            return bool(words)
        concrete = self._wording.concrete
        said = " ".join(re.findall(r"[\w'’]+", words.casefold())).replace("’", "'")
        if len(said.split()) < FEWEST_WORDS or _holds(said, concrete.vague):
            return False
        return field.needs == "cue" or not self._begins_unseen(said)

    def _begins_unseen(self, said: str) -> bool:
        concrete = self._wording.concrete
        for opening in concrete.opening:
            said = said.removeprefix(f"{opening} ")
        return any(f"{said} ".startswith(f"{act} ") for act in concrete.unseen)


def _holds(said: str, phrases: Iterable[str]) -> bool:
    return any(f" {phrase} " in f" {said} " for phrase in phrases)


def _is_day(words: str) -> bool:
    try:
        return date.fromisoformat(words).isoformat() == words  # 20261130 is read, too
    except ValueError:
        return False
