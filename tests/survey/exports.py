"""Exports as survey platforms write them, of answers that are known, with the platforms' quirks."""

import csv
import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

from tests.survey.population import INSTRUMENT
from upm.survey.answers import PEOPLE, Answers, Missing

Row = Sequence[object]
Say = Callable[[str, int], object]
"""What stands in the cell of an item for a point or a Missing."""

SECRETS = {
    "name": "Zora Quist", "first": "Zora", "last": "Quist", "email": "zora.quist@example.org",
    "ip": "203.0.113.77", "latitude": "52.51704", "longitude": "13.38886", "reference": "HR-778899",
}  # fmt: skip
"""What the personal columns of every export hold: none of it may be in the answers."""

QUALTRICS_COLUMNS = [
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
]
"""The platform's own columns: tag, text and the id that no language changes."""

COMMENTS = [
    'Say "thank you", and mean it', "two\nlines; one | bar\tone tab", "Zoë likes the café", None,
    "=HYPERLINK(\"http://x.example\",\"here\")", "-1", "+49 is a start", "@home", "'quoted'",
]  # fmt: skip


def sample(form: str = "member", asked: Iterable[str] = (), no_point: bool = True) -> Answers:
    """Nine people who answer one form: all points, gaps, and comments that are hard to keep.

    `asked`: the only items that are asked. `no_point`: whether some say that it did not come up.
    """
    draw = np.random.default_rng(7)
    most = np.array([INSTRUMENT.points_of(item) for item in INSTRUMENT.item_ids])
    points = draw.integers(1, most + 1, (len(COMMENTS), len(most)))
    points[0], points[1] = 1, most
    gaps = draw.random(points.shape) < 0.15
    gaps[:2] = False
    points[gaps] = Missing.SKIPPED
    for place, item in enumerate(INSTRUMENT.items):
        if no_point and INSTRUMENT.responses_of(item.id).no_point:
            points[2 + place % 7, place] = Missing.NO_POINT
        if form not in item.text or (asked and item.id not in asked):
            points[:, place] = Missing.NOT_ASKED
    submitted = [datetime(2026, 5, 20 + j % 3, 13, 43, j, tzinfo=UTC) for j in range(len(points))]
    people = pd.DataFrame(
        {
            "respondent": [f"R_{j}x{j * j}" for j in range(len(points))],
            "form": form,
            "team": [("Red", "Köln, Süd")[j % 2] for j in range(len(points))],
            "submitted": pd.Series(submitted).dt.as_unit("us"),
            "seconds": [300.0 + j for j in range(len(points))],
            "finished": [j % 4 != 3 for j in range(len(points))],
        }
    ).reindex(columns=list(PEOPLE))
    comments = pd.DataFrame(
        {"keep": COMMENTS, "change": [*COMMENTS[4:], *COMMENTS[:4]]}, dtype="str"
    )
    return Answers(INSTRUMENT, people, points.astype(np.int8), comments)


def records(answers: Answers, *fields: str, **other: Sequence[object]) -> list[dict[str, object]]:
    """What each respondent said; of who they are, these fields alone. `other`: other values."""
    people = answers.people.assign(**other)[[*(fields or PEOPLE)]].astype(object)
    comments = answers.comments.astype(object)
    return [
        {key: cell for key, cell in (person | said).items() if pd.notna(cell)}
        | {"points": dict(zip(answers.instrument.item_ids, points, strict=True))}
        for person, said, points in zip(
            people.to_dict("records"), comments.to_dict("records"), answers.points.tolist(),
            strict=True,
        )
    ]  # fmt: skip


# ── How an answer is said ───────────────────────────────────────────────────────────────────────


def words(item: str, point: int) -> str:
    """In full."""
    responses = INSTRUMENT.responses_of(item)
    return responses.points[point - 1] if point > 0 else _no_point(item, point)


def short(item: str, point: int) -> str:
    """In few words, in capitals, after the number, with a space too many."""
    responses = INSTRUMENT.responses_of(item)
    return f"{point} - {responses.short[point - 1].upper()} " if point > 0 else words(item, point)


def numbers(item: str, point: int) -> str:
    """As a number."""
    return str(point) if point > 0 else words(item, point)


def codes(item: str, point: int) -> str:
    """As LimeSurvey's codes."""
    return f"A{point}" if point > 0 else words(item, point)


def recodes(item: str, point: int) -> str:
    """As Qualtrics' numbers, where -99 was seen and not answered."""
    return "-99" if point == Missing.SKIPPED else numbers(item, point)


