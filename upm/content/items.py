"""An item: one exercise, whatever its kind. What all kinds share, and what each must answer."""

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content.framework import Model, Slug, Text
from upm.content.problems import Flaw

Use = Literal["unit", "check", "review", "test", "live", "capstone"]
IN_SERIES: tuple[Use, ...] = ("test", "capstone")
Outcome = Literal["correct", "partly", "not yet", "not attempted"]
Verdict = Literal[
    "right", "close", "off", "missed", "left", "discussed", "found", "asked", "flagged", "sample"
]
Public = dict[str, Any]

CORRECT, PARTLY = 0.70, 0.35


class ResponseError(ValueError):
    """A response that this item cannot have been given."""


@dataclass(frozen=True)
class Score:
    """How good a response is.

    `raw` and `baseline` run from 0 to 1; `baseline` is what the best strategy earns that has not
    read the item. `scaled` is 0 at the baseline or below, 1 for a perfect response.
    """

    raw: float
    baseline: float
    attempted: bool = True

    @property
    def scaled(self) -> float:
        """0 to 1, corrected for guessing; exact to nine decimals."""
        if not self.attempted:
            return 0.0
        return round(max(0.0, (self.raw - self.baseline) / (1 - self.baseline)), 9)

    @property
    def outcome(self) -> Outcome:
        """The word for `scaled`; `not attempted` if the item was left as it was found."""
        if not self.attempted:
            return "not attempted"
        return (
            "correct"
            if self.scaled >= CORRECT
            else "partly"
            if self.scaled >= PARTLY
            else "not yet"
        )


@dataclass(frozen=True)
class Feedback:
    """What the learner is shown about one option, in Markdown.

    `verdict` compares response and key: `right`, `close`, `off`; `missed` (should have been
    picked), `left` (rightly left alone), `discussed` (culture-sensitive, never scored). In the
    learner's own words the course says `found`, or `asked` where it needs to be shown, or `flagged`
    what to read once more; a `sample` is a message by somebody else.
    """

    option: str
    verdict: Verdict
    text: str
    given: Any = None
    key: Any = None


@dataclass(frozen=True)
class Assessment:
    """The answer to one response. `score` is None where the item or the response is not scored."""

    score: Score | None
    feedback: tuple[Feedback, ...]


class Setting(Model):
    """Who and where, so that people, professions and countries can be counted and mixed."""

    profession: Text
    country: Text
    work: Literal["on site", "remote", "hybrid"] = "on site"
    learner: Literal["woman", "man", "open"]
    """Who acts in the story; `open` if the text does not say, as where it speaks to the reader."""
    manager: Literal["woman", "man", "open"]
    level: Literal["member", "lead", "head"]
    """Whom the one who acts leads: nobody, a few people, or a unit."""


class Option(Model):
    """Something that can be picked, rated, placed or marked."""

    id: Slug
    text: Text
    feedback: Text
    """Names the act and its consequence, never the person."""
    culture_sensitive: bool = False
    """Shown and discussed, never scored: how it lands depends on where one works."""


class Item(Model):
    """One exercise. A kind adds its options and says how a response is assessed."""

    # Kinds narrow these two.
    kind: str
    options: tuple[Option, ...]

    id: Slug
    version: Annotated[int, Field(ge=1)] = 1
    """Raise it when a change makes older answers incomparable."""
    use: Use
    """Where it serves. Review and test items are not met in a unit."""
    series: Slug | None = None
    """The form of the test, or the case of the capstone, that it is a part of. None: neither."""
    title: Text
    stem: Text
    """The situation, in Markdown."""
    ask: Text
    """The question, in one line."""
    hints: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """From a nudge to nearly the answer, shown one by one."""
    takeaway: Text
    """What to do with it at work, in a sentence or two of Markdown."""
    setting: Setting | None = None
    """None: the item is about the learner's own work or about the course."""
    status: Literal["draft", "panel"] = "draft"
    """`draft` until a panel has rated the key."""
    source: Text = "reasoned by the authors"
    """Where the key comes from."""

    @property
    def scored(self) -> bool:
        """Whether answers to it get a score."""
        return True

    @abstractmethod
    def assess(self, response: Any) -> Assessment:
        """Score a response and comment on each option.

        Raises ResponseError if the response does not fit the item.
        """

    def show(self, response: Any, checked: bool, first: Any) -> Public | None:
        """What else is shown about a response, as it is being given or once `checked`.

        `first` is the learner's first response to the item, if this is a later one. None: nothing.
        Raises ResponseError as `assess` does.
        """
        return None

    def key_flaws(self) -> Iterator[Flaw]:
        """What makes the key useless, by the rules of the kind."""
        yield from ()

    def public(self) -> Public:
        """All that a learner may see before submitting: no keys, no feedback, no hints."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "stem": self.stem,
            "ask": self.ask,
            "hints": len(self.hints),
            "options": [{"id": option.id, "text": option.text} for option in self.options],
        }

    def flaws(self) -> Iterator[Flaw]:
        """Everything wrong with this item that no single field shows."""
        if (self.series is None) == (self.use in IN_SERIES):
            expected = "a name for a test or capstone item, and none for others"
            yield Flaw("series", self.series, expected)
        for id, count in Counter(option.id for option in self.options).items():
            if count > 1:
                yield Flaw("id", id, "an id of its own within the item", option=id)
        seen: dict[str, str] = {}
        for option in self.options:
            words = " ".join(re.findall(r"\w+", option.text.casefold()))
            if words in seen:
                expected = f"a text that can be told apart from option {seen[words]}"
                yield Flaw("text", option.text, expected, option=option.id)
            seen[words] = option.id
        if self.scored and not self.scorable:
            yield Flaw("options", None, "at least one option with a key that counts")
        else:
            yield from self.key_flaws()

    @cached_property
    def scorable(self) -> tuple[Any, ...]:
        """The options that count: all but the culture-sensitive ones."""
        return tuple(option for option in self.options if not option.culture_sensitive)

    def comment(self, option: Any, verdict: Verdict, given: Any, key: Any = None) -> Feedback:
        """What is said about one option; of a culture-sensitive one neither verdict nor key.

        `key` is the option's own unless it is shown in another form.
        """
        if option.culture_sensitive:
            return Feedback(option.id, "discussed", option.feedback, given)
        shown = option.key if key is None else key
        return Feedback(option.id, verdict, option.feedback, given, shown)

    def known(self, ids: Any) -> list[str]:
        """`ids` as a list, if it is one and names options of this item, each at most once."""
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            raise ResponseError(f"{self.id}: response = {ids!r}; expected a list of option ids")
        options = {option.id for option in self.options}
        for id, count in Counter(ids).items():
            if id not in options or count > 1:
                raise ResponseError(
                    f"{self.id}: option = {id!r}; expected each of {sorted(options)} once"
                )
        return ids

    def answers(self, response: Any) -> dict[str, Any]:
        """`response` as a dict, if it is one from ids of options of this item."""
        if not isinstance(response, dict):
            raise ResponseError(f"{self.id}: response = {response!r}; expected a dict by option id")
        self.known(list(response))
        return response
