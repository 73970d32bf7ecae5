"""Messages whose words are marked by hand, and how far the course agrees with the marks."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upm.content import Rubric
from upm.writing import check

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Message:
    """One message; `tags`: code of a criterion -> the words that meet it, the longest first."""

    id: str
    genre: str
    level: str
    text: str
    tags: Mapping[str, list[str]]

    @property
    def given(self) -> dict[str, str]:
        """One mark for each criterion, as a learner makes them."""
        return {code: words[0] for code, words in self.tags.items()}


def read(name: str) -> list[Message]:
    """The messages of a file in texts/, in which [S1,S2|words] meet S1 and S2."""
    raw = tomllib.loads((TEXTS / name).read_text(encoding="utf-8"))["texts"]
    return [_message(**each) for each in raw]


def _message(id: str, genre: str, level: str, text: str) -> Message:
    tags: dict[str, list[str]] = defaultdict(list)
    plain = ""
    for codes, words, rest in re.findall(r"\[([A-Z\d,]+)\|([^]]*)\]|([^[]+|\[)", text):
        plain += words or rest
        for code in filter(None, codes.split(",")):
            tags[code].append(words)
    longest_first = {code: sorted(words, key=len, reverse=True) for code, words in tags.items()}
    return Message(id, genre, level, plain, longest_first)


def alone(rubrics: Mapping[str, Rubric], messages: Iterable[Message]) -> Counter[tuple[bool, bool]]:
    """How often the course (found without marks?) and the hand (met?) say what of a criterion."""
    return Counter(
        (finding.found, finding.code in message.tags)
        for message in messages
        for finding in check(rubrics[message.genre], message.text, {}).criteria
    )


def with_marks(rubrics: Mapping[str, Rubric], messages: Iterable[Message]) -> float:
    """The share of right marks that the course accepts."""
    accepted = [
        finding.found
        for message in messages
        for finding in check(rubrics[message.genre], message.text, message.given).criteria
        if finding.code in message.tags
    ]
    return sum(accepted) / len(accepted)


def with_wrong_marks(rubrics: Mapping[str, Rubric], messages: Iterable[Message]) -> float:
    """The share of wrong marks that the course questions: words of one criterion for another."""
    questioned = [
        not _found(rubrics[message.genre], message.text, code, words)
        for message in messages
        for other, all_words in message.tags.items()
        for words in all_words
        for code in [each.code for each in rubrics[message.genre].criteria]
        if code != other and words not in message.tags.get(code, [])
    ]
    return sum(questioned) / len(questioned)


def _found(rubric: Rubric, text: str, code: str, words: str) -> bool:
    findings: Any = check(rubric, text, {code: words}).criteria
    return next(each.found for each in findings if each.code == code)


def precision(counts: Counter[tuple[bool, bool]]) -> float:
    """Of what the course found, the share that the hand has too."""
    return counts[True, True] / (counts[True, True] + counts[True, False])


def recall(counts: Counter[tuple[bool, bool]]) -> float:
    """Of what the hand has, the share that the course found."""
    return counts[True, True] / (counts[True, True] + counts[False, True])
