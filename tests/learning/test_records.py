"""Records: what was acknowledged is on disk, whatever happens to the process, disk or file."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from upm.content import Score
from upm.learning.records import Attempt, Records, RecordsError

NOON = datetime(2031, 5, 17, 12, 0, tzinfo=UTC)
MANY = 300
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from upm.learning.records import Attempt, Records

path, name, count = sys.argv[1:]
records = Records(Path(path), patience=60)
for n in range(int(count)):
    uid = f"{name}-{n}"
    records.append(Attempt(uid, "ana", "an-item", 1, ["a"], None, 0, 1.0, datetime.now(UTC)))
    print(uid, flush=True)
"""
READER = """
import sys
from pathlib import Path
from upm.learning.records import Records
print(len(Records(Path(sys.argv[1]), patience=60).attempts("ana")))
"""
DIES_WHILE_WRITING = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA cache_size = 1")  # changed pages reach the file before the commit
db.execute("BEGIN IMMEDIATE")
for n in range(200):
    row = (str(n), "x" * 500)
    db.execute("INSERT INTO attempt VALUES (NULL, ?, 'ana', 'i', 1, ?, 1, 0, 1, 0, 1, '')", row)
os._exit(1)
"""


USUAL: dict[str, Any] = {
    "learner": "ana",
    "item": "an-item",
    "version": 1,
    "hints": 0,
    "seconds": 2.5,
    "at": NOON,
}


def attempt(uid: str, response: Any = "Yes.", score: Score | None = None, **rest: Any) -> Attempt:
    return Attempt(uid=uid, response=response, score=score, **(USUAL | rest))


def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def uids(path: Path) -> list[str]:
    return [each.uid for each in Records(path).attempts("ana")]


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def reason(call: Callable[[], object]) -> str:
    with pytest.raises(RecordsError) as caught:
        call()
    return caught.value.reason


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records" / "records.sqlite"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[Attempt]]:
    """A file of some fifty pages, and the attempts in it."""
    path = tmp_path_factory.mktemp("written") / "records.sqlite"
    records = Records(path)
    ana = records.choose("Ana", NOON)
    made = [attempt(f"u{n:03}", {"a": f"answer {n:03} " * 30}, learner=ana.id) for n in range(MANY)]
    for each in made:
        records.append(each)
    return path.read_bytes(), made


@pytest.fixture
def many(path: Path, written: tuple[bytes, list[Attempt]]) -> list[Attempt]:
    """The attempts in a big file at `path`."""
    path.parent.mkdir()
    path.write_bytes(written[0])
    return written[1]


# ── What goes in comes out ──────────────────────────────────────────────────────────────────────


def test_attempts_come_back_as_they_went_in_oldest_first(path: Path) -> None:
    made = [
        attempt("1", ["a", "c"], Score(0.75, 0.25), hints=2, seconds=0.0),
        attempt("2", {"a": 5, "b": 1}, Score(0.0, 0.5, attempted=False), version=3),
        attempt("3", {"words": "“Grüße”, 你好 🙂\n'; DROP TABLE attempt; --"}, None),
        attempt("4", [], Score(1.0, 0.0), at=NOON - timedelta(days=1, microseconds=7)),
    ]
    for each in made:
        Records(path).append(each)
    assert Records(path).attempts("ana") == made
    assert Records(path).attempts("ana", "an-item") == made
    assert Records(path).attempts("ana", "another") == []
    assert Records(path).attempts("ben") == []


def test_a_second_attempt_of_a_uid_is_ignored(path: Path) -> None:
    for response in ("first", "second"):
        Records(path).append(attempt("1", response))
    assert Records(path).attempts("ana") == [attempt("1", "first")]


def test_reading_makes_no_file(path: Path) -> None:
    records = Records(path)
    assert (records.attempts("ana"), records.learners(), records.current()) == ([], [], None)
    assert not path.parent.exists()


def test_a_learner_is_known_by_name_in_small_or_capital_letters(path: Path) -> None:
    records = Records(path)
    zoe, ana = records.choose("Zoë", NOON), records.choose("Ana", NOON)
    assert records.current() == ana
    assert records.choose("ZOë", NOON) == zoe
    assert records.current() == Records(path).current() == zoe
    assert records.learners() == [ana, zoe]


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))], ids=["naive", "an hour on"])
def test_a_time_that_is_not_utc_is_refused(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match=r"at = .*; expected a time in UTC"):
        attempt("1", at=NOON.replace(tzinfo=zone))


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("UPDATE attempt SET raw = 1", "attempts are never changed"),
        ("DELETE FROM attempt", "attempts are never deleted"),
    ],
)
def test_the_file_itself_refuses_to_change_an_attempt(
    path: Path, statement: str, answer: str
) -> None:
    Records(path).append(attempt("1"))
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match=answer):
        db.execute(statement)


# ── Several processes, and processes that die ───────────────────────────────────────────────────


def test_two_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    writers = [start(WRITER, path, name, 100) for name in ("one", "two")]
    told = [writer.communicate(timeout=60)[0].split() for writer in writers]
    assert [len(each) for each in told] == [100, 100]
    assert sorted(uids(path)) == sorted(told[0] + told[1])
    assert is_sound(path)


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(path: Path) -> None:
    acknowledged: list[str] = []
    for turn, lines in enumerate((1, 3, 9, 27, 40)):
        writer = start(WRITER, path, turn, 1_000_000)
        assert writer.stdout
        acknowledged += [writer.stdout.readline().strip() for _ in range(lines)]
        time.sleep(turn * 0.0007)  # at another point of a write each time
        writer.kill()
        rest = writer.communicate()[0].splitlines(keepends=True)
        acknowledged += [line.strip() for line in rest if line.endswith("\n")]
    kept = uids(path)
    assert set(kept) >= set(acknowledged)
    assert len(kept) <= len(acknowledged) + 5  # one under way in each turn
    assert is_sound(path)


def test_a_write_that_was_cut_off_is_taken_back(path: Path, many: list[Attempt]) -> None:
    before = path.read_bytes()
    start(DIES_WHILE_WRITING, path).wait()
    journal = Path(f"{path}-journal")
    assert journal.exists()
    assert path.read_bytes() != before
    records = Records(path)
    assert records.attempts(many[0].learner) == many
    assert records.set_aside is None
    assert not journal.exists()
    assert is_sound(path)


def test_a_file_in_use_is_busy_and_then_it_is_not(path: Path) -> None:
    Records(path).append(attempt("1"))
    records = Records(path, patience=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert reason(lambda: records.append(attempt("2"))) == "busy"
        assert reason(lambda: records.attempts("ana")) == "busy"
    records.append(attempt("2"))
    assert uids(path) == ["1", "2"]


# ── Places that cannot be written ───────────────────────────────────────────────────────────────


@contextmanager
def without_rights() -> Iterator[None]:
    """As somebody who is not root, since root may write anywhere."""
    if os.name == "nt":
        pytest.skip("Windows has no write bit for folders")
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A file in a folder that everybody may enter, unlike the folders that pytest makes."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder) / "records.sqlite"
        Path(folder).chmod(0o777)


@pytest.mark.parametrize(
    ("file", "folder"), [(0o444, 0o777), (0o666, 0o555)], ids=["file", "folder"]
)
def test_what_may_only_be_read_can_be_read(public: Path, file: int, folder: int) -> None:
    records = Records(public)
    records.append(attempt("1"))
    public.chmod(file)
    public.parent.chmod(folder)
    with without_rights():
        assert records.attempts("ana") == [attempt("1")]
        assert reason(lambda: records.append(attempt("2"))) == "read-only"
    public.chmod(0o666)
    public.parent.chmod(0o777)
    with without_rights():
        records.append(attempt("2"))
    assert uids(public) == ["1", "2"]


@pytest.mark.parametrize("mode", [0o555, 0o000], ids=["read-only", "closed"])
@pytest.mark.parametrize("inner", ["", "upm"], ids=["there", "to be made"])
def test_a_first_attempt_cannot_be_saved_where_nothing_may_be_written(
    public: Path, mode: int, inner: str
) -> None:
    public.parent.chmod(mode)
    with without_rights():
        records = Records(public.parent / inner / public.name)
        assert reason(lambda: records.append(attempt("1"))) == "read-only"


def test_a_folder_that_cannot_be_made_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    records = Records(tmp_path / "file" / "upm" / "records.sqlite")
    assert records.attempts("ana") == []
    assert reason(lambda: records.append(attempt("1"))) == "unreachable"


def test_a_full_disk_loses_nothing_and_later_the_attempt_is_saved(
    path: Path, full_disk: Any
) -> None:
    records, long = Records(path), attempt("2", "x" * 100_000)
    with full_disk(1_000):
        assert reason(lambda: records.append(attempt("1"))) == "full"
    records.append(attempt("1"))
    with full_disk(path.stat().st_size):
        assert reason(lambda: records.append(long)) == "full"
        assert records.attempts("ana") == [attempt("1")]
    records.append(long)
    assert records.attempts("ana") == [attempt("1"), long]
    assert is_sound(path)


# ── Damaged files ───────────────────────────────────────────────────────────────────────────────

PAGE = 4096


def garbage(_: bytes) -> bytes:
    return b"Dear diary, " * 5000


def without_its_end(file: bytes) -> bytes:
    return file[: len(file) // 2 + 100]


def with_a_page_of_noise(file: bytes) -> bytes:
    middle = len(file) // PAGE // 2 * PAGE
    return (
        file[:middle] + bytes(byte ^ 0xA5 for byte in file[middle:][:PAGE]) + file[middle:][PAGE:]
    )


def with_two_answers_unreadable(file: bytes) -> bytes:
    """One is not JSON any more, and one not UTF-8; SQLite notices neither."""
    return file.replace(b'{"a": "answer 070', b'{"a"; "answer 070').replace(
        b"answer 200", b"answ\xff\xfe 200"
    )


@pytest.mark.parametrize(
    ("damage", "least", "most"),
    [
        (garbage, 0, 0),
        (without_its_end, MANY // 3, MANY // 2 + 20),
        (with_a_page_of_noise, MANY - 20, MANY - 1),
        (with_two_answers_unreadable, MANY - 1, MANY - 1),
    ],
)
def test_a_damaged_file_is_set_aside_and_all_that_is_readable_goes_on(
    path: Path, many: list[Attempt], damage: Callable[[bytes], bytes], least: int, most: int
) -> None:
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    records = Records(path)
    learner = many[0].learner
    saved = records.attempts(learner)
    assert least <= len(saved) <= most
    originals = {each.uid: each for each in many}
    assert [each.uid for each in saved if each != originals[each.uid]] in ([], ["u200"])
    assert records.set_aside
    assert records.set_aside.read_bytes() == damaged
    records.append(attempt("new", learner=learner))
    assert Records(path).attempts(learner) == [*saved, attempt("new", learner=learner)]
    assert is_sound(path)


def test_no_file_that_was_set_aside_is_overwritten(path: Path, many: list[Attempt]) -> None:
    for text in (b"first" * 999, b"second" * 999):
        path.write_bytes(text)
        Records(path).append(attempt("1"))
    aside = sorted(path.parent.glob("records.damaged-*.sqlite"))
    assert [file.read_bytes()[:5] for file in aside] == [b"first", b"secon"]


def test_damage_is_noticed_while_the_course_runs(path: Path, many: list[Attempt]) -> None:
    records = Records(path)
    assert records.attempts(many[0].learner) == many
    path.write_bytes(with_a_page_of_noise(path.read_bytes()))
    assert records.attempts(many[0].learner)[-1] == many[-1]
    assert records.set_aside


def test_several_kernels_that_find_the_damage_set_one_file_aside(
    path: Path, many: list[Attempt]
) -> None:
    path.write_bytes(with_a_page_of_noise(path.read_bytes()))
    readers = [start(READER, path) for _ in range(3)]
    assert [reader.wait(60) for reader in readers] == [0, 0, 0]
    assert len(list(path.parent.glob("records.damaged-*.sqlite"))) == 1
    assert len(Records(path).attempts(many[0].learner)) > MANY - 20


def test_a_learner_whose_name_is_lost_keeps_the_attempts(path: Path, many: list[Attempt]) -> None:
    with closing(sqlite3.connect(path)) as db:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'learner'"
        root = (db.execute(query).fetchone()[0] - 1) * PAGE
    file = path.read_bytes()
    path.write_bytes(file[:root] + b"\xff" * PAGE + file[root + PAGE :])
    learner = many[0].learner
    assert Records(path).attempts(learner) == many
    assert [(each.id, each.name) for each in Records(path).learners()] == [
        (learner, f"Learner {learner[:8]}")
    ]


def test_a_damaged_file_stays_in_place_until_the_new_one_is_complete(
    path: Path, many: list[Attempt], full_disk: Any
) -> None:
    damaged = with_a_page_of_noise(path.read_bytes())
    path.write_bytes(damaged)
    with full_disk(5 * PAGE):
        assert reason(lambda: Records(path).attempts(many[0].learner)) == "full"
    assert path.read_bytes() == damaged
    assert len(Records(path).attempts(many[0].learner)) > MANY - 20


def test_a_damaged_file_in_a_folder_that_may_only_be_read_is_left_alone(public: Path) -> None:
    public.write_bytes(garbage(b""))
    public.parent.chmod(0o555)
    with without_rights():
        assert reason(lambda: Records(public).attempts("ana")) == "read-only"
    assert public.read_bytes() == garbage(b"")


def test_a_file_of_a_newer_course_is_left_alone(path: Path) -> None:
    Records(path).append(attempt("1"))
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    records = Records(path)
    assert reason(lambda: records.attempts("ana")) == "newer"
    assert reason(lambda: records.append(attempt("2"))) == "newer"
    assert reason(lambda: records.choose("Ana", NOON)) == "newer"
    assert path.read_bytes() == before
