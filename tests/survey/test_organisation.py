"""The example in data/survey is what its seed gives, and holds what a survey has to cope with."""

import csv
import io
import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.survey.comments import ODD
from tests.survey.organisation import CSV, ORDER, TRUTHS, Organisation, organisation, table
from tests.survey.population import (
    INSTRUMENT,
    PILLARS,
    TRUTH,
    WAVES,
    factors,
    of_teams,
    population,
    team_means,
    teams,
)
from tests.survey.truths import BATCHES, statistics
from upm.survey.answers import NO_SCORE, PEOPLE, Missing
from upm.survey.screening import screen


@pytest.fixture(scope="module")
def made() -> Organisation:
    return organisation()


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return json.loads(TRUTHS.read_text(encoding="utf-8"))


# ── The files ───────────────────────────────────────────────────────────────────────────────────


def test_the_example_is_what_the_seed_gives(made: Organisation) -> None:
    assert table(made.answers).to_csv(index=False, lineterminator="\n") == CSV.read_text("utf-8")


def test_what_is_true_of_the_example_is_stored_with_it(
    made: Organisation, stored: dict[str, Any]
) -> None:
    assert stored["parameters"] == json.loads(json.dumps(asdict(TRUTH)))
    assert stored["careless"] == made.careless
    assert stored["duplicates"] == [*made.duplicates]


def test_the_stored_truths_are_those_of_the_model(stored: dict[str, Any]) -> None:
    def leaves(tree: dict[str, Any], name: str = "") -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for key, value in tree.items():
            deeper = leaves(value, f"{name}/{key}") if isinstance(value, dict) else {}
            found |= deeper or {f"{name}/{key}": value}
        return found

    known, again = leaves(stored["statistics"]), leaves(statistics(TRUTH, batches=2))
    assert known.keys() == again.keys()
    # Two of the 20 batches: their mean lies within chance, which is sqrt(20 / 2) times that of all.
    off = {
        name: (again[name][0] - value) / error / (BATCHES / 2) ** 0.5
        for name, (value, error) in known.items()
    }
    assert {name: z for name, z in off.items() if abs(z) > 4.5} == {}
    assert max(error for _, error in known.values()) < 0.005


def test_the_example_is_a_plain_file_of_fields_items_and_questions(made: Organisation) -> None:
    header, *rows = csv.reader(io.StringIO(CSV.read_text("utf-8")))
    assert header == [*PEOPLE, *INSTRUMENT.item_ids, *(each.id for each in INSTRUMENT.open)]
    assert len(rows) == len(made.answers)
    points = {cell for row in rows for cell in row[len(PEOPLE) : -2]}
    assert points == {*"12345", "", "Did not come up", "Could not see"}
    assert CSV.stat().st_size < 500_000


# ── The organisation ────────────────────────────────────────────────────────────────────────────


def test_it_has_six_departments_and_teams_of_very_different_sizes(made: Organisation) -> None:
    first = made.answers.of(wave="T0", form="member").people
    assert first["department"].nunique() == 6
    sizes = first.groupby("team").size()
    assert len(sizes) == 48
    assert (sizes < 5).sum() >= 10
    assert (sizes >= 15).sum() >= 3
    assert {*first["role"]} == {"field", "office"}


@pytest.mark.parametrize("form", ["member", "manager"])
def test_people_come_and_go_over_three_waves(made: Organisation, form: str) -> None:
    by_wave = {wave: made.answers.of(form=form, wave=wave) for wave in WAVES}
    assert all(250 < len(each) < 400 for each in by_wave.values())
    code = "link" if form == "member" else "about"
    codes = [{*each.people[code].dropna()} for each in by_wave.values()]
    assert 150 < len(codes[0] & codes[1] & codes[2]) < len(codes[0] & codes[1]) < len(codes[0])
    missing = made.answers.of(form=form).people[code].isna().mean()
    assert 0.05 < missing < 0.2


def test_managers_rate_members_of_their_own_team_by_code(made: Organisation) -> None:
    people = made.answers.people
    members, managers = (people[people["form"] == form] for form in ("member", "manager"))
    assert managers["link"].isna().all()
    assert members["about"].isna().all()
    keys = ["wave", "team", "manager"]
    pairs = members.merge(managers, left_on=[*keys, "link"], right_on=[*keys, "about"])
    assert len(pairs) > 500
    assert people.groupby("team")["manager"].nunique().eq(1).all()


