"""The system that the course teaches: pillars, practices, objectives, and the facts to keep."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from upm.content.problems import SLUG

Slug = Annotated[str, Field(pattern=SLUG, description="An id, for ever")]
Text = Annotated[str, Field(min_length=1)]


class Model(BaseModel):
    """A table of a content file: exact types, no unknown keys, unchangeable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


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


class Module(Model):
    """A part of the course that trains no single practice."""

    id: Slug
    name: Text
    notebook: Text
    """The notebook that shows it, without its ending."""


class Fact(Model):
    """One thing that the course must teach."""

    id: Annotated[str, Field(pattern=r"^F[0-9]+$")]
    text: Text
    taught: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """The sections that teach it, as "notebook#Heading"; empty: not taught yet."""


class Framework(Model):
    """The whole system, as framework.toml holds it."""

    pillars: Annotated[tuple[Pillar, ...], Field(strict=False, min_length=1)]
    modules: Annotated[tuple[Module, ...], Field(strict=False)] = ()
    facts: Annotated[tuple[Fact, ...], Field(strict=False)]

    @property
    def practices(self) -> dict[str, Practice]:
        """All practices by id, in teaching order."""
        return {practice.id: practice for pillar in self.pillars for practice in pillar.practices}

    @property
    def homes(self) -> list[str]:
        """The ids of all that an item can belong to: practices in teaching order, modules."""
        return [*self.practices, *(module.id for module in self.modules)]

    @property
    def notebooks(self) -> dict[str, str]:
        """The notebooks in their order, each with the name of the pillar or module that it shows.

        Their own names begin with their place in the course.
        """
        parts: list[Pillar | Module] = [*self.pillars, *self.modules]
        return dict(sorted((part.notebook, part.name) for part in parts))

    def pillar_of(self, home: str) -> Pillar | None:
        """The pillar that a practice belongs to. None: it is a module's id."""
        for pillar in self.pillars:
            if any(practice.id == home for practice in pillar.practices):
                return pillar
        return None

    def notebook_of(self, home: str) -> str:
        """The notebook of a practice or module. KeyError: there is neither of that id."""
        pillar = self.pillar_of(home)
        modules = {module.id: module.notebook for module in self.modules}
        return pillar.notebook if pillar else modules[home]

    def ids(self) -> Iterator[tuple[str, str]]:
        """Every id in the order of the file, each with what it names."""
        for pillar in self.pillars:
            yield "pillars", pillar.id
            for practice in pillar.practices:
                yield "practices", practice.id
        for module in self.modules:
            yield ("practices" if module.id in self.practices else "modules"), module.id
        for fact in self.facts:
            yield "facts", fact.id
