"""How the exports of survey platforms look: whose a sheet is, and what stands where in it."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from upm.survey.answers import Missing
from upm.survey.sheet import MOST_CELLS, Sheet, SurveyFileError, shown

Role = Literal[
    "respondent", "submitted", "seconds", "finished", "started", "status", "personal", "left out"
]  # fmt: skip


def plain(text: str) -> str:
    """Text without letter case, spaces, punctuation and HTML, so that wordings can be compared."""
    bare = re.sub(r"<[^<>]{0,300}>", " ", unescape(text))
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", bare).casefold())


@dataclass(frozen=True)
class Header:
    """What stands above a column."""

    tag: str
    text: str = ""
    """The question, where the platform puts it beside the tag."""
    role: Role | None = None
    """What the platform itself keeps there. None: an answer, or what somebody added."""


@dataclass(frozen=True)
class Export:
    """A sheet of which it is known what heads each column and where the answers begin."""

    platform: str
    headers: tuple[Header, ...]
    columns: tuple[pa.ChunkedArray, ...]
    places: NDArray[np.int64]
    """Rows x 1, or x columns: the row of the file that a cell stands in."""
    special: Mapping[str, Missing] = field(default_factory=dict)
    """Cells of the platform's own in place of an answer."""
    lettered: bool = False
    """Whether A1 to A5 are answers."""
    own_ids: bool = False
    """Whether respondents are counted from 1 in every file."""
    timezone: str | None = None
    """As the file names it. None: it does not."""
    finished: Literal["told", "all", "submitted"] = "told"
    """Who has finished: those of whom a column says so, all, or those with a date."""
    masked: bool = False
    """Whether an apostrophe stands before text that would start a formula: in our own CSV."""


SYSTEM: Mapping[str, Role] = {
    **dict.fromkeys(("recordid", "responseid", "respondentid"), "respondent"),
    **dict.fromkeys(("enddate", "submitdate", "datesubmitted", "datemodified"), "submitted"),
    **dict.fromkeys(("startdate", "datestarted", "datecreated"), "started"),
    **dict.fromkeys(("duration", "durationinseconds", "interviewtime", "totaltime"), "seconds"),
    "finished": "finished",
    **dict.fromkeys(
        ("responseset", "recordeddate", "progress", "userlanguage", "collectorid", "datestamp",
         "datelastaction", "lastpage", "startlanguage", "seed"), "left out",
    ),
    **dict.fromkeys(
        ("ipaddress", "ipaddr", "ip", "email", "emailaddress", "emailadresse", "recipientemail",
         "name", "fullname", "firstname", "lastname", "surname", "username", "nutzername",
         "recipientfirstname", "recipientlastname", "phone", "phonenumber", "location", "latitude",
         "longitude", "locationlatitude", "locationlongitude", "locationaccuracy", "token",
         "externalreference", "externaldatareference", "accesscode", "refurl", "referrerurl"),
        "personal",
    ),
}  # fmt: skip
"""The columns that platforms add, as `plain` writes their names."""
QUALTRICS: Mapping[str, Role] = {**SYSTEM, "status": "status", "distributionchannel": "status"}
PREVIEWS = {"1", "2", "17", "preview", "test", "surveypreview", "surveytest"}
"""What stands in a column of status where nobody really answered."""


def is_personal(*names: str) -> bool:
    """Whether a column of this name says who somebody is."""
    return any(SYSTEM.get(plain(name)) == "personal" for name in names)


def recognised(sheet: Sheet) -> Export:
    """The sheet as an export of the first of PLATFORMS whose signature it bears."""
    found = (platform(sheet, sheet.head()) for platform in PLATFORMS.values())
    return next(export for export in found if export is not None)


Head = Sequence[Sequence[str]]


def _export(
    platform: str, sheet: Sheet, headers: Iterable[Header], skip: int, **more: Any
) -> Export:
    columns = tuple(column.slice(skip) for column in sheet.columns)
    return Export(platform, tuple(headers), columns, sheet.rows[skip:, None], **more)


# ── Qualtrics ───────────────────────────────────────────────────────────────────────────────────

IMPORT_ID = re.compile(r"""\s*\{\s*["']ImportId["']\s*:\s*["']([^"']*)["']""")
TIMEZONE = re.compile(r"""["']timeZone["']\s*:\s*["']([^"']+)["']""")
BESIDE = re.compile(r"_DO(_|$)|_TEXT$|_(First Click|Last Click|Page Submit|Click Count)$")
"""Tags of columns beside a question: the order on screen, the text of "other", times."""


