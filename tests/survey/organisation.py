"""A simulated organisation with all that goes wrong in a survey, and what is true of it.

`python -m tests.survey.organisation` writes data/survey/example.csv and example-truth.json anew.
"""

import json
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.survey.comments import CHANGE, KEEP, ODD
from tests.survey.population import (
    INSTRUMENT,
    TRUTH,
    WAVES,
    Random,
    Truth,
    answered,
    factors,
    followed,
    looking_back,
    matrix,
    seen_by_managers,
)
from tests.survey.truths import statistics
from upm import paths
from upm.survey.answers import PEOPLE, TEXTS, Answers, Missing, Points, joined

SEED = 20260302
ORDER = INSTRUMENT.screening.order if INSTRUMENT.screening else ()
CSV = paths.DATA / "survey" / "example.csv"
TRUTHS = paths.DATA / "survey" / "example-truth.json"

DEPARTMENTS = {
    "Care": 12,
    "Production": 10,
    "Field service": 9,
    "Technology": 8,
    "Customer centre": 5,
    "Administration": 4,
}
OFFICE = {"Care": 0.2, "Production": 0.15, "Field service": 0.25, "Customer centre": 0.8}
FIRST_DAYS = ("2026-03-02", "2026-06-01", "2026-11-30")
RESPONSE = {"member": (0.86, 0.80, 0.72), "manager": (0.90, 0.85, 0.78)}
LEAVING = 0.06
"""The share that leaves between two waves and is replaced."""
SILENT = 0.12
"""The share that gives no code."""
CARELESS = {"straight": 0.03, "hasty": 0.02, "random": 0.03}
RARE = {"u41b": 0.08, "u42a": 0.18, "u23a": 0.10, "u23b": 0.10, "u33b": 0.12, "u32a": 0.06}
"""How often a situation did not come up; .02 for the others."""
HIDDEN = {"u11a": 0.06, "u13b": 0.08, "u31b": 0.05, "u33a": 0.08, "u43a": 0.12, "u43b": 0.10}
"""How often a manager could not see it; .03 for the others."""


@dataclass(frozen=True)
class Organisation:
    """All answers of members and managers at three waves, and what an analyst cannot know."""

    answers: Answers
    careless: dict[str, str]
    """Respondent -> how: straight (one answer all the way), hasty or random."""
    duplicates: tuple[str, ...]
    """Respondents who have answered before at the same wave."""


def organisation(seed: int = SEED, truth: Truth = TRUTH) -> Organisation:
    """Six departments, 48 teams, 400 people at a time."""
    rng = np.random.default_rng(seed)
    staff = _staff(rng)
    team = staff["number"].to_numpy()
    stand = factors(truth, team, len(WAVES), rng).people
    seen = seen_by_managers(truth, stand, team, rng)
    back = looking_back(truth, stand[0], rng)
    careless: dict[str, str] = {}
    parts = []
    for form, views in {"member": stand, "manager": seen}.items():
        keen = rng.normal(size=len(staff))
        both = zip(answered(truth, views, rng), followed(truth, views, rng), strict=True)
        for wave, (asked, outcomes) in enumerate(both):
            luck = 0.7 * keen + 0.7 * rng.normal(size=len(staff))
            if form == "manager":  # who rates all of the team or nobody
                luck = luck[team]
            comes = pd.Series(luck).rank(pct=True) <= RESPONSE[form][wave]
            here = (staff["first"] <= wave) & (wave <= staff["last"])
            kept = rng.permutation(np.flatnonzero(comes & here))
            columns = asked | outcomes | (back if wave else {})
            points = matrix(INSTRUMENT, {id: each[kept] for id, each in columns.items()})
            parts.append(_collected(staff.iloc[kept], points, form, wave, rng))
            careless |= _careless(parts[-1], rng)
    _write_comments(parts, rng)
    again = _again(parts[1], rng)
    return Organisation(joined([*parts, again]), careless, tuple(again.people["respondent"]))


