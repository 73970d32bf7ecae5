"""Cronbach's alpha with an interval, of a pandas frame of 12 items: ours against pingouin.

Ours is the public path from a frame: plain_instrument, Answers, accumulate, reliability. pingouin
is `cronbach_alpha`, which takes the frame. Both leave out gaps by pairs and give Feldt's interval;
what they find has to agree. Seconds are of the processor, with one thread for linear algebra. Goal:
5 times as fast. pingouin is no part of the project: in an environment of its own, `pip install -r
requirements.txt`, then `pip install pingouin`, and run there.
Run: python -m benchmarks.alpha_time [respondents] [rounds]
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from upm.survey.answers import PEOPLE, Answers
from upm.survey.instrument import plain_instrument
from upm.survey.moments import accumulate
from upm.survey.reliability import Reliability, reliability

try:
    import pingouin
except ImportError:
    raise SystemExit("pingouin is missing here: pip install pingouin") from None

ITEMS, POINTS = 12, 5
CONSTANT = {"form": "member", "wave": "", "team": ""}


def frame(respondents: int, gaps: float) -> pd.DataFrame:
    """Answers with one factor, as `read_csv` gives them: whole numbers, or floats if with gaps."""
    rng = np.random.default_rng(1)
    factor = rng.standard_normal(respondents)
    columns = {}
    for item in range(ITEMS):
        value = 3 + 0.8 * factor + 0.9 * rng.standard_normal(respondents)
        points = np.clip(np.rint(value), 1, POINTS)
        points[rng.random(respondents) < gaps] = np.nan
        columns[f"q{item}"] = points if gaps else points.astype(np.int64)
    return pd.DataFrame(columns)


def ours(data: pd.DataFrame) -> tuple[float, float, float]:
    """Alpha and its bounds."""
    instrument, _ = plain_instrument([*data], POINTS)
    people = pd.DataFrame(dict.fromkeys(PEOPLE, None) | CONSTANT, index=data.index)
    points = np.fmax(data.to_numpy(), 0).astype(np.int8)  # NaN becomes 0: skipped
    answers = Answers(instrument, people, points, pd.DataFrame(index=data.index))
    found = reliability(accumulate(answers), "scale", interval="feldt")
    if not isinstance(found, Reliability) or found.low is None or found.high is None:
        raise SystemExit(str(found))
    return found.value, found.low, found.high


def theirs(data: pd.DataFrame) -> tuple[float, float, float]:
    """The same of pingouin, which rounds the bounds."""
    value, (low, high) = pingouin.cronbach_alpha(data)
    return value, low, high


def seconds(job: Callable[[], object]) -> float:
    begun = time.process_time()
    job()
    return time.process_time() - begun


def main(respondents: int = 1_000_000, rounds: int = 7) -> None:
    """Print both medians, and that of the ratios of runs that followed each other."""
    print(f"{respondents:,} x {ITEMS}    pingouin      ours   times faster")
    for name, gaps in (("no gaps", 0.0), ("3 % gaps", 0.03)):
        data = frame(respondents, gaps)
        a, b = ours(data), theirs(data)
        if abs(a[0] - b[0]) > 1e-9:
            raise SystemExit(f"{name}: alpha is {a[0]} and {b[0]}")
        pairs = [
            (seconds(lambda: theirs(data)), seconds(lambda: ours(data)))  # noqa: B023
            for _ in range(rounds)
        ]
        peer, own = (median(each) for each in zip(*pairs, strict=True))
        ratio = median(first / second for first, second in pairs)
        print(f"{name:14} {peer:8.3f} s {own:8.3f} s {ratio:14.1f}")


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main(*map(int, sys.argv[1:]))
