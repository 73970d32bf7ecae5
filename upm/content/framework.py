"""The system that the course teaches: pillars, practices, objectives, and the facts to keep."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from upm.content.problems import SLUG

Slug = Annotated[str, Field(pattern=SLUG, description="An id, for ever")]
Text = Annotated[str, Field(min_length=1)]


class Model(BaseModel):
    """A table of a content file: exact types, no unknown keys, unchangeable."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


class Practice(Model):
    """One of three ways to build a pillar: what an item trains."""

    id: Slug
    name: Text
    objectives: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """What a learner can do afterwards; each starts with a verb."""


class Pillar(Model):
    """One of the four parts of the system."""

    id: Slug
    name: Text
    role: Text
    """What it is to the other three, in two or three words."""
    notebook: Text
    """The notebook that teaches it, without its ending."""
    practices: Annotated[tuple[Practice, ...], Field(strict=False, min_length=1)]


class Fact(Model):
    """One thing that the course must teach."""

    id: Annotated[str, Field(pattern=r"^F[0-9]+$")]
    text: Text
    taught: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """The sections that teach it, as "notebook#Heading"; empty: not taught yet."""


class Framework(Model):
    """The whole system, as framework.toml holds it."""

    pillars: Annotated[tuple[Pillar, ...], Field(strict=False, min_length=1)]
    facts: Annotated[tuple[Fact, ...], Field(strict=False)]

    @property
    def practices(self) -> dict[str, Practice]:
        """All practices by id, in teaching order."""
        return {practice.id: practice for pillar in self.pillars for practice in pillar.practices}

    def pillar_of(self, practice: str) -> Pillar:
        """The pillar that a practice belongs to. KeyError: there is no such practice."""
        for pillar in self.pillars:
            if any(each.id == practice for each in pillar.practices):
                return pillar
        raise KeyError(practice)

    def ids(self) -> Iterator[tuple[str, str]]:
        """Every id in the order of the file, each with what it names."""
        for pillar in self.pillars:
            yield "pillars", pillar.id
            for practice in pillar.practices:
                yield "practices", practice.id
        for fact in self.facts:
            yield "facts", fact.id
