"""Read the exports of survey platforms as typed answers, and write our own tables."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from upm.survey.account import Account, Accounts, Cell
from upm.survey.answers import PEOPLE, TEXTS, Answers, Missing, Points, joined
from upm.survey.cells import meaning_of, not_from_one, points
from upm.survey.columns import Columns, matched
from upm.survey.instrument import Instrument
from upm.survey.people import Flags, Odd, People, people_of, texts_of
from upm.survey.platforms import PREVIEWS, Export, plain, recognised
from upm.survey.sheet import Sheet, SurveyFileError
from upm.survey.sources import read_sheet

__all__ = [
    "Account", "Accounts", "Options", "Reading", "SurveyFileError", "read", "read_all",
    "write_answers",
]  # fmt: skip

MOST_SHOWN = 20
"""So many cells that are not understood are listed."""
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".sav", ".zsav")
"""The files of a folder that are read."""


@dataclass(frozen=True)
class Reading:
    """Answers, and what became of the file or files that held them."""

    answers: Answers
    account: Account | Accounts
    rows: NDArray[np.int64]
    """The row of its file in which each respondent stands."""


@dataclass(frozen=True)
class Options:
    """What a file does not say itself."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    """Header, or "column 12" -> id of an item, open question or field, or "" to leave the column
    out; it wins over everything."""
    form: str | None = None
    """Who answered, where neither a column nor the wording of the headers says it."""
    wave: str | None = None
    """The wave, where no column says it."""
    team: str | None = None
    """The team, where no column says it."""
    timezone: str = "UTC"
    """That of times that name none."""

    @property
    def zone(self) -> ZoneInfo:
        """ValueError: there is no such time zone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, OSError, ValueError) as error:
            raise ValueError(
                f"There is no time zone {self.timezone!r}; try Europe/Berlin."
            ) from error


def read(file: Path, instrument: Instrument, **options: Any) -> Reading:
    """The answers in a file of any platform, and the account of it; options as of `Options`.

    SurveyFileError: the file is not understood, and why. ValueError: an option is unknown.
    """
    given = Options(**options)
    form, zone = given.form, given.zone
    if form is not None and form not in {each.id for each in instrument.forms}:
        known = " or ".join(each.id for each in instrument.forms)
        raise ValueError(f"There is no form {form!r}; expected {known}.")
    sheet = read_sheet(file)
    export = recognised(sheet)
    columns = matched(file, export, instrument, given.mapping)
    if not any(columns.of.get(item) for item in instrument.item_ids):
        headers = ", ".join(columns.names)
        raise SurveyFileError(
            file, f"no column is known as an item of {instrument.id}: say in the mapping which is, "
            f'as {{"column 5": "{instrument.item_ids[0]}"}}. There are {headers[:1000]}',
        )  # fmt: skip
    people = people_of(file, export, columns, zone, {"wave": given.wave, "team": given.team})
    return _Source(sheet, export, columns, instrument).read(people, form)


def read_all(files: Iterable[Path], instrument: Instrument, **options: Any) -> Reading:
    """The answers in several files, and in the files of folders, together; options as of `Options`.

    SurveyFileError: as `read`, or the same respondent stands in two files with other answers.
    """
    found = [each for file in files for each in (_inside(file) if file.is_dir() else [file])]
    if not found:
        raise ValueError(f"There is no file to read. Of a folder, {', '.join(KINDS)} are read.")
    parts = [read(file, instrument, **options) for file in found]
    if len(parts) == 1:
        return parts[0]
    answers = joined([part.answers for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    sources = np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts])
    first = _first(answers, lambda place: (found[sources[place]], int(rows[place])))
    accounts = tuple(part.account for part in parts if isinstance(part.account, Account))
    account = Accounts(accounts, int((~first).sum()))
    return Reading(_only(answers, first), account, rows[first])


def _inside(folder: Path) -> list[Path]:
    """The files of a folder, without those that a spreadsheet keeps beside an open one."""
    return [
        file for file in sorted(folder.iterdir())
        if file.suffix.lower() in KINDS and not file.name.startswith((".", "~$"))
    ]  # fmt: skip


