"""A cell's text is a point, a time, an amount or a yes, in the usual ways to write one, or none."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest

from tests.survey.population import INSTRUMENT
from upm.survey.answers import Missing
from upm.survey.cells import meaning_of, not_from_one, numbers, points, texts, times, truths
from upm.survey.instrument import Responses

OFTEN = INSTRUMENT.responses_of("u11a")
AGREE = INSTRUMENT.responses_of("rel1")
SKIPPED, NO_POINT, ODD = Missing.SKIPPED, Missing.NO_POINT, Missing.NOT_UNDERSTOOD
UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def column(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def responses(*words: str) -> Responses:
    return Responses.model_validate({"id": "r", "stem": "?", "points": list(words)})


# ── Points ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("Almost never (0-10% of the times)", 1),
        ("almost never (0–10% of the times)", 1),  # a dash in place of a hyphen
        ("ALMOST  NEVER", 1),
        (" Seldom ", 2),
        ("3", 3),
        ("3.0", 3),
        ("3,0", 3),
        ("+3", 3),
        ("003", 3),
        ("4 - Usually", 4),
        ("4. Usually (about 75%)", 4),
        ("5=Almost always", 5),
        ("Almost&nbsp;always", 5),
        ("<b>Almost always</b>", 5),
        ("Did not come up", NO_POINT),
        ("could not see.", NO_POINT),
        ("", SKIPPED),
        ("  \u00a0 ", SKIPPED),
        ("0", ODD),
        ("6", ODD),
        ("-1", ODD),
        ("3.5", ODD),
        ("2 - Usually", ODD),  # the number and the words are at odds
        ("Usually, Seldom", ODD),
        ("Never", ODD),
        ("A3", ODD),
        ("=1+2", ODD),
        ("n/a", ODD),
        ("٣", ODD),
        ("9" * 400, ODD),
        ("Usually" + " " * 500 + ".", ODD),
    ],
)
def test_a_cell_is_a_point_or_says_why_not(cell: str, means: int) -> None:
    assert meaning_of(OFTEN, {}, False, frozenset())(cell) == means


def test_codes_of_a_platform_count_only_where_it_writes_them() -> None:
    lettered = meaning_of(OFTEN, {}, True, frozenset())
    assert [lettered(cell) for cell in ("A1", "A5", "A6", "A0", "a5", "A55")] == [
        1, 5, ODD, ODD, ODD, ODD,
    ]  # fmt: skip
    special = meaning_of(OFTEN, {"-99": SKIPPED, "{hidden}": Missing.NOT_ASKED}, False, frozenset())
    assert [special(cell) for cell in ("-99", "-99.0", "{hidden}", "99")] == [
        SKIPPED, SKIPPED, Missing.NOT_ASKED, ODD,
    ]  # fmt: skip


def test_what_a_file_declares_missing_is_skipped_unless_it_says_that_there_is_no_point() -> None:
    declared = meaning_of(OFTEN, {}, False, frozenset({"9", "5", "Refused", "Did not come up"}))
    assert [declared(cell) for cell in ("9", "5", "Refused", "Did not come up", "4")] == [
        SKIPPED, SKIPPED, SKIPPED, NO_POINT, 4,
    ]  # fmt: skip


def test_wordings_that_are_numbers_mean_their_point_and_not_their_number() -> None:
    from_zero = responses("0", "1", "2", "3")
    meaning = meaning_of(from_zero, {}, False, frozenset())
    assert [meaning(cell) for cell in ("0", "1", "3.0", "4")] == [1, 2, 4, ODD]
    assert not_from_one(column("0", "1", "2"), from_zero, ()) is None


@pytest.mark.parametrize(
    ("cells", "lowest"),
    [
        (["0", "1", "4"], 0),  # 0 to 4: each would be a point too low
        (["-2", "-1", "0", "1", "2"], -2),
        (["0.0", "3", "Usually", None], 0),
        (["0", "1", "5"], None),  # 0 is a code for something else
        (["1", "2", "3"], None),
        (["-9", "1", "2"], None),  # too far below: a missing code
        (["-99", "0", "1", "2"], None),
        (["Usually", None], None),
        ([], None),
    ],
)
def test_numbers_that_do_not_start_at_one_give_themselves_away(
    cells: Sequence[str | None], lowest: int | None
) -> None:
    assert not_from_one(column(*cells), AGREE, {}) == lowest


def test_numbers_that_say_why_there_is_no_answer_are_no_sign_of_another_start() -> None:
    assert not_from_one(column("-1", "-2", "3"), AGREE, {"-1", "-2"}) is None


def test_points_ask_once_for_each_different_text_and_null_is_skipped() -> None:
    asked: list[str] = []

    def meaning(cell: str) -> int:
        asked.append(cell)
        return len(cell)

    parts = pa.chunked_array(
        [pa.array(["aa", None, "b"]), pa.array([], pa.string()), pa.array(["b", "aa", ""])]
    )
    assert points(parts, meaning).tolist() == [2, 0, 1, 1, 2, 0]
    assert sorted({*asked}) == ["", "aa", "b"]
    coded = pa.chunked_array(
        [pa.array(["b", None]).dictionary_encode(), pa.array(["ccc"] * 2).dictionary_encode()]
    )
    assert points(coded, meaning).tolist() == [1, 0, 3, 3]
    assert points(pa.chunked_array([], pa.string()), meaning).tolist() == []


# ── Text ────────────────────────────────────────────────────────────────────────────────────────


def test_text_is_trimmed_and_nothing_is_null() -> None:
    found = texts(column(" a b ", "", "  ", None, "'=1", "'a"))
    assert found.fillna("-").tolist() == ["a b", "-", "-", "-", "'=1", "'a"]


def test_an_apostrophe_before_a_formula_goes_only_where_we_put_it() -> None:
    found = texts(column("'=1+1", "'+49", "''quoted'", "'a", "'"), masked=True)
    assert found.tolist() == ["=1+1", "+49", "'quoted'", "'a", "'"]


# ── Times ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("2026-05-20 13:43:01", "2026-05-20T11:43:01"),  # summer: two hours ahead
        ("2026-01-20T13:43:01", "2026-01-20T12:43:01"),
        ("2026-05-20T13:43:01Z", "2026-05-20T13:43:01"),
        ("2026-05-20T13:43:01.250-04:00", "2026-05-20T17:43:01.250"),
        ("2026/05/20 1:43:01 PM GMT+1", "2026-05-20T12:43:01"),
        ("2026/05/20 1:43:01 PM GMT+5:30", "2026-05-20T08:13:01"),
        ("2026/05/20 1:43:01\u202fPM UTC", "2026-05-20T13:43:01"),
        ("2026/05/20 1:43:01 nachm. MESZ", "2026-05-20T11:43:01"),
        ("2026/05/20 1:43:01 p. m.", "2026-05-20T11:43:01"),
        ("20.05.2026 13:43", "2026-05-20T11:43:00"),
        ("20-5-2026 13:43:01", "2026-05-20T11:43:01"),
        ("20/05/2026, 13:43:01", "2026-05-20T11:43:01"),
        ("5/20/26 13:43:01", "2026-05-20T11:43:01"),
        ("05/20/2026 12:43:01 AM", "2026-05-19T22:43:01"),
        ("05/20/2026 12:43:01 PM", "2026-05-20T10:43:01"),
        ("20.05.2026", "2026-05-19T22:00:00"),
        ("2026-03-29 02:30:00", "2026-03-29T01:00:00"),  # an hour that is left out: the next
        ("2026-10-25 02:30:00", "2026-10-25T00:30:00"),  # an hour that comes twice: the first
    ],
)
def test_times_in_every_manner_are_in_utc(cell: str, iso: str) -> None:
    # Beside a cell of another kind, none takes the short way.
    for cells in ([cell], [cell, None, "soon"]):
        found = times(pd.Series(cells, dtype="str"), BERLIN)[0]
        assert found.iloc[0] == pd.Timestamp(iso, tz="UTC")
        assert found.iloc[1:].isna().all()
        assert str(found.dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    "cell",
    ["soon", "31/31/2026", "2026-02-30 10:00", "25:00", "20.05.2026 25:00", "", "5", "1e9",
     "99999999999999", "٢٠/٠٥/2026 x", "0000-00-00 00:00:00", "10000-01-01"],
)  # fmt: skip
def test_what_is_no_time_is_null(cell: str) -> None:
    found = times(pd.Series([cell, None], dtype="str"), BERLIN)[0]
    assert found.isna().all()


@pytest.mark.parametrize(
    ("cells", "days", "told"),
    [
        (["05/06/2026 10:00", "13/06/2026 10:00"], [5, 13], True),  # the second says it of both
        (["05/06/2026 10:00", "06/13/2026 10:00"], [6, 13], True),
        (["05/06/2026 10:00", None], [6], False),
        (["05.06.2026 10:00", None], [5], True),
    ],
)
def test_which_number_is_the_day_is_told_by_other_dates_or_said(
    cells: Sequence[str | None], days: list[int], told: bool
) -> None:
    found, notes = times(pd.Series(cells, dtype="str"), UTC)
    assert [*found.dropna().dt.day] == days
    assert told == (not any("05/06/2026 the first number counts as the month" in n for n in notes))


def test_a_zone_that_was_assumed_is_said_and_only_then() -> None:
    said = ("Times that do not name their zone count as those of Europe/Berlin.",)
    assert times(pd.Series(["2026-05-20 13:43:01"], dtype="str"), BERLIN)[1] == said
    assert times(pd.Series(["2026/05/20 1:43:01 PM"], dtype="str"), BERLIN)[1] == said
    assert times(pd.Series(["2026-05-20 13:43:01Z"], dtype="str"), BERLIN)[1] == ()
    assert times(pd.Series(["2026/05/20 1:43:01 PM GMT+2"], dtype="str"), BERLIN)[1] == ()
    assert times(pd.Series([None], dtype="str"), BERLIN)[1] == ()


# ── Amounts, yes and no ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("other", [None, "soon"])
def test_an_amount_is_a_number_from_zero_up(other: str | None) -> None:
    cells = ["12", "0", "12.5", "1e3", "-1", "inf", "nan", other]
    found = numbers(pd.Series(cells, dtype="str"))
    assert found.fillna(-1).tolist() == [12, 0, 12.5, 1000, -1, -1, -1, -1]


def test_yes_and_no_in_any_case() -> None:
    cells = ["True", "1", "YES", "false", "0", "no", "maybe", None]
    found = truths(pd.Series(cells, dtype="str")).astype(object)
    assert found.where(found.notna(), None).tolist() == [True] * 3 + [False] * 3 + [None] * 2
