"""A message that the learner writes, marks and revises."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from upm.content import Assessment, Feedback, Flaw, Option, Public, ResponseError, Rubric
from upm.content.framework import Text
from upm.kinds.own_words import OwnWords
from upm.writing import Finding, check

LONGEST = 4000
LEVELS = ("weak", "ok", "strong")


class Sample(Option):
    """A message by somebody else, shown after the learner's own; its id is its level."""

    id: Literal["weak", "ok", "strong"]
    tags: Annotated[dict[str, Text], Field(default_factory=dict)]
    """Code of a criterion -> the words of this message that meet it."""


class Write(OwnWords):
    """A message of a genre. The learner marks what meets each criterion of its rubric.

    The course checks the marks and asks about gaps; it never grades, and what it does not find it
    asks to be shown.
    """

    kind: Literal["write"]
    genre: Text
    """The file in `rubrics/` whose criteria count."""
    options: Annotated[tuple[Sample, ...], Field(strict=False, min_length=3, max_length=3)]

    @property
    def rubric(self) -> Rubric | None:
        """The criteria. None: there is no such genre, which is a flaw."""
        return self._wording.rubrics.get(self.genre)

    def flaws(self) -> Iterator[Flaw]:
        """What no single field shows: the rubric, the levels, and marks that mark nothing."""
        yield from super().flaws()
        if self.rubric is None:
            yield Flaw("genre", self.genre, f"one of {', '.join(self._wording.rubrics)}")
            return
        if tuple(sample.id for sample in self.options) != LEVELS:
            yield Flaw("options", [sample.id for sample in self.options], "weak, ok, strong")
        codes = [criterion.code for criterion in self.rubric.criteria]
        for sample in self.options:
            for code, words in sample.tags.items():
                if code not in codes:
                    yield Flaw("tags", code, f"one of {', '.join(codes)}", option=sample.id)
                elif words not in sample.text:
                    expected = f"words of this text for {code}"
                    yield Flaw("tags", words, expected, option=sample.id)

    def public(self) -> Public:
        """The criteria stand where other kinds show their options."""
        criteria = self.rubric.criteria if self.rubric else ()
        shown = [{"id": criterion.code, "text": criterion.name} for criterion in criteria]
        return super().public() | {"options": shown, "longest": LONGEST}

    def assess(self, response: Any) -> Assessment:
        """`response`: the text, the tags (code -> the words marked) and, if made, the guess.

        The guess is how many criteria the learner expects to be met.
        """
        text, tags = self._read(response)
        if self.rubric is None:
            return Assessment(None, ())
        findings = check(self.rubric, text, tags)
        criteria = [
            Feedback(each.code, "found", "", given=each.quote)
            if each.found
            else Feedback(each.code, "asked", _asked(each), given=tags.get(each.code))
            for each in findings.criteria
        ]
        vetoes = [
            Feedback(veto.id, "flagged", veto.sentence, given=veto.quote)
            for veto in findings.vetoes
        ]
        samples = [
            Feedback(sample.id, "sample", sample.feedback, given=sample.text, key=sample.tags)
            for sample in self.options
        ]
        return Assessment(None, (*criteria, *vetoes, *samples))

    def _read(self, response: Any) -> tuple[str, dict[str, str]]:
        parts = {*response} if isinstance(response, dict) else set()
        if not {"text"} <= parts <= {"text", "tags", "guess"}:
            raise ResponseError(f"{self.id}: expected text, tags and guess")
        codes = {criterion.code for criterion in self.rubric.criteria} if self.rubric else set()
        tags = response.get("tags", {})
        if not isinstance(tags, dict) or not tags.keys() <= codes:
            raise ResponseError(f"{self.id}: tags = {tags!r}; expected codes of {sorted(codes)}")
        if response.get("guess") not in (None, *range(len(codes) + 1)):
            raise ResponseError(f"{self.id}: guess; expected 0 to {len(codes)}")
        text = self.words(response["text"], LONGEST, "text")
        return text, {code: self.words(words, LONGEST, code) for code, words in tags.items()}


def _asked(finding: Finding) -> str:
    """The question in Markdown; what the learner marked is in it as it was typed."""
    doubt = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", finding.doubt or "")
    return f"{doubt} {finding.question}".strip()
