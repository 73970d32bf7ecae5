"""A questionnaire as data: items, answers, scales, context, and rules fixed beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import lcm
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from upm.content.framework import Model, Slug, Text
from upm.content.problems import ContentError, Problem, field_problems
from upm.content.tables import read_table

FINEST = 20_000
"""A scale's scores are kept as whole numbers of 1/unit; above this their sums could overflow."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
FieldName = Literal[
    "respondent", "form", "wave", "team", "department", "manager", "role", "link", "about",
    "submitted", "seconds", "finished",
]  # fmt: skip


class Responses(Model):
    """A way to answer: the points in words, from 1 up, and the answers that give no point."""

    id: Slug
    stem: Text
    points: Annotated[tuple[Text, ...], Field(strict=False, min_length=2, max_length=11)]
    short: Texts = ()
    """The points in as few words as figures have room for; recognised as answers too."""
    no_point: Texts = ()
    """Answers that say why there is no point: "Did not come up"."""


class Form(Model):
    """One version of the questionnaire, by who answers it."""

    id: Slug
    name: Text
    introduction: Text


class Item(Model):
    """One statement, in the words of each form that asks it."""

    id: Name
    responses: Slug
    text: dict[Slug, Text]
    """Form -> wording."""
    reversed: bool = False
    then: Name | None = None
    """The item that this one asks again, about the time before. None: it asks about now."""


class Scale(Model):
    """A construct: the mean of its items, or of other scales."""

    id: Slug
    name: Text
    level: Literal["practice", "pillar", "total", "outcome"]
    items: Names = ()
    least: Annotated[int, Field(ge=1)] = 1
    """So many items have to be answered; below that there is no score."""
    of: Annotated[tuple[Slug, ...], Field(strict=False)] = ()
    """The scales whose mean this is, all of which are needed. Empty: it has items."""
    retest: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The assumed correlation of two answers by the same person. None: nothing is assumed."""


class Question(Model):
    """An open question, answered in the respondent's own words."""

    id: Name
    text: Text


class Context(Model):
    """A column that says who answered or when, and the headers under which exports carry it."""

    field: FieldName
    headers: Texts
    question: Text | None = None
    """What a respondent is asked. None: the platform or the analyst adds it."""


class Screening(Model):
    """What counts as careless, written down before the data are seen. None: not looked at."""

    order: Names
    """The items of one page in the order on screen, for runs of the same answer."""
    seconds_per_item: Annotated[float, Field(gt=0)] | None = None
    longest_run: Annotated[int, Field(ge=2)] | None = None
    """This many same answers in a row are flagged."""
    least_variability: Annotated[float, Field(ge=0)] | None = None
    """A standard deviation of one's answers below this is flagged."""
    outlier_p: Annotated[float, Field(gt=0, lt=1)] | None = None
    """A Mahalanobis distance with a smaller chi-square probability is flagged."""
    least_even_odd: Annotated[float, Field(ge=-1, le=1)] | None = None
    contradictions: Annotated[int, Field(ge=1)] | None = None
    """This many reversed items answered at odds with their scale are flagged."""
    exclude: Annotated[int, Field(ge=1)]
    """A respondent with so many different flags is left out of the second set of results."""


class Thresholds(Model):
    """The smallest groups for which something is shown. An analyst may raise them, never lower."""

    total: Annotated[int, Field(ge=5)] = 5
    means: Annotated[int, Field(ge=8)] = 8
    full: Annotated[int, Field(ge=10)] = 10
    """Five-point bars, splits and comments."""
    pairs: Annotated[int, Field(ge=8)] = 8
    managers: Annotated[int, Field(ge=3)] = 3
    drivers: Annotated[int, Field(ge=50)] = 100
    """Respondents below which nothing is said about what goes with an outcome."""
    surface: Annotated[int, Field(ge=50)] = 100
    """Pairs below which no response surface is fitted."""