def _qualtrics(sheet: Sheet, head: Head) -> Export | None:
    names, zone, skip = head[0], None, 0
    second = {plain(cell) for cell in head[1]} if len(head) > 1 else set()
    for row in range(1, len(head)):
        found = [IMPORT_ID.match(cell) for cell in head[row]]
        if any(found):  # names in no language, in JSON or (2016) nearly so
            names = [id[1] if id else tag for id, tag in zip(found, head[0], strict=True)]
            zone, skip = TIMEZONE.search(" ".join(head[row])), row + 1
    if not skip and head[0][0] == "V1" and "responseid" in second:  # before 2016
        names, skip = head[1], 2
    elif not skip and {"responseid", "finished"} <= {plain(cell) for cell in head[0]}:
        skip = sheet.headers or (2 if {"responseid", "enddate"} & second else 1)
    if not skip:
        return None
    texts = head[1] if skip > 1 and not IMPORT_ID.match(head[1][0]) else head[0]
    headers = (
        Header(tag, text, "left out" if BESIDE.search(tag) else QUALTRICS.get(plain(name)))
        for tag, text, name in zip(head[0], texts, names, strict=True)
    )
    special = {"-99": Missing.SKIPPED}
    return _export(
        "Qualtrics", sheet, headers, skip, special=special, timezone=zone[1] if zone else None
    )


# ── SurveyMonkey, Google Forms, Microsoft Forms, LimeSurvey ─────────────────────────────────────

RESPONSE = {
    "", "response", "openendedresponse", "antwort", "offeneantwort", "réponse", "réponselibre",
    "respuesta", "respuestaabierta", "resposta", "risposta", "antwoord",
}  # fmt: skip
"""What stands under a question that has one column."""


def _surveymonkey(sheet: Sheet, head: Head) -> Export | None:
    keys = [plain(cell) for cell in head[0]]
    if not {"respondentid", "collectorid"} <= set(keys):
        return None
    two = len(head) > 1 and not head[1][keys.index("respondentid")]
    headers, stem = [], ""
    for place, (tag, key) in enumerate(zip(head[0], keys, strict=True)):
        stem = tag or stem  # a question stands above its first column only
        row = head[1][place] if two else ""
        only = plain(row) in RESPONSE or (tag and "".join(head[0][place + 1 : place + 2]))
        headers.append(Header(stem if only else row, f"{stem} - {row}", SYSTEM.get(key)))
    return _export("SurveyMonkey", sheet, headers, 1 + two)


TIMESTAMPS = {
    "timestamp", "zeitstempel", "horodateur", "marcatemporal", "carimbodedatahora", "tijdstempel",
    "informazionicronologiche", "sygnaturaczasowa", "tidsstämpel", "tidsstempel", "aikaleima",
    "отметкавремени", "タイムスタンプ", "时间戳记", "時間戳記", "타임스탬프", "zamandamgası",
}  # fmt: skip


def _google(sheet: Sheet, head: Head) -> Export | None:
    if plain(head[0][0]) not in TIMESTAMPS:
        return None
    headers = [Header(tag, "", "personal" if is_personal(tag) else None) for tag in head[0]]
    headers[0] = Header(head[0][0], "", "submitted")
    return _export("Google Forms", sheet, headers, 1, finished="all")


DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
QUIZ = re.compile(r"(Points|Feedback) - |(Last modified time|Total points|Quiz feedback)$")


def _microsoft(sheet: Sheet, head: Head) -> Export | None:
    names = [plain(cell) for cell in head[0][:5]]
    if len(names) < 5 or names[0] != "id":
        return None
    first = head[1] if len(head) > 1 else [""] * 5
    dated = DATE.match(first[1]) and DATE.match(first[2]) and re.search("@|anonym", first[3], re.I)
    if names[1:3] != ["starttime", "completiontime"] and not dated:
        return None
    own: list[Role] = ["respondent", "started", "submitted", "personal", "personal"]
    headers = [Header(tag, "", role) for tag, role in zip(head[0], own, strict=False)]
    headers += (Header(tag, "", "left out" if QUIZ.match(tag) else None) for tag in head[0][5:])
    return _export("Microsoft Forms", sheet, headers, 1, own_ids=True, finished="all")


CODE = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\. (.*)", re.DOTALL)
LIMESURVEY: Mapping[str, Role] = {**SYSTEM, "id": "respondent"}
LIME_BESIDE = re.compile(r"\[other\]|comment\]$|Time\d*$|^(Group|Question) time")


