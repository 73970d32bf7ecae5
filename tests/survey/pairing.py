"""The members and managers of pairs.csv, what R found in them, and small pairs made by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.survey import builders
from upm.survey.answers import Answers
from upm.survey.instrument import Instrument
from upm.survey.links import PairMoments, linked

REFERENCE = Path(__file__).parent.parent / "reference"
IN_R = json.loads((REFERENCE / "pairs.json").read_text())
PILLARS = ("p0", "p1", "p2", "p3")


def instrument(
    pillars: dict[str, int], least: int = 1, points: int = 5, **changed: Any
) -> Instrument:
    """Pillars of so many items i0, i1, ... each; the last two items are the outcome o."""
    names = [f"i{j}" for j in range(sum(pillars.values()) + 2)]
    left, scales = iter(names), []
    for pillar, size in {**pillars, "o": 2}.items():
        level = "outcome" if pillar == "o" else "pillar"
        scales.append(builders.scale(pillar, level, [next(left) for _ in range(size)], least))
    return builders.instrument(
        responses=[{"id": "r", "stem": "How often?", "points": list("abcdefghijk"[:points])}],
        items=[{"id": id, "responses": "r", "text": {"member": id}} for id in names],
        scales=scales,
        **{"driver_of": "o"} | changed,
    )


def in_csv() -> Answers:
    """Four pillars of three items, of which two are needed; i1 is reversed."""
    table = pd.read_csv(REFERENCE / "pairs.csv", dtype={"team": str, "manager": str})
    to = instrument(dict.fromkeys(PILLARS, 3), least=2)
    items = [each.model_copy(update={"reversed": each.id == "i1"}) for each in to.items]
    to = to.model_copy(update={"items": tuple(items)})
    texts = table[["form", "wave", "team", "manager", "link", "about"]].astype(object)
    people = texts.where(texts.notna(), None).to_dict("list")
    return builders.answers(table[[*to.item_ids]], to, **people)


ONE = instrument({"p": 1})
"""The pillar p of a single item, so that a score is a point."""


def waves(before: list[int], after: list[int], teams: Any = "t") -> PairMoments:
    """People who answered at both waves, linked; their teams are those of the later wave."""
    n = len(before)
    points = np.array([before + after, [3] * 2 * n, [3] * 2 * n]).T
    codes = [f"c{j}" for j in range(n)] * 2
    teams = [teams] * n if isinstance(teams, str) or teams is None else teams
    people = {"wave": ["T0"] * n + ["T1"] * n, "team": [None] * n + teams, "link": codes}
    return linked(builders.answers(points, ONE, form="member", **people), "member", "T0", "T1")


def agrees(found: object, expected: dict[str, float]) -> bool:
    """Whether the fields of a result are R's numbers."""
    return bool(
        np.allclose(
            [getattr(found, name) for name in expected], [*expected.values()], rtol=1e-9, atol=1e-10
        )
    )
