"""A whole analysis: 1 million respondents to 28 items, two waves, 100,000 teams.

The floor is survey_floor.py: decoding the file and one bare pass for each thing that is summed.
Ours is read_parts and `battery.analyse`, whose time is told by function. All seconds are those of
the processor, so that others on the machine disturb little; linear algebra has one thread. With
--peers, R's packages do what they can of it (see survey_peers.py), which takes an hour. Goals: ours
at most 3 times the floor, and at least 50 times as fast as R.
Run: python -m benchmarks.survey_time [rows] [teams] [rounds] [--peers]
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from threadpoolctl import threadpool_limits

from benchmarks import survey_floor as floor
from benchmarks.by_function import by_function
from benchmarks.survey_data import instrument, survey, write_parquet
from benchmarks.survey_peers import against_r, seconds
from upm.survey.answers import joined
from upm.survey.battery import analyse
from upm.survey.streams import read_parts

SHOWN = 24
Times = dict[str, float]


def bare(file: Path) -> Times:
    """Seconds of each pass of the floor."""
    asked, took, begun = instrument(), {}, time.process_time()
    place = {item: at for at, item in enumerate(asked.item_ids)}
    scales = {name: [place[item] for item in asked.items_of(name)] for name in asked.scale}
    levels = [scale.level != "practice" for scale in asked.scales]
    halves = [scales[name] for name in asked.level("practice")]
    turned = [place[item.id] for item in asked.items if item.reversed]

    def done(name: str) -> None:
        nonlocal begun
        took[name], begun = time.process_time() - begun, time.process_time()

    table = floor.decode(file)
    points = floor.matrix(table, [*place])
    done("decode")
    waves, cell, n = floor.cells(table)
    floor.histograms(points, cell, n)
    done("histograms")
    scores = floor.scale_scores(points, [*scales.values()])
    sums = floor.team_sums(scores, cell, n)
    done("scores of teams")
    floor.blocks(points, scores[levels], waves, cell)
    done("products by block")
    floor.patterns(points[:, :24])
    done("products by pattern")
    floor.screening(points[:, :24], halves, turned, table)
    done("screening")
    floor.waves_joined(table, scores, waves, cell, n)
    done("waves joined")
    floor.disclosed(sums[::2])
    done("sums in order")
    return took


def whole(file: Path) -> None:
    """Ours: the file read and analysed."""
    analyse(joined([*read_parts([file], instrument())]))


def main(rows: int, teams: int, rounds: int, peers: bool) -> None:
    """Print the floor, ours by function, their ratio, and R's share."""
    answers = survey(rows, teams)
    with tempfile.TemporaryDirectory() as name, threadpool_limits(limits=1):
        file = Path(name, "answers.parquet")
        write_parquet(answers, file)
        bare(file)
        pairs = [(bare(file), seconds(lambda: whole(file))) for _ in range(rounds)]
        for step in pairs[0][0]:
            print(f"floor: {step:20} {median(each[step] for each, _ in pairs):7.2f} s")
        print(f"floor              {median(sum(each.values()) for each, _ in pairs):12.2f} s")
        print(f"ours               {median(own for _, own in pairs):12.2f} s")
        ratio = median(own / sum(each.values()) for each, own in pairs)
        print(f"ours to the floor  {ratio:12.2f}")
        print("ours by function: calls, own seconds, seconds with what it calls")
        found = by_function(lambda: whole(file))
        for label, row in sorted(found.items(), key=lambda each: -each[1][1])[:SHOWN]:
            print(f"{label:34} {row[0]:8,} {row[1]:8.2f} {row[2]:8.2f}")
        if peers:
            against_r(answers, Path(name))


if __name__ == "__main__":
    numbers = {"rows": 1_000_000, "teams": 100_000, "rounds": 3}
    given = [int(argument) for argument in sys.argv[1:] if argument != "--peers"]
    main(**(numbers | dict(zip(numbers, given, strict=False))), peers="--peers" in sys.argv)
