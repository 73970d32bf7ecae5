"""Made-up answers for factors.R: 500 people, three waves, 24 items in four pillars, five points.

Writes factors.csv, and factors_gaps.csv in which about one answer in twenty is missing, the more
often the lower the first item of the pillar was answered. The items also share a little that the
pillars do not explain, so that the models fit well but not perfectly.
"""

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
WAVES = {"first": 180, "second": 150, "third": 170}
PILLARS = ("trust", "clarity", "ability", "relationship")


def made() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The answers without gaps and with."""
    random = np.random.default_rng(20240)
    wave = np.repeat([*WAVES], [*WAVES.values()])
    later = np.repeat([0, 1, 2], [*WAVES.values()])
    among = np.linalg.cholesky(0.5 + 0.5 * np.eye(4))
    pillars = random.normal(size=(500, 4)) @ among.T + np.outer(later, [0.1, 0.25, 0.0, 0.15])
    loadings = random.uniform(0.55, 0.85, 24)
    shared = random.normal(size=(500, 3)) @ random.uniform(-0.25, 0.25, (3, 24))
    own = random.normal(size=(500, 24)) * np.sqrt(1 - loadings**2)
    drift = np.outer(later, np.isin(np.arange(24), (4, 17)) * 0.15)
    latent = np.repeat(pillars, 6, 1) * loadings + shared + own + drift
    points = np.clip(np.round(3.4 + latent), 1, 5).astype(int)
    items = [f"{pillar}{number}" for pillar in PILLARS for number in range(1, 7)]
    answers = pd.DataFrame(points, columns=items)
    low = np.repeat(points[:, ::6] <= 2, 6, 1) & (np.arange(24) % 6 > 0)
    gaps = answers.mask(random.random((500, 24)) < np.where(low, 0.1, 0.04)).astype("Int64")
    return answers.assign(wave=wave), gaps.assign(wave=wave)


if __name__ == "__main__":
    for name, frame in zip(("factors", "factors_gaps"), made(), strict=True):
        frame.to_csv(HERE / f"{name}.csv", index=False)
