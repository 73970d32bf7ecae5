"""Which item, field or open question each column of an export holds, and which columns go."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from upm.survey.instrument import FieldName, Instrument
from upm.survey.platforms import Export, Header, is_personal, plain
from upm.survey.sheet import SurveyFileError, shown

FIELDS: tuple[str, ...] = get_args(FieldName)
LONGEST = 2_000
"""So many last characters of a header are searched for a wording."""
MOST_MARKS = 30
"""So many of its last marks may stand before the wording."""
MARKS = re.compile(r"[^\w\s'’,]+\s*|\n")
"""What may stand between a platform's prefix and a wording."""
INNER = re.compile(r".*\[([^\[\]]+)\]|Q\d+_(\w+)", re.IGNORECASE | re.DOTALL)
"""A code that holds that of one row of a question: Q01[u11a], Q2_u11a."""


NO_MATCH = "not read, no match in the survey"
KINDS = ("item", "field", "open question")


@dataclass(frozen=True)
class Match:
    """What a column holds."""

    kind: str
    """item, field, open question; anything else says why the column is not read."""
    id: str = ""
    forms: frozenset[str] = frozenset()
    """The forms that ask in these words. Empty: the column is known otherwise."""
    rank: int = 1
    """How it is known: 0 from the analyst, 1 by its header, 2 as the platform's own."""

    def __str__(self) -> str:
        if self.kind == "field":
            return self.id
        return f"{self.kind} {self.id}" if self.kind in KINDS else self.kind


PLATFORM = {
    "personal": Match("not read, it may name a person"),
    "left out": Match("not read, the platform's own"),
    "started": Match("used for the time taken", "started"),
    "status": Match("used to find previews", "status"),
}
"""Roles that are no fields."""


@dataclass(frozen=True)
class Columns:
    """What the columns of an export hold, and where to look for what."""

    matches: tuple[Match, ...]
    names: tuple[str, ...]
    """Each column as messages name it: by its number from 1 and its header."""
    of: Mapping[str, Sequence[int]]
    """Item, field, open question, `started` or `status` -> the columns that hold it."""
    notes: tuple[str, ...]

    def worded(self) -> frozenset[str]:
        """The forms in whose words some column asks what no other form asks in these words."""
        return frozenset().union(*(m.forms for m in self.matches if len(m.forms) == 1))

    def one(self, file: Path, id: str, form: str = "") -> int | None:
        """The one column that holds this for people with a form. None: there is none.

        SurveyFileError: there are two.
        """
        other = self.worded() - {form} if form in self.worded() else frozenset()
        held = [
            place for place in self.of.get(id, ())
            if not self.matches[place].forms or self.matches[place].forms - other
        ]  # fmt: skip
        if len(held) > 1:
            one, two = (self.names[place] for place in held[:2])
            raise SurveyFileError(
                file, f"{one} and {two} could both be {self.matches[held[0]]}: name one of them in "
                f'the mapping, as {{"column {held[0] + 1}": "{id}"}}',
            )  # fmt: skip
        return held[0] if held else None


def matched(
    file: Path, export: Export, instrument: Instrument, mapping: Mapping[str, str]
) -> Columns:
    """What the columns hold: as the mapping says, else by id or header, else by wording.

    SurveyFileError: a column could be two items, or the mapping cannot be followed.
    """
    known = _Known(instrument)
    headers = export.headers
    names = tuple(
        f"column {number} {shown(header.tag or header.text)}"
        for number, header in enumerate(headers, 1)
    )
    said, notes = known.confirmed(file, headers, mapping)
    matches = [
        said[place] if place in said else known.match(file, names[place], header)
        for place, header in enumerate(headers)
    ]
    of: dict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(matches)), key=lambda place: matches[place].rank):
        match = matches[place]
        if match.id and of[match.id] and matches[of[match.id][0]].rank < match.rank:
            matches[place] = Match(f"not read, another column is the {match}")
        elif match.id:
            of[match.id].append(place)
    return Columns(tuple(matches), names, of, notes)


