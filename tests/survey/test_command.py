"""The command `upm survey`: what it prints, and its exit status."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.survey.population import population
from upm import cli, paths
from upm.survey.instrument import plain_instrument, read_instrument
from upm.survey.moments import accumulate
from upm.survey.reading import read_all, write_answers
from upm.survey.reliability import Reliability, reliability

Printed = pytest.CaptureFixture[str]
EXAMPLE = paths.DATA / "survey" / "example.csv"


def run(printed: Printed, *arguments: object) -> tuple[int, str, str]:
    """Exit status, output, errors."""
    status = cli.main(["survey", *map(str, arguments)])
    return (status, *printed.readouterr())


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An export of 60 people in 6 teams."""
    file = tmp_path / "small.csv"
    write_answers(population(60, 6, seed=1), file)
    return file


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Somebody else's file: three questions from 1 to 7, a group, a name and a note."""
    rng, file = np.random.default_rng(2), tmp_path / "canteen.csv"
    common = rng.normal(size=80)
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["Name", "Which table?", "Soup", "Bread", "Cake", "Note"])
        for person, own in enumerate(common):
            points = np.clip(np.round(4 + own + rng.normal(size=3)), 1, 7).astype(int)
            rows.writerow([f"Person {person}", f"Table {person % 8}", *points, "=1+1"])
    return file


def test_reading_says_what_became_of_every_column_and_row(capsys: Printed) -> None:
    status, out, err = run(capsys, "read", EXAMPLE)
    assert (status, err) == (0, "")
    assert out.startswith("example.csv: our own table, UTF-8.\n1,966 of 1,966 respondents are kept")
    assert "'u11a': item u11a" in out


def test_what_was_read_can_be_written_and_is_read_as_the_same(
    capsys: Printed, small: Path, tmp_path: Path
) -> None:
    to = read_instrument(paths.DATA / "survey" / "upward-management.toml")
    for name in ("again.csv", "again.parquet"):
        assert run(capsys, "read", small, "--out", tmp_path / name)[0] == 0
        one, other = (read_all([file], to).answers for file in (small, tmp_path / name))
        assert (one.points == other.points).all()
        assert one.people["team"].tolist() == other.people["team"].tolist()


def test_statistics_are_tables_or_json(capsys: Printed, small: Path) -> None:
    status, out, err = run(capsys, "stats", small)
    assert (status, err) == (0, "")
    assert out.startswith("60 respondents, 1 wave.\n")
    status, out, err = run(capsys, "stats", small, "--json")
    assert (status, err) == (0, "")
    record = json.loads(out)
    assert record["respondents"] == 60
    assert {each["statistic"] for each in record["findings"]} >= {"items", "reliability"}
    assert {"groups", "means", "items", "agreement", "changes"} == {*record["groups"]}


def test_other_peoples_data_need_no_instrument(capsys: Printed, foreign: Path) -> None:
    columns = "Soup, Bread,Cake"
    status, out, err = run(
        capsys, "stats", foreign, "--items", columns, "--points", 7, "--team", "Which table?",
        "--json",
    )  # fmt: skip
    assert (status, err) == (0, "")
    record = json.loads(out)
    to, mapping = plain_instrument(["Soup", "Bread", "Cake"], 7)
    answers = read_all([foreign], to, mapping=mapping | {"Which table?": "team"}).answers
    alpha = reliability(accumulate(answers), "scale")
    assert isinstance(alpha, Reliability)
    values = [
        each["result"].get("value")
        for each in record["findings"]
        if each["statistic"] == "reliability"
    ]
    assert alpha.value in values
    groups = [each["name"] for each in record["groups"]["groups"]]
    assert groups[1:] == [f"Table {table}" for table in range(8)]
    assert "Person" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.csv"], "nothing.csv: cannot be opened"),
        ([EXAMPLE, "--map", "team"], "--map 'team' has no =. Write the column's header, =, and an"),
        ([EXAMPLE, "--map", "team=tem"], "the mapping says 'tem': did you mean team?"),
        ([EXAMPLE, "--form", "boss"], "There is no form 'boss'; expected member or manager."),
        ([EXAMPLE, "--timezone", "Mars"], "There is no time zone 'Mars'; try Europe/Berlin."),
        ([EXAMPLE, "--items", "u11a,u11b", "--points", "99"], "--items"),
        ([EXAMPLE, "--instrument", "nothing.toml"], "nothing.toml"),
        ([EXAMPLE, "--out", "answers.doc"], "answers.doc ends in .doc; use .csv or .parquet."),
        ([EXAMPLE, "--out", "no/such/folder.csv"], "no/such"),
        (
            [EXAMPLE, "--out", EXAMPLE],
            "example.csv is there already: give the answers another name",
        ),
    ],
)
def test_a_mistake_is_said_in_one_message_and_changes_nothing(
    capsys: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[object], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    status, _, err = run(capsys, "read", *arguments)
    assert status == 1
    assert said in err
    assert "Traceback" not in err
    assert [*tmp_path.iterdir()] == []


def test_without_the_extra_it_says_what_to_install(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name="pyreadstat")

    monkeypatch.setattr(cli, "import_module", missing)
    status, _, err = run(capsys, "read", EXAMPLE)
    assert status == 1
    assert err == "The survey needs pyreadstat. Install it: pip install 'upm[survey]'\n"
