"""The learner's own case."""

from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Option, Public
from upm.kinds.own_words import OwnWords

LONGEST = 2000


class Prompt(Option):
    """A field to write in; `text` is its label."""

    feedback: str = ""
    example: Annotated[str, Field(min_length=1)]
    """What somebody else wrote here, shown under the field."""


class Case(OwnWords):
    """The learner's own case, in a few lines of their own."""

    kind: Literal["case"]
    options: Annotated[tuple[Prompt, ...], Field(strict=False, min_length=1, max_length=8)]

    def public(self) -> Public:
        public = super().public()
        for shown, prompt in zip(public["options"], self.options, strict=True):
            shown["example"] = prompt.example
        return public | {"longest": LONGEST}

    def assess(self, response: Any) -> Assessment:
        """`response`: option id -> the learner's words, each at most 2,000 characters."""
        for id, words in self.answers(response).items():
            self.words(words, LONGEST, id)
        return Assessment(None, ())
