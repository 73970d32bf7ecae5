"""The command `upm`: what it prints, and its exit status."""

import io
import json
import shutil
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from upm import __version__, cli, paths
from upm.kinds import KINDS, load_bank
from upm.learning.records import Attempt, Records

BANK = load_bank(paths.DATA)

Printed = pytest.CaptureFixture[str]


def run(printed: Printed, *arguments: object) -> tuple[int, str, str]:
    """Exit status, output, errors."""
    status = cli.main([str(argument) for argument in arguments])
    return (status, *printed.readouterr())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the course's data."""
    return shutil.copytree(paths.DATA, tmp_path / "data")


# ── check and schema ────────────────────────────────────────────────────────────────────────────


def test_good_data_have_no_problem(capsys: Printed, data: Path) -> None:
    expected = f"{len(BANK.items)} items, no problem\n"
    assert run(capsys, "check") == (0, expected, "")
    assert run(capsys, "check", data) == (0, expected, "")


def test_every_problem_is_printed_and_counted(capsys: Printed, data: Path) -> None:
    file = data / "items" / "transparency.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace('kind = "rate"', 'kind = "rat"', 1)
    file.write_text(text.replace('practice = "', 'practice = "x', 1), encoding="utf-8")
    status, out, err = run(capsys, "check", data)
    first, second = out.splitlines()
    assert status == 1
    assert first.startswith(
        "transparency.toml: practice = 'xtransparency'; expected one of honest-communication, "
    )
    assert second.endswith(f": kind = 'rat'; expected one of {', '.join(KINDS)}")
    assert err == "2 problems to mend\n"


ITEM = """
practice = "{practice}"

[[items]]
id = "my-item"
kind = "case"
use = "unit"
title = "Title"
stem = "Stem"
ask = "Ask"
takeaway = "Lesson"
options = [{{id = "a", text = "Label", {example} = "Example"}}]
"""


