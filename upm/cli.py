"""The command `upm`: open the course, check content files, print their schema."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from upm import __version__, paths
from upm.content import Bank, ContentError
from upm.kinds import item_schema, load_bank
from upm.lab import is_free, run_lab
from upm.learning.progress import where_to_go_on
from upm.learning.records import Records, RecordsError
from upm.working_copy import lay_out


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 well, 1 a problem that was printed."""
    parser = argparse.ArgumentParser("upm", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    course = commands.add_parser("course", help="open the course in the browser")
    course.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path.home() / "upm-course",
        metavar="DIR",
        help="your copy of the notebooks (default: ~/upm-course)",
    )
    course.add_argument("--no-browser", action="store_true", help="only print the address")
    course.add_argument("--port", type=int, help="listen at this port (default: a free one)")
    course.set_defaults(run=_course)

    check = commands.add_parser("check", help="print every problem in content files")
    check.add_argument(
        "path",
        nargs="?",
        type=Path,
        default=paths.DATA,
        metavar="PATH",
        help="a data folder, or one file of items (default: the course's data)",
    )
    check.set_defaults(run=_check)

    schema = commands.add_parser("schema", help="print the JSON Schema of item files")
    schema.set_defaults(run=_schema)

    options = parser.parse_args(arguments)
    return int(options.run(options))


def _course(options: argparse.Namespace) -> int:
    if options.port is not None and not 0 < options.port < 65536:
        return _refuse(f"{options.port} cannot be a port. Give a number from 1024 to 65535.")
    if options.port is not None and not is_free(options.port):
        return _refuse(f"Port {options.port} is in use. Leave --port out, or give another number.")
    try:
        laid = lay_out(paths.NOTEBOOKS, options.folder)
    except OSError as error:
        return _refuse(
            f"The course cannot be copied to {options.folder}: {error.strerror}. "
            "Give another folder: upm course DIR"
        )
    for name in laid.kept:
        print(f"{name}: you changed it, so it stays as it is although the course has a newer one.")
    run_lab(
        options.folder.resolve(),
        _notebook(load_bank(paths.DATA)),
        not options.no_browser,
        options.port,
    )
    return 0


def _notebook(bank: Bank) -> str:
    """Where the last learner stopped, or the beginning."""
    records = Records(paths.records())
    try:
        learner = records.current()
        return where_to_go_on(bank, records.attempts(learner.id) if learner else [])
    except RecordsError:  # the page itself tells the learner what is wrong
        return where_to_go_on(bank, [])


def _check(options: argparse.Namespace) -> int:
    path: Path = options.path
    try:
        bank = load_bank(path) if path.is_dir() else load_bank(paths.DATA, only=path)
    except ContentError as error:
        print(error)
        return _refuse(f"{_count(len(error.problems), 'problem')} to mend")
    print(f"{_count(len(bank.items), 'item')}, no problem")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _schema(_: argparse.Namespace) -> int:
    print(json.dumps(item_schema(), indent=2, ensure_ascii=False))
    return 0


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