@dataclass(frozen=True)
class _Source:
    """A file of which it is known what each column holds."""

    sheet: Sheet
    export: Export
    columns: Columns
    instrument: Instrument

    def read(self, people: People, form: str | None) -> Reading:
        forms, known_by = self.forms(form)
        table = people.table.assign(form=forms)[[*PEOPLE]]
        found, odd, used = self.points(forms)
        comments = pd.DataFrame(
            {each.id: self.texts(each.id) for each in self.instrument.open}, table.index
        )
        whole = Answers(self.instrument, table, found, comments)
        kept, dropped = self.kept(whole)
        cells, in_all = self.not_understood([*people.odd, *odd], kept)
        asked = {*forms.unique()}
        unmatched = (
            item.id for item in self.instrument.items
            if asked & {*item.text} and not self.columns.of.get(item.id)
        )  # fmt: skip
        account = Account(
            self.sheet.file.name, self.export.platform, self.sheet.encoding, len(whole),
            int(kept.sum()), known_by, self.fates(used), tuple(unmatched), dropped, cells, in_all,
            (*self.sheet.notes, *self.columns.notes, *people.notes),
        )  # fmt: skip
        rows = self.export.places[kept, 0]
        return Reading(_only(whole, kept), account, rows)

    def texts(self, id: str) -> "pd.Series[str]":
        return texts_of(self.sheet.file, self.export, self.columns, id)

    def forms(self, asked: str | None) -> tuple["pd.Series[str]", str]:
        """The form of each respondent, and how it is known, in a sentence."""
        forms, file = self.instrument.forms, self.sheet.file
        worded = sorted(self.columns.worded())
        why = {1: "as the wording of the headers shows", 0: "the first one, as nothing says which"}
        form = worded[0] if len(worded) == 1 else asked or (None if worded else forms[0].id)
        reason = "as you say" if asked and len(worded) != 1 else why.get(len(worded), "")
        names = {plain(name): each.id for each in forms for name in (each.id, each.name)}
        cells = self.texts("form")
        meant = {cell: names.get(plain(cell)) for cell in cells.dropna().unique()}
        told = cells.map(meant).astype("str") if meant else cells
        for row in np.flatnonzero(cells.notna() & told.isna())[:1]:
            place = self.columns.of["form"][0]
            raise SurveyFileError(
                file, f"expected {' or '.join(each.id for each in forms)}",
                self.place(row, place), self.columns.names[place], cells[row],
            )  # fmt: skip
        if form is None and told.isna().any():
            raise SurveyFileError(
                file, f"asks in the words of {' and '.join(worded)}: read it once for each, with "
                f'form="{worded[0]}" and so on',
            )  # fmt: skip
        if len(told) and told.notna().all():
            return told, "A column says which form each answered."
        return told.fillna(form), f"The form is {form}, {reason}."

    def points(self, forms: "pd.Series[str]") -> tuple[Points, Odd, set[int]]:
        """The points, the cells of each column that are no answer, and the columns used."""
        items = self.instrument.items
        found = np.full((len(forms), len(items)), Missing.NOT_ASKED, np.int8)
        odd: Odd = []
        for form in forms.unique():
            rows = (forms == form).to_numpy(bool)
            held = {item.id: self.columns.one(self.sheet.file, item.id, form) for item in items}
            places = {id: place for id, place in held.items() if place is not None}
            with ThreadPoolExecutor() as threads:  # Arrow computes without Python's lock
                read = threads.map(self.cells, places, places.values())
            for (id, place), cells in zip(places.items(), read, strict=True):
                if form not in self.instrument.item[id].text:
                    cells[cells == Missing.SKIPPED] = Missing.NOT_ASKED
                np.copyto(found[:, list(held).index(id)], cells, where=rows)
                odd.append((place, rows & (cells == Missing.NOT_UNDERSTOOD)))
        return found, odd, {place for place, _ in odd}

    def cells(self, item: str, place: int) -> NDArray[np.int8]:
        responses = self.instrument.responses_of(item)
        missing = self.sheet.missing.get(place, frozenset())
        meaning = meaning_of(responses, self.export.special, self.export.lettered, missing)
        column = self.export.columns[place]
        found = points(column, meaning)
        if (found == Missing.NOT_UNDERSTOOD).any():
            known = {*self.export.special, *missing}
            if (lowest := not_from_one(column, responses, known)) is not None:
                highest = len(responses.points)
                raise SurveyFileError(
                    self.sheet.file, f"holds {lowest} and nowhere {highest}, so its numbers seem "
                    f"not to run from 1 to {highest}. Number the answers from 1, or export them as "
                    f"words; if {lowest} stands for no answer, empty these cells",
                    column=self.columns.names[place],
                )  # fmt: skip
        return found

    def kept(self, answers: Answers) -> tuple[Flags, dict[str, int]]:
        """Which respondents are kept, and why how many are not."""
        previews = np.zeros(len(answers), bool)
        for place in self.columns.of.get("status", ()):
            previews |= points(self.export.columns[place], lambda c: plain(c) in PREVIEWS) == 1
        asked = (answers.points != Missing.SKIPPED) & (answers.points != Missing.NOT_ASKED)
        wrote = answers.comments.notna().to_numpy(bool).any(1)
        silent = ~previews & ~asked.any(1) & ~wrote
        kept = ~previews & ~silent
        rows = self.export.places[kept, 0]
        file = self.sheet.file
        first = _first(_only(answers, kept), lambda place: (file, int(rows[place])))
        dropped = {
            "are previews or tests": int(previews.sum()),
            "answered nothing": int(silent.sum()),
            "repeat an earlier row": int((~first).sum()),
        }
        kept[kept] = first
        return kept, {why: count for why, count in dropped.items() if count}

    def not_understood(self, odd: Odd, kept: Flags) -> tuple[tuple[Cell, ...], int]:
        """The first cells of people kept that are not understood, and how many there are."""
        cells = sorted(
            (int(row), place) for place, cell in odd
            for row in np.flatnonzero(cell & kept)[:MOST_SHOWN]
        )[:MOST_SHOWN]  # fmt: skip
        shown = tuple(
            Cell(self.place(row, place), self.columns.names[place],
                 self.export.columns[place][row].as_py() or "")
            for row, place in cells
        )  # fmt: skip
        return shown, sum(int((cell & kept).sum()) for _, cell in odd)

    def place(self, row: int, place: int) -> int:
        """The row of the file in which a cell stands."""
        places = self.export.places
        return int(places[row, min(place, places.shape[1] - 1)])

    def fates(self, used: set[int]) -> dict[str, str]:
        """What became of each column."""
        matches = zip(self.columns.names, self.columns.matches, strict=True)
        return {
            name: f"not read, {match} in the words of another form"
            if match.kind == "item" and place not in used else str(match)
            for place, (name, match) in enumerate(matches)
        }  # fmt: skip


