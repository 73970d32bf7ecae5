"""The text of cells as points of a scale, times, numbers, and yes or no."""

import re
from collections.abc import Callable, Collection, Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from upm.survey.answers import Missing
from upm.survey.instrument import Responses
from upm.survey.platforms import plain

LONGEST = 500
"""Longer cells are never answers to an item."""
WHOLE = re.compile(r"([+-]?[0-9]{1,9})(?:[.,]0*)?")
LETTERED = re.compile(r"A([1-9][0-9]?)")
UTC = "datetime64[us, UTC]"

UNZONED = "Times that do not name their zone count as those of {}."
OTHERWISE = ' If that is wrong, say timezone="Europe/Berlin", or --timezone Europe/Berlin.'

STAMP = re.compile(
    r"(?:(?P<year>\d{4})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)"
    r"|(?P<one>\d\d?)(?P<mark>[-/.])(?P<two>\d\d?)[-/.](?P<last>\d{4}|\d\d))"
    r"(?:,?[\sT]+(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d(?:\.\d+)?)(?:,\d+)?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?|vorm\.|nachm\.)?)?"
    r"\s*(?P<zone>Z|(?:UTC|GMT)?(?:(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?)?)"
    r"(?:[A-Z]{3,5})?",  # MESZ, EST: no offset, because letters mean different ones
    re.IGNORECASE,  # not ASCII: some programs put a narrow no-break space before PM
)
"""A date and time as platforms write them."""


def texts(column: pa.ChunkedArray, masked: bool = False) -> pd.Series:
    """The cells without space around them; null where nothing is left.

    `masked`: an apostrophe before text that would start a formula is taken away.
    """
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    if masked:
        trimmed = pc.replace_substring_regex(trimmed, r"^'([=+\-@'\t\r])", r"\1")
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed).to_pandas()


def points(column: pa.ChunkedArray, meaning: Callable[[str], int]) -> NDArray[np.int8]:
    """Each cell's point or Missing; the meaning of each different text is asked for once."""
    encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    words = [*(word or "" for word in encoded.dictionary.to_pylist()), ""]  # -1: null
    found = np.array([meaning(word) for word in words], np.int8)
    return found[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]


def meaning_of(
    responses: Responses, special: Mapping[str, Missing], lettered: bool, missing: frozenset[str]
) -> Callable[[str], int]:
    """What a cell says in this way to answer: a point from 1 up, or a Missing.

    Recognised are the wordings in any case, spacing and punctuation, alone or after their number,
    and whole numbers, which stand for points unless the wordings themselves are numbers.
    `special` and `missing` are cells that a platform or a file has declared; `lettered` adds A1.
    """
    labels: dict[str, int] = dict.fromkeys(map(_key, responses.no_point), Missing.NO_POINT)
    wordings = [*enumerate(responses.points, 1), *enumerate(responses.short, 1)]
    labels |= {f"{point}{_key(text)}": point for point, text in wordings}
    labels |= {_key(text): point for point, text in wordings}
    numbered = {int(text): point for point, text in wordings if WHOLE.fullmatch(text)}
    numbers = numbered or {point: point for point, _ in wordings}

    def meaning(cell: str) -> int:
        text = cell.strip()
        if not text or len(text) > LONGEST:
            return Missing.NOT_UNDERSTOOD if text else Missing.SKIPPED
        if number := WHOLE.fullmatch(text):
            value = int(number[1])
            found = numbers.get(value, special.get(str(value)))
        elif lettered and (code := LETTERED.fullmatch(text)):
            found = numbers.get(int(code[1]))
        else:
            found = special.get(text, labels.get(_key(text)))
        if text in missing and found != Missing.NO_POINT:
            return Missing.SKIPPED
        return Missing.NOT_UNDERSTOOD if found is None else found

    return meaning


def not_from_one(
    column: pa.ChunkedArray, responses: Responses, known: Collection[str]
) -> int | None:
    """The lowest number of a column where they seem to run from 0, or around it, and not from 1.

    That is: one is 0 or a little less, and none is the highest point. `known`: numbers that say
    why there is no answer. None: there is no such sign, or the wordings themselves are numbers.
    """
    highest = len(responses.points)
    words = {(word or "").strip() for word in pc.unique(column.cast(pa.string())).to_pylist()}
    found = {int(whole[1]) for word in words - {*known} if (whole := WHOLE.fullmatch(word))}
    numbered = any(WHOLE.fullmatch(text) for text in (*responses.points, *responses.short))
    if numbered or not found or not -highest < min(found) <= 0 or max(found) >= highest:
        return None
    return min(found)


