"""R's packages against ours: psych, multilevel, lme4 and lavaan, by survey_peers.R.

Ours has to sum up the answers first, R has them as a data frame; seconds are of the processor. R
stops a step after ten minutes, and loops over some teams only, which is then scaled to all.
"""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.survey_data import write_csv
from upm.survey.agreement import agreement
from upm.survey.answers import Answers
from upm.survey.factors import cfa
from upm.survey.moments import accumulate
from upm.survey.reliability import Statistic, reliability
from upm.survey.variance import METHODS, icc, team_means

COEFFICIENTS: tuple[Statistic, ...] = ("alpha", "omega, model-implied variance")


def shared(answers: Answers) -> None:
    """Ours, as far as R's packages go."""
    moments = accumulate(answers)
    asked = answers.instrument
    pillars = {name: asked.items_of(name) for name in asked.level("pillar")}
    for scale in asked.level("pillar", "total"):
        for statistic in COEFFICIENTS:
            reliability(moments, scale, statistic)
        for method in METHODS:
            icc(moments, scale, method)
        team_means(moments, scale)
    for scale in pillars:
        agreement(moments, scale)
    for model in (pillars, {"general": [item for items in pillars.values() for item in items]}):
        cfa(moments, model)


def seconds(job: Callable[[], object]) -> float:
    begun = time.process_time()
    job()
    return time.process_time() - begun


def against_r(answers: Answers, folder: Path) -> None:
    """Print seconds of R's packages, one step a line, and how much faster ours is."""
    own = median(seconds(lambda: shared(answers)) for _ in range(3))
    file, script = folder / "answers.csv", Path(__file__).with_name("survey_peers.R")
    write_csv(answers, file)
    run = subprocess.run(["Rscript", script, file], check=True, stdout=subprocess.PIPE)
    steps = json.loads(run.stdout)
    scaled, timed = (sum(step[name] for step in steps) for name in ("scaled", "seconds"))
    for step in steps:
        of = f"{step['teams']:,} teams, {step['seconds']:.1f} s"
        print(f"{step['package']:10} {step['step']:26} {step['scaled']:9.1f} s  ({of})")
    print(f"R, scaled to all teams {scaled:.0f} s, ours {own:.2f} s: {scaled / own:.0f} times")
    print(f"R, fewer teams in some {timed:.0f} s, ours {own:.2f} s: {timed / own:.0f} times")
