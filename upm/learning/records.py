"""Keep attempts in one SQLite file: append only, read back as Attempt objects."""

import errno
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import uuid4

from upm.content import Score

Reason = Literal["read-only", "full", "busy", "damaged", "unreachable", "newer"]
T = TypeVar("T")

FORMAT = 1
_SCHEMA = """
CREATE TABLE learner (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
                      created TEXT NOT NULL);
CREATE TABLE chosen (n INTEGER PRIMARY KEY, learner TEXT NOT NULL REFERENCES learner,
                     at TEXT NOT NULL);
CREATE TABLE attempt (n INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE,
                      learner TEXT NOT NULL REFERENCES learner,
                      item TEXT NOT NULL, version INTEGER NOT NULL, response TEXT NOT NULL,
                      raw REAL, baseline REAL, attempted INTEGER,
                      hints INTEGER NOT NULL, seconds REAL NOT NULL, at TEXT NOT NULL);
CREATE INDEX attempt_of ON attempt (learner, item);
CREATE TRIGGER keep_attempt BEFORE UPDATE ON attempt
    BEGIN SELECT RAISE(ABORT, 'attempts are never changed'); END;
CREATE TRIGGER keep_attempts BEFORE DELETE ON attempt
    BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
"""
_TABLES = ("learner", "chosen", "attempt")
_REASONS: dict[int, Reason] = {
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
_WRITE_FAILED = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC)
_OS_REASONS: dict[int | None, Reason] = {
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.EROFS: "read-only",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
}


class RecordsError(Exception):
    """The records could not be read or written; nothing that was in them has changed."""

    def __init__(self, reason: Reason, path: Path) -> None:
        self.reason: Reason = reason
        self.path = path
        super().__init__(f"{reason}: {path}")


@dataclass(frozen=True)
class Learner:
    """Somebody who learns on this computer. `id` is random; `name` is what they typed."""

    id: str
    name: str


@dataclass(frozen=True)
class Attempt:
    """One response to one version of an item at one time. `score` None: it is not scored."""

    uid: str
    learner: str
    item: str
    version: int
    response: Any
    score: Score | None
    hints: int
    seconds: float
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None or self.at.utcoffset():
            raise ValueError(f"at = {self.at!r}; expected a time in UTC")