def _key(text: str) -> str:
    return plain(text) or text.strip()


def times(cells: pd.Series, zone: ZoneInfo) -> tuple[pd.Series, tuple[str, ...]]:
    """Dates and times in UTC, null where a cell is none; what had to be assumed, in sentences.

    An offset in a cell wins over the zone. Which number of 05/06/2026 is the month is told by any
    date of the column that can be read in one way only; where there is none, it is the first.
    """
    try:
        found = pd.to_datetime(cells, format="ISO8601")
    except (ValueError, OverflowError):  # some cell is of another kind
        local, offset, assumed = _stamps(cells)
    else:
        if found.dt.tz is not None:
            return found.astype(UTC), ()
        local, offset, assumed = found, pd.Series(np.nan, cells.index), ()
    summer = np.ones(len(local), bool)  # of an hour that comes twice, the first
    here = local.dt.tz_localize(zone, ambiguous=summer, nonexistent="shift_forward")
    there = (local - pd.to_timedelta(offset, unit="min")).dt.tz_localize("UTC")
    if (offset.isna() & local.notna()).any():
        assumed = (*assumed, UNZONED.format(zone.key) + (OTHERWISE if zone.key == "UTC" else ""))
    return there.astype(UTC).fillna(here.astype(UTC)), assumed


def _stamps(cells: pd.Series) -> tuple[pd.Series, pd.Series, tuple[str, ...]]:
    """Dates and times as written, and the minutes by which they are before UTC, null if unsaid."""
    matches = [STAMP.fullmatch(cell) if isinstance(cell, str) else None for cell in cells]
    parts = pd.DataFrame(
        [match.groupdict() if match else {} for match in matches],
        cells.index, [*STAMP.groupindex], object,
    )  # fmt: skip
    words = parts[["mark", "half", "zone", "sign"]].fillna("")
    part = parts.drop(columns=words.columns).astype(float)
    slashed = words["mark"] == "/"
    told = [bool((slashed & (part[number] > 12)).any()) for number in ("one", "two")]
    day_first = ~slashed | told[0]
    half = words["half"].str[:1].str.lower()
    hour = part["hour"].mask(half != "", part["hour"] % 12) + 12 * half.isin(["p", "n"])
    whole = {
        "year": part["year"].fillna(part["last"] + 2000 * (part["last"] < 100)),
        "month": part["month"].fillna(part["two"].where(day_first, part["one"])),
        "day": part["day"].fillna(part["one"].where(day_first, part["two"])),
        "hour": hour, "minute": part["minute"], "second": part["second"],
    }  # fmt: skip
    frame = pd.DataFrame(whole).fillna({"hour": 0, "minute": 0, "second": 0})
    of_day = (frame["hour"] < 24) & (frame["minute"] < 60) & (frame["second"] < 60)
    local = pd.to_datetime(frame, errors="coerce").where(of_day)
    minutes = part["hours"].fillna(0) * 60 + part["minutes"].fillna(0)
    offset = minutes.where(words["sign"] != "-", -minutes).where(words["zone"] != "")
    unclear = slashed.any() and not any(told)
    note = "Of dates like 05/06/2026 the first number counts as the month."
    return local, offset, (note,) if unclear else ()


def numbers(cells: pd.Series) -> pd.Series:
    """Amounts of 0 and more, null where a cell is none."""
    try:
        found = pa.array(cells, pa.string()).cast(pa.float64()).to_pandas()
    except pa.ArrowInvalid:  # some cell is none
        found = pd.to_numeric(cells, errors="coerce").astype(float)
    return found.where((found >= 0) & np.isfinite(found))


def truths(cells: pd.Series) -> pd.Series:
    """True and false, null where a cell is neither."""
    words = cells.str.lower()
    true = words.isin(["true", "1", "yes"])
    return true.astype("boolean").where(true | words.isin(["false", "0", "no"]))
