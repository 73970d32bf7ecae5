"""Items met one after the other: the test before and after the course, and the capstone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean
from typing import Literal
from zlib import crc32

from upm.content import Bank, Item
from upm.learning.records import Attempt

Part = Literal["before", "after", "capstone"]
PASS_SCORE = 0.70
PASS_CRITERIA = 4


@dataclass(frozen=True)
class Goal:
    """One thing that a capstone asks for, and how far it is reached. None: not answered yet."""

    name: Literal["judgement", "writing", "balance", "stopping"]
    needed: float
    reached: float | None

    @property
    def met(self) -> bool:
        """Whether enough is reached."""
        return self.reached is not None and self.reached >= self.needed


def form(bank: Bank, learner: str, part: Part) -> list[Item]:
    """The form of the test that a learner gets before or after: half of them start with each."""
    forms = [*bank.series("test").values()]
    if not forms:
        return []
    return forms[(_draw(learner) + (part == "after")) % len(forms)]


def case(bank: Bank, learner: str, attempts: Sequence[Attempt], further: int = 0) -> list[Item]:
    """The case of the capstone that a learner is at, drawn by lot, or one `further` on."""
    cases = [*bank.series("capstone").values()]
    if not cases:
        return []
    at = {item.id: place for place, items in enumerate(cases) for item in items}
    met = [at[attempt.item] for attempt in attempts if attempt.item in at]
    start = met[-1] if met else _draw(learner)
    return cases[(start + further) % len(cases)]


def _draw(learner: str) -> int:
    """A number by lot that stays the same for a learner."""
    return crc32(learner.encode())


def is_done(items: Iterable[Item], attempts: Iterable[Attempt]) -> bool:
    """Whether every item has been answered, and there is one."""
    answered = {(attempt.item, attempt.version) for attempt in attempts}
    open_items = [(item.id, item.version) not in answered for item in items]
    return bool(open_items) and not any(open_items)


def agreement(items: Sequence[Item], attempts: Sequence[Attempt]) -> float | None:
    """How far one's ratings go with the key: their correlation, -1 to 1, over all scored options.

    The first answer to each item counts. The same rating everywhere is 0. None: nothing rated.
    Legree and others (2010) on correlation scores for situational judgement.
    """
    ratings: list[float] = []
    keys: list[float] = []
    first = _first(attempts)
    for item in items:
        if item.kind == "rate" and (attempt := first.get(item.id)):
            given = [option for option in item.scorable if option.id in attempt.response]
            ratings += [attempt.response[option.id] for option in given]
            keys += [option.key for option in given]
    try:
        return correlation(ratings, keys)
    except StatisticsError:
        return 0.0 if ratings else None


def goals(items: Sequence[Item], attempts: Sequence[Attempt]) -> list[Goal]:
    """What passing a case of the capstone takes. The last answer to each item counts."""
    last = {attempt.item: attempt for attempt in attempts}
    return [
        Goal("judgement", PASS_SCORE, _mean_score(items, last, "rate")),
        Goal("writing", PASS_CRITERIA, _fewest_criteria(items, last)),
        Goal("balance", PASS_SCORE, _mean_score(items, last, "allocate")),
        Goal("stopping", PASS_SCORE, _mean_score(items, last, "choice")),
    ]


def _mean_score(items: Sequence[Item], last: Mapping[str, Attempt], kind: str) -> float | None:
    answers = [last.get(item.id) for item in items if item.kind == kind]
    scores = [answer.score.scaled for answer in answers if answer and answer.score]
    return mean(scores) if scores and len(scores) == len(answers) else None


def _fewest_criteria(items: Sequence[Item], last: Mapping[str, Attempt]) -> float | None:
    texts = [item for item in items if item.kind == "write"]
    if not texts or not all(item.id in last for item in texts):
        return None
    return min(_criteria(item, last[item.id]) for item in texts)


def _criteria(item: Item, attempt: Attempt) -> int:
    feedback = item.assess(attempt.response).feedback
    return sum(each.verdict == "found" for each in feedback)


def _first(attempts: Sequence[Attempt]) -> dict[str, Attempt]:
    first: dict[str, Attempt] = {}
    for attempt in attempts:
        first.setdefault(attempt.item, attempt)
    return first
