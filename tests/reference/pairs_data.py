"""Write pairs.csv: simulated members at two waves and what managers say of them, for pairs.R.

Run it from the project's folder: python tests/reference/pairs_data.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ITEMS = [f"i{j}" for j in range(14)]
random = np.random.default_rng(20_260_303)

sizes = random.integers(4, 15, 20)
team = np.repeat(np.arange(len(sizes)), sizes)
people = len(team)

# Four pillars that go together, a team's share in them, and an outcome of two items.
common = random.normal(0, 0.5, people)
pillars = common[:, None] + random.normal(0, 0.6, (people, 4))
pillars += random.normal(0, 0.4, (len(sizes), 4))[team]
seen = (
    0.4 * pillars + random.normal(0, 0.6, (people, 4)) + random.normal(0, 0.4, (20, 1))[team // 2]
)
match = (pillars[:, 0] - seen[:, 0]) ** 2
outcome = pillars @ [0.4, 0.3, 0.1, 0.2] + 0.3 * seen[:, 0] - 0.2 * match
outcome += random.normal(0, 0.5, people)


def points(factors: NDArray[np.float64], outcome: NDArray[np.float64]) -> NDArray[np.int64]:
    """Five points, the item i1 reversed; about 5 % skipped (0)."""
    latent = np.column_stack([np.repeat(factors, 3, 1), outcome, outcome])
    given = np.clip(np.rint(3.3 + latent + random.normal(0, 0.6, latent.shape)), 1, 5).astype(int)
    given[:, 1] = 6 - given[:, 1]
    given[random.random(given.shape) < 0.05] = 0
    return given


def form(form: str, wave: str, who: NDArray[np.int64], given: NDArray[np.int64]) -> pd.DataFrame:
    codes = [f"c{number:03}" for number in who]
    frame = pd.DataFrame({"form": form, "wave": wave, "team": team[who], "manager": team[who] // 2})
    for column, letter in (("team", "t"), ("manager", "m")):
        frame[column] = letter + frame[column].astype(str).str.zfill(2)
    frame["link"] = codes if form == "member" else None
    frame["about"] = codes if form == "manager" else None
    frame[ITEMS] = given[who]
    return frame


everybody = np.arange(people)
later = pillars + 0.25 + 0.15 * random.normal(0, 1, (20, 1))[team]
later = later + random.normal(0, 0.3, later.shape)
before = form("member", "T0", everybody, points(pillars, outcome))
after = form("member", "T1", everybody[random.random(people) < 0.85], points(later, outcome))
rated = form("manager", "T0", everybody[random.random(people) < 0.9], points(seen, outcome))

# What goes wrong: no code, the same code twice, nobody's code, another team, no team, no manager.
before.loc[[3, 40], "link"] = None
before.loc[8, "link"] = before.loc[9, "link"]
after.loc[[5, 60], "link"] = None
after.loc[20, "link"] = "c999"
after.loc[[30, 31], "team"] = None
rated.loc[7, "about"] = rated.loc[6, "about"]
rated.loc[[50, 51], "team"] = "t00"
rated.loc[[70, 71], "team"] = None
before.loc[before["team"].isin(["t04", "t11"]), "manager"] = None

everything = pd.concat([before, after, rated], ignore_index=True)
everything.to_csv(Path(__file__).with_name("pairs.csv"), index=False)
