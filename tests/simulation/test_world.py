"""The worlds: scores, plans from outside, the files of the model, and `upm simulate`."""

import json
import shutil
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upm import paths
from upm.cli import main
from upm.content import Problem
from upm.simulation import Optimum, PlanError, read_model, read_plan, read_world, write_optima

SIMULATION = paths.DATA / "simulation"
WORLD = read_world(SIMULATION, [])

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model and its best plans."""
    return shutil.copytree(SIMULATION, tmp_path / "simulation")


# ── Scores ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "score"),
    [
        (0, 0),
        (0.1, 0),
        (0.2, 0),  # the median plan by lot
        (0.25, 15),  # a quarter of the way to the even split
        (0.3, 30),
        (0.4, 60),  # the even split
        (0.45, 80),
        (0.5, 100),  # the best plan of whole points
        (0.51, 104),
        (0.6, 105),
        (1, 105),
    ],
)
def test_the_score_rises_in_two_straight_lines(value: float, score: float) -> None:
    best = Optimum(scenario="new", changes={}, plan=(), best=0.5, even=0.4, random=0.2)
    assert best.score(value) == pytest.approx(score)


# ── Plans from outside ──────────────────────────────────────────────────────────────────────────

GOOD = [0.4, 0.3, 0.2, 0.1]
LIST = "plan: expected a list of 2 phases, found"
FOUR = "phase 2: expected four shares, found"
SHARE = "phase 2: expected shares from 0 to 1, found"
SUM = "phase 2: expected shares that make 1, found"


def test_a_plan_of_shares_is_read() -> None:
    assert read_plan([GOOD, [1, 0, 0, 0]], 2) == [(0.4, 0.3, 0.2, 0.1), (1, 0, 0, 0)]


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (None, f"{LIST} None"),
        ("GOOD", f"{LIST} 'GOOD'"),
        ({"1": GOOD}, f"{LIST} {{'1': {GOOD}}}"),
        ([], f"{LIST} 0 of them"),
        ([GOOD], f"{LIST} 1 of them"),
        ([GOOD] * 3, f"{LIST} 3 of them"),
        ([GOOD, 1], f"{FOUR} 1"),
        ([GOOD, [0.5, 0.25, 0.25]], f"{FOUR} [0.5, 0.25, 0.25]"),
        ([GOOD, [*GOOD, 0]], f"{FOUR} [0.4, 0.3, 0.2, 0.1, 0]"),
        ([GOOD, ["1", 0, 0, 0]], f"{SHARE} '1'"),
        ([GOOD, [True, 0, 0, 0]], f"{SHARE} True"),
        ([GOOD, [None, 0, 0, 1]], f"{SHARE} None"),
        ([GOOD, [nan, 0, 0, 1]], f"{SHARE} nan"),
        ([GOOD, [inf, 0, 0, 1]], f"{SHARE} inf"),
        ([GOOD, [-0.5, 0.5, 0.5, 0.5]], f"{SHARE} -0.5"),
        ([GOOD, [10**400, 0, 0, 0]], f"{SHARE} {10**400}"),  # beyond what a float can hold
        ([GOOD, [0.3, 0.2, 0.2, 0.2]], f"{SUM} 0.9 in all"),
        ([GOOD, [0.4, 0.3, 0.2, 0.2]], f"{SUM} 1.1 in all"),
        ([GOOD, [0, 0, 0, 0]], f"{SUM} 0 in all"),
    ],
)
def test_a_plan_that_cannot_be_played_is_refused_with_the_reason(plan: Any, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        read_plan(plan, 2)
    assert str(caught.value) == message


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)
SHARES = st.sampled_from([0, 1, 0.25, 0.5, 1.5, -0.0, 10**308, 10**400]) | SCALARS
ALMOST = st.lists(st.lists(SHARES, min_size=4, max_size=4) | JSON, min_size=2, max_size=2)


@given(plan=ALMOST | JSON)
def test_any_json_is_a_plan_or_is_refused(plan: Any) -> None:
    try:
        read = read_plan(plan, 2)
    except PlanError:
        return
    assert all(len(shares) == 4 and sum(shares) == pytest.approx(1) for shares in read)


# ── Files ───────────────────────────────────────────────────────────────────────────────────────

EVENTS = "one of crisis, goal, newboss, in one of its weeks"
PARAMETERS = "model.toml › parameters"


@pytest.mark.parametrize(
    ("old", "new", "where", "expected"),
    [
        ('start = "new"', 'start = "old"', "model.toml", "start of new: one of new, steady"),
        ("{ goal = 5 }", "{ gaol = 5 }", "model.toml", f"events of goal: {EVENTS}"),
        ("{ goal = 5 }", "{ goal = 0 }", "model.toml", f"events of goal: {EVENTS}"),
        ("{ goal = 5 }", "{ goal = 17 }", "model.toml", f"events of goal: {EVENTS}"),
        (
            'crisis = "promise missed"\n',
            "",
            "model.toml",
            "events of crisis: one of goal, newboss, in one of its weeks",
        ),
        ("phases = 6", "phases = 0", "model.toml › scenarios › year: phases = 0", "at least 1"),
        ("dose = 0.10", "", f"{PARAMETERS}: dose = nothing", "a value: this key is required"),
        (
            "dose = 0.10",
            "dose = 0.10\ndoze = 0.10",
            f"{PARAMETERS}: doze = 0.1",
            "no such key; did you mean dose?",
        ),
        ("dose = 0.10", 'dose = "x"', f"{PARAMETERS}: dose = 'x'", "a number"),
        (
            "new = { trust = 0.25, ",
            "new = { ",
            "model.toml › starts › new: trust = nothing",
            "a value: this key is required",
        ),
        ("[parameters]", "[parameters", "model.toml: TOML = ", "valid TOML"),
    ],
)
def test_a_slip_in_the_model_is_reported_with_its_place(
    folder: Path, old: str, new: str, where: str, expected: str
) -> None:
    file, problems = folder / "model.toml", list[Problem]()
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert read_model(folder, problems) is read_world(folder, []) is None
    [problem] = map(str, problems)
    assert problem.startswith(where)
    assert problem.endswith(f"; expected {expected}")


def test_without_best_plans_there_is_a_model_and_no_world(folder: Path) -> None:
    file, problems = folder / "optima.toml", list[Problem]()
    file.unlink()
    assert read_model(folder, problems) == WORLD.model_copy(update={"optima": ()})
    assert problems == []
    assert read_world(folder, problems) is None
    assert [(each.where, each.expected) for each in problems] == [((str(file),), "a readable file")]


def test_best_plans_are_read_back_as_they_were_written(folder: Path) -> None:
    written = (
        WORLD.optimum("new"),
        Optimum(
            scenario="year",
            changes={"ajar": 1.0, "openness": 1e-05},
            plan=((10.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 10.0)),
            best=1 / 3,
            even=1e-17,
            random=0.0,
        ),
    )
    write_optima(folder, written)
    read = read_world(folder, [])
    assert read is not None
    assert read.optima == written


def test_the_stored_file_is_what_would_be_written(folder: Path) -> None:
    write_optima(folder, WORLD.optima)
    assert (folder / "optima.toml").read_bytes() == (SIMULATION / "optima.toml").read_bytes()


@pytest.mark.parametrize(
    ("scenario", "changes", "message"),
    [
        ("nowhere", {}, "no best plan is stored for nowhere with no changes"),
        ("year", {"ajar": 0.5}, "no best plan is stored for year with {'ajar': 0.5}"),
        ("new", {"ajar": 1.0}, "no best plan is stored for new with {'ajar': 1.0}"),
    ],
)
def test_a_best_plan_that_is_not_stored_is_a_key_error_with_words(
    scenario: str, changes: dict[str, float], message: str
) -> None:
    with pytest.raises(KeyError) as caught:
        WORLD.optimum(scenario, changes)
    assert caught.value.args == (message,)


# ── The command ─────────────────────────────────────────────────────────────────────────────────

EVEN = [[0.25] * 4] * 4


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a plan is written."""
    return tmp_path / "plan.json"


