"""Parts of a survey, read one at a time here or on a cluster, have the moments of the whole."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster

from tests.survey.builders import SMALL, answers, bits, drawn, instrument
from upm.survey import streams
from upm.survey.answers import PEOPLE, Answers, Missing
from upm.survey.moments import Moments, accumulate
from upm.survey.streams import accumulate_parts, read_parts, teams_in

WHOLE = drawn(1000, seed=1, teams=300)
"""With more teams than blocks, and with answers of all kinds."""
NOBODY = WHOLE.of(team="nobody's")


def write(file: Path, given: Answers, **options: Any) -> Path:
    """Our wide format: who answered, and a column of integers for each item; null: skipped."""
    table = pa.Table.from_pandas(given.people, preserve_index=False)
    for item, points in zip(given.instrument.item_ids, given.points.T, strict=True):
        table = table.append_column(item, pa.array(points, mask=points == Missing.SKIPPED))
    pq.write_table(table, file, **options)
    return file


def parts(folder: Path, hands: Sequence[int], **options: Any) -> list[Path]:
    """WHOLE, dealt into as many files as there are hands."""
    held = np.asarray(hands)
    return [
        write(folder / f"{hand}.parquet", WHOLE.where(held == hand), **options)
        for hand in np.unique(held)
    ]


@pytest.fixture
def dealt(tmp_path: Path) -> list[Path]:
    """Five parts of different sizes; most teams are in several of them."""
    return parts(tmp_path, np.random.default_rng(2).choice(5, 1000, p=[0.4, 0.3, 0.2, 0.08, 0.02]))


def people(given: Answers) -> pd.DataFrame:
    """The columns as objects, None for what is not known."""
    frame = given.people.astype(object)
    return frame.where(frame.notna(), None)


# ── The same moments ────────────────────────────────────────────────────────────────────────────


def test_parts_have_the_moments_of_the_whole_in_whatever_order(dealt: list[Path]) -> None:
    expected = bits(accumulate(WHOLE))
    assert bits(accumulate_parts(dealt, SMALL)) == expected
    assert bits(accumulate_parts(dealt[::-1], SMALL)) == expected
    assert bits(accumulate_parts([dealt[j] for j in (3, 0, 4, 2, 1)], SMALL)) == expected


@pytest.mark.parametrize("rows", [1000, 400, 90])
def test_it_does_not_matter_how_many_rows_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(streams, "ROWS", rows)
    files = parts(tmp_path, [0] * 700 + [1] * 300, row_group_size=150)
    assert bits(accumulate_parts(files, SMALL)) == bits(accumulate(WHOLE))
    assert max(map(len, read_parts(files, SMALL))) <= rows


def test_a_team_is_in_the_same_block_whichever_parts_it_is_in(dealt: list[Path]) -> None:
    # Alone, the smallest part has few enough teams for blocks of their own.
    alone = accumulate_parts(dealt[4:], SMALL).blocks.index.get_level_values("block")
    assert {*alone} <= {*WHOLE.people["team"], ""}
    together = accumulate_parts(dealt, SMALL).blocks.index.get_level_values("block")
    assert {*together} == {f"{j:03}" for j in range(200)}


def test_parts_may_lack_respondents_and_the_same_part_counts_twice(tmp_path: Path) -> None:
    some, none = (
        write(tmp_path / f"{len(part)}.parquet", part) for part in (WHOLE.where(range(50)), NOBODY)
    )
    once = bits(accumulate_parts([some], SMALL))
    assert bits(accumulate_parts([none, some, none], SMALL)) == once
    assert accumulate_parts([some, some], SMALL).rows == 100


@pytest.mark.parametrize("files", [0, 1, 3])
def test_without_any_respondent_there_are_no_moments(tmp_path: Path, files: int) -> None:
    none = write(tmp_path / "none.parquet", NOBODY)
    with pytest.raises(ValueError, match=r"^There is no respondent\. Give Parquet files that"):
        accumulate_parts([none] * files, SMALL)


# ── What a part holds ───────────────────────────────────────────────────────────────────────────


def test_answers_come_back_as_they_were_written(tmp_path: Path) -> None:
    given = WHOLE.where(range(100))
    given.people["seconds"] = np.where(np.arange(100) % 3 == 0, np.nan, np.arange(100) / 4)
    given.people["submitted"] = pd.date_range("2026-03-01", periods=100, freq="h", tz="UTC")
    given.people["finished"] = np.arange(100) % 2 == 0
    (found,) = read_parts([write(tmp_path / "a.parquet", given)], SMALL)
    assert found.points.tolist() == given.points.tolist()
    assert [*found.people.columns] == [*PEOPLE]
    pd.testing.assert_frame_equal(people(found), people(given))
    assert found.people["seconds"].dtype == float
    assert str(found.people["submitted"].dtype).endswith("UTC]")


def test_a_column_of_an_item_that_is_not_there_was_not_asked(tmp_path: Path) -> None:
    table = pa.table({"a1": [5, None], "b2": [-1, 2], "weather": ["fine", "wet"]})
    pq.write_table(table, tmp_path / "two.parquet")
    (found,) = read_parts([tmp_path / "two.parquet"], SMALL)
    assert found.points[:, SMALL.item_ids.index("a1")].tolist() == [5, Missing.SKIPPED]
    assert found.points[:, SMALL.item_ids.index("b2")].tolist() == [Missing.NO_POINT, 2]
    assert (np.delete(found.points, [0, 7], axis=1) == Missing.NOT_ASKED).all()
    assert found.people.isna().all(axis=None)
    assert teams_in(tmp_path / "two.parquet") == [""]


KINDS = [pa.int8(), pa.int64(), pa.uint16()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_points_may_be_integers_of_any_size(tmp_path: Path, kind: pa.DataType) -> None:
    pq.write_table(pa.table({"a1": pa.array([5, None, 0], kind)}), tmp_path / "a.parquet")
    (found,) = read_parts([tmp_path / "a.parquet"], SMALL)
    assert found.points.dtype == np.int8
    assert found.points[:, 0].tolist() == [5, 0, 0]


def test_a_column_that_holds_nothing_was_skipped_by_all(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a1": [3, 4], "a2": pa.nulls(2)}), tmp_path / "a.parquet")
    (found,) = read_parts([tmp_path / "a.parquet"], SMALL)
    assert found.points[:, :2].tolist() == [[3, 0], [4, 0]]


NAMES: dict[str, Callable[[], pa.Array]] = {
    "numbers": lambda: pa.array([7, None, 12]),
    "text": lambda: pa.array(["7", None, "12"]),
    "large text": lambda: pa.array(["7", None, "12"], pa.large_string()),
    "categories": lambda: pa.array(["7", None, "12"]).dictionary_encode(),
    "categories that are numbers": lambda: pa.array([7, None, 12]).dictionary_encode(),
    "empty text": lambda: pa.array(["7", "", "12"]),
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_a_team_has_the_same_name_however_a_file_holds_it(
    tmp_path: Path, names: Callable[[], pa.Array]
) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a1": [1, 2, 3], "team": names()}), file)
    other = write(tmp_path / "b.parquet", answers(np.ones((2, 15)), team=["12", "7"]))
    assert teams_in(file) == ["", "12", "7"]
    both = accumulate_parts([file, other], SMALL)
    assert both.levels("team") == ["", "12", "7"]
    assert both.cells.arrays["rows"].tolist() == [1, 2, 2]


# ── Parts that cannot be read ───────────────────────────────────────────────────────────────────


def damaged(file: Path) -> None:
    """A part whose pages, not whose footer, are overwritten."""
    content = bytearray(write(file, WHOLE.where(range(50))).read_bytes())
    content[4:-2000] = b"\xff" * len(content[4:-2000])
    file.write_bytes(content)


def table(**columns: object) -> Callable[[Path], None]:
    return lambda file: pq.write_table(pa.table(columns), file)


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda file: None, "cannot be read as Parquet: .*No such file"),
    "a folder": (Path.mkdir, "cannot be read as Parquet: "),
    "a text": (lambda file: file.write_text("team,a1\nt,5\n"), "cannot be read as Parquet: "),
    "empty": (Path.touch, "cannot be read as Parquet: "),
    "damaged": (damaged, "cannot be read as Parquet: "),
    "foreign": (table(name=["x"], team=["t"]), "has no column of an item, such as a1.$"),
    "words": (table(a1=[1], b2=["often"]), ": b2 holds string, not integers.$"),
    "fractions": (table(a1=[1.5]), ": a1 holds double, not integers.$"),
    "too high": (table(a1=[1, 6], o1=[7, 7]), ": a1 holds 6; expected -3 to 5.$"),
    "too low": (table(a1=[1, -99]), ": a1 holds -99; expected -3 to 5.$"),
}


@pytest.mark.parametrize(("make", "expected"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_part_that_cannot_be_read_is_named(
    tmp_path: Path, make: Callable[[Path], object], expected: str
) -> None:
    good, bad = write(tmp_path / "good.parquet", WHOLE.where(range(9))), tmp_path / "bad.parquet"
    make(bad)
    with pytest.raises(ValueError, match=rf"^bad\.parquet ?{expected}"):
        accumulate_parts([good, bad], SMALL)


# ── A cluster ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL"
    ) as found:
        yield found


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    """Connected to the address of the scheduler, as one would to a cluster of many machines."""
    with Client(cluster.scheduler_address) as found:
        yield found


def test_a_cluster_gives_the_moments_of_one_machine_in_whatever_order(
    client: Client, dealt: list[Path]
) -> None:
    expected = bits(accumulate(WHOLE))
    for files in (dealt, dealt[::-1]):
        found = accumulate_parts(files, SMALL, client)
        assert isinstance(found, Moments)
        assert bits(found) == expected
    assert bits(accumulate_parts(dealt[:1], SMALL, client)) == bits(
        accumulate_parts(dealt[:1], SMALL)
    )


def test_a_cluster_reads_a_part_again_that_was_changed(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    for n in (20, 30):
        write(file, WHOLE.where(range(n)))
        assert accumulate_parts([file], SMALL, client).rows == n


def test_a_cluster_names_the_part_that_it_cannot_read(client: Client, dealt: list[Path]) -> None:
    table(a1=[9])(dealt[2])
    with pytest.raises(ValueError, match=r"^2\.parquet: a1 holds 9; expected -3 to 5\.$"):
        accumulate_parts(dealt, SMALL, client)
    dealt[1].write_text("not Parquet")
    with pytest.raises(ValueError, match=r"^1\.parquet cannot be read as Parquet"):
        accumulate_parts(dealt, SMALL, client)


def test_a_cluster_has_no_moments_of_nobody(client: Client, tmp_path: Path) -> None:
    none = write(tmp_path / "none.parquet", NOBODY)
    for files in ([], [none], [none] * 3):
        with pytest.raises(ValueError, match=r"^There is no respondent"):
            accumulate_parts(files, SMALL, client)


# ── Memory ──────────────────────────────────────────────────────────────────────────────────────


def peak(files: Sequence[Path]) -> int:
    """The most bytes that all arrays take at a time."""
    tracemalloc.start()
    try:
        accumulate_parts(files, SMALL)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_parts(tmp_path: Path) -> None:
    file = write(tmp_path / "a.parquet", drawn(50_000, seed=3, missing=0))
    few, many = peak([file] * 2), peak([file] * 8)
    assert few > 50_000 * len(SMALL.items)  # the points of a part are among them
    assert many < few * 1.1


def test_other_instruments_have_moments_of_their_own(tmp_path: Path) -> None:
    asked = instrument(version=2)
    file = write(tmp_path / "a.parquet", WHOLE.where(range(40)))
    assert accumulate_parts([file], asked).instrument == asked