def test_cells_are_empty_for_each_reason(made: Organisation) -> None:
    points = made.answers.points
    forms = (made.answers.people["form"] == "manager").to_numpy()
    held = {item.id: points[:, place] for place, item in enumerate(INSTRUMENT.items)}
    assert (held["clim1"][forms] == Missing.NOT_ASKED).all()
    assert (held["then_u11a"][made.answers.people["wave"] == "T0"] == Missing.NOT_ASKED).all()
    assert 0.1 < (held["u42a"][~forms] == Missing.NO_POINT).mean() < 0.25
    skipped = (points == Missing.SKIPPED).mean()
    assert 0.01 < skipped < 0.06
    stopped = ~made.answers.people["finished"].to_numpy(bool)
    last = INSTRUMENT.item_ids.index(ORDER[-1])
    assert (points[stopped, last] <= 0).all()
    assert (points[stopped, INSTRUMENT.item_ids.index(ORDER[0])] > 0).mean() > 0.9


def test_comments_are_given_by_some_members_and_the_awkward_ones_stand_once(
    made: Organisation,
) -> None:
    members = made.answers.of(form="member").comments
    assert made.answers.of(form="manager").comments.isna().all(axis=None)
    assert 0.25 < members.notna().mean().mean() < 0.45
    said = made.answers.of(wave="T0").comments["change"]
    assert [int((said == each).sum()) for each in ODD] == [1] * len(ODD)


def test_the_rule_of_the_questionnaire_finds_the_careless_and_spares_the_others(
    made: Organisation,
) -> None:
    for form in ("member", "manager"):
        some = made.answers.of(form=form)
        screened = screen(some)
        assert screened
        how = some.people["respondent"].map(made.careless).fillna("careful").to_numpy()
        left_out = {kind: screened.excluded[how == kind].mean() for kind in {*how}}
        assert left_out["straight"] == left_out["hasty"] == 1
        assert left_out["random"] > 0.65
        assert left_out["careful"] < 0.02


# ── The population ──────────────────────────────────────────────────────────────────────────────


def test_a_population_is_careful_complete_and_known_by_its_seed() -> None:
    one, other = population(600, 50, seed=4), population(600, 50, seed=4)
    pd.testing.assert_frame_equal(one.people, other.people)
    assert (one.points == other.points).all()
    assert [*one.people.columns] == [*PEOPLE]
    assert one.people["team"].value_counts().between(2, 30).all()
    assert one.people["team"].nunique() == 50
    statements = [INSTRUMENT.item_ids.index(item) for item in INSTRUMENT.items_of("total")]
    assert (one.points[:, statements] > 0).all()
    assert (np.delete(one.points, statements, axis=1) == Missing.NOT_ASKED).all()
    total = one.scores()[:, list(INSTRUMENT.scale).index("total")]
    assert (total != NO_SCORE).all()
    assert (population(600, 50, seed=5).points != one.points).any()


def test_the_same_people_come_to_each_wave() -> None:
    answers = population(300, 20, seed=4, waves=3)
    links = [answers.of(wave=wave).people["link"].tolist() for wave in WAVES]
    assert links[0] == links[1] == links[2]
    assert answers.people["respondent"].is_unique


def test_the_expected_score_of_a_team_is_the_mean_of_its_many_members() -> None:
    rng = np.random.default_rng(11)
    team = teams(40_000, 4, rng)
    stand = factors(TRUTH, team, 2, rng)
    answers = of_teams(team, stand, rng, INSTRUMENT, TRUTH)
    places = [list(INSTRUMENT.scale).index(pillar) for pillar in PILLARS]
    for wave, shared in zip(("T0", "T1"), stand.teams, strict=True):
        scores = pd.DataFrame(answers.of(wave=wave).scores()[:, places] / 60)
        means = scores.groupby(team).mean().to_numpy().T
        # 10,000 members with a standard deviation of .7: an error of .007
        np.testing.assert_allclose(team_means(TRUTH, shared), means, atol=0.028)
