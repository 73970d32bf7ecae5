"""The command `upm survey`: say what an export holds, and print what its answers say."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from upm import paths
from upm.content.problems import ContentError
from upm.survey.battery import analyse
from upm.survey.exposure import DisclosureError
from upm.survey.instrument import Instrument, plain_instrument, read_instrument
from upm.survey.reading import Reading, SurveyFileError, read_all, write_answers

INSTRUMENT = paths.DATA / "survey" / "upward-management.toml"


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit status: 0 well, 1 a problem that was printed."""
    parser = argparse.ArgumentParser("upm survey", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    files = _files_parser()

    read = commands.add_parser("read", parents=[files], help="say what a file holds, and what not")
    read.add_argument(
        "--out", type=Path, metavar="FILE", help="write the answers there, as .csv or .parquet"
    )
    read.set_defaults(run=_read)

    stats = commands.add_parser("stats", parents=[files], help="print the statistics of answers")
    stats.add_argument(
        "--json", action="store_true", help="as JSON, with all digits and with every group"
    )
    stats.set_defaults(run=_stats)

    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except (SurveyFileError, ContentError, DisclosureError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def _files_parser() -> argparse.ArgumentParser:
    files = argparse.ArgumentParser(add_help=False)
    files.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exports of one survey")
    files.add_argument(
        "--instrument",
        type=Path,
        default=INSTRUMENT,
        metavar="TOML",
        help="what was asked (default: the course's questionnaire)",
    )
    files.add_argument(
        "--items",
        metavar="COLUMN,COLUMN,…",
        help="in place of an instrument: the columns of one scale",
    )
    files.add_argument(
        "--points", type=int, default=5, metavar="N", help="the highest point of --items (5)"
    )
    files.add_argument("--team", metavar="COLUMN", help="the column that names the team")
    files.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=ID",
        help="what a column is: an item, an open question, or a field such as team or wave",
    )
    files.add_argument(
        "--form", metavar="ID", help="who answered, where no column says it: member or manager"
    )
    files.add_argument("--wave", metavar="NAME", help="the wave, where no column says it")
    files.add_argument(
        "--timezone", default="UTC", metavar="ZONE", help="of times without one, as Europe/Berlin"
    )
    return files


def _reading(options: argparse.Namespace) -> tuple[Instrument, Reading]:
    mapping = dict(_pair(each) for each in options.map)
    if options.team:
        mapping[options.team] = "team"
    if options.items:
        columns = [column for column in re.split(r"\s*,\s*", options.items.strip()) if column]
        instrument, items = plain_instrument(columns, options.points)
        mapping |= items
    else:
        instrument = read_instrument(options.instrument)
    reading = read_all(
        options.files,
        instrument,
        mapping=mapping,
        form=options.form,
        wave=options.wave,
        timezone=options.timezone,
    )
    return instrument, reading


def _pair(text: str) -> tuple[str, str]:
    column, found, id = text.rpartition("=")
    if not found:
        raise ValueError(f"--map {text!r} has no =. Write the column's header, =, and an id.")
    return column, id


def _read(options: argparse.Namespace) -> int:
    _, reading = _reading(options)
    if options.out and options.out.exists():
        raise ValueError(f"{options.out.name} is there already: give the answers another name.")
    print("\n".join(reading.account.lines()))
    if options.out:
        write_answers(reading.answers, options.out)
    return 0


def _stats(options: argparse.Namespace) -> int:
    _, reading = _reading(options)
    analysis = analyse(reading.answers)
    if options.json:
        print(json.dumps(analysis.record(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(analysis.lines()))
    return 0
