"""The command `upm`: open the course, check its contents, read a message, play the model."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from upm import __version__, audit, paths
from upm.content import Bank, ContentError, Problem, read_wording
from upm.kinds import load_bank
from upm.kinds.schema import item_schema
from upm.lab import is_free, run_lab
from upm.learning.progress import where_to_go_on
from upm.learning.records import Records, RecordsError
from upm.simulation import World, read_model, read_plan, read_world, write_optima
from upm.simulation.model import Effort
from upm.simulation.optimum import find
from upm.working_copy import lay_out
from upm.writing import Findings
from upm.writing import check as check_text

MODEL = paths.DATA / "simulation"


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

    bank_audit = commands.add_parser("audit", help="print what gives answers away or reads hard")
    bank_audit.set_defaults(run=_audit)

    text = commands.add_parser("text", help="check a message, from standard input, as JSON")
    text.add_argument("genre", metavar="GENRE", help="a genre of data/rubrics, as status_update")
    text.add_argument(
        "--tags",
        type=Path,
        metavar="FILE",
        help='marked words by criterion, as JSON: {"S1": "6 of 14 wards"}',
    )
    text.set_defaults(run=_text)

    simulate = commands.add_parser("simulate", help="play a plan in the balance model, as JSON")
    simulate.add_argument("scenario", metavar="SCENARIO", help="a scenario of data/simulation")
    simulate.add_argument(
        "plan",
        type=Path,
        metavar="PLAN.json",
        help="a list of phases, each four shares that make 1: trust, goals, ability, relationships",
    )
    simulate.set_defaults(run=_simulate)

    optima = commands.add_parser("optima", help="compute the best plans of the balance model anew")
    optima.set_defaults(run=_optima)

    commands.add_parser("survey", help="read and analyse a team survey", add_help=False)
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["survey"]:
        return _survey(arguments[1:])
    options = parser.parse_args(arguments)
    return int(options.run(options))


def _survey(arguments: Sequence[str]) -> int:
    try:
        survey = import_module("upm.survey.cli")  # an extra, which the course does without
    except ModuleNotFoundError as error:
        return _refuse(f"The survey needs {error.name}. Install it: pip install 'upm[survey]'")
    return int(survey.main(arguments))


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


def _audit(_: argparse.Namespace) -> int:
    try:
        lines = [*audit.report(load_bank(paths.DATA), audit.read_notebooks(paths.NOTEBOOKS))]
    except ModuleNotFoundError as error:
        return _refuse(f"The audit needs {error.name}, which comes with: python3 start.py test")
    print("\n".join(lines))
    return 0


def _text(options: argparse.Namespace) -> int:
    rubrics = read_wording(paths.DATA, []).rubrics
    if options.genre not in rubrics:
        return _refuse(f"{options.genre!r} is no genre. Give one of {', '.join(rubrics)}.")
    try:
        tags = _read_tags(options.tags) if options.tags else {}
        findings = check_text(rubrics[options.genre], sys.stdin.buffer.read().decode(), tags)
    except UnicodeDecodeError:
        return _refuse("The message and the tags have to be text in UTF-8.")
    except ValueError as error:
        return _refuse(str(error))
    print(json.dumps(_told(findings), indent=2, ensure_ascii=False))
    return 0


def _simulate(options: argparse.Namespace) -> int:
    problems: list[Problem] = []
    world = read_world(MODEL, problems)
    if world is None:
        return _refuse("\n".join(map(str, problems)))
    name = options.scenario
    if name not in world.scenarios:
        return _refuse(f"{name!r} is no scenario. Give one of {', '.join(world.scenarios)}.")
    try:
        plan = read_plan(json.loads(options.plan.read_bytes()), world.scenarios[name].phases)
    except OSError as error:
        return _refuse(f"{options.plan} cannot be read: {error.strerror}.")
    except (ValueError, RecursionError) as error:
        return _refuse(f"{options.plan}: {error}")
    print(json.dumps(_played(world, name, plan), indent=2))
    return 0


def _played(world: World, scenario: str, plan: Sequence[Effort]) -> dict[str, Any]:
    run = world.play(scenario, plan)
    happens = {week: event for event, week in world.scenarios[scenario].events.items()}
    return {
        "scenario": scenario,
        "value": run.value,
        "score": world.optimum(scenario).score(run.value),
        "trajectory": [
            {"week": week, "event": happens.get(week), **levels._asdict(), "outcome": outcome}
            for week, (levels, outcome) in enumerate(
                zip(run.levels, run.outcomes, strict=True), start=1
            )
        ],
    }


def _optima(_: argparse.Namespace) -> int:
    problems: list[Problem] = []
    world = read_model(MODEL, problems)
    if world is None:
        return _refuse("\n".join(map(str, problems)))
    found = []
    for scenario, changes in world.to_solve:
        print(f"{scenario} {changes or ''} …", flush=True)
        found.append(find(world, scenario, changes))
    write_optima(MODEL, found)
    return 0


def _read_tags(file: Path) -> dict[str, str]:
    """The marked words by criterion. ValueError: the file does not hold them; says why."""
    try:
        tags = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}.") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{file} is no JSON: {error}.") from error
    if not isinstance(tags, dict) or not all(isinstance(words, str) for words in tags.values()):
        raise ValueError(f"{file} has to be an object of marked words, by criterion.")
    return tags


def _told(findings: Findings) -> dict[str, Any]:
    return {
        "criteria": {each.code: asdict(each) | {"found": each.found} for each in findings.criteria},
        "vetoes": [asdict(veto) for veto in findings.vetoes],
    }


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
