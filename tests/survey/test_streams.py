import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.survey.builders import SMALL, answers, bits, drawn
from upm import paths
from upm.survey import streams
from upm.survey.answers import PEOPLE, Answers, Missing
from upm.survey.moments import accumulate
from upm.survey.streams import accumulate_parts, read_parts, teams_in

Columns = dict[str, Any]
Written = Callable[..., list[Path]]


def wide(given: Answers) -> Columns:
    """Our wide format, as columns: who answered, and a column of points for each item."""
    people = {name: pa.array(given.people[name], pa.string()) for name in ("form", "wave", "team")}
    items = zip(SMALL.item_ids, given.points.T, strict=True)
    return people | {
        item: pa.array(np.ascontiguousarray(points), mask=points == Missing.SKIPPED)
        for item, points in items
    }


def write(file: Path, given: Answers, **changed: Any) -> Path:
    """A part; `changed` holds other columns, or None where there shall be none."""
    columns = wide(given) | changed
    pq.write_table(pa.table({k: v for k, v in columns.items() if v is not None}), file)
    return file


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Files that hold the answers, cut before these rows."""

    def build(whole: Answers, cuts: Sequence[int]) -> list[Path]:
        ends = zip([0, *cuts], [*cuts, len(whole)], strict=True)
        return [
            write(tmp_path / f"{place}.parquet", whole.where(np.arange(start, end)))
            for place, (start, end) in enumerate(ends)
        ]

    return build


# ── One after the other ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rows", [1, 37, 100, 250_000])
def test_the_moments_of_parts_are_those_of_all_of_them_to_the_bit(
    written: Written, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(streams, "ROWS", rows)
    size = 16 if rows == 1 else 400
    whole = drawn(size, seed=1)
    files = written(whole, [0, 1, size // 4, size // 4, size // 2])  # two without rows, one of one
    expected = bits(accumulate(whole))
    for order in (files, files[::-1], [files[j] for j in (3, 0, 5, 2, 4, 1)]):
        assert bits(accumulate_parts(order, SMALL)) == expected


def many_teams() -> Answers:
    """450 teams; each quarter of the rows holds only teams of its own, and there are no others."""
    whole = drawn(1200, seed=3, teams=450)
    order = whole.people["team"].fillna("").argsort()
    return whole.where(order.to_numpy())


def test_more_than_200_teams_are_in_the_same_blocks_whichever_part_they_stand_in(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ROWS", 90)
    whole = many_teams()
    files = written(whole, [300, 600, 900])
    found = [{*teams_in(file)} for file in files]
    assert all(len(teams) < 200 for teams in found)
    assert len(set.union(*found)) > 400
    expected = bits(accumulate(whole))
    assert len({block for _, _, block in expected["blocks"]["index"]}) == 200
    assert bits(accumulate_parts(files, SMALL)) == expected
    assert bits(accumulate_parts(files[::-1], SMALL)) == expected


def test_an_item_without_a_column_was_not_asked(tmp_path: Path) -> None:
    whole = drawn(60, seed=4)
    whole.points[30:, 3:5] = Missing.NOT_ASKED
    gone = dict.fromkeys(SMALL.item_ids[3:5])
    files = [
        write(tmp_path / "all.parquet", whole.where(np.arange(30))),
        write(tmp_path / "some.parquet", whole.where(np.arange(30, 60)), **gone),
    ]
    assert bits(accumulate_parts(files, SMALL)) == bits(accumulate(whole))
    assert (next(read_parts(files[1:], SMALL)).points == whole.points[30:]).all()


@pytest.mark.parametrize("rest", [None, pa.nulls(30)], ids=["no column", "an empty column"])
def test_who_answered_is_not_known_where_a_column_lacks(tmp_path: Path, rest: Any) -> None:
    whole = drawn(60, seed=5)
    whole.people.loc[30:, ["form", "wave", "team"]] = None
    late = whole.where(np.arange(30, 60))
    files = [
        write(tmp_path / "known.parquet", whole.where(np.arange(30))),
        write(tmp_path / "not.parquet", late, form=rest, wave=rest, team=rest),
    ]
    assert bits(accumulate_parts(files, SMALL)) == bits(accumulate(whole))
    assert teams_in(files[1]) == [""]


def test_columns_of_neither_the_instrument_nor_a_person_are_left_alone(tmp_path: Path) -> None:
    whole = drawn(20, seed=6)
    file = write(tmp_path / "more.parquet", whole, note=["x"] * 20, score=np.ones(20))
    assert bits(accumulate_parts([file], SMALL)) == bits(accumulate(whole))


# ── Types of columns ────────────────────────────────────────────────────────────────────────────

NUMBERS = pa.array([7, 12, None, 7])
TEAMS = {
    "text": NUMBERS.cast(pa.string()),
    "large text": NUMBERS.cast(pa.large_string()),
    "a dictionary": NUMBERS.cast(pa.string()).dictionary_encode(),
    "a dictionary of large text": NUMBERS.cast(pa.large_string()).dictionary_encode(),
    "a dictionary of numbers": NUMBERS.dictionary_encode(),
    "numbers": NUMBERS,
    "small numbers": NUMBERS.cast(pa.uint8()),
    "numbers that pandas made floats": NUMBERS.cast(pa.float64()),
}
FOUR = answers(np.arange(60).reshape(4, 15) % 5 + 1, form="member", team=["7", "12", None, "7"])


@pytest.mark.parametrize("team", TEAMS.values(), ids=TEAMS)
def test_a_team_is_the_same_as_text_number_or_dictionary(tmp_path: Path, team: Any) -> None:
    file = write(tmp_path / "four.parquet", FOUR, team=team)
    assert teams_in(file) == ["", "12", "7"]
    assert bits(accumulate_parts([file], SMALL)) == bits(accumulate(FOUR))


def test_parts_that_write_teams_differently_are_added_team_by_team(tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"{place}.parquet", FOUR, team=team)
        for place, team in enumerate(TEAMS.values())
    ]
    whole = FOUR.where(np.tile(np.arange(4), len(files)))
    assert bits(accumulate_parts(files, SMALL)) == bits(accumulate(whole))


def test_a_wave_may_be_a_number_and_a_form_a_category(tmp_path: Path) -> None:
    whole = drawn(40, seed=7)
    whole.people["wave"] = np.where(np.arange(40) % 2, "1", "2")
    columns = {
        "wave": whole.people["wave"].astype(int),
        "form": pa.array(whole.people["form"]).dictionary_encode(),
    }
    file = write(tmp_path / "numbers.parquet", whole, **columns)
    assert bits(accumulate_parts([file], SMALL)) == bits(accumulate(whole))


@pytest.mark.parametrize("kind", ["int8", "uint8", "int16", "int64", "uint64"])
def test_points_may_be_integers_of_any_size(tmp_path: Path, kind: str) -> None:
    whole = drawn(40, seed=8)
    whole.points[:] = whole.points.clip(0)
    columns = {item: wide(whole)[item].cast(kind) for item in SMALL.item_ids}
    file = write(tmp_path / f"{kind}.parquet", whole, **columns)
    assert bits(accumulate_parts([file], SMALL)) == bits(accumulate(whole))


def test_a_part_that_pandas_wrote_is_read_like_any_other(tmp_path: Path) -> None:
    whole = drawn(60, seed=9)
    items = pd.DataFrame(whole.points, columns=SMALL.item_ids)
    file = tmp_path / "pandas.parquet"
    pd.concat([whole.people, items.astype("Int8").where(items != 0)], axis=1).to_parquet(file)
    assert bits(accumulate_parts([file], SMALL)) == bits(accumulate(whole))


# ── Answers from parts ──────────────────────────────────────────────────────────────────────────


def test_parts_are_read_so_many_rows_at_a_time_in_their_order(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ROWS", 40)
    whole = drawn(100, seed=10)
    parts = [*read_parts(written(whole, [50]), SMALL, ("team", "form"))]
    assert [len(part) for part in parts] == [40, 10, 40, 10]
    assert (np.concatenate([part.points for part in parts]) == whole.points).all()
    for part in parts:
        assert [*part.people] == ["team", "form"]
        assert len(part.comments) == len(part)
    for name in ("team", "form"):
        read = [value for part in parts for value in part.people[name].astype(object)]
        assert pd.Series(read).fillna("").tolist() == whole.people[name].fillna("").tolist()


def test_all_that_is_known_of_people_can_be_read(tmp_path: Path) -> None:
    whole = drawn(3, seed=11)
    when = pd.Series(pd.to_datetime(["2026-03-02", "2026-03-03", None], utc=True))
    known = {"submitted": when, "seconds": [90.5, None, 60.0], "finished": [True, False, None]}
    (read,) = read_parts([write(tmp_path / "known.parquet", whole, **known)], SMALL)
    assert [*read.people] == [*PEOPLE]
    assert read.people["submitted"].tolist()[:2] == when.tolist()[:2]
    assert read.people["seconds"].fillna(0).tolist() == [90.5, 0, 60]
    assert read.people["finished"].tolist()[:2] == [True, False]
    assert read.people[["submitted", "finished"]].isna().iloc[2].all()
    assert read.people[["respondent", "link", "about"]].isna().all(axis=None)


# ── Errors ──────────────────────────────────────────────────────────────────────────────────────

TWO = answers(np.ones((2, 15)), team="t")
BOTH = pa.array([1, 1])
WRONG: dict[str, tuple[Columns, str]] = {
    "no item": (
        dict.fromkeys(SMALL.item_ids),
        "late.parquet has no column of an item, such as a1.",
    ),
    "floats": ({"a2": BOTH.cast("float64")}, "late.parquet: a2 holds double, not integers."),
    "text": ({"a2": BOTH.cast("string")}, "late.parquet: a2 holds string, not integers."),
    "yes and no": ({"a2": BOTH.cast("bool")}, "late.parquet: a2 holds bool, not integers."),
    "a point too high": (
        {"b1": pa.array([5, 6])},
        "late.parquet: b1 holds 6; expected -3 to 5.",
    ),
    "beyond a byte": (
        {"o1": pa.array([1, 257])},
        "late.parquet: o1 holds 257; expected -3 to 7.",
    ),
    "too low": (
        {"x": pa.array([-99, None])},
        "late.parquet: x holds -99; expected -3 to 5.",
    ),
}


@pytest.mark.parametrize(("changed", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_part_is_said_with_its_name(
    tmp_path: Path, changed: Columns, message: str
) -> None:
    early = write(tmp_path / "early.parquet", TWO)
    late = write(tmp_path / "late.parquet", TWO, **changed)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        accumulate_parts([early, late], SMALL)


def test_seven_is_a_point_where_the_item_has_seven(tmp_path: Path) -> None:
    file = write(tmp_path / "seven.parquet", TWO, o1=pa.array([1, 7]))
    assert accumulate_parts([file], SMALL).histogram("o1").tolist() == [[0, 1, 0, 0, 0, 0, 0, 1]]


@pytest.mark.parametrize("cuts", [None, [], [0]], ids=["no file", "one file", "two files"])
def test_no_respondent_is_an_error(written: Written, cuts: list[int] | None) -> None:
    files = [] if cuts is None else written(answers([]), cuts)
    with pytest.raises(ValueError, match=r"^There is no respondent\. Give Parquet files that hold"):
        accumulate_parts(files, SMALL)


# ── On a cluster ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def client() -> Iterator[distributed.Client]:
    """Two workers in this process, closed at the end; a warning of theirs is an error."""
    with (
        warnings.catch_warnings(action="error"),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 8])
def test_a_cluster_adds_the_same_bits_in_pairs(
    written: Written, client: distributed.Client, parts: int
) -> None:
    whole = drawn(240, seed=12)
    files = written(whole, [240 * part // parts for part in range(1, parts)])
    assert bits(accumulate_parts(files, SMALL, client)) == bits(accumulate(whole))


def test_a_cluster_knows_the_blocks_of_all_teams(
    written: Written, client: distributed.Client
) -> None:
    whole = many_teams()
    files = written(whole, [300, 300, 600, 1000])  # one of five has no row
    assert bits(accumulate_parts(files, SMALL, client)) == bits(accumulate(whole))


def test_a_cluster_reads_a_file_anew_that_was_written_anew(
    written: Written, client: distributed.Client
) -> None:
    for seed in (13, 14):
        whole = drawn(60, seed=seed)
        files = written(whole, [20, 40])
        assert bits(accumulate_parts(files, SMALL, client)) == bits(accumulate(whole))


def test_a_cluster_says_which_part_is_wrong(tmp_path: Path, client: distributed.Client) -> None:
    files = [write(tmp_path / f"{name}.parquet", TWO) for name in ("early", "late", "last")]
    changed, message = WRONG["floats"]
    write(files[1], TWO, **changed)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        accumulate_parts(files, SMALL, client)


def test_a_cluster_finds_no_respondent_either(written: Written, client: distributed.Client) -> None:
    for files in ([], written(answers([]), [0, 0])):
        with pytest.raises(ValueError, match=r"^There is no respondent\."):
            accumulate_parts(files, SMALL, client)


# ── Memory ──────────────────────────────────────────────────────────────────────────────────────

PEAKS = """
import resource, sys
from pathlib import Path
from tests.survey.builders import SMALL
from upm.survey.answers import joined
from upm.survey.moments import accumulate
from upm.survey.streams import accumulate_parts, read_parts

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