class Records:
    """All learners and attempts in the file at `path`, which the first write creates.

    Every call opens the file and closes it again, so several kernels can share it. A rollback
    journal, not a write-ahead log, since home folders often lie on network drives. All methods
    raise RecordsError; a damaged file is set aside, what can be read in it is carried over, and
    the call goes on with a new file.
    """

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        self.path = path
        self.set_aside: Path | None = None  # None: no damaged file was found
        self._patience = patience  # seconds to wait for another process
        self._checked = False

    def append(self, attempt: Attempt) -> None:
        """Keep an attempt. It is on disk when this returns; a second one of that uid is ignored."""
        row = (
            attempt.uid, attempt.learner, attempt.item, attempt.version,
            json.dumps(attempt.response, ensure_ascii=False),
            attempt.score and attempt.score.raw, attempt.score and attempt.score.baseline,
            attempt.score and attempt.score.attempted,
            attempt.hints, attempt.seconds, attempt.at.isoformat(),
        )  # fmt: skip
        columns = (
            "uid, learner, item, version, response, raw, baseline, attempted, hints, seconds, at"
        )
        statement = f"INSERT INTO attempt ({columns}) VALUES (?{', ?' * 10}) ON CONFLICT DO NOTHING"  # noqa: S608
        self._write(lambda db: db.execute(statement, row))

    def attempts(self, learner: str, item: str | None = None) -> list[Attempt]:
        """A learner's attempts, oldest first; with `item`, only those at that item."""
        query = "SELECT * FROM attempt WHERE learner = ? AND (? IS NULL OR item = ?) ORDER BY n"

        def read(db: sqlite3.Connection) -> list[Attempt]:
            try:
                return [_attempt(row) for row in db.execute(query, (learner, item, item))]
            except (TypeError, ValueError) as error:
                raise RecordsError("damaged", self.path) from error

        return self._read(read)

    def learners(self) -> list[Learner]:
        """Everybody who learns on this computer, by name."""
        query = "SELECT id, name FROM learner ORDER BY name"
        return self._read(lambda db: [Learner(*row) for row in db.execute(query)])

    def current(self) -> Learner | None:
        """Who learned here last. None: nobody yet."""
        query = "SELECT id, name FROM learner JOIN chosen ON learner = id ORDER BY n DESC LIMIT 1"
        return next(iter(self._read(lambda db: [Learner(*row) for row in db.execute(query)])), None)

    def choose(self, name: str, when: datetime) -> Learner:
        """Make the learner of that name the current one; the first time, add them."""

        def write(db: sqlite3.Connection) -> Learner:
            new = (uuid4().hex, name, when.isoformat())
            db.execute("INSERT INTO learner VALUES (?, ?, ?) ON CONFLICT DO NOTHING", new)
            row = db.execute("SELECT id, name FROM learner WHERE name = ?", (name,)).fetchone()
            learner = Learner(*row)
            db.execute("INSERT INTO chosen (learner, at) VALUES (?, ?)", (learner.id, new[2]))
            return learner

        return self._write(write)

    def remember(self, learner: Learner, when: datetime) -> None:
        """Add a learner whom a damaged file has lost, as the current one; known ones stay."""

        def write(db: sqlite3.Connection) -> None:
            statement = "INSERT INTO learner VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            at = when.isoformat()
            if db.execute(statement, (learner.id, learner.name, at)).rowcount:
                db.execute("INSERT INTO chosen (learner, at) VALUES (?, ?)", (learner.id, at))

        self._write(write)

    def _read(self, query: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        def run() -> list[T]:
            if not self.path.exists():
                return []
            with self._open() as db:
                return query(db) if _format(db) else []

        return self._guarded(run)

    def _write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        def run() -> T:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch()  # says why it fails; SQLite would only say "unable to open"
            with self._open() as db, db:
                db.execute("BEGIN IMMEDIATE")
                _prepare(db)
                return change(db)

        return self._guarded(run)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(
            sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
        ) as db:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = EXTRA")  # a power cut loses nothing either
            if not self._checked:
                if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                    raise RecordsError("damaged", self.path)
                self._checked = True
            if _format(db) > FORMAT:
                raise RecordsError("newer", self.path)
            yield db

    def _guarded(self, run: Callable[[], T], again: bool = True) -> T:
        try:
            return run()
        except (sqlite3.Error, OSError) as error:
            failure = RecordsError(_reason(error), self.path)
            failure.__cause__ = error
        except RecordsError as error:
            failure = error
        if failure.reason != "damaged" or not again:
            raise failure
        self._guarded(self._start_afresh, again=False)
        return self._guarded(run, again=False)

    def _start_afresh(self) -> None:
        """Put a new file with all that can be read in the damaged one in its place.

        The new one is complete before the damaged one is moved, so that a failure, such as a full
        disk, leaves everything as it is.
        """
        with _alone(self.path.with_suffix(".lock"), self._patience):
            if _sound(self.path):  # another kernel was faster
                return
            new = self.path.with_suffix(".new")
            for left_over in (new, Path(f"{new}-journal")):
                left_over.unlink(missing_ok=True)
            with closing(sqlite3.connect(new, isolation_level=None)) as db, db:
                db.execute("BEGIN IMMEDIATE")
                _prepare(db)
                _carry_over(self.path, db)
            aside = self.path.with_suffix(f".damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.sqlite")
            journal = Path(f"{self.path}-journal")
            if journal.exists():  # left here, it would be played back into the new file
                journal.rename(f"{aside}-journal")
            self.path.rename(aside)
            new.rename(self.path)
            self.set_aside = aside


def _prepare(db: sqlite3.Connection) -> None:
    """Create the tables, in the transaction that is under way."""
    if not _format(db):
        for statement in _SCHEMA.split(";\n"):
            # A trigger holds a semicolon of its own, but never at the end of a line.
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {FORMAT}")


def _format(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _sound(path: Path) -> bool:
    """Whether every row of the file can be read."""
    try:
        with closing(sqlite3.connect(path)) as db:
            db.row_factory = sqlite3.Row
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                return False
            for table in _TABLES if _format(db) else ():
                for row in db.execute(f"SELECT * FROM {table}"):  # noqa: S608
                    _check(table, row)
    except (TypeError, ValueError):
        return False
    except sqlite3.Error as error:
        if _reason(error) == "damaged":
            return False
        raise
    return True


def _carry_over(damaged: Path, db: sqlite3.Connection) -> None:
    """Copy the rows that can be read, from both ends of each table."""
    for table in _TABLES:
        for order in ("rowid", "rowid DESC"):
            for row in _readable(damaged, f"SELECT * FROM {table} ORDER BY {order}", table):  # noqa: S608
                places = ", ".join("?" * len(row))
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", tuple(row))  # noqa: S608
    db.execute(
        "INSERT OR IGNORE INTO learner SELECT learner, 'Learner ' || substr(learner, 1, 8), min(at)"
        " FROM attempt WHERE learner NOT IN (SELECT id FROM learner) GROUP BY learner"
    )


def _readable(damaged: Path, query: str, table: str) -> Iterator[sqlite3.Row]:
    """The rows up to the first place that cannot be read; without those that make no sense."""
    # Immutable: no journal or lock is looked for.
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?immutable=1", uri=True)) as old,
    ):
        old.row_factory = sqlite3.Row
        old.text_factory = lambda text: text.decode(errors="replace")
        old.execute("PRAGMA writable_schema = ON")  # else a file without its end is not read at all
        for row in old.execute(query):
            with suppress(TypeError, ValueError):
                _check(table, row)
                yield row


def _check(table: str, row: sqlite3.Row) -> None:
    """Raise TypeError or ValueError if a row makes no sense."""
    if table == "attempt":
        _attempt(row)


@contextmanager
def _alone(lock: Path, patience: float) -> Iterator[None]:
    """Hold a lock that only one process can have and that a killed process gives back."""
    lock.touch()  # as in `_write`: it says why it fails
    with closing(sqlite3.connect(lock, timeout=patience, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield


def _reason(error: sqlite3.Error | OSError) -> Reason:
    if isinstance(error, OSError):
        return _OS_REASONS.get(error.errno, "unreachable")
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    if code in _WRITE_FAILED:
        return "full"
    return _REASONS.get(code & 0xFF, "unreachable")


def _attempt(row: sqlite3.Row) -> Attempt:
    scored = row["raw"] is not None
    return Attempt(
        uid=row["uid"],
        learner=row["learner"],
        item=row["item"],
        version=row["version"],
        response=json.loads(row["response"]),
        score=Score(row["raw"], row["baseline"], bool(row["attempted"])) if scored else None,
        hints=row["hints"],
        seconds=row["seconds"],
        at=datetime.fromisoformat(row["at"]),
    )
