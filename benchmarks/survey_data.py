"""A simulated survey for the benchmarks: two waves of the same people, 3 % of the cells empty."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tests.survey.population import INSTRUMENT, PILLARS, TRUTH, factors, followed, of_teams, teams
from upm.survey.answers import NO_SCORE, Answers, Missing
from upm.survey.instrument import Instrument

GAPS = 0.03
"""The share of cells without a point: half were skipped, half "did not come up"."""


def instrument() -> Instrument:
    """The 24 statements in practices, pillars and total, and the four items of the outcome."""
    whole = INSTRUMENT.model_dump()
    outcome = INSTRUMENT.scale[str(INSTRUMENT.driver_of)]
    kept = {*outcome.items} | {i for pillar in PILLARS for i in INSTRUMENT.items_of(pillar)}
    whole["items"] = [item for item in whole["items"] if item["id"] in kept]
    whole["scales"] = [
        scale
        for scale in whole["scales"]
        if scale["level"] != "outcome" or scale["id"] == outcome.id
    ]
    return Instrument.model_validate(whole | {"open": ()})


def survey(rows: int, n_teams: int, seed: int = 1) -> Answers:
    """So many rows: half as many people, each at both waves, in so many teams."""
    asked, rng = instrument(), np.random.default_rng(seed)
    team = teams(rows // 2, n_teams, rng)
    stand = factors(TRUTH, team, 2, rng)
    answers = of_teams(team, stand, rng, asked, TRUTH)
    columns = followed(TRUTH, stand.people, rng)
    for place, item in enumerate(asked.item_ids):
        if item in columns[0]:
            answers.points[:, place] = np.concatenate([wave[item] for wave in columns])
        lot = rng.random(len(answers), np.float32)
        answers.points[lot < GAPS, place] = Missing.SKIPPED
        answers.points[lot < GAPS / 2, place] = Missing.NO_POINT
    return answers


def write_parquet(answers: Answers, file: Path) -> None:
    """Our wide format: who answered, and a column of integers for each item; null: skipped."""
    table = pa.Table.from_pandas(answers.people, preserve_index=False)
    for item, points in zip(answers.instrument.item_ids, answers.points.T, strict=True):
        column = pa.array(np.ascontiguousarray(points), mask=points == Missing.SKIPPED)
        table = table.append_column(item, column)
    pq.write_table(table, file)


def write_csv(answers: Answers, file: Path) -> None:
    """What R reads: the team, the 24 keyed items, and the scores of pillars and total."""
    columns = {"team": pa.array(answers.people["team"])}
    asked, units = answers.instrument, answers.scores()
    pillars = asked.level("pillar")
    items = [item for pillar in pillars for item in asked.items_of(pillar)]
    keyed = dict(zip(asked.item_ids, answers.keyed().T, strict=True))
    for item in items:
        columns[item] = pa.array(keyed[item], mask=keyed[item] <= 0)
    for scale in (*pillars, *asked.level("total")):
        own = units[:, [*asked.scale].index(scale)]
        columns[f"score_{scale}"] = pa.array(own / asked.unit(scale), mask=own == NO_SCORE)
    pyarrow.csv.write_csv(pa.table(columns), file)