@pytest.mark.parametrize(
    ("practice", "example", "expected"),
    [
        ("transparency", "example", (0, "1 item, no problem\n", "")),
        (
            "transparency",
            "exmaple",
            (
                1,
                "mine.toml › my-item › a: example = nothing; "
                "expected a value: this key is required\n"
                "mine.toml › my-item › a: exmaple = 'Example'; "
                "expected no such key; did you mean example?\n",
                "2 problems to mend\n",
            ),
        ),
    ],
)
def test_one_file_is_checked_by_itself(
    capsys: Printed, tmp_path: Path, practice: str, example: str, expected: tuple[int, str, str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(ITEM.format(practice=practice, example=example), encoding="utf-8")
    assert run(capsys, "check", file) == expected


def test_a_file_that_is_not_there_is_a_problem(capsys: Printed, tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    expected = f"{file}: file = 'No such file or directory'; expected a readable file\n"
    assert run(capsys, "check", file) == (1, expected, "1 problem to mend\n")


def test_the_schema_is_one(capsys: Printed) -> None:
    status, out, err = run(capsys, "schema")
    Draft202012Validator.check_schema(json.loads(out))
    assert (status, err) == (0, "")


# ── What cannot be run ──────────────────────────────────────────────────────────────────────────


def test_the_version_is_printed(capsys: Printed) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert (end.value.code, capsys.readouterr().out) == (0, f"{__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "upm: error: the following arguments are required: COMMAND\n"),
        (["course", "--port", "x"], "upm course: error: argument --port: invalid int value: 'x'\n"),
    ],
)
def test_arguments_that_make_no_sense_are_explained(
    capsys: Printed, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    err = capsys.readouterr().err
    assert end.value.code == 2
    assert err.startswith("usage: upm")
    assert err.endswith(message)


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_a_number_that_cannot_be_a_port_is_refused(
    capsys: Printed, tmp_path: Path, port: int
) -> None:
    message = f"{port} cannot be a port. Give a number from 1024 to 65535.\n"
    assert run(capsys, "course", tmp_path / "course", "--port", port) == (1, "", message)


def test_a_port_in_use_is_refused_and_nothing_is_laid_out(capsys: Printed, tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        message = f"Port {port} is in use. Leave --port out, or give another number.\n"
        assert run(capsys, "course", tmp_path / "course", "--port", port) == (1, "", message)
    assert not (tmp_path / "course").exists()


@pytest.mark.parametrize("inner", ["", "course"])
def test_a_folder_that_cannot_be_written_is_refused(
    capsys: Printed, tmp_path: Path, inner: str
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    folder = tmp_path / "file" / inner
    status, out, err = run(capsys, "course", folder)
    assert (status, out) == (1, "")
    assert err.startswith(f"The course cannot be copied to {folder}: ")
    assert err.endswith(". Give another folder: upm course DIR\n")


# ── text and audit ──────────────────────────────────────────────────────────────────────────────

MESSAGE = "We are at 62 % of the target. Can you approve two replacements by Wednesday?"


def text(
    printed: Printed, monkeypatch: pytest.MonkeyPatch, message: bytes, *arguments: object
) -> tuple[int, str, str]:
    """Run `upm text` with the message at its standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(message)))
    return run(printed, "text", *arguments)


def test_a_message_is_checked_and_told_as_json(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = text(capsys, monkeypatch, MESSAGE.encode(), "status_update")
    told = json.loads(out)
    assert (status, err, set(told)) == (0, "", {"criteria", "vetoes"})
    assert list(told["criteria"]) == ["S1", "S2", "S3", "S4", "S5", "S6"]
    s1 = told["criteria"]["S1"]
    assert (s1["found"], s1["quote"]) == (True, "We are at 62 % of the target.")
    assert told["criteria"]["S2"]["found"] is False
    assert told["vetoes"] == []


def test_marks_are_read_from_a_file(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tags = tmp_path / "tags.json"
    tags.write_text('{"S4": "two replacements"}', encoding="utf-8")
    status, out, _ = text(capsys, monkeypatch, MESSAGE.encode(), "status_update", "--tags", tags)
    assert status == 0
    assert "“two replacements”" in json.loads(out)["criteria"]["S4"]["doubt"]


@pytest.mark.parametrize(
    ("message", "tags", "expected"),
    [
        (b"\xff\xfe", None, "The message and the tags have to be text in UTF-8."),
        (b"Hello", "{", "is no JSON"),
        (b"Hello", "[]", "has to be an object of marked words, by criterion."),
        (b"Hello", '{"S1": 1}', "has to be an object of marked words, by criterion."),
        (b"Hello", '{"B1": "Hello"}', "B1: no criterion of status_update; it has S1, S2"),
    ],
)
def test_a_message_or_marks_that_cannot_be_read_are_refused(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, message: bytes,
    tags: str | None, expected: str,
) -> None:  # fmt: skip
    file = tmp_path / "tags.json"
    more = ["--tags", file] if tags else []
    file.write_text(tags or "", encoding="utf-8")
    status, out, err = text(capsys, monkeypatch, message, "status_update", *more)
    assert (status, out) == (1, "")
    assert expected in err


def test_a_file_of_marks_that_is_not_there_is_named(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "none.json"
    status, _, err = text(capsys, monkeypatch, b"Hello", "status_update", "--tags", file)
    assert (status, err) == (1, f"{file} cannot be read: No such file or directory.\n")


def test_a_genre_that_does_not_exist_is_told_which_do(capsys: Printed) -> None:
    status, out, err = run(capsys, "text", "sonnet")
    assert (status, out) == (1, "")
    assert err.startswith("'sonnet' is no genre. Give one of bad_news, credit_line, ")


def test_the_audit_says_how_many_items_it_looked_at(capsys: Printed) -> None:
    status, out, err = run(capsys, "audit")
    assert (status, err) == (0, "")
    assert out.startswith(f"{len(BANK.items)} items\n")
    assert "School grade" in out


def test_the_audit_says_what_it_needs_where_only_the_course_is_installed(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "readability", None)
    status, out, err = run(capsys, "audit")
    assert (status, out) == (1, "")
    assert err == "The audit needs readability, which comes with: python3 start.py test\n"


# ── Where the course opens ──────────────────────────────────────────────────────────────────────

FIRST = min(BANK.framework.notebooks)


def test_a_newcomer_begins_with_the_first_notebook(home: Path) -> None:
    assert cli._notebook(BANK) == FIRST
    assert not home.exists()


def test_who_learned_last_goes_on_in_the_notebook_of_their_last_answer() -> None:
    early, late = list(BANK.items)[:2]
    last = BANK.framework.pillars[-1]
    bank = replace(BANK, home_of=dict(BANK.home_of) | {late: last.practices[0].id})
    records, now = Records(paths.records()), datetime.now(UTC)
    learner = records.choose("Ana", now)
    for uid, item in enumerate((early, late)):
        records.append(Attempt(str(uid), learner.id, item, 1, None, None, 0, 1.0, now))
    assert cli._notebook(bank) == last.notebook
    records.choose("Ben", now)
    assert cli._notebook(bank) == FIRST


@pytest.mark.parametrize("spoil", ["damaged", "unreachable"])
def test_records_that_cannot_be_read_are_no_reason_not_to_open(home: Path, spoil: Any) -> None:
    if spoil == "damaged":
        home.mkdir()
        (home / "records.sqlite").write_bytes(b"no database" * 999)
    else:
        home.write_text("in the way", encoding="utf-8")
    assert cli._notebook(BANK) == FIRST
