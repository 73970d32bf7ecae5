"""Members and managers whose true values are known: factors first, points of the scale last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from upm import paths
from upm.survey.answers import PEOPLE, TEXTS, Answers, Missing, Points, joined
from upm.survey.instrument import Instrument, read_instrument

Floats = NDArray[Any]
Whole = NDArray[np.int64]
Random = np.random.Generator

INSTRUMENT = read_instrument(paths.DATA / "survey" / "upward-management.toml")
WAVES = ("T0", "T1", "T2")
PILLARS = ("trust", "goals", "ability", "relationships")
OUTCOMES = ("working-relationship", "role-clarity", "engagement", "climate")


@dataclass(frozen=True)
class Truth:
    """What holds before answers become points. Factors have mean 0 and variance 1 at T0."""

    loading: float = 0.63
    """Of a statement on its pillar; what is latent in a statement has variance 1."""
    loading_reversed: float = 0.53
    practice: float = 0.09
    """The share of variance that the two statements of a practice have in common besides."""
    correlations: tuple[tuple[float, ...], ...] = (
        (1.00, 0.75, 0.65, 0.80),
        (0.75, 1.00, 0.72, 0.70),
        (0.65, 0.72, 1.00, 0.65),
        (0.80, 0.70, 0.65, 1.00),
    )
    """Of the pillars, between teams and within."""
    team: tuple[float, ...] = (0.20, 0.12, 0.06, 0.16)
    """The share of each factor that lies between teams."""
    stable_team: float = 0.85
    stable_person: float = 0.93
    stable_item: float = 0.45
    """The shares that stay from wave to wave: of what a team has in common, of what a person has,
    of what is peculiar to a person's answers to one statement."""
    change: tuple[tuple[float, ...], ...] = (
        (0.0, 0.0, 0.0, 0.0),
        (0.435, 0.255, 0.0, 0.0),
        (0.30, 0.17, 0.0, 0.0),
    )
    """What is added to the factors in each wave."""
    thresholds: tuple[float, ...] = (-1.75, -1.0, -0.15, 0.95)
    """Between the five points of a statement of middling difficulty."""
    difficulty: float = 0.3
    """How far the easiest and the hardest statement lie from it."""
    agreement: float = 0.40
    """The correlation of a member's factor with what the manager sees of it."""
    leniency: float = 0.12
    """The share of a manager's view that is the same for everybody in the team."""
    offset: float = -0.30
    """Added to what a manager sees."""
    drivers: tuple[tuple[float, ...], ...] = (
        (0.40, 0.15, 0.05, 0.25),
        (0.10, 0.50, 0.10, 0.00),
        (0.10, 0.10, 0.15, 0.15),
        (0.50, 0.00, 0.00, 0.10),
    )
    """For each of OUTCOMES the weights of the pillars' factors."""
    outcome_loading: float = 0.78
    yardstick: float = -0.35
    """Looking back, people place themselves lower than they did then."""


TRUTH = Truth()


class Factors(NamedTuple):
    """Where people stand: an array for each wave."""

    people: list[Floats]
    """Pillars x people."""
    teams: list[Floats]
    """Pillars x teams: what the members of a team have in common."""


def factors(truth: Truth, team: Whole, waves: int, rng: Random) -> Factors:
    """Draw them, for people in teams numbered from 0."""
    between = np.sqrt(truth.team, dtype=np.float32)[:, None]
    within = np.sqrt(1 - between**2)
    teams = _drawn(truth.correlations, int(team.max()) + 1, truth.stable_team, waves, rng)
    people = _drawn(truth.correlations, len(team), truth.stable_person, waves, rng)
    shared = [
        between * each + np.array(change, np.float32)[:, None]
        for each, change in zip(teams, truth.change, strict=False)
    ]
    return Factors(
        [ours[:, team] + within * own for ours, own in zip(shared, people, strict=True)], shared
    )


def _drawn(
    correlations: Sequence[Sequence[float]], n: int, stable: float, waves: int, rng: Random
) -> list[Floats]:
    """For each wave correlated normal values, variables x n, of which a share stays."""
    root = np.linalg.cholesky(np.array(correlations)).tolist()
    raw = _lasting((len(root), n), stable, waves, rng)
    # Not a matrix product: its last digits differ from machine to machine.
    return [
        np.stack([sum(w * z for w, z in zip(row, each, strict=True) if w) for row in root])
        for each in raw
    ]


