"""One learner at work in one notebook: what each exercise shows, and what an answer changes."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from upm.content import Bank, Item, ResponseError
from upm.learning import series
from upm.learning.progress import progress, progress_in_parts
from upm.learning.records import Attempt, Learner, Records, RecordsError

LONGEST_NAME = 40
State = dict[str, Any]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Session:
    """What the views of a notebook ask and tell. Every answer is plain JSON, texts in Markdown."""

    bank: Bank
    records: Records
    now: Callable[[], datetime] = _now
    learner: Learner | None = None  # None: nobody has said yet who is learning
    _unsaved: list[Attempt] = field(default_factory=list)
    _hints: dict[str, int] = field(default_factory=dict)
    _being_given: dict[str, Any] = field(default_factory=dict)
    _trying_again: set[str] = field(default_factory=set)
    _another_case: bool = False

    def open(self) -> None:
        """Go on as whoever learned here last, perhaps in another notebook, if that can be read."""
        with suppress(RecordsError):  # the learner's card says what is wrong
            self._go_on_as(self.records.current())

    # ── who is learning ─────────────────────────────────────────────────────────────────────────

    def learner_state(self, problem: str | None = None) -> State:
        """Who is learning, who else learns here, and what is wrong with the records."""
        names: list[str] = []
        try:
            names = [learner.name for learner in self.records.learners()]
        except RecordsError as error:
            problem = problem or error.reason
        attempts, problem = self._attempts(problem)
        case = self._series("capstone", attempts)
        aside = self.records.set_aside
        return {
            "name": self.learner and self.learner.name,
            "names": names,
            "began": bool(attempts),
            "problem": problem,
            "place": str(self.records.path.parent),
            "set_aside": aside and aside.name,
            "parts": [asdict(part) for part in progress_in_parts(self.bank, case, attempts)],
        }

    def choose(self, name: str) -> State:
        """Go on as the learner of that name, known or new."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if not name:
            return self.learner_state("no-name")
        try:
            self._go_on_as(self.records.choose(name, self.now()))
        except RecordsError as error:
            return self.learner_state(error.reason)
        return self.learner_state()

    def _go_on_as(self, learner: Learner | None) -> None:
        if learner != self.learner:
            self._hints.clear()
            self._being_given.clear()
            self._trying_again.clear()
            self._another_case = False
        self.learner = learner

    # ── exercises ───────────────────────────────────────────────────────────────────────────────

    def exercise_state(self, id: str, problem: str | None = None) -> State:
        """Where the learner stands with an item: fresh, or their last answer with its feedback."""
        item = self.bank.item(id)
        attempts, problem = self._attempts(problem, id)
        current = [attempt for attempt in attempts if _fits(item, attempt)]
        older = [attempt for attempt in attempts if not _fits(item, attempt)]
        checked = bool(current) and id not in self._trying_again
        withheld = item.use == "test" and not self._has_finished_tests()
        last = current[-1] if current else None
        first = current[0].response if len(current) > 1 or (current and not checked) else None
        response = last and last.response
        if not checked:
            response = self._being_given.get(id, response)
        return {
            "learner": self.learner and self.learner.id,
            "checked": checked,
            "response": last and last.response,
            "feedback": _feedback(item, last) if last and checked and not withheld else None,
            "shown": None if withheld else item.show(response, checked, first),
            "takeaway": item.takeaway if checked and not withheld else None,
            "withheld": withheld,
            "draft_key": item.status == "draft",
            "attempt": len(current),
            "at": last and last.at.isoformat(),
            "saved": last not in self._unsaved,
            "older": _older(older),
            "hints": list(item.hints[: self._hints.get(id, 0)]),
            "problem": problem,
            "place": str(self.records.path.parent),
        }

    def receive(self, id: str, message: Mapping[str, Any]) -> State:
        """Do what the view of an item asks, and say where the learner stands now."""
        match message.get("do"):
            case "check":
                return self._check(self.bank.item(id), message)
            case "hint":
                most = len(self.bank.item(id).hints)
                self._hints[id] = min(most, self._hints.get(id, 0) + 1)
            case "look":
                return self._look(self.bank.item(id), message["response"])
            case "again":
                self._trying_again.add(id)
            case "save":
                return self.exercise_state(id, self._save())
            case other:
                raise ValueError(f"do = {other!r}; expected check, look, hint, again or save")
        return self.exercise_state(id)

    def _look(self, item: Item, response: Any) -> State:
        """Show what a response leads to while it is being given; nothing is kept."""
        before, self._being_given = self._being_given, self._being_given | {item.id: response}
        try:
            return self.exercise_state(item.id)
        except ResponseError:
            self._being_given = before
            return self.exercise_state(item.id, "unfitting")

    def _check(self, item: Item, message: Mapping[str, Any]) -> State:
        if self.learner is None:
            return self.exercise_state(item.id, "nobody")
        try:
            score = item.assess(message["response"]).score
        except ResponseError:
            return self.exercise_state(item.id, "unfitting")
        if not message["response"] or (score and not score.attempted):
            return self.exercise_state(item.id, "unattempted")
        known = {attempt.uid for attempt in self._unsaved}
        if str(message["uid"]) not in known:
            self._unsaved.append(
                Attempt(
                    uid=str(message["uid"]),
                    learner=self.learner.id,
                    item=item.id,
                    version=item.version,
                    response=message["response"],
                    score=score,
                    hints=self._hints.get(item.id, 0),
                    seconds=max(0.0, float(message["seconds"])),
                    at=self.now(),
                )
            )
        problem = self._save()
        self._trying_again.discard(item.id)
        self._being_given.pop(item.id, None)
        self._another_case &= item.use != "capstone"
        return self.exercise_state(item.id, problem)

    def _save(self) -> str | None:
        """Write what is not on disk yet, oldest first. The reason if that is not possible."""
        while self._unsaved:
            try:
                self.records.append(self._unsaved[0])
                if self.records.set_aside and self.learner:
                    self.records.remember(self.learner, self.now())
            except RecordsError as error:
                return error.reason
            self._unsaved.pop(0)
        return None

    def _attempts(
        self, problem: str | None = None, id: str | None = None
    ) -> tuple[list[Attempt], str | None]:
        """The learner's attempts, with `id` at that item only; those not saved yet at the end."""
        if self.learner is None:
            return [], problem
        unsaved = [
            attempt
            for attempt in self._unsaved
            if attempt.learner == self.learner.id and id in (None, attempt.item)
        ]
        try:
            return self.records.attempts(self.learner.id, id) + unsaved, problem
        except RecordsError as error:
            return unsaved, problem or error.reason

    # ── items one after the other ───────────────────────────────────────────────────────────────

    def series_state(self, part: series.Part) -> State:
        """The items of a test or of a capstone's case, where the learner stands, and the result."""
        if self.learner is None:
            return {"learner": None, "items": [], "done": False, "result": None}
        attempts, _ = self._attempts()
        items = self._series(part, attempts)
        return {
            "learner": self.learner.id,
            "items": [
                {"content": item.public(), "state": self.exercise_state(item.id)} for item in items
            ],
            "done": series.is_done(items, attempts),
            "result": self._result(part, items, attempts),
        }

    def receive_in_series(self, part: series.Part, message: Mapping[str, Any]) -> State:
        """Do what the view of a series asks, for one of its items or for all."""
        if message.get("do") == "another":
            self._another_case = True
        else:
            self.receive(str(message["item"]), message)
        return self.series_state(part)

    def _series(self, part: series.Part, attempts: list[Attempt]) -> list[Item]:
        id = self.learner.id if self.learner else ""
        if part == "capstone":
            return series.case(self.bank, id, attempts, further=self._another_case)
        return series.form(self.bank, id, part)

    def _result(
        self, part: series.Part, items: list[Item], attempts: list[Attempt]
    ) -> State | None:
        """Of the test, once both forms are done; of the capstone, as far as it goes."""
        if part == "capstone":
            return {"goals": [asdict(g) | {"met": g.met} for g in series.goals(items, attempts)]}
        if not self._has_finished_tests():
            return None
        times: tuple[series.Part, series.Part] = ("before", "after")
        return {time: series.agreement(self._series(time, attempts), attempts) for time in times}

    def _has_finished_tests(self) -> bool:
        attempts, _ = self._attempts()
        forms = self.bank.series("test").values()
        return all(series.is_done(items, attempts) for items in forms)

    # ── progress ────────────────────────────────────────────────────────────────────────────────

    def progress_state(self, pillar_id: str) -> State:
        """How far the learner is in each practice of a pillar."""
        pillar = {pillar.id: pillar for pillar in self.bank.framework.pillars}[pillar_id]
        attempts, _ = self._attempts()  # if there is a problem, the learner's card says so
        names = {practice.id: practice.name for practice in pillar.practices}
        return {
            "practices": [
                asdict(each) | {"name": names[each.practice]}
                for each in progress(self.bank, names, attempts)
            ]
        }


def _fits(item: Item, attempt: Attempt) -> bool:
    """Whether an attempt answers this version of the item."""
    try:
        item.assess(attempt.response)
    except ResponseError:
        return False
    return attempt.version == item.version


def _feedback(item: Item, attempt: Attempt) -> State:
    assessment = item.assess(attempt.response)
    score = assessment.score
    return {
        "outcome": score and score.outcome,
        "scaled": score and score.scaled,
        "options": [asdict(each) for each in assessment.feedback],
    }


def _older(attempts: list[Attempt]) -> State | None:
    """The last attempt at an earlier version. None: there was none."""
    if not attempts:
        return None
    last = attempts[-1]
    return {"at": last.at.isoformat(), "outcome": last.score and last.score.outcome}
