"""Answers made from a small table, for the tests of the survey."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tests.survey import builders
from upm.survey.answers import Answers

Answered = Callable[..., Answers]

USUAL = {"form": "member", "wave": "T0", "team": "t"}


@pytest.fixture
def answered() -> Answered:
    """Answers from a table of respondents x items: points from 1 up, or a Missing.

    Items are i0, i1, ... in the order of the columns; `scales` gives each pillar the places of its
    items (one pillar p of all of them if it is not given; a name that begins with o is an
    outcome), `reversed` the places of the reversed items, `highest` their highest point. Everybody
    is in team t and fills in the form member at wave T0, unless columns of `people` are given.
    """

    def build(
        table: ArrayLike,
        *,
        scales: Mapping[str, Sequence[int]] | None = None,
        reversed: Sequence[int] = (),
        highest: int = 5,
        least: int = 1,
        **people: Sequence[str],
    ) -> Answers:
        points = np.array(table, np.int8)
        items = [
            {
                "id": f"i{j}",
                "responses": "r",
                "text": {"member": f"I {j}"},
                "reversed": j in reversed,
            }
            for j in range(points.shape[1])
        ]
        held = [
            builders.scale(
                name,
                "outcome" if name.startswith("o") else "pillar",
                [f"i{j}" for j in places],
                least,
            )
            for name, places in (scales or {"p": range(len(items))}).items()
        ]
        answered = [{"id": "r", "stem": "How often?", "points": list("abcdefghijk"[:highest])}]
        to = builders.instrument(items=items, scales=held, responses=answered)
        who = {"respondent": [f"r{j}" for j in range(len(points))]}
        who |= {name: [value] * len(points) for name, value in USUAL.items()}
        return builders.answers(points, to, **who | {k: [*column] for k, column in people.items()})

    return build
