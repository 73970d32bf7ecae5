"""The learner's own case."""

from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Item, Option, Public, ResponseError

LONGEST = 2000


class Prompt(Option):
    """A field to write in; `text` is its label."""

    feedback: str = ""
    example: Annotated[str, Field(min_length=1)]
    """What somebody else wrote here, shown under the field."""


class Case(Item):
    """The learner's own case, in a few lines of their own. Kept, never scored."""

    kind: Literal["case"]
    options: Annotated[tuple[Prompt, ...], Field(strict=False, min_length=1, max_length=8)]

    @property
    def scored(self) -> bool:
        return False

    def public(self) -> Public:
        public = super().public()
        for shown, prompt in zip(public["options"], self.options, strict=True):
            shown["example"] = prompt.example
        return public | {"longest": LONGEST}

    def assess(self, response: Any) -> Assessment:
        """`response`: option id -> the learner's words, each at most 2,000 characters."""
        for id, words in self.answers(response).items():
            if not isinstance(words, str) or len(words) > LONGEST:
                raise ResponseError(f"{self.id} › {id}: expected at most {LONGEST} characters")
        return Assessment(None, ())
