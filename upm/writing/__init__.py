"""Find in a message what a good one of its genre holds, by signs in its words; never grade it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from upm.content import Rubric
from upm.content.rubrics import Criterion, Language, terms

# A new sentence begins after an end mark, a semicolon or a line break. A full stop does not end
# one after a title, a single letter or a number in front of an entry.
_BREAK = re.compile(
    r"(?:(?<=[!?;])"
    r"|(?<=\.)(?<!\b[A-Z]\.)(?<!\b\d\.)(?<!\b(?:Mr|Ms|Dr|St|No)\.)(?<!\bMrs\.))\s+"
    r"|\s*\n\s*"
)


@dataclass(frozen=True)
class Finding:
    """What was found of one criterion: the words that show it, or else a question."""

    code: str
    quote: str | None
    question: str | None
    doubt: str | None = None  # why the learner's mark does not show it. None: there was none

    @property
    def found(self) -> bool:
        """Whether there are words that show it."""
        return self.quote is not None


@dataclass(frozen=True)
class Flagged:
    """Words that should be read once more, and why."""

    id: str
    quote: str
    sentence: str


@dataclass(frozen=True)
class Findings:
    """All criteria of a genre in their order, and what was flagged."""

    criteria: tuple[Finding, ...]
    vetoes: tuple[Flagged, ...]


def check(rubric: Rubric, text: str, tags: Mapping[str, str]) -> Findings:
    """Look in `text` for each criterion; `tags`: code -> the words that the learner marked.

    A mark is checked by wider rules than those by which the course finds something alone; one that
    it does not understand it asks about. Not finding something never means that it is missing: on
    messages that no rule was built from, about one in five criteria is not found without marks.

    Raises ValueError if a code is none of this genre.
    """
    unknown = sorted(tags.keys() - {criterion.code for criterion in rubric.criteria})
    if unknown:
        known = ", ".join(criterion.code for criterion in rubric.criteria)
        raise ValueError(f"{', '.join(unknown)}: no criterion of {rubric.genre}; it has {known}.")
    reader = _Reader(rubric.language, text)
    return Findings(
        tuple(reader.finding(each, tags.get(each.code, "")) for each in rubric.criteria),
        tuple(
            Flagged(veto.id, sentence, veto.sentence)
            for veto in rubric.language.vetoes
            for sentence in reader.runs(1)
            if reader.shows(sentence, veto.found)
        ),
    )


class _Reader:
    """One message, cut into sentences without those that are hollow."""

    def __init__(self, language: Language, text: str) -> None:
        self.language = language
        self.text = text
        sentences = (each.strip() for each in _BREAK.split(text))
        self.sentences = [
            each for each in sentences if each and not re.fullmatch(language.hollow, each, re.I)
        ]

    def runs(self, longest: int) -> Iterator[str]:
        """Sentences in a row, as they stand in the text: single ones first."""
        for length in range(1, longest + 1):
            for start in range(len(self.sentences) - length + 1):
                yield self._between(self.sentences[start : start + length])

    def _between(self, sentences: list[str]) -> str:
        begin = self.text.index(sentences[0])
        end = self.text.index(sentences[-1], begin) + len(sentences[-1])
        return self.text[begin:end]

    def shows(self, words: str, rules: Iterable[str]) -> bool:
        """Whether the words hold all the signs of one of the rules."""
        words = " ".join(words.replace("’", "'").split())
        return any(
            all(
                len(self.language.patterns[term.sign].findall(words)) >= term.times
                if term.times
                else not self.language.patterns[term.sign].search(words)
                for term in terms(rule)
            )
            for rule in rules
        )

    def finding(self, criterion: Criterion, marked: str) -> Finding:
        """By the marked words if there are any, or else by what the course finds itself."""
        if marked.strip():
            return self._of_mark(criterion, marked)
        for run in self.runs(criterion.within):
            if self._meets(criterion, run, criterion.found):
                return Finding(criterion.code, run, None)
        return Finding(criterion.code, None, criterion.question)

    def _of_mark(self, criterion: Criterion, marked: str) -> Finding:
        words = re.compile(r"\s+".join(map(re.escape, marked.split()))).search(self.text)
        if not words:
            why = self.language.not_in_text
        elif self._meets(criterion, words[0], criterion.marked):
            return Finding(criterion.code, words[0], None)
        else:
            why = self.language.not_seen
        return Finding(criterion.code, None, criterion.question, why.replace("{words}", marked))

    def _meets(self, criterion: Criterion, words: str, rules: Iterable[str]) -> bool:
        if criterion.beside and not self.shows(self.text, criterion.beside):
            return False
        return self._in_place(criterion, words) and self.shows(words, rules)

    def _in_place(self, criterion: Criterion, words: str) -> bool:
        if criterion.first is None or len(self.sentences) <= criterion.first:
            return True
        return self.text.index(words) < self.text.index(self.sentences[criterion.first])