class Instrument(Model):
    """A whole questionnaire, as one file of data/survey holds it."""

    id: Slug
    name: Text
    version: Annotated[int, Field(ge=1)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    responses: Annotated[tuple[Responses, ...], Field(strict=False, min_length=1)]
    forms: Annotated[tuple[Form, ...], Field(strict=False, min_length=1)]
    items: Annotated[tuple[Item, ...], Field(strict=False, min_length=1)]
    scales: Annotated[tuple[Scale, ...], Field(strict=False)] = ()
    open: Annotated[tuple[Question, ...], Field(strict=False)] = ()
    context: Annotated[tuple[Context, ...], Field(strict=False)] = ()
    personal: Texts = ()
    """Headers of columns that identify a person, on any platform: dropped at read."""
    driver_of: Slug | None = None
    """The scale that drivers are sought for. None: none are."""
    screening: Screening | None = None
    thresholds: Thresholds = Thresholds()

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of all items, in the order of the columns of every matrix of answers."""
        return tuple(item.id for item in self.items)

    @cached_property
    def item(self) -> Mapping[str, Item]:
        """The items by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def scale(self) -> Mapping[str, Scale]:
        """The scales by id, in the order of the columns of every matrix of scores."""
        return {scale.id: scale for scale in self.scales}

    def responses_of(self, item: str) -> Responses:
        """How an item is answered."""
        return next(each for each in self.responses if each.id == self.item[item].responses)

    def points_of(self, item: str) -> int:
        """The highest point of an item."""
        return len(self.responses_of(item).points)

    @cached_property
    def most_points(self) -> int:
        """The highest point of any item."""
        return max(len(each.points) for each in self.responses)

    def level(self, *levels: str) -> tuple[str, ...]:
        """The ids of the scales of these levels."""
        return tuple(scale.id for scale in self.scales if scale.level in levels)

    def items_of(self, scale: str) -> tuple[str, ...]:
        """The items that a scale rests on, directly or through other scales."""
        found = self.scale[scale]
        return found.items + tuple(item for part in found.of for item in self.items_of(part))

    def unit(self, scale: str) -> int:
        """A score times this is a whole number: 60 for a mean of four, five or six items."""
        found = self.scale[scale]
        if found.of:
            return len(found.of) * lcm(*map(self.unit, found.of))
        return lcm(*range(found.least, len(found.items) + 1))

    @cached_property
    def units(self) -> tuple[int, ...]:
        """The unit of each scale, in their order."""
        return tuple(self.unit(scale) for scale in self.scale)


def read_instrument(file: Path) -> Instrument:
    """The instrument in a file. ContentError: all that is wrong with it, each with its place."""
    problems: list[Problem] = []
    instrument = read_table(file, Instrument, problems)
    if instrument is not None:
        problems += (
            Problem((file.name, *where), key, found, expected)
            for where, key, found, expected in _flaws(instrument)
        )
    if problems or instrument is None:
        raise ContentError(problems)
    return instrument


Flaws = Iterator[tuple[tuple[str, ...], str, object, str]]


def _flaws(instrument: Instrument) -> Flaws:
    """What no single field shows: where, key, found, expected."""
    yield from _repeated(instrument)
    forms = {form.id for form in instrument.forms}
    responses = {each.id for each in instrument.responses}
    for each in instrument.responses:
        if each.short and len(each.short) != len(each.points):
            yield (each.id,), "short", len(each.short), f"{len(each.points)} of them, as points"
    for item in instrument.items:
        if item.responses not in responses:
            yield (item.id,), "responses", item.responses, f"one of {', '.join(sorted(responses))}"
        if not item.text or set(item.text) - forms:
            yield (item.id,), "text", sorted(item.text), f"wordings for {', '.join(sorted(forms))}"
        if item.then is not None and item.then not in instrument.item:
            yield (item.id,), "then", item.then, "the id of an item"
    yield from _scale_flaws(instrument)
    known = {*instrument.item}
    if instrument.screening and (unknown := set(instrument.screening.order) - known):
        yield ("screening",), "order", sorted(unknown), "ids of items"
    if instrument.driver_of is not None and instrument.driver_of not in instrument.scale:
        yield (), "driver_of", instrument.driver_of, "the id of a scale"


def _repeated(instrument: Instrument) -> Flaws:
    columns = [
        *(each.id for each in instrument.items),
        *(each.id for each in instrument.open),
        *(each.field for each in instrument.context),
    ]
    others = [instrument.responses, instrument.forms, instrument.scales]
    for ids in [columns, *([each.id for each in group] for group in others)]:  # type: ignore[attr-defined]
        for id in sorted({id for id in ids if ids.count(id) > 1}):
            yield (id,), "id", id, "an id that nothing else has"


def _scale_flaws(instrument: Instrument) -> Flaws:
    seen: set[str] = set()
    for scale in instrument.scales:
        where = (scale.id,)
        known = all(item in instrument.item for item in scale.items)
        if bool(scale.items) == bool(scale.of):
            yield where, "items", list(scale.items), "items or the scales it is the mean of"
        elif not known or len({*scale.items}) < len(scale.items):
            yield where, "items", list(scale.items), "different ids of items"
        elif not seen.issuperset(scale.of):
            yield where, "of", list(scale.of), "scales that stand above it"
        elif scale.items and scale.least > len(scale.items):
            yield where, "least", scale.least, f"at most {len(scale.items)}"
        elif len({instrument.points_of(item) for item in instrument.items_of(scale.id)}) > 1:
            yield where, "items", list(scale.items), "items with the same number of points"
        elif instrument.unit(scale.id) > FINEST:
            yield where, "least", scale.least, "a number nearer to that of the items"
        else:
            seen.add(scale.id)


def plain_instrument(columns: Sequence[str], points: int) -> tuple[Instrument, dict[str, str]]:
    """An instrument of one scale for a file without one, and column -> item for reading it.

    All items run from 1 to `points`; a score needs more than half of them, or as many more as keep
    its unit within FINEST. ContentError: there is no column, or the points are not 2 to 11.
    """
    columns = [*dict.fromkeys(columns)]
    k = len(columns)
    least = next((m for m in range(k // 2 + 1, k) if lcm(*range(m, k + 1)) <= FINEST), k)
    ids = {column: f"item{place}" for place, column in enumerate(columns, start=1)}
    raw = {
        "id": "plain",
        "name": "Plain",
        "version": 1,
        "responses": [{"id": "points", "stem": "-", "points": [*map(str, range(1, points + 1))]}],
        "forms": [{"id": "member", "name": "Member", "introduction": "-"}],
        "items": [{"id": ids[c], "responses": "points", "text": {"member": c}} for c in ids],
        "scales": [
            {
                "id": "scale",
                "name": "Scale",
                "level": "pillar",
                "items": [*ids.values()],
                "least": least,
            }
        ],
    }
    try:
        return Instrument.model_validate(raw), ids
    except ValidationError as error:
        raise ContentError([*field_problems(error, Instrument, raw, ("--items",))]) from error
