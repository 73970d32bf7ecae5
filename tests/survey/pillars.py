"""The answers that lavaan analysed, and the numbers it found; and answers laid out by design."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.survey.builders import answers, instrument, scale
from upm.survey.moments import Moments, accumulate

REFERENCE = Path(__file__).parent.parent / "reference"
IN_R = json.loads((REFERENCE / "factors.json").read_text())

PILLARS = {
    pillar: [f"{pillar}{number}" for number in range(1, 7)]
    for pillar in ("trust", "clarity", "ability", "relationship")
}
GENERAL = {"general": [item for items in PILLARS.values() for item in items]}

INSTRUMENT = instrument(
    items=[{"id": id, "responses": "r", "text": {"member": id}} for id in GENERAL["general"]],
    responses=[{"id": "r", "stem": "How often?", "points": list("abcde")}],
    scales=[scale(pillar, "pillar", items) for pillar, items in PILLARS.items()],
)


def table(name: str) -> pd.DataFrame:
    """factors or factors_gaps: an answer that is missing is 0."""
    return pd.read_csv(REFERENCE / f"{name}.csv").fillna(0)


def moments(given: pd.DataFrame) -> Moments:
    """Of the rows of such a table."""
    who = {"form": ["member"] * len(given), "wave": [*given["wave"]]}
    return accumulate(answers(given[GENERAL["general"]], INSTRUMENT, **who))


def signs(k: int) -> NDArray[np.int64]:
    """k columns of +1 and -1 in all combinations: uncorrelated, with mean 0 and variance 1."""
    return np.array([*product([-1, 1], repeat=k)]).T
