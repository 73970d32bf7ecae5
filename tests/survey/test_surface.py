from typing import Any

import numpy as np
import pytest

from tests.survey import builders
from tests.survey.pairing import IN_R, ONE, in_csv
from upm.survey.links import PairMoments, linked, member_manager
from upm.survey.result import NotDefined
from upm.survey.surface import JACKKNIFE, ORDINARY, TERMS, Surface, response_surface

X, Y, Z = np.random.default_rng(3).integers(1, 6, (3, 120))


def rated(x: Any, y: Any, z: Any, managers: int = 6) -> PairMoments:
    """Members with their manager's form; z is what the members answer about the outcome."""
    n = len(x)
    codes = [f"c{j}" for j in range(n)]
    given = builders.answers(
        np.column_stack([np.r_[x, y], np.r_[z, z], np.r_[z, z]]),
        ONE,
        form=["member"] * n + ["manager"] * n,
        wave="T0",
        manager=[f"m{j % managers}" for j in range(n)] + [None] * n,
        link=codes + [None] * n,
        about=[None] * n + codes,
    )
    return member_manager(given, "T0")


def found_in(pairs: PairMoments, scale: str = "p", **kwargs: Any) -> Surface:
    found = response_surface(pairs, scale, **kwargs)
    assert isinstance(found, Surface), found
    return found


@pytest.mark.parametrize(
    ("clustered", "name", "method"), [(False, "ordinary", ORDINARY), (True, "jackknife", JACKKNIFE)]
)
def test_the_surface_is_that_of_lm(clustered: bool, name: str, method: str) -> None:
    found = found_in(member_manager(in_csv(), "T0"), "p0", clustered=clustered)
    in_r = IN_R["surface"]
    assert (found.pairs, found.blocks, found.method) == (in_r["n"], in_r["managers"], method)
    assert found.r2 == pytest.approx(in_r["r2"], rel=1e-9)
    table = found.tidy()
    assert tuple(table["term"]) == TERMS
    for column, expected in {"estimate": in_r["estimate"], **in_r[name]}.items():
        np.testing.assert_allclose(table[column], expected, rtol=1e-9, atol=1e-10, err_msg=column)


def test_the_slopes_and_curvatures_are_sums_of_coefficients() -> None:
    found = found_in(rated(X, Y, Z), clustered=False).terms.set_index("term")["estimate"]
    design = np.column_stack([X - 3, Y - 3, (X - 3) ** 2, (X - 3) * (Y - 3), (Y - 3) ** 2])
    b = np.linalg.lstsq(np.column_stack([np.ones(120), design]), Z, rcond=None)[0]
    np.testing.assert_allclose(found[:6], b, rtol=1e-10, atol=1e-12)
    assert found["a1"] == pytest.approx(b[1] + b[2])
    assert found["a2"] == pytest.approx(b[3] + b[4] + b[5])
    assert found["a3"] == pytest.approx(b[1] - b[2])
    assert found["a4"] == pytest.approx(b[3] - b[4] + b[5])


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (
            rated(X[:99], Y[:99], Z[:99]),
            "Pairs with all scores: 99, of 6 managers; needed: 100, of 2.",
        ),
        (
            rated(X, Y, Z, managers=1),
            "Pairs with all scores: 120, of 1 managers; needed: 100, of 2.",
        ),
        (rated(X, X, Z), "The scores vary too little to tell the terms apart."),
        (rated(X, 0 * Y + 4, Z), "The scores vary too little to tell the terms apart."),
        (rated(1 + X % 2, Y, Z), "The scores vary too little to tell the terms apart."),
        (rated(X, Y, 0 * Z + 2), "The scores vary too little to tell the terms apart."),
        (
            rated(X, Y, X),
            "The surface fits exactly, which leaves nothing to estimate its errors from.",
        ),
        (
            # All but every sixth manager gives the same score to everybody.
            rated(X, np.where(np.arange(120) % 6, 4, Y), Z),
            "Without one block of managers, the scores vary too little to tell the terms apart.",
        ),
    ],
)
def test_a_surface_that_is_not_defined_says_why(pairs: PairMoments, reason: str) -> None:
    assert response_surface(pairs, "p") == NotDefined("response surface of p", reason)


def test_only_pairs_of_member_and_manager_have_a_surface() -> None:
    pairs = linked(in_csv(), "member", "T0", "T1")
    expected = NotDefined("response surface of p0", "Its sums were not kept.")
    assert response_surface(pairs, "p0") == expected


def test_pairs_of_one_manager_have_a_surface_with_ordinary_errors() -> None:
    assert found_in(rated(X, Y, Z, managers=1), clustered=False).pairs == 120