def _first(answers: Answers, place: Callable[[int], tuple[Path, int]]) -> Flags:
    """Which respondents do not stand further up with the same answers.

    SurveyFileError: one does with other answers. `place` gives the file and row of a respondent.
    """
    keys = answers.people[["respondent", "form", "wave"]]
    once = answers.people["respondent"].is_unique
    first: Flags = np.ones(len(keys), bool) if once else ~keys.duplicated().to_numpy()
    if first.all():
        return first
    number = keys.groupby([*keys], dropna=False).ngroup()
    _, earliest, of = np.unique(number, return_index=True, return_inverse=True)
    told = pd.concat([answers.people, answers.comments], axis=1).astype(object)
    for row in np.flatnonzero(~first):
        before = int(earliest[of[row]])
        if told.iloc[row].equals(told.iloc[before]) and np.array_equal(
            answers.points[row], answers.points[before]
        ):
            continue
        file, number_of_row = place(int(row))
        other, other_row = place(before)
        where = f"row {other_row}" if other == file else f"row {other_row} of {other.name}"
        raise SurveyFileError(
            file, f"{where} has other answers of the same respondent, form and wave: keep one",
            number_of_row, "the respondent", str(keys["respondent"].iloc[row]),
        )  # fmt: skip
    return first


def _only(answers: Answers, kept: Flags) -> Answers:
    """Some of the answers, numbered anew."""
    if kept.all():
        return answers
    some = answers.where(kept)
    people, comments = (table.reset_index(drop=True) for table in (some.people, some.comments))
    return replace(some, people=people, comments=comments)


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────


def write_answers(answers: Answers, file: Path) -> None:
    """Write answers as our own table, .csv or .parquet: one row for each respondent.

    Points are numbers, reasons why there is none those of Missing, and nothing where an item was
    skipped; times are in UTC. In CSV an apostrophe stands before text that would start a formula;
    `read` takes it away. ValueError: the file has another ending.
    """
    shown = np.where(answers.points == Missing.SKIPPED, 0, answers.points)
    values = pd.DataFrame(
        {item: pd.arrays.IntegerArray(shown[:, place].copy(), shown[:, place] == 0)
         for place, item in enumerate(answers.instrument.item_ids)}
    )  # fmt: skip
    parts = [answers.people, values, answers.comments]
    table = pd.concat([part.reset_index(drop=True) for part in parts], axis=1)
    if file.suffix == ".parquet":
        table.to_parquet(file, index=False)
    elif file.suffix == ".csv":
        for name in (*TEXTS, *answers.comments):
            table[name] = (
                table[name].astype("str").str.replace(r"^(?=[=+\-@\t\r'])", "'", regex=True)
            )
        submitted = pd.to_datetime(table["submitted"], utc=True)
        table["submitted"] = submitted.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        # Both characters, so that a cell with either of them stands in quotation marks.
        table.to_csv(file, index=False, encoding="utf-8", lineterminator="\r\n")
    else:
        raise ValueError(f"{file.name} ends in {file.suffix or 'nothing'}; use .csv or .parquet.")
