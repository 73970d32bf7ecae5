"""The tables of groups hold what the release shows, and the numbers are right."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.survey.builders import values
from tests.survey.test_attack import INSTRUMENT, ITEMS, organisation
from upm.survey.answers import Answers
from upm.survey.change import linked_change
from upm.survey.disclosure import bands, plan
from upm.survey.exposure import View, in_units
from upm.survey.groups import BAND_NAMES, DECIMALS, group_tables
from upm.survey.links import linked
from upm.survey.moments import accumulate
from upm.survey.release import BANDS, POINTS, Layer, Release
from upm.survey.result import NotDefined
from upm.survey.tree import Group

SEEDS = (14, 35)


class Published(NamedTuple):
    answers: Answers
    release: Release
    tables: dict[str, pd.DataFrame]


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest) -> Published:
    answers = organisation(request.param)
    moments, release = accumulate(answers), plan(answers)
    views = []
    for form in release.changes:
        waves = [wave for wave in release.waves if Layer(form, wave) in release.layers]
        views.append(View.of(answers, release.tree, form, waves))
    return Published(answers, release, group_tables(moments, release, views))


def in_group(made: Published, group: Group) -> np.ndarray:
    everybody = group.kind == "organisation"
    teams = made.answers.people["team"]
    return (everybody | teams.isin(group.teams)).to_numpy(bool)


def layer_of(answers: Answers, layer: Layer) -> np.ndarray:
    people = answers.people
    return ((people["form"] == layer.form) & (people["wave"] == layer.wave)).to_numpy(bool)


def expected(release: Release, *kinds: str) -> set[tuple[str, str, str, str]]:
    """Form, wave, group and measure of all that is shown."""
    return {
        (*layer, group.id, measure)
        for layer, measures in release.layers.items()
        for measure, flags in measures.items() if measure.startswith(kinds)
        for group, flag in zip(release.tree.groups, flags, strict=True) if flag
    }  # fmt: skip


ROUNDED = 0.5 * 10**-DECIMALS + 1e-9


def keys(table: pd.DataFrame, *columns: str) -> set[tuple[str, ...]]:
    return {*map(tuple, table[[*columns]].to_numpy())}


def test_there_are_means_of_what_the_release_shows_and_no_others(made: Published) -> None:
    shown = {key for key in expected(made.release, "") if key[-1] in INSTRUMENT.scale}
    assert keys(made.tables["means"], "form", "wave", "group", "scale") == shown
    assert len(shown) > 5
    assert not made.tables["means"].duplicated(["form", "wave", "group", "scale"]).any()


def test_there_are_points_or_bands_of_the_items_that_the_release_shows(made: Published) -> None:
    table = made.tables["items"]
    in_bands = table["answer"].isin(BAND_NAMES)
    points = {(*key[:3], key[3].removeprefix(POINTS)) for key in expected(made.release, POINTS)}
    banded = {(*key[:3], key[3].removeprefix(BANDS)) for key in expected(made.release, BANDS)}
    columns = ("form", "wave", "group", "item")
    assert keys(table[~in_bands], *columns) == points
    assert keys(table[in_bands], *columns) == banded - points


def test_agreement_is_told_of_teams_that_show_all_points_of_a_scale(made: Published) -> None:
    teams = {unit.id for unit in made.release.tree.units if unit.kind == "team"}
    points = expected(made.release, POINTS)
    for key in keys(made.tables["agreement"], "form", "wave", "group", "scale"):
        assert key[2] in teams
        for item in INSTRUMENT.items_of(key[3]):
            assert (*key[:3], POINTS + item) in points


def test_there_are_changes_of_what_the_release_shows_and_no_others(made: Published) -> None:
    shown, release = set(), made.release
    for form, scales in release.changes.items():
        waves = [wave for wave in release.waves if Layer(form, wave) in release.layers]
        between = [*pairwise(waves)]
        between += [(waves[0], waves[-1])] if len(waves) > 2 else []
        for scale, flags in scales.items():
            shown |= {
                (form, *between[step], release.tree.groups[group].id, scale)
                for step, group in np.argwhere(flags)
            }
    table = made.tables["changes"]
    assert (keys(table, "form", "from", "to", "group", "scale") if len(table) else set()) == shown


def test_means_are_those_of_the_people_in_the_group(made: Published) -> None:
    scores, groups = values(made.answers), {group.id: group for group in made.release.tree.groups}
    for row in made.tables["means"].itertuples():
        here = layer_of(made.answers, Layer(row.form, row.wave))
        own = scores[row.scale][here & in_group(made, groups[row.group])].dropna()
        margin = stats.t.ppf(0.975, len(own) - 1) * own.std() / np.sqrt(len(own))
        assert row.n == len(own)
        assert [row.mean, row.sd, row.low, row.high] == pytest.approx(
            [own.mean(), own.std(), own.mean() - margin, own.mean() + margin], abs=ROUNDED
        )


def test_items_are_counted_as_they_were_given(made: Published) -> None:
    groups = {group.id: group for group in made.release.tree.groups}
    columns = ["form", "wave", "group", "item"]
    for (form, wave, group, item), table in made.tables["items"].groupby(columns):
        here = layer_of(made.answers, Layer(form, wave)) & in_group(made, groups[group])
        points = made.answers.points[here, ITEMS.index(item)]
        counts = np.bincount(points[points > 0], minlength=6)[1:]
        if table["answer"].iloc[0] in BAND_NAMES:
            assert [*table["answer"]] == [*BAND_NAMES]
            counts = counts @ bands(5)
        assert [*table["count"]] == [*counts]
        assert (table["n"] == counts.sum()).all()


def test_changes_are_those_of_linked_people_who_stayed(made: Published) -> None:
    tree = made.release.tree
    own, groups = in_units(made.answers, tree), {group.id: group for group in tree.groups}
    for row in made.tables["changes"].rename(columns={"from": "start"}).itertuples():
        pairs = linked(own, row.form, row.start, row.to, same_team=True)
        group = groups[row.group]
        if group.kind in ("team", "pool"):
            found = linked_change(pairs, row.scale, group.id)
        else:
            if group.kind == "department":
                pairs = pairs.of([unit.id for unit in tree.units if unit.department == group.name])
            found = linked_change(pairs, row.scale)
        if isinstance(found, NotDefined):
            continue
        names = ["difference", "sd", "dz"]
        names += ["se", "df", "low", "high"] if found.teams > 1 or group.kind == "team" else []
        assert row.n == found.n_from
        assert [getattr(row, name) for name in names] == pytest.approx(
            [getattr(found, name) for name in names], abs=ROUNDED
        )
        assert all(round(getattr(row, name), DECIMALS) == getattr(row, name) for name in names)


def test_some_change_was_compared() -> None:
    counts = []
    for seed in SEEDS:
        release = plan(organisation(seed))
        counts.append(sum(int(f.sum()) for s in release.changes.values() for f in s.values()))
    assert max(counts) >= 5
