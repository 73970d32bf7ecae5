"""Moments of Parquet parts: does time grow in line with the rows, and is memory bounded?

Each size is accumulated in a process of its own, from parts of 250,000 rows, 28 items and 10,000
teams. Up to 40 parts are made; larger surveys link to them again and again, which saves disk and
costs the reader the same. Seconds are those of the processor. Goals: a straight line, and under
2 GB for 100 million rows.
Run: python -m benchmarks.stream_time [millions of rows ...]   (1 3 10 if none; 100 takes long)
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.survey_data import instrument, survey, write_parquet
from upm.survey.streams import accumulate_parts

ROWS = 250_000
TEAMS = 10_000
MOST_PARTS = 40


def alone(job: Callable[..., Any], *arguments: object) -> Any:
    """What a job returns that runs in a new process, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(job, arguments)


def write(folder: Path, parts: int) -> None:
    """Parts 0 to `parts` - 1, at most MOST_PARTS of them made and the others linked."""
    for part in range(parts):
        file = folder / f"{part:04}.parquet"
        if part < MOST_PARTS:
            write_parquet(survey(ROWS, TEAMS, seed=part), file)
        else:
            file.symlink_to(folder / f"{part % MOST_PARTS:04}.parquet")


def accumulated(folder: Path, parts: int) -> tuple[int, float, float]:
    """Rows, seconds of the processor, and the most memory this process ever had, in GB."""
    files = sorted(folder.iterdir())[:parts]
    begun = time.process_time()
    rows = accumulate_parts(files, instrument()).rows
    took = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return rows, took, peak / (2**30 if sys.platform == "darwin" else 2**20)


def main(*millions: int) -> None:
    """Print rows, time, time per million rows and peak memory; at last the slope of the time."""
    sizes = sorted(millions or (1, 3, 10))
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone(write, folder, sizes[-1] * 1_000_000 // ROWS)
        print("       rows  seconds  per million  peak memory")
        for size in sizes:
            rows, took, peak = alone(accumulated, folder, size * 1_000_000 // ROWS)
            found.append((rows / 1e6, took))
            print(f"{rows:11,} {took:8.1f} {took / rows * 1e6:12.2f} {peak:9.2f} GB", flush=True)
    if len(found) > 1:
        rows, took = np.transpose(found)
        slope, start = np.polyfit(rows, took, 1)
        print(f"a straight line: {start:.1f} s and {slope:.2f} s per million rows")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