def _no_point(item: str, point: int) -> str:
    return "".join(INSTRUMENT.responses_of(item).no_point[:1]) if point == Missing.NO_POINT else ""


# ── Tables ──────────────────────────────────────────────────────────────────────────────────────


def write(file: Path, rows: Iterable[Row], encoding: str = "utf-8", **dialect: Any) -> Path:
    """As CSV."""
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened, **{"lineterminator": "\r\n"} | dialect).writerows(rows)
    return file


def rows_of(file: Path, delimiter: str = ",") -> list[list[str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return [*csv.reader(opened, delimiter=delimiter)]


def write_excel(file: Path, rows: Iterable[Row], title: str = "Sheet1") -> Path:
    """As .xlsx, where text that would start a formula stays text, as platforms write it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append([*row])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(file)
    return file


def asked(answers: Answers) -> list[str]:
    """The items that somebody was asked."""
    there = (answers.points != Missing.NOT_ASKED).any(0)
    return [item for item, held in zip(INSTRUMENT.item_ids, there, strict=True) if held]


def wording(answers: Answers, item: str) -> str:
    """In the words of the form of the first respondent."""
    return INSTRUMENT.item[item].text[answers.people["form"].iloc[0]]


def question(answers: Answers, item: str) -> str:
    """The stem and the item, as platforms join them."""
    return f"{INSTRUMENT.responses_of(item).stem} - {wording(answers, item)}"


def said(answers: Answers, say: Say) -> list[list[object]]:
    """For each respondent, the cells of the items asked."""
    places = [INSTRUMENT.item_ids.index(item) for item in asked(answers)]
    return [
        [say(INSTRUMENT.item_ids[place], row[place]) for place in places]
        for row in answers.points.tolist()
    ]


def comments(answers: Answers) -> list[list[str]]:
    """For each respondent, the text of the open questions."""
    return [["" if pd.isna(cell) else cell for cell in row] for row in answers.comments.to_numpy()]


def at(person: Mapping[str, Any], style: str, zone: str = "UTC", before: bool = False) -> str:
    """When somebody submitted, or began."""
    when = person["submitted"] - timedelta(seconds=person["seconds"] if before else 0)
    return str(when.astimezone(ZoneInfo(zone)).strftime(style))


def people(answers: Answers) -> list[dict[str, Any]]:
    """Who answered, as one mapping each."""
    return [*answers.people.to_dict("records")]


OPEN = [each.text for each in INSTRUMENT.open]


# ── Qualtrics ───────────────────────────────────────────────────────────────────────────────────


def qualtrics(
    file: Path, answers: Answers, say: Say = words, quote: str = '"', zone: str = "Europe/Berlin"
) -> Path:
    """Three header rows; tags repeat; a preview comes first. `quote`: that of 2016 is single."""
    own = [*zip(*QUALTRICS_COLUMNS, strict=True)]
    items = asked(answers)
    tags = [
        *(f"Q2_{place % 20}" for place in range(len(items))),
        "Q2_DO",
        "Q3_TEXT",
        "Q4_1",
        "Q4_2",
    ]
    texts = [*(question(answers, item) for item in items), "order", "other", "tea", "coffee"]
    tags, texts = [*tags, "Q5", "Q6", "team"], [*texts, *OPEN, "team"]
    ids = [*own[2], *(f"QID2_{place}" for place in range(len(tags) - 1)), "team"]
    named: list[dict[str, str]] = [{"ImportId": id} for id in ids]
    named[0] = named[1] = {"ImportId": "startDate", "timeZone": zone}
    named[1] = named[0] | {"ImportId": "endDate"}
    third = [json.dumps(name).replace('"', quote) for name in named]
    rows = [
        [
            *(at(person, "%Y-%m-%d %H:%M:%S", zone, before) for before in (True, False)),
            "IP Address", SECRETS["ip"], "100", f"{person['seconds']:.0f}",
            str(person["finished"]), at(person, "%Y-%m-%d %H:%M:%S", zone), person["respondent"],
            SECRETS["last"], SECRETS["first"], SECRETS["email"], SECRETS["reference"],
            SECRETS["latitude"], SECRETS["longitude"], "anonymous", "EN",
            *cells, "2|1|3", "another thing", "1", "", *said_freely, person["team"],
        ]
        for person, cells, said_freely in zip(
            people(answers), said(answers, say), comments(answers), strict=True
        )
    ]  # fmt: skip
    preview = ["Survey Preview" if place == 2 else cell for place, cell in enumerate(rows[0])]
    preview[8] = "R_preview"
    return write(file, [[*own[0], *tags], [*own[1], *texts], third, preview, *rows], "utf-8-sig")


def old_qualtrics(file: Path, answers: Answers) -> Path:
    """Before 2016: two header rows, of which the first counts, and an empty last column."""
    own = ["ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress",
           "IPAddress", "Status", "StartDate", "EndDate", "Finished"]  # fmt: skip
    places = ["LocationLatitude", "LocationLongitude", "LocationAccuracy"]
    items = asked(answers)
    first = [*(f"V{place}" for place in range(1, 11)), *(f"Q2_{j}" for j in range(len(items)))]
    second = [*own, *(question(answers, item) for item in items)]
    rows = [
        [
            person["respondent"], "Default Response Set", SECRETS["name"], SECRETS["reference"],
            SECRETS["email"], SECRETS["ip"], "0",
            *(at(person, "%Y-%m-%d %H:%M:%S", before=before) for before in (True, False)),
            f"{person['finished']:d}", *cells, *said_freely, person["team"], SECRETS["latitude"],
            SECRETS["longitude"], "-1", "",
        ]
        for person, cells, said_freely in zip(
            people(answers), said(answers, words), comments(answers), strict=True
        )
    ]  # fmt: skip
    tops = [[*first, "Q3", "Q4", "team", *places, ""], [*second, *OPEN, "team", *places, ""]]
    return write(file, [*tops, *rows], "utf-8-sig")


# ── SurveyMonkey ────────────────────────────────────────────────────────────────────────────────

MONKEY = ["Respondent ID", "Collector ID", "Date Created", "Date Modified", "IP Address",
          "Email Address", "First Name", "Last Name", "Custom Data 1"]  # fmt: skip


def surveymonkey(
    file: Path, answers: Answers, encoding: str = "utf-8", condensed: bool = False
) -> Path:
    """Two header rows, the first of which names a question once; or one that names every column."""
    items = asked(answers)
    stems = [INSTRUMENT.responses_of(item).stem for item in items]
    once = [stem if stem not in stems[:place] else "" for place, stem in enumerate(stems)]
    rows = [wording(answers, item) for item in items]
    tops = [
        [*MONKEY, *once, "Which team do you work in?", *OPEN],
        [""] * len(MONKEY) + [*rows, "Response", "Open-Ended Response", "Open-Ended Response"],
    ]
    if condensed:
        tops = [[*MONKEY, *(question(answers, i) for i in items), "Your team", *OPEN]]
    table = [
        [
            1180000000 + place, 411111111, at(person, "%m/%d/%Y %I:%M:%S %p", before=True),
            at(person, "%m/%d/%Y %I:%M:%S %p"), SECRETS["ip"], SECRETS["email"], SECRETS["first"],
            SECRETS["last"], SECRETS["reference"], *cells, person["team"], *said_freely,
        ]
        for place, (person, cells, said_freely) in enumerate(
            zip(people(answers), said(answers, words), comments(answers), strict=True)
        )
    ]  # fmt: skip
    return write(file, [*tops, *table], encoding)


# ── Google Forms, Microsoft Forms ───────────────────────────────────────────────────────────────


def google(
    file: Path, answers: Answers, header: str = "Timestamp",
    stamp: Callable[[datetime], str] = lambda when: f"{when:%Y/%m/%d} {when:%I:%M:%S %p} GMT+0",
) -> Path:  # fmt: skip
    """Grids, answered in numbers; the second submission is empty but for its time."""
    items = asked(answers)
    grids = [f"{INSTRUMENT.responses_of(item).stem} [{wording(answers, item)}]" for item in items]
    tops = [header, "Email Address", *grids, "Your team", *OPEN]
    rows: list[Row] = [
        [stamp(person["submitted"]), SECRETS["email"], *cells, person["team"], *said_freely]
        for person, cells, said_freely in zip(
            people(answers), said(answers, numbers), comments(answers), strict=True
        )
    ]
    empty = [stamp(answers.people["submitted"].iloc[0]), *[""] * (len(tops) - 1)]
    return write(file, [tops, rows[0], empty, *rows[1:]])


def microsoft(
    file: Path, answers: Answers, own: Sequence[str] = ("ID", "Start time", "Completion time",
    "Email", "Name"), zone: str = "UTC",
) -> Path:  # fmt: skip
    """One column for each statement, .xlsx with real dates, or .csv as Excel saves it."""
    items = asked(answers)
    tops = [*own, *(wording(answers, item) for item in items), "Drinks", "Your team", *OPEN]
    style = "%m/%d/%Y %H:%M:%S"
    rows: list[Row] = [
        [
            number, at(person, style, zone, True), at(person, style, zone), SECRETS["email"],
            SECRETS["name"], *cells, "tea;coffee;", person["team"], *said_freely,
        ]
        for number, (person, cells, said_freely) in enumerate(
            zip(people(answers), said(answers, words), comments(answers), strict=True), 1
        )
    ]  # fmt: skip
    if file.suffix == ".csv":
        return write(file, [tops, *rows], "cp1252", delimiter=";")
    dated = [
        [row[0], *(datetime.strptime(str(when), style) for when in row[1:3]), *row[3:]]
        for row in rows
    ]
    return write_excel(file, [tops, *dated])


# ── LimeSurvey, SPSS ────────────────────────────────────────────────────────────────────────────


def limesurvey(
    file: Path, answers: Answers, say: Say = codes, delimiter: str = ";", code: str = "SQ{place:03}"
) -> Path:
    """All in quotation marks, CRLF, a blank last line; who has not finished has no date."""
    own = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate",
           "datestamp", "ipaddr", "refurl"]  # fmt: skip
    own = [f"{name}. {name.title()}" for name in own]
    items = [
        f"Q01[{code.format(place=place, item=item)}]. [{wording(answers, item)}]"
        for place, item in enumerate(asked(answers), 1)
    ]
    beside = ["Q02[other]. Drinks [Other]", "interviewtime. Total time", "groupTime3. Group time"]
    tops = [*own, *items, "team. Which team do you work in?", *(f"C{j}. {t}" for j, t in
            enumerate(OPEN)), *beside]  # fmt: skip
    style = "%Y-%m-%d %H:%M:%S"
    rows = [
        [
            str(number), at(person, style) if person["finished"] else "", "3", "en", "12345",
            SECRETS["reference"], at(person, style, before=True), at(person, style), SECRETS["ip"],
            "https://intranet.example.org/zora-quist", *cells, person["team"], *said_freely,
            "mate", f"{person['seconds']:.2f}", "12.5",
        ]
        for number, (person, cells, said_freely) in enumerate(
            zip(people(answers), said(answers, say), comments(answers), strict=True), 1
        )
    ]  # fmt: skip
    return write(file, [tops, *rows, []], "utf-8-sig", delimiter=delimiter, quoting=csv.QUOTE_ALL)


def spss(file: Path, answers: Answers, **options: Any) -> Path:
    """Numbers with labels for the ends of the scale alone; 99 and 90 to 98 are user-missing."""
    items = asked(answers)
    columns: dict[str, Any] = {
        "ResponseId": [*answers.people["respondent"]],
        "EndDate": [when.replace(tzinfo=None) for when in answers.people["submitted"]],
        "email": [SECRETS["email"]] * len(answers),
        "team": [*answers.people["team"]],
    }
    for place, item in enumerate(INSTRUMENT.item_ids):
        if item in items:
            skipped = [np.nan if row % 2 else 95.0 for row in range(len(answers))]  # system, user
            said_so = [
                {Missing.NO_POINT: 99.0}.get(p, p) for p in answers.points[:, place].tolist()
            ]
            columns[item] = [p or skipped[row] for row, p in enumerate(said_so)]
    frame = pd.DataFrame(columns)
    texts = dict(zip(["keep", "change"], zip(*comments(answers), strict=True), strict=True))
    frame = frame.assign(**texts)
    labels = {
        item: {1.0: words(item, 1), 5.0: words(item, 5), 95.0: "Refused"}
        | ({99.0: words(item, Missing.NO_POINT)} if words(item, Missing.NO_POINT) else {})
        for item in items
    }
    pyreadstat.write_sav(
        frame, str(file), variable_value_labels=labels,
        column_labels={item: question(answers, item)[:250] for item in items},
        missing_ranges={item: [99, {"lo": 90, "hi": 98}] for item in items}, **options,
    )  # fmt: skip
    return file


def old_spss(file: Path, answers: Answers) -> Path:
    """As before version 15: nothing says that the text is Windows-1252."""
    texts = ["Köln, Süd", "Zoë likes the café"]
    plain = {text: "".join(c if c.isascii() else "~" for c in text) for text in texts}
    data = spss(
        file,
        replace(
            answers,
            people=answers.people.replace(plain),
            comments=answers.comments.replace(plain),
        ),
    ).read_bytes()
    for text, ascii_text in plain.items():
        data = data.replace(ascii_text.encode(), text.encode("cp1252"))
    data = data.replace(struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8", b"")
    code = data.index(struct.pack("<iiii", 7, 3, 4, 8)) + 44
    file.write_bytes(data[:code] + struct.pack("<i", 2) + data[code + 4 :])
    return file
