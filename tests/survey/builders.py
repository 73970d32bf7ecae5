"""A small instrument that has one of everything, and answers to it: given or drawn at random."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from upm.survey.answers import PEOPLE, Answers
from upm.survey.instrument import Instrument
from upm.survey.moments import Moments


def instrument(**changed: Any) -> Instrument:
    """Pillars a and b of six items in practices of two, their total; the outcome o; x in no scale.

    a3 and b5 are reversed. All have five points but o1 and o2, which have seven. `changed`: other
    values for the fields of the instrument.
    """
    items = [*(f"{pillar}{j}" for pillar in "ab" for j in range(1, 7)), "o1", "o2", "x"]
    pillars = [scale("a", "pillar", items[:6], least=4), scale("b", "pillar", items[6:12], least=4)]
    practices = [
        scale(f"pair-{items[j]}", "practice", items[j : j + 2], least=2) for j in range(0, 12, 2)
    ]
    return Instrument.model_validate(
        {
            "id": "small",
            "name": "A small instrument",
            "version": 1,
            "responses": [
                {"id": id, "stem": "How often?", "points": list(points)}
                for id, points in (("five", "abcde"), ("seven", "abcdefg"))
            ],
            "forms": [
                {"id": form, "name": form, "introduction": form} for form in ("manager", "member")
            ],
            "items": [
                {
                    "id": item,
                    "responses": "seven" if item in ("o1", "o2") else "five",
                    "text": {"member": f"I {item}", "manager": f"They {item}"},
                    "reversed": item in ("a3", "b5"),
                }
                for item in items
            ],
            "scales": [
                *practices,
                *pillars,
                {"id": "total", "name": "Total", "level": "total", "of": ["a", "b"]},
                scale("o", "outcome", ["o1", "o2"]),
            ],
        }
        | changed
    )


def scale(id: str, level: str, items: Sequence[str], least: int = 1) -> dict[str, Any]:
    return {"id": id, "name": id, "level": level, "items": list(items), "least": least}


SMALL = instrument()


def answers(points: ArrayLike, to: Instrument = SMALL, **people: Any) -> Answers:
    """Respondents x items; columns of `people` that are not given are not known."""
    given = np.array(points, np.int8).reshape(-1, len(to.items))
    frame = pd.DataFrame(people, index=range(len(given))).reindex(columns=list(PEOPLE))
    texts = frame.columns.difference(["submitted", "seconds", "finished"])
    frame[texts] = frame[texts].astype(object)
    return Answers(to, frame, given, pd.DataFrame(index=frame.index))


def drawn(
    n: int, seed: int = 0, teams: int = 3, missing: float = 0.1, to: Instrument = SMALL
) -> Answers:
    """Random answers of several forms, waves and teams, some of which are not known."""
    rng = np.random.default_rng(seed)
    most = np.array([to.points_of(item) for item in to.item_ids])
    own = rng.normal(size=(n, 1)) + rng.normal(size=(n, len(most)))
    points = np.clip(np.round((most + 1) / 2 + own), 1, most)
    gaps = rng.random(points.shape) < missing * rng.integers(0, 3, (n, 1))
    points = np.where(gaps, rng.integers(-3, 1, points.shape), points)
    names = np.array([*(f"team {j}" for j in range(teams)), None], object)
    return answers(
        points,
        to,
        respondent=[f"r{j}" for j in range(n)],
        form=rng.choice(np.array(["member", "manager"], object), n),
        wave=rng.choice(np.array(["T1", "T0", None], object), n),
        team=rng.choice(names, n),
    )


def values(given: Answers) -> pd.DataFrame:
    """Keyed items and scores as a frame with NaN where there is none, by their own names."""
    keyed = given.keyed()
    frame = pd.DataFrame(np.where(keyed > 0, keyed, np.nan), columns=given.instrument.item_ids)
    for id, score in zip(given.instrument.scale, given.scores().T, strict=True):
        there = np.where(score > np.iinfo(np.int64).min, score, np.nan)
        frame[id] = there / given.instrument.unit(id)
    return frame


def bits(moments: Moments) -> dict[str, Any]:
    """All that moments hold, so that `==` compares every row of an index and every number."""
    found: dict[str, Any] = {"instrument": moments.instrument}
    for name, sums in vars(moments).items():
        if name in ("cells", "blocks", "patterns"):
            found[name] = (
                sums
                if sums is None
                else {
                    "index": [*sums.index],
                    "levels": [*sums.index.names],
                    **{key: whole(array) for key, array in sums.arrays.items()},
                }
            )
    return found


def whole(array: NDArray[np.int64]) -> tuple[str, tuple[int, ...], bytes]:
    return str(array.dtype), array.shape, array.tobytes()