def simulate(printed: Printed, scenario: str, file: Path) -> tuple[int, str, str]:
    """Exit status, output, errors."""
    return (main(["simulate", scenario, str(file)]), *printed.readouterr())


def test_the_command_tells_what_a_plan_leads_to_week_by_week(capsys: Printed, file: Path) -> None:
    file.write_text(json.dumps(EVEN), encoding="utf-8")
    status, out, err = simulate(capsys, "new", file)
    played = json.loads(out)
    assert (status, err, played["scenario"]) == (0, "", "new")
    assert played["value"] == pytest.approx(0.3864, abs=5e-7)
    assert played["score"] == pytest.approx(60)
    assert played["trajectory"][0] == {
        "week": 1,
        "event": None,
        "trust": pytest.approx(0.308373, abs=5e-7),
        "goals": pytest.approx(0.17465, abs=5e-7),
        "ability": pytest.approx(0.0965, abs=5e-7),
        "relationships": pytest.approx(0.101737, abs=5e-7),
        "underway": pytest.approx(0.022566, abs=5e-7),
        # 4 / (1 / .308373 + 1 / .17465 + 1 / .0965 + 1 / .101737) = 4 / 29.1607
        "outcome": pytest.approx(0.13717, abs=5e-6),
    }


def test_the_command_tells_events_and_the_score_of_a_best_plan(capsys: Printed, file: Path) -> None:
    best = [[5, 5, 0, 0], [1, 1, 7, 1], [1, 4, 1, 4], [1, 4, 3, 2], [5, 1, 3, 1], [1, 4, 1, 4]]
    file.write_text(json.dumps([[each / 10 for each in points] for points in best]))
    played = json.loads(simulate(capsys, "year", file)[1])
    assert played["value"] == pytest.approx(0.461143, abs=5e-7)
    assert played["score"] == pytest.approx(100)
    weeks = played["trajectory"]
    assert [week["week"] for week in weeks] == [*range(1, 25)]
    happens = {week["week"]: week["event"] for week in weeks if week["event"]}
    assert happens == {10: "goal", 16: "crisis"}
    worth = [week["outcome"] for week in weeks]
    assert (sum(worth) + 4 * worth[-1]) / 28 == pytest.approx(played["value"])


@pytest.mark.parametrize(
    ("scenario", "plan", "message"),
    [
        (
            "nowhere",
            EVEN,
            "'nowhere' is no scenario. Give one of new, goal, crisis, newboss, year.",
        ),
        ("new", None, "{file} cannot be read: No such file or directory."),
        ("new", "", "{file}: Expecting value: line 1 column 1 (char 0)"),
        ("new", "[[0.25,", "{file}: Expecting value: line 1 column 8 (char 7)"),
        ("year", EVEN, "{file}: plan: expected a list of 6 phases, found 4 of them"),
        ("new", [[0.5] * 4] * 4, "{file}: phase 1: expected shares that make 1, found 2 in all"),
        ("new", "[[NaN, 0, 0, 1]]", "{file}: plan: expected a list of 4 phases, found 1 of them"),
    ],
)
def test_the_command_refuses_what_it_cannot_play(
    capsys: Printed, file: Path, scenario: str, plan: Any, message: str
) -> None:
    if plan is not None:
        written = plan if isinstance(plan, str) else json.dumps(plan)
        file.write_text(written, encoding="utf-8")
    assert simulate(capsys, scenario, file) == (1, "", message.format(file=file) + "\n")