def _staff(rng: Random) -> pd.DataFrame:
    """Everybody who was ever there, by the number of their team, with first and last wave."""
    sizes = np.clip(rng.lognormal(1.95, 0.65, 48).round().astype(int), 2, 22)
    while (rest := 400 - sizes.sum()) != 0:  # one more or one less, here and there
        some = rng.choice(48, min(abs(rest), 48), replace=False)
        sizes[some] = np.clip(sizes[some] + np.sign(rest), 2, 22)
    departments = np.repeat([*DEPARTMENTS], [*DEPARTMENTS.values()])
    number = np.repeat(np.arange(48), sizes)
    staff = pd.DataFrame({"number": number, "first": 0, "last": 2})
    for wave in (1, 2):
        there = staff.index[staff["last"] >= wave]
        leaving = rng.choice(there, round(LEAVING * len(there)), replace=False)
        new = staff.loc[leaving].assign(first=wave)
        staff.loc[leaving, "last"] = wave - 1
        staff = pd.concat([staff, new], ignore_index=True)
    number = staff["number"].to_numpy()
    department = departments[number]
    office = rng.random(len(staff)) < pd.Series(department).map(OFFICE).fillna(1)
    return staff.assign(
        team=[f"{each} {place + 1:02}" for each, place in zip(department, number, strict=True)],
        department=department,
        manager=[f"M{place + 1:02}" for place in number],
        role=np.where(office, "office", "field"),
        link=_codes(len(staff), rng),
    )


def _codes(n: int, rng: Random) -> list[str | None]:
    """Codes as the questionnaire asks for them; None: somebody gives none."""
    starts = ["AN", "MA", "EL", "SO", "FA", "JU", "RO", "KA", "LE", "AY", "IN", "HE", "NA", "TE"]
    codes: list[str] = []
    while len(codes) < n:
        code = f"{rng.choice(starts)}{rng.choice(starts)}{rng.integers(40, 85)}"
        if code not in codes:
            codes.append(code)
    return [None if rng.random() < SILENT else code for code in codes]


def _collected(staff: pd.DataFrame, points: Points, form: str, wave: int, rng: Random) -> Answers:
    """What arrives from these people, with what was left open and codes that were mistyped."""
    n, member = len(staff), form == "member"
    slips = staff["link"].notna() & (rng.random(n) < 0.02)
    codes = staff["link"].mask(slips, staff["link"].str[:-1] + rng.integers(0, 9, n).astype(str))
    minutes = rng.integers(0, 14 * 24 * 60, n)
    who = pd.DataFrame(
        {
            "respondent": [f"{WAVES[wave]}-{form}-{place + 1:03}" for place in range(n)],
            "form": form,
            "wave": WAVES[wave],
            "team": staff["team"],
            "department": staff["department"],
            "manager": staff["manager"],
            "role": staff["role"] if member else None,
            "link": codes if member else None,
            "about": None if member else codes,
            "submitted": pd.Timestamp(FIRST_DAYS[wave], tz="UTC") + pd.to_timedelta(minutes, "min"),
            "seconds": np.exp(rng.normal(5.8 if member else 5.25, 0.35, n)).round().clip(75),
            "finished": rng.random(n) > 0.02,
        }
    )
    who = who.astype(dict.fromkeys(TEXTS, str)).reset_index(drop=True)[list(PEOPLE)]
    _leave_open(points, who["finished"].to_numpy(), form, rng)
    silent = pd.DataFrame({q.id: pd.Series(None, who.index, str) for q in INSTRUMENT.open})
    return Answers(INSTRUMENT, who, points, silent)


