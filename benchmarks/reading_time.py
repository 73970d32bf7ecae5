"""Reading a Qualtrics export as typed answers: 24 items, answered in words.

The floor is `pandas.read_csv` with its fastest engine, which leaves everything as text.
Run: python -m benchmarks.reading_time [respondents]
"""

import csv
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from tests.survey.exports import QUALTRICS_COLUMNS
from upm import paths
from upm.survey.instrument import Instrument, read_instrument
from upm.survey.reading import read

ROUNDS = 15


def write(file: Path, instrument: Instrument, respondents: int) -> None:
    """An export with the platform's own columns, labels, some empty cells and some comments."""
    items = instrument.items[:24]
    labels = [*instrument.responses_of(items[0].id).points, "Did not come up", ""]
    draw = np.random.default_rng(1)
    answers = np.array(labels, object)[draw.integers(0, len(labels), (respondents, 24))].tolist()
    seconds_taken = draw.integers(100, 900, respondents).tolist()
    tags, headers, own_ids = zip(*QUALTRICS_COLUMNS, strict=True)
    texts = [f"How often was this true? - {item.text['member']}" for item in items]
    ids = [f"QID2_{place}" for place in range(24)]
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow([*tags, *(f"Q2_{place}" for place in range(24)), "Q3", "team"])
        rows.writerow([*headers, *texts, instrument.open[0].text, "team"])
        rows.writerow([*(f'{{"ImportId":"{id}"}}' for id in (*own_ids, *ids, "QID3", "team"))])
        for person, cells in enumerate(answers):
            at = f"2026-05-{person % 28 + 1:02} 13:{person % 60:02}:{person // 60 % 60:02}"
            rows.writerow([
                at, at, "IP Address", f"10.0.0.{person % 256}", 100, seconds_taken[person], "True",
                at, f"R_{person:015}", "", "", "", "", "51.5", "0.1", "anonymous", "EN",
                *cells, "" if person % 5 else f"Person {person}, as \"ever\" and a day",
                f"Team {person % 2000}",
            ])  # fmt: skip


def seconds(job: Callable[[], object]) -> float:
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun


def main(respondents: int = 100_000) -> None:
    """Print both medians, and that of the ratios of runs that followed each other."""
    instrument = read_instrument(paths.DATA / "survey" / "upward-management.toml")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answers.csv")
        write(file, instrument, respondents)
        pairs = [
            (seconds(lambda: pd.read_csv(file, engine="pyarrow")),
             seconds(lambda: read(file, instrument)))
            for _ in range(ROUNDS + 2)
        ][2:]  # fmt: skip
    floor, whole = (median(each) for each in zip(*pairs, strict=True))
    ratio = median(second / first for first, second in pairs)
    print(f"pandas, text only  {floor:.2f} s")
    print(f"typed answers      {whole:.2f} s, {ratio:.2f} times as long")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
