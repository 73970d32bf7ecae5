"""Write groups.csv: simulated answers of unequal teams, some of them missing, for groups.R.

Run it from the project's folder: python tests/reference/groups_data.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

random = np.random.default_rng(20_260_301)

sizes = np.concatenate([random.integers(2, 14, 44), [1, 1, 1, 2]])
team = np.repeat(np.arange(len(sizes)), sizes)
climate = random.normal(0, 0.5, len(sizes))[team]
person = climate + random.normal(0, 0.8, len(team))

# Six items of five points, the second reversed; about 5 % skipped (0), 2 % "did not come up" (-1).
loadings = np.array([0.9, 0.7, 0.8, 0.6, 1.0, 0.5])
latent = 3.4 + person[:, None] * loadings + random.normal(0, 0.8, (len(team), 6))
points = np.clip(np.rint(latent), 1, 5).astype(int)
points[:, 1] = 6 - points[:, 1]
luck = random.random(points.shape)
points[luck < 0.07], points[luck < 0.02] = 0, -1

# Two items dealt out in turn, so that teams differ less than chance would have it.
turn = np.arange(len(team)) * 0.618034 % 1
flat = np.stack([1 + np.floor(5 * turn), 1 + np.floor(5 * np.roll(turn, 1))], 1).astype(int)

frame = pd.DataFrame(points, columns=[f"i{j}" for j in range(6)])
frame[["i6", "i7"]] = flat
frame.insert(0, "team", [f"t{number:02}" for number in team])
frame.to_csv(Path(__file__).with_name("groups.csv"), index=False)