def _leave_open(points: Points, finished: NDArray[np.bool_], form: str, rng: Random) -> None:
    """Take away what is not asked, did not come up, was skipped or came after somebody stopped."""
    for place, item in enumerate(INSTRUMENT.items):
        column = points[:, place]
        asked = column > 0
        if form not in item.text:
            column[:] = Missing.NOT_ASKED
            continue
        luck = rng.random(len(column))
        column[asked & (luck < 0.012)] = Missing.SKIPPED
        if item.responses != "agreement":
            share = RARE.get(item.id, 0.02) if form == "member" else HIDDEN.get(item.id, 0.03)
            column[asked & (luck > 1 - share)] = Missing.NO_POINT
    order = [INSTRUMENT.item_ids.index(id) for id in ORDER]
    rest = [place for place in range(len(INSTRUMENT.items)) if place not in order]
    for row in np.flatnonzero(~finished):
        unseen = [*order[rng.integers(6, 24) :], *rest]
        points[row, unseen] = np.minimum(points[row, unseen], Missing.SKIPPED)


def _careless(part: Answers, rng: Random) -> dict[str, str]:
    """Overwrite the answers of a few; managers are never careless in haste."""
    found = {}
    asked = part.points != Missing.NOT_ASKED
    for row in range(len(part)):
        how = rng.choice([*CARELESS, ""], p=[*CARELESS.values(), 1 - sum(CARELESS.values())])
        if how and part.people.at[row, "finished"]:
            found[part.people.at[row, "respondent"]] = str(how)
            if how == "straight":
                made, seconds = rng.choice([3, 4, 5]), rng.integers(20, 90)
            elif how == "hasty":
                made, seconds = rng.integers(2, 6, part.points.shape[1]), rng.integers(15, 45)
            else:
                made, seconds = rng.integers(1, 6, part.points.shape[1]), rng.integers(60, 240)
            part.points[row] = np.where(asked[row], made, part.points[row])
            part.people.at[row, "seconds"] = float(seconds)
    return found


def _write_comments(parts: list[Answers], rng: Random) -> None:
    """A third of the members answer each open question; what is odd stands once, in T0."""
    for part in parts:
        for question, said in {"keep": KEEP, "change": CHANGE}.items():
            writes = (rng.random(len(part)) < 0.35) & (part.people["form"] == "member")
            part.comments.loc[writes, question] = rng.choice(said, int(writes.sum()))
    rows = rng.choice(len(parts[0]), len(ODD), replace=False)
    parts[0].comments.loc[rows, "change"] = ODD


def _again(part: Answers, rng: Random) -> Answers:
    """Three people who send the form a second time the next day, with a few other answers."""
    rows = rng.choice(np.flatnonzero(part.people["link"].notna()), 3, replace=False)
    some = part.where(rows)
    points = some.points.copy()
    points[:, :3] = rng.integers(3, 6, (3, 3))
    people = some.people.assign(
        respondent=some.people["respondent"] + "-again",
        submitted=some.people["submitted"] + pd.Timedelta(days=1),
    )
    return replace(some, people=people, points=points)


def table(answers: Answers) -> pd.DataFrame:
    """An analyst's plain wide file: a row for each respondent, words where there is no point."""
    nothing = {"member": "Did not come up", "manager": "Could not see"}
    words = answers.people["form"].map(nothing).to_numpy()[:, None]
    cells = answers.points.astype(object)
    cells[answers.points <= 0] = None
    cells = np.where(answers.points == Missing.NO_POINT, words.astype(object), cells)
    items = pd.DataFrame(cells, columns=list(INSTRUMENT.item_ids), index=answers.people.index)
    people = answers.people.assign(
        submitted=answers.people["submitted"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        seconds=answers.people["seconds"].astype(int),
    )
    return pd.concat([people, items, answers.comments], axis=1)


def example() -> str:
    """The text of example.csv."""
    return table(organisation().answers).to_csv(index=False, lineterminator="\n")


def truth() -> dict[str, object]:
    """The content of example-truth.json."""
    made = organisation()
    return {
        "seed": SEED,
        "parameters": asdict(TRUTH),
        "careless": made.careless,
        "duplicates": list(made.duplicates),
        "statistics": statistics(TRUTH),
    }


if __name__ == "__main__":
    CSV.write_text(example(), encoding="utf-8")
    TRUTHS.write_text(json.dumps(truth(), indent=1) + "\n", encoding="utf-8")
