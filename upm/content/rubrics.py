"""What a good message of each genre holds, and the signs by which the course finds it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from upm.content.framework import Model, Text
from upm.content.problems import Problem
from upm.content.tables import read_table

LANGUAGE = "language.toml"
RULE = r"^(\d )?[a-z-]+( [+-] (\d )?[a-z-]+)*$"
Rules = Annotated[
    tuple[Annotated[str, Field(pattern=RULE)], ...],
    Field(
        strict=False, description='As "amount + goal": both signs; "2 day - ask": two days, no ask'
    ),
]


@dataclass(frozen=True)
class Term:
    """A part of a rule: a sign that has to be there so many times; 0: it must not be there."""

    sign: str
    times: int


def terms(rule: str) -> tuple[Term, ...]:
    """The terms of a rule such as `2 date + draft - ask`."""
    found = re.findall(r"([+-]?) ?(?:(\d) )?([a-z-]+)(?: |$)", rule)
    return tuple(Term(sign, 0 if mark == "-" else int(times or 1)) for mark, times, sign in found)


class Criterion(Model):
    """One thing that a good message of the genre holds."""

    code: Annotated[str, Field(pattern=r"^[A-Z]\d$")]
    name: Text
    question: Text
    """What the course asks where it does not find it."""
    found: Rules
    """By which the course finds it on its own; one of them is enough."""
    marked: Rules
    """By which it accepts words that the learner marked; wider."""
    within: Annotated[int, Field(ge=1, le=4)] = 1
    """So many sentences in a row may hold the signs together."""
    first: Annotated[int, Field(ge=1)] | None = None
    """It has to begin in so many sentences from the start. None: it may stand anywhere."""
    beside: Rules = ()
    """What the whole message has to hold as well, for marked words too."""

    @property
    def rules(self) -> tuple[str, ...]:
        """All rules of this criterion."""
        return (*self.found, *self.marked, *self.beside)


class Veto(Model):
    """What a writer should read once more before sending."""

    id: Annotated[str, Field(pattern=r"^[a-z-]+$")]
    sentence: Text
    found: Rules


class Language(Model):
    """The signs: regular expressions by name. `{name}` stands for another sign, named before."""

    signs: dict[str, Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]]
    denied: Annotated[tuple[str, ...], Field(strict=False)]
    """Signs that do not count after a word of denial: "no risk"."""
    denial: Text
    hollow: Text
    """A sentence that names something and says nothing of it: "Risk: none"."""
    not_in_text: Text
    not_seen: Text
    vetoes: Annotated[tuple[Veto, ...], Field(strict=False)]

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """Each sign, compiled. KeyError: a name that is not there; re.error: no expression."""
        sources: dict[str, str] = {}
        for name, parts in self.signs.items():
            joined = "|".join(
                re.sub(r"\{([a-z-]+)\}", lambda match: sources[match[1]], part) for part in parts
            )
            denial = self.denial if name in self.denied else ""
            sources[name] = f"(?:{denial}(?:{joined}))"
        return {
            name: re.compile(rf"(?<!\w){source}(?!\w)", re.IGNORECASE)
            for name, source in sources.items()
        }


class RubricFile(Model):
    """A file in `rubrics/`; its name is the genre."""

    criteria: Annotated[tuple[Criterion, ...], Field(strict=False, min_length=1)]


@dataclass(frozen=True)
class Rubric:
    """The criteria of one genre, and the language in which they are looked for."""

    genre: str
    criteria: tuple[Criterion, ...]
    language: Language


def read_rubrics(folder: Path, problems: list[Problem]) -> dict[str, Rubric]:
    """The rubrics of a folder, by genre; problems are added to the list."""
    files = sorted(file for file in folder.glob("*.toml") if file.name != LANGUAGE)
    language = read_table(folder / LANGUAGE, Language, problems) if files else None
    if language is None:
        return {}
    try:
        known = {*language.patterns}
    except (re.error, KeyError) as error:
        problems.append(Problem((LANGUAGE,), "signs", str(error), "regular expressions"))
        return {}
    problems += _unknown_signs(LANGUAGE, [(each.id, each.found) for each in language.vetoes], known)
    rubrics = {}
    for file in files:
        table = read_table(file, RubricFile, problems)
        if table:
            rules = [(each.code, each.rules) for each in table.criteria]
            problems += _unknown_signs(file.name, rules, known)
            rubrics[file.stem] = Rubric(file.stem, table.criteria, language)
    return rubrics


def _unknown_signs(
    file: str, rules: Iterable[tuple[str, tuple[str, ...]]], known: set[str]
) -> Iterator[Problem]:
    for place, own in rules:
        signs = {term.sign for rule in own for term in terms(rule)}
        for sign in sorted(signs - known):
            yield Problem((file, place), "sign", sign, f"a sign of {LANGUAGE}")
