"""What became of the rows, columns and cells of a file of answers, in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from upm.survey.columns import NO_MATCH
from upm.survey.sheet import shown

MAPPED = (
    'To read a column without a match, say what it is: mapping={"column 5": "team"} in Python, '
    '--map "column 5=team" on the command line.'
)


@dataclass(frozen=True)
class Cell:
    """A cell that is not understood, by the row of its file and the name of its column."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Account:
    """What became of one file."""

    file: str
    platform: str
    encoding: str
    rows: int
    """Rows of answers; of a table with a row for each answer, respondents."""
    respondents: int
    """Those who were kept."""
    form: str
    """Which form was answered and how that is known, in a sentence."""
    columns: Mapping[str, str]
    """Each column -> what it holds, or why it is not read."""
    unmatched: tuple[str, ...]
    """The items that these forms ask and no column holds."""
    dropped: Mapping[str, int]
    """Why respondents were left out -> how many."""
    not_understood: tuple[Cell, ...]
    """The first cells that count as missing because they hold no answer, 20 at most."""
    not_understood_in_all: int
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """All of it, for a terminal."""
        yield f"{self.file}: {self.platform}, {self.encoding}."
        yield f"{self.respondents:,} of {self.rows:,} respondents are kept. {self.form}"
        yield from (f"  {count:,} left out: they {why}." for why, count in self.dropped.items())
        yield from (f"  {name}: {became}" for name, became in self.columns.items())
        if NO_MATCH in self.columns.values():
            yield MAPPED
        if self.unmatched:
            yield f"No column was found for {', '.join(self.unmatched)}."
        if self.not_understood:
            many = self.not_understood_in_all
            counted = "1 cell is" if many == 1 else f"{many:,} cells are"
            yield f"{counted} not understood and {'counts' if many == 1 else 'count'} as missing:"
            yield from (f"  row {c.row}, {c.column}: {shown(c.text)}" for c in self.not_understood)
            if many > len(self.not_understood):
                yield f"  and {many - len(self.not_understood):,} more"
        yield from self.notes


@dataclass(frozen=True)
class Accounts:
    """What became of several files that were read together."""

    files: tuple[Account, ...]
    repeated: int
    """Respondents of a file who stand in an earlier one with the same answers."""

    def lines(self) -> Iterator[str]:
        """All of it, file by file, for a terminal."""
        for account in self.files:
            yield from account.lines()
            yield ""
        if self.repeated:
            one = self.repeated == 1
            counted = "1 respondent stands" if one else f"{self.repeated:,} respondents stand"
            yield f"{counted} in two files and {'is' if one else 'are'} kept once."