def _lasting(
    shape: int | tuple[int, ...], stable: float, waves: int, rng: Random
) -> Iterator[Floats]:
    """For each wave standard normal values that correlate with the other waves' by `stable`."""
    if waves == 1:
        stable = 0.0
    kept = stable**0.5 * rng.standard_normal(shape, np.float32) if stable else np.float32(0)
    for _ in range(waves):
        if stable == 1:
            yield kept
        else:
            yield kept + (1 - stable) ** 0.5 * rng.standard_normal(shape, np.float32)


def _points(
    meant: Sequence[Floats], spread: float, stable: float, cuts: Sequence[float], rng: Random
) -> list[Points]:
    """For each wave: how many cuts lie below what is meant and what is peculiar, and one more."""
    found = []
    peculiar = _lasting(len(meant[0]), stable, len(meant), rng)
    for each, own in zip(meant, peculiar, strict=True):
        value = each + spread**0.5 * own
        points = np.ones(len(value), np.int8)
        for cut in cuts:
            points += value > np.float32(cut)
        found.append(points)
    return found


class Statement(NamedTuple):
    """One of the 24: its id, the place of its pillar, its loading and thresholds."""

    id: str
    pillar: int
    loading: float
    cuts: list[float]


def statements(truth: Truth) -> list[Statement]:
    """All 24; easy and hard ones take turns."""
    found = []
    for place, id in enumerate(
        item for pillar in PILLARS for item in INSTRUMENT.scale[pillar].items
    ):
        shift = truth.difficulty * (2 * (place * 7 % 24) / 23 - 1)
        turned = INSTRUMENT.item[id].reversed
        loading = truth.loading_reversed if turned else truth.loading
        found.append(Statement(id, place // 6, loading, [cut + shift for cut in truth.thresholds]))
    return found


def answered(truth: Truth, people: Sequence[Floats], rng: Random) -> list[dict[str, Points]]:
    """For each wave the answers to the 24 statements, as reversed items are answered."""
    found: list[dict[str, Points]] = [{} for _ in people]
    practice: dict[str, Floats] = {}
    for each in statements(truth):
        if each.id[:-1] not in practice:
            common = rng.standard_normal(people[0].shape[1], np.float32)
            practice = {each.id[:-1]: truth.practice**0.5 * common}
        meant = [each.loading * wave[each.pillar] + practice[each.id[:-1]] for wave in people]
        spread = 1 - each.loading**2 - truth.practice
        turned = INSTRUMENT.item[each.id].reversed
        waves = _points(meant, spread, truth.stable_item, each.cuts, rng)
        for wave, points in zip(found, waves, strict=True):
            wave[each.id] = np.int8(6) - points if turned else points
    return found


def seen_by_managers(
    truth: Truth, people: Sequence[Floats], team: Whole, rng: Random
) -> list[Floats]:
    """For each wave the factors as the manager of each person's team sees them."""
    mild = truth.leniency**0.5 * rng.standard_normal(int(team.max()) + 1, np.float32)
    (own,) = _drawn(truth.correlations, len(team), 0, 1, rng)
    rest = (1 - truth.agreement**2 - truth.leniency) ** 0.5
    return [truth.agreement * each + mild[team] + rest * own + truth.offset for each in people]


def followed(truth: Truth, people: Sequence[Floats], rng: Random) -> list[dict[str, Points]]:
    """For each wave the answers to the items of OUTCOMES."""
    found: list[dict[str, Points]] = [{} for _ in people]
    cuts = [cut - 0.2 for cut in truth.thresholds]
    spread = 1 - truth.outcome_loading**2
    for outcome, weights in zip(OUTCOMES, truth.drivers, strict=True):
        explained = float(np.array(weights) @ np.array(truth.correlations) @ np.array(weights))
        own = (1 - explained) ** 0.5 * rng.standard_normal(people[0].shape[1], np.float32)
        meant = [
            truth.outcome_loading
            * (own + sum(w * factor for w, factor in zip(weights, each, strict=True)))
            for each in people
        ]
        for item in INSTRUMENT.scale[outcome].items:
            waves = _points(meant, spread, truth.stable_item, cuts, rng)
            for wave, points in zip(found, waves, strict=True):
                wave[item] = points
    return found


def looking_back(truth: Truth, first: Floats, rng: Random) -> dict[str, Points]:
    """The answers about the time before, from where people stood at the first wave."""
    known = {each.id: each for each in statements(truth)}
    found = {}
    for item in INSTRUMENT.items:
        if item.then is not None:
            each = known[item.then]
            meant = each.loading * first[each.pillar] + truth.yardstick
            (found[item.id],) = _points([meant], 1 - each.loading**2, 1, each.cuts, rng)
    return found


def team_means(truth: Truth, shared: Floats) -> Floats:
    """Pillars x teams: a member's expected score, given what the team has in common."""
    means = np.zeros(shared.shape)
    for each in statements(truth):
        sd = (1 - each.loading**2 * truth.team[each.pillar]) ** 0.5
        above = [ndtr((each.loading * shared[each.pillar] - cut) / sd) for cut in each.cuts]
        means[each.pillar] += (1 + sum(above)) / 6
    return means


def matrix(instrument: Instrument, columns: dict[str, Points]) -> Points:
    """The columns of an instrument; what is not among them was not asked."""
    n = len(next(iter(columns.values())))
    found = np.full((n, len(instrument.items)), Missing.NOT_ASKED, np.int8)
    for place, item in enumerate(instrument.item_ids):
        if item in columns:
            found[:, place] = columns[item]
    return found


def teams(n_respondents: int, n_teams: int, rng: Random) -> Whole:
    """The team of each respondent, numbered from 0, in no order: at least two in each."""
    more = rng.integers(0, n_teams, n_respondents - 2 * n_teams)
    return rng.permutation(np.concatenate([np.arange(n_teams), np.arange(n_teams), more]))


def people(team: Whole, wave: str, rng: Random) -> pd.DataFrame:
    """Who answered: ids of teams, departments of about eight teams, managers and codes."""
    n, n_teams = len(team), int(team.max()) + 1
    numbers = pd.Series(np.arange(n)).astype(str)
    of_team = pd.Series(np.arange(n_teams)).astype(str)
    frame = pd.DataFrame(
        {
            "respondent": wave + "-" + numbers,
            "form": pd.Series("member", numbers.index, str),
            "wave": pd.Series(wave, numbers.index, str),
            "team": ("team " + of_team).take(team).array,
            "department": ("department " + (of_team.index // 8).astype(str)).take(team).array,
            "manager": ("manager " + of_team).take(team).array,
            "role": np.where(np.arange(n) % 3 == 0, "office", "field"),
            "link": "code " + numbers,
            "about": pd.Series(None, numbers.index, str),
            "submitted": pd.Timestamp("2026-03-02 09:00", tz="UTC"),
            "seconds": np.exp(rng.normal(5.7, 0.35, n)).round(),
            "finished": True,
        }
    )
    return frame.astype(dict.fromkeys(TEXTS, str))[list(PEOPLE)]


def population(
    n_respondents: int, n_teams: int, seed: int, instrument: Instrument = INSTRUMENT,
    truth: Truth = TRUTH, waves: int = 1,
) -> Answers:  # fmt: skip
    """Careful and complete answers of members to the 24 statements, at one or more waves.

    The same `n_respondents` answer at each wave, known by their link.
    """
    rng = np.random.default_rng(seed)
    team = teams(n_respondents, n_teams, rng)
    return of_teams(team, factors(truth, team, waves, rng), rng, instrument, truth)


def of_teams(
    team: Whole, stand: Factors, rng: Random, instrument: Instrument, truth: Truth
) -> Answers:
    """What people in these teams answer, given where they stand."""
    parts = []
    for wave, columns in zip(WAVES, answered(truth, stand.people, rng), strict=False):
        who = people(team, wave, rng)
        silent = pd.DataFrame({q.id: pd.Series(None, who.index, str) for q in instrument.open})
        parts.append(Answers(instrument, who, matrix(instrument, columns), silent))
    return joined(parts) if len(parts) > 1 else parts[0]
