"""All statistics of a survey at once, and nothing that is withheld."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.survey.population import INSTRUMENT, PILLARS, population
from upm.survey.answers import Answers, joined
from upm.survey.battery import CAREFUL, EVERYBODY, Analysis, Finding, analyse, in_order
from upm.survey.change import Change
from upm.survey.instrument import Instrument
from upm.survey.moments import accumulate
from upm.survey.reliability import reliability
from upm.survey.result import NotDefined, recorded
from upm.survey.variance import icc

MAIN = {*PILLARS, "total"}


@pytest.fixture(scope="module")
def given() -> Answers:
    """150 people in 15 teams, at two waves; five of them leave after the first, three are new."""
    whole = population(150, 15, seed=3, waves=2)
    people = whole.people.copy()
    people.loc[people.index[:8], "link"] = None
    return replace(whole, people=people)


@pytest.fixture(scope="module")
def found(given: Answers) -> Analysis:
    return analyse(given)


def of(analysis: Analysis, statistic: str, **fields: str) -> list[Finding]:
    return [
        each
        for each in analysis.findings
        if each.statistic == statistic
        and all(getattr(each, name) == value for name, value in fields.items())
    ]


def test_each_wave_has_every_statistic_of_every_scale(found: Analysis) -> None:
    for wave in ("T0", "T1"):
        for statistic, methods in (("reliability", 7), ("ICC", 3)):
            some = of(found, statistic, wave=wave, sample=EVERYBODY)
            assert {each.subject for each in some} == MAIN
            assert len([each for each in some if each.subject == "trust"]) >= methods
        for statistic in ("items", "agreement within teams", "fit of the factor model"):
            assert of(found, statistic, wave=wave, sample=EVERYBODY)


def test_a_number_is_that_of_its_statistic_to_the_last_digit(
    given: Answers, found: Analysis
) -> None:
    moments = accumulate(given).of("member", "T1")
    results = {each.result for each in of(found, "reliability", wave="T1", sample=EVERYBODY)}
    assert reliability(moments, "goals") in results
    icc_of = of(found, "ICC", wave="T1", sample=EVERYBODY, subject="goals")
    assert icc(moments, "goals", "reml") in [each.result for each in icc_of]


def test_change_is_of_people_who_are_linked_and_of_all(found: Analysis) -> None:
    for statistic in ("change, linked", "change, not linked"):
        some = of(found, statistic, wave="T0 to T1")
        assert {each.subject for each in some} == MAIN
        assert all(isinstance(each.result, Change) for each in some)
    linked = of(found, "change, linked", subject="total")[0].result
    assert isinstance(linked, Change)
    assert linked.n_from == 142  # eight gave no code at the first wave


def test_invariance_is_of_all_waves_together(found: Analysis) -> None:
    (ladder,) = of(found, "invariance")
    assert (ladder.form, ladder.wave) == ("member", "T0, T1")


def test_the_record_is_json_with_all_digits_and_null_where_there_is_no_number(
    found: Analysis,
) -> None:
    text = json.dumps(found.record(), allow_nan=False)
    record = json.loads(text)
    assert record["instrument"] == {"id": INSTRUMENT.id, "version": INSTRUMENT.version}
    alphas = [
        each["result"]["value"]
        for each in record["findings"]
        if each["statistic"] == "reliability" and each["result"].get("statistic") == "alpha"
    ]
    assert any(len(str(value)) > 15 for value in alphas)
    assert record["groups"]["means"][0].keys() >= {"form", "wave", "group", "scale", "n", "mean"}


def test_a_table_for_the_terminal_has_a_title_for_each_statistic(found: Analysis) -> None:
    lines = [*found.lines()]
    assert lines[0] == "300 respondents, 2 waves."
    assert "reliability, member, T0, everybody" in lines
    assert "change, linked, member, T0 to T1, everybody" in lines
    assert all(len(line) < 400 for line in lines)


# ── What is withheld ────────────────────────────────────────────────────────────────────────────


def test_nine_people_have_no_statistics_of_the_whole() -> None:
    few = analyse(population(9, 2, seed=1))
    assert [each.result for each in few.findings if each.sample == EVERYBODY] == [
        NotDefined("all statistics", "Fewer than 10 answered.")
    ]
    assert {*few.groups["means"]["scale"]} <= {"total", *MAIN}
    assert not few.groups["items"]["answer"].isin(["1", "2", "3", "4", "5"]).any()


def test_nothing_at_all_is_shown_of_four_people() -> None:
    few = analyse(population(4, 2, seed=1))
    for name in ("means", "items", "agreement", "changes"):
        assert few.groups[name].empty, name
    assert few.groups["groups"]["n"].isna().all()


def test_with_nine_teams_it_is_not_said_how_teams_differ() -> None:
    nine = analyse(population(90, 9, seed=2))
    assert of(nine, "ICC") == []
    assert {each.subject for each in of(nine, "teams", sample=EVERYBODY)} == MAIN
    assert len(of(nine, "reliability")) > 0


def careless(whole: Answers, n: int) -> Answers:
    """The first n gave the same answer throughout."""
    points = whole.points.copy()
    order = [INSTRUMENT.item_ids.index(item) for item in INSTRUMENT.screening.order]  # type: ignore[union-attr]
    points[np.ix_(range(n), order)] = np.arange(n)[:, None] % 5 + 1
    return replace(whole, points=points)


@pytest.mark.parametrize(("n", "told"), [(0, False), (4, False), (14, True)])
def test_results_without_the_careless_stand_beside_the_others_unless_they_tell_of_few(
    n: int, told: bool
) -> None:
    strict = INSTRUMENT.screening.model_copy(  # type: ignore[union-attr]
        update={"seconds_per_item": None, "outlier_p": None, "contradictions": None,
                "least_variability": None, "longest_run": 20}
    )  # fmt: skip
    raw = INSTRUMENT.model_dump() | {"screening": strict.model_dump()}
    whole = replace(population(80, 8, seed=4), instrument=Instrument.model_validate(raw))
    found = analyse(careless(whole, n))
    some = [each for each in found.findings if each.sample == CAREFUL]
    counts = found.screening.set_index("flag")["n"]
    assert counts["excluded"] == n
    if told:
        assert of(found, "reliability", sample=CAREFUL)
        assert not of(found, "items", sample=CAREFUL)  # they would tell each answer of the careless
    else:
        (only,) = some
        assert isinstance(only.result, NotDefined)
        assert ("nobody" if n == 0 else "leaves out 4") in only.result.reason


def test_a_linked_mean_is_withheld_where_it_tells_of_the_few_who_are_not_linked() -> None:
    whole = population(150, 15, seed=3, waves=2)
    people = whole.people.copy()
    people.loc[people.index[:3], "link"] = None  # three at the first wave; their partners, too
    found = analyse(replace(whole, people=people))
    withheld = of(found, "change, linked")
    assert {each.subject for each in withheld} == MAIN
    assert all(isinstance(each.result, NotDefined) for each in withheld)
    assert any(isinstance(each.result, Change) for each in of(found, "change, not linked"))


def managed(whole: Answers, managers: int) -> Answers:
    """The same, and each of so many managers about ten members."""
    people = whole.people.copy()
    people["manager"] = [f"m{j % managers}" for j in range(len(people))]
    rated = whole.where(np.arange(len(whole)) < 10 * managers)
    about = people.iloc[: 10 * managers].copy()
    about["form"], about["about"], about["link"] = "manager", about["link"], None
    about["respondent"] = "m-" + about["respondent"]
    return joined([replace(whole, people=people), replace(rated, people=about)])


@pytest.mark.parametrize(("managers", "told"), [(2, False), (8, True)])
def test_what_managers_see_is_told_from_three_managers_on(managers: int, told: bool) -> None:
    found = analyse(managed(population(120, 12, seed=5), managers))
    assert bool(of(found, "gap, manager minus member")) == told
    shown = found.groups["means"]
    assert (shown["form"] == "manager").any() == told
    assert {*shown.loc[shown["form"] == "manager", "group"]} <= {"organisation"}


# ── Other instruments, and order ────────────────────────────────────────────────────────────────


def test_waves_are_in_the_order_of_time_whatever_their_names(given: Answers) -> None:
    people = given.people.copy()
    people["submitted"] = pd.to_datetime(
        np.where(people["wave"] == "T0", "2026-09-01", "2026-03-01"), utc=True
    )
    assert in_order(replace(given, people=people)) == ["T1", "T0"]
    people["submitted"] = pd.NaT
    assert in_order(replace(given, people=people)) == ["T0", "T1"]


def test_an_instrument_without_pillars_screening_or_outcome_is_analysed_too() -> None:
    raw = INSTRUMENT.model_dump()
    kept = INSTRUMENT.scale["trust"].items
    raw |= {
        "items": [item for item in raw["items"] if item["id"] in kept],
        "scales": [scale for scale in raw["scales"] if scale["id"] == "trust"],
        "screening": None, "driver_of": None, "open": (),
    }  # fmt: skip
    to = Instrument.model_validate(raw)
    whole = population(60, 12, seed=6)
    places = [INSTRUMENT.item_ids.index(item) for item in kept]
    small = Answers(
        to, whole.people, whole.points[:, places], pd.DataFrame(index=whole.people.index)
    )
    found = analyse(small)
    assert {each.sample for each in found.findings} == {EVERYBODY}
    assert of(found, "reliability", subject="trust")
    assert found.screening.empty


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.1), 0.1), (np.nan, None), (np.inf, None), (pd.NA, None), (np.int64(3), 3),
        (np.True_, True), ("a", "a"), (None, None), ((1, 2.5), [1, 2.5]),
        (NotDefined("x", "y"), {"statistic": "x", "reason": "y"}),
        (pd.DataFrame({"a": [1.5, np.nan]}), [{"a": 1.5}, {"a": None}]),
    ],
)  # fmt: skip
def test_a_value_is_recorded_as_json_has_it(value: Any, expected: Any) -> None:
    assert recorded(value) == expected
    assert type(recorded(value)) is type(expected)
