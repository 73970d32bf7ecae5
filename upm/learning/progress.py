"""Say from the attempts alone how far a learner has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from upm.content import Bank, Item
from upm.content.items import Use
from upm.learning.records import Attempt

IN_NOTEBOOKS: tuple[Use, ...] = ("unit", "check")


@dataclass(frozen=True)
class PracticeProgress:
    """Items of a practice met in the notebooks: how many there are, answered, and hit.

    A hit is an item answered correctly at the first attempt and without a hint. `scored` are the
    answered ones that can be hit.
    """

    practice: str
    items: int
    answered: int
    scored: int
    hits: int
    next: str | None  # the first item not answered yet; None: all are


def progress(
    bank: Bank, practices: Iterable[str], attempts: Sequence[Attempt]
) -> list[PracticeProgress]:
    """The progress in each practice, from a learner's attempts in the order they were made."""
    first: dict[tuple[str, int], Attempt] = {}
    for attempt in attempts:
        first.setdefault((attempt.item, attempt.version), attempt)
    return [_practice(practice, bank.of(practice, *IN_NOTEBOOKS), first) for practice in practices]


def _practice(
    practice: str, items: Sequence[Item], first: dict[tuple[str, int], Attempt]
) -> PracticeProgress:
    met = {item.id: first.get((item.id, item.version)) for item in items}
    return PracticeProgress(
        practice=practice,
        items=len(items),
        answered=sum(attempt is not None for attempt in met.values()),
        scored=sum(item.scored and met[item.id] is not None for item in items),
        hits=sum(attempt is not None and is_hit(attempt) for attempt in met.values()),
        next=next((id for id, attempt in met.items() if attempt is None), None),
    )


@dataclass(frozen=True)
class PartProgress:
    """A notebook of the course: how many of its items there are, and how many are answered."""

    notebook: str
    name: str
    items: int
    answered: int


def progress_in_parts(
    bank: Bank, case: Iterable[Item], attempts: Iterable[Attempt]
) -> list[PartProgress]:
    """The progress in each notebook, in the order of the course; tests are not counted.

    `case` is what the learner meets of the capstone.
    """
    answered = {(attempt.item, attempt.version) for attempt in attempts}
    met: dict[str, list[bool]] = {notebook: [] for notebook in bank.framework.notebooks}
    for item in (*(each for each in bank.items.values() if each.use in IN_NOTEBOOKS), *case):
        notebook = bank.framework.notebook_of(bank.home_of[item.id])
        met[notebook].append((item.id, item.version) in answered)
    return [
        PartProgress(notebook, name, len(met[notebook]), sum(met[notebook]))
        for notebook, name in bank.framework.notebooks.items()
    ]


def is_hit(attempt: Attempt) -> bool:
    """Whether a first attempt was correct without a hint."""
    return attempt.hints == 0 and attempt.score is not None and attempt.score.outcome == "correct"


def where_to_go_on(bank: Bank, attempts: Sequence[Attempt]) -> str:
    """The notebook of the last attempt; the course's first one for a newcomer."""
    for attempt in reversed(attempts):
        if attempt.item in bank.items and bank.item(attempt.item).use != "test":
            return bank.framework.notebook_of(bank.home_of[attempt.item])
    return next(iter(bank.framework.notebooks))
