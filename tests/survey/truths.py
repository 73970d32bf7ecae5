"""What statistics of observed answers are in truth: of so many people that chance is small."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from tests.survey.population import (
    INSTRUMENT,
    OUTCOMES,
    PILLARS,
    WAVES,
    Random,
    Truth,
    answered,
    factors,
    followed,
    looking_back,
    seen_by_managers,
)
from upm.survey.answers import Points

Floats = NDArray[np.float64]
Named = Iterator[tuple[str, float]]
BATCHES, TEAMS, SIZE = 20, 1250, 8
"""So many times so many teams of so many members: 200,000 people."""
SCALES = (*PILLARS, "total")


def statistics(truth: Truth, batches: int = BATCHES) -> dict[str, Any]:
    """Each statistic as [value, its Monte-Carlo standard error], in a tree by name.

    Of people who all answer everything with care, in teams of SIZE.
    """
    found = [
        dict(_statistics(truth, np.random.default_rng([7, batch]))) for batch in range(batches)
    ]
    tree: dict[str, Any] = {}
    for name in found[0]:
        values = np.array([batch[name] for batch in found])
        *branches, leaf = name.split("/")
        node = tree
        for branch in branches:
            node = node.setdefault(branch, {})
        node[leaf] = [float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)]
    return tree


def _statistics(truth: Truth, rng: Random) -> Named:
    team = np.repeat(np.arange(TEAMS), SIZE)
    stand = factors(truth, team, len(WAVES), rng).people
    seen = seen_by_managers(truth, stand, team, rng)
    waves = [_keyed(each) for each in answered(truth, stand, rng)]
    after = followed(truth, stand[:1], rng)[0]
    scored = [_scores(each) for each in waves]
    yield from _of_items(waves[0])
    yield from _of_outcomes(after)
    yield from _of_scores(scored[0])
    yield from _of_change(scored)
    for item, points in looking_back(truth, stand[0], rng).items():
        now = INSTRUMENT.item[item].then or ""
        yield f"T1 minus looking back/{now}", float(waves[1][now].mean() - points.mean())
    managers = _scores(_keyed(answered(truth, seen[:1], rng)[0]))
    for scale in SCALES:
        member, manager = scored[0][scale], managers[scale]
        yield f"manager minus member/{scale}", float((manager - member).mean())
        yield f"correlation of manager and member/{scale}", _correlation(member, manager)
    for outcome, columns in _outcomes(after).items():
        weights = relative_weights(np.stack([*(scored[0][p] for p in PILLARS), columns.mean(0)]))
        yield f"explained/{outcome}", float(weights.sum())
        for pillar, weight in zip(PILLARS, weights / weights.sum(), strict=True):
            yield f"relative weight/{outcome}/{pillar}", float(weight)


def _keyed(columns: dict[str, Points]) -> dict[str, Floats]:
    return {
        id: (6 - each if INSTRUMENT.item[id].reversed else each).astype(float)
        for id, each in columns.items()
    }


def _scores(keyed: dict[str, Floats]) -> dict[str, Floats]:
    practices = {
        scale: np.mean([keyed[item] for item in INSTRUMENT.scale[scale].items], 0)
        for scale in INSTRUMENT.level("practice", "pillar")
    }
    return practices | {"total": np.mean([practices[pillar] for pillar in PILLARS], 0)}


def _outcomes(columns: dict[str, Points]) -> dict[str, Floats]:
    return {
        each: np.stack([columns[item] for item in INSTRUMENT.scale[each].items]).astype(float)
        for each in OUTCOMES
    }


def _of_items(keyed: dict[str, Floats]) -> Named:
    for item, values in keyed.items():
        yield f"item mean/{item}", float(values.mean())
        yield f"item favourable share/{item}", float((values >= 4).mean())
    for scale in (*INSTRUMENT.level("practice"), *SCALES):
        matrix = np.cov(np.stack([keyed[item] for item in INSTRUMENT.items_of(scale)]))
        yield f"alpha/{scale}", alpha(matrix)
    for pillar in PILLARS:
        matrix = np.cov(np.stack([keyed[item] for item in INSTRUMENT.items_of(pillar)]))
        implied, observed = omega(matrix)
        yield f"omega/{pillar}", implied
        yield f"omega of the observed variance/{pillar}", observed


def _of_outcomes(columns: dict[str, Points]) -> Named:
    for outcome, values in _outcomes(columns).items():
        yield f"mean/{outcome}", float(values.mean())
        yield f"alpha/{outcome}", alpha(np.cov(values))


def _of_scores(scored: dict[str, Floats]) -> Named:
    for scale, values in scored.items():
        yield f"mean/{scale}", float(values.mean())
        yield f"sd/{scale}", float(values.std(ddof=1))
        yield f"icc1/{scale}", icc(values.reshape(TEAMS, SIZE))
    for place, one in enumerate(PILLARS):
        for other in PILLARS[place + 1 :]:
            yield f"correlation/{one} {other}", _correlation(scored[one], scored[other])


def _of_change(scored: list[dict[str, Floats]]) -> Named:
    for wave, after in zip(WAVES[1:], scored[1:], strict=True):
        for scale in SCALES:
            difference = after[scale] - scored[0][scale]
            yield f"change/{wave}/{scale}", float(difference.mean())
            yield f"sd of change/{wave}/{scale}", float(difference.std(ddof=1))
            yield f"icc1 of change/{wave}/{scale}", icc(difference.reshape(TEAMS, SIZE))
            yield f"retest/{wave}/{scale}", _correlation(scored[0][scale], after[scale])


def _correlation(x: Floats, y: Floats) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def alpha(matrix: Floats) -> float:
    """Cronbach's alpha of a covariance matrix."""
    k = len(matrix)
    return float(k / (k - 1) * (1 - np.trace(matrix) / matrix.sum()))


def icc(groups: Floats) -> float:
    """ICC(1) by the analysis of variance; groups x members."""
    size = groups.shape[1]
    between, within = size * groups.mean(1).var(ddof=1), groups.var(1, ddof=1).mean()
    return float((between - within) / (between + (size - 1) * within))


def omega(matrix: Floats) -> tuple[float, float]:
    """McDonald's omega of one factor by maximum likelihood: of implied, of observed variance."""
    k = len(matrix)

    def misfit(values: Floats) -> float:
        loadings, unique = values[:k], np.exp(values[k:])
        implied = np.outer(loadings, loadings) + np.diag(unique)
        fit = np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, matrix))
        return float(fit)

    variances = np.diag(matrix)
    start = np.concatenate([np.sqrt(variances * 0.4), np.log(variances * 0.6)])
    best = minimize(misfit, start, method="BFGS", options={"gtol": 1e-7}).x
    common = best[:k].sum() ** 2
    return float(common / (common + np.exp(best[k:]).sum())), float(common / matrix.sum())


def relative_weights(rows: Floats) -> Floats:
    """Johnson's weights of all but the last row for the last; their sum is the share explained."""
    r = np.corrcoef(rows)
    values, vectors = np.linalg.eigh(r[:-1, :-1])
    root = vectors * np.sqrt(values) @ vectors.T
    return root**2 @ np.linalg.solve(root, r[:-1, -1]) ** 2