def _limesurvey(sheet: Sheet, head: Head) -> Export | None:
    parts = [CODE.fullmatch(cell) for cell in head[0]]
    tags = [part[1] if part else cell for part, cell in zip(parts, head[0], strict=True)]
    texts = head[1] if sheet.headers == 2 else [part[2] if part else "" for part in parts]
    names = {plain(tag) for tag in tags}
    if not ({"id", "submitdate"} <= names or {"responseid", "datesubmitted"} <= names):
        return None
    headers = (
        Header(tag, text, "left out" if LIME_BESIDE.search(tag) else LIMESURVEY.get(plain(tag)))
        for tag, text in zip(tags, texts, strict=True)
    )
    special = {"{question_not_shown}": Missing.NOT_ASKED}
    return _export(
        "LimeSurvey", sheet, headers, sheet.headers or 1, special=special, lettered=True,
        own_ids=True, finished="submitted",
    )  # fmt: skip


# ── Any other table, and our own ────────────────────────────────────────────────────────────────

OURS = {str(int(reason)): reason for reason in Missing if reason is not Missing.SKIPPED}
WHY = {reason.name.lower(): str(int(reason)) for reason in Missing} | {"skipped": ""}


def _table(sheet: Sheet, head: Head) -> Export:
    """One row for each respondent."""
    skip = sheet.headers or 1
    texts = head[1] if skip == 2 else [""] * len(head[0])
    headers = (Header(tag, text) for tag, text in zip(head[0], texts, strict=True))
    ours = "respondent" in map(str.casefold, head[0])
    name = "our own table" if ours else "a table"
    masked = ours and sheet.headers is None
    return _export(name, sheet, headers, skip, special=OURS if ours else {}, masked=masked)


def _long(sheet: Sheet, head: Head) -> Export | None:
    """One row for each respondent and item, laid out as one row for each respondent."""
    names = [cell.casefold() for cell in head[0]]
    if not {"respondent", "item", "answer"} <= set(names) or len({*names}) < len(names):
        return None
    columns = (column.slice(1).cast(pa.string()).to_pandas() for column in sheet.columns)
    cells = pd.DataFrame(dict(zip(names, columns, strict=True))).fillna("")
    cells = cells.apply(lambda column: column.str.strip())
    if (nobody := np.flatnonzero(cells["respondent"] == "")).size:
        raise SurveyFileError(sheet.file, "names no respondent", sheet.rows[1 + nobody[0]])
    answers = cells.pop("answer")
    if "missing" in cells:
        answers = answers.where(answers != "", cells.pop("missing").replace(WHY))
    item, items = pd.factorize(cells.pop("item"))
    keys = [name for name in ("respondent", "form", "wave") if name in cells]
    person = cells.groupby(keys, sort=False).ngroup().to_numpy()
    first = np.unique(person, return_index=True)[1]
    if len(first) * len(items) > MOST_CELLS:
        raise SurveyFileError(sheet.file, "has too many different respondents and items")
    _agree(sheet, person * len(items) + item, answers)
    for name in cells:
        _agree(sheet, person, cells[name])
    grid = np.full((len(first), len(items)), WHY["not_asked"], object)
    places = np.repeat(sheet.rows[1:][first, None], cells.shape[1] + len(items), 1)
    grid[person, item] = answers
    places[person, cells.shape[1] + item] = sheet.rows[1:]
    wide = [*(cells[name].iloc[first] for name in cells), *grid.T]
    return Export(
        "our own table, one row for each answer",
        tuple(Header(str(name)) for name in (*cells, *items)),
        tuple(pa.chunked_array([pa.array(column, pa.string())]) for column in wide),
        places, special=OURS, masked=sheet.headers is None,
    )  # fmt: skip


def _agree(sheet: Sheet, same: NDArray[np.int64], cells: "pd.Series[str]") -> None:
    """SurveyFileError: rows about the same respondent or answer do not say the same."""
    _, first, of = np.unique(same, return_index=True, return_inverse=True)
    said, rows = cells.to_numpy(object), sheet.rows[1:]
    for row in np.flatnonzero(said != said[first][of])[:1]:
        other = rows[first[of[row]]]
        raise SurveyFileError(
            sheet.file, f"row {other} has {shown(said[first[of[row]]])} for the same respondent: "
            "mend one of them", rows[row], str(cells.name), said[row],
        )  # fmt: skip


PLATFORMS: Mapping[str, Callable[[Sheet, Head], Export | None]] = {
    "long": _long,
    "qualtrics": _qualtrics,
    "surveymonkey": _surveymonkey,
    "microsoft": _microsoft,
    "limesurvey": _limesurvey,
    "google": _google,
    "table": _table,
}
"""How each platform's exports are recognised, in the order in which they are tried."""