class _Known:
    """What an instrument's columns may be called."""

    def __init__(self, instrument: Instrument) -> None:
        self.personal = {plain(header) for header in instrument.personal} - {""}
        self.stems = {
            item.id: plain(instrument.responses_of(item.id).stem) for item in instrument.items
        }
        fields = {field: Match("field", field) for field in FIELDS}
        self.ids = fields | {each.id: Match("open question", each.id) for each in instrument.open}
        self.ids |= {id: Match("item", id) for id in instrument.item_ids}
        headers = {
            header: fields[each.field] for each in instrument.context for header in each.headers
        }
        self.names = {plain(name): match for name, match in (headers | self.ids).items()}
        wordings = [(each.text, self.ids[each.id]) for each in instrument.open]
        wordings += [(each.question, fields[each.field]) for each in instrument.context
                     if each.question]  # fmt: skip
        for item in instrument.items:
            for text in item.text.values():
                forms = frozenset(form for form, other in item.text.items() if other == text)
                wordings.append((text, Match("item", item.id, forms)))
        self.wordings: dict[str, dict[str, Match]] = defaultdict(dict)
        for text, match in wordings:
            self.wordings[plain(text)][match.id] = match
        self.names.pop("", None)
        self.wordings.pop("", None)

    def match(self, file: Path, name: str, header: Header) -> Match:
        """What a column holds by its role, id, header or wording."""
        keys = [plain(header.tag), plain(header.text)]
        personal = is_personal(*keys) or not self.personal.isdisjoint(keys)
        role = "personal" if personal else header.role
        if role is not None:
            return PLATFORM.get(role, Match("field", role, rank=2))
        named = [self.names[key] for key in keys if key in self.names]
        inner = INNER.fullmatch(header.tag)
        code = self.ids.get((inner[1] or inner[2]).casefold()) if inner else None
        named += [code] if code is not None and code.kind != "field" else []
        worded = [] if named else self._worded(header.text) or self._worded(header.tag)
        if len(worded) > 1:
            both = " or ".join(map(str, worded))
            said = f'{{"{" ".join(name.split()[:2])}": "{worded[0].id}"}}'
            raise SurveyFileError(
                file, f"could be {both}: say which in the mapping, as {said}", column=name
            )
        return [*named, *worded, Match(NO_MATCH)][0]

    def _worded(self, words: str) -> list[Match]:
        """What is asked in these words, or in the last of them, after a mark."""
        text = words[-LONGEST:]
        starts = [0, *[mark.end() for mark in MARKS.finditer(text)][-MOST_MARKS:]]
        endings = (self.wordings.get(plain(text[start:])) for start in starts)
        found = [*next(filter(None, endings), {}).values()]
        if len(found) > 1:  # the same words under different questions
            whole = plain(words)
            found = [match for match in found if self.stems.get(match.id, "") in whole] or found
        return found

    def confirmed(
        self, file: Path, headers: Sequence[Header], mapping: Mapping[str, str]
    ) -> tuple[dict[int, Match], tuple[str, ...]]:
        """The columns that the mapping speaks of; notes on headers that no column has."""
        said: dict[int, Match] = {}
        absent = []
        for key, id in mapping.items():
            match = self.ids.get(id.casefold()) if id else Match("not read, as the mapping says")
            if match is None:
                near = get_close_matches(id.casefold(), self.ids, n=1)
                hint = (
                    f"did you mean {near[0]}?"
                    if near
                    else (
                        "write the id of an item or an open question, or one of "
                        + ", ".join(FIELDS)
                    )
                )
                raise SurveyFileError(file, f"the mapping says {shown(id)}: {hint}")
            found = [
                place for place, header in enumerate(headers)
                if plain(key) in {plain(header.tag), plain(header.text),
                                  plain(header.tag + header.text), f"column{place + 1}"}
            ]  # fmt: skip
            if len(found) > 1:
                one, two = (f"column {place + 1}" for place in found[:2])
                raise SurveyFileError(
                    file, f"{one} and {two} have the same header: name one by its number, as "
                    f'{{"{one}": "{id}"}}', column=shown(key),
                )  # fmt: skip
            said |= {place: replace(match, rank=0) for place in found}
            absent += [] if found else [shown(key)]
        note = f"The mapping names {', '.join(absent)}, which no column has."
        return said, (note,) if absent else ()
