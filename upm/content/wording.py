"""The words by which the course reads what a learner has written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field

from upm.content.framework import Model, Text
from upm.content.problems import Problem
from upm.content.rubrics import Rubric, read_rubrics
from upm.content.tables import read_table


class Concrete(Model):
    """What keeps an intention vague, in small letters, as `concrete.toml` holds it."""

    vague: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """A time that is none: soon, more often."""
    unseen: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """The beginning of an act that nobody can see: be, try, think."""
    opening: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """What stands before the act and is not a part of it: then, I will."""


@dataclass(frozen=True)
class Wording:
    """All that the kinds need to read free text."""

    concrete: Concrete = field(default_factory=Concrete)
    rubrics: Mapping[str, Rubric] = field(default_factory=dict)
    """By genre."""


def read_wording(folder: Path, problems: list[Problem]) -> Wording:
    """Read what the content folder has of it; problems are added to the list."""
    file = folder / "concrete.toml"
    concrete = read_table(file, Concrete, problems) if file.exists() else None
    return Wording(concrete or Concrete(), read_rubrics(folder / "rubrics", problems))