files = [Path(name) for name in sys.argv[1:]]
accumulate_parts(files[:2], SMALL)
two = peak()
accumulate_parts(files, SMALL)
six = peak()
accumulate(joined([*read_parts(files, SMALL, ("form", "wave", "team"))]))
print(two, six, peak())
"""
# A process begins with the peak of the one that starts it, here that of all tests before, which
# would hide its own. So a small one stands between.
BETWEEN = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


def test_six_parts_need_no_more_memory_than_two(tmp_path: Path) -> None:
    # The peak of a process never falls, so what each step adds to it is what that step needs more
    # than the ones before. All six parts at once need about 100 MB more than a part at a time; six
    # one by one have stayed within 5 MB of two. A third of the former is far from both.
    pytest.importorskip("resource", reason="peak memory is not told here")
    part = write(tmp_path / "0.parquet", drawn(100_000, seed=15, teams=50, missing=0))
    files = [part]
    for place in range(1, 6):
        files.append(tmp_path / f"{place}.parquet")
        files[-1].write_bytes(part.read_bytes())
    run = [sys.executable, "-c", BETWEEN, sys.executable, "-c", PEAKS, *map(str, files)]
    done = subprocess.run(run, cwd=paths.DATA.parent, capture_output=True, text=True, check=True)
    two, six, at_once = map(int, done.stdout.split())
    assert six - two < (at_once - two) / 3
