"""The few calls that notebooks make: `open`, `exercise`, `progress`."""

import logging
import tomllib
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakSet

from IPython.display import display

from upm import paths
from upm.content import Item
from upm.kinds import load_bank
from upm.learning.records import Records
from upm.learning.session import Session
from upm.widgets import View
from upm.widgets.view import strict

_log = logging.getLogger(__name__)
_views: "WeakSet[View]" = WeakSet()


def open(notebook: str) -> None:  # noqa: A001 - reads well in a notebook: course.open(...)
    """Begin a notebook: show who is learning. `notebook` is its name without the ending."""
    _shown(lambda: _learner_card(notebook))


def exercise(id: str) -> None:
    """Show the exercise with this id, as the learner left it."""
    _shown(lambda: _exercise(id))


def progress(pillar: str) -> None:
    """Show how far the learner is in a pillar."""
    _shown(lambda: _progress(pillar))


def records() -> Records:
    """The records of everybody who learns on this computer."""
    return Records(paths.home() / "records.sqlite")


@cache
def words() -> dict[str, Any]:
    """The words around the exercises."""
    return tomllib.loads((paths.DATA / "interface.toml").read_text(encoding="utf-8"))


@cache
def _session() -> Session:
    session = Session(load_bank(paths.DATA), records())
    session.open()
    return session


def _learner_card(notebook: str) -> View:
    session = _session()

    def choose(message: Any) -> dict[str, Any]:
        state = session.choose(str(message["name"]))
        _refresh_all()
        return state

    text = f"Notebook {notebook}"
    return View("learner", {}, session.learner_state, choose, words(), text)


def _exercise(id: str) -> View:
    session = _session()
    item = session.bank.item(id)
    pillar = session.bank.framework.pillar_of(session.bank.practice_of[id])

    def receive(message: Any) -> dict[str, Any]:
        state = session.receive(id, message)
        _refresh_all("progress")
        return state

    content = item.public() | {"pillar": pillar.id}
    return View(
        "exercise", content, lambda: session.exercise_state(id), receive, words(), as_text(item)
    )


def _progress(pillar: str) -> View:
    session = _session()

    def state() -> dict[str, Any]:
        return session.progress_state(pillar)

    lines = [f"{row['name']}: {row['answered']} of {row['items']} done" for row in state()["practices"]]
    content = {"pillar": pillar}
    return View("progress", content, state, lambda _: state(), words(), "\n".join(lines))


def as_text(item: Item) -> str:
    """An item in plain text, for places without widgets."""
    options = "\n".join(f"- {option.text}" for option in item.options)
    return f"{item.title}\n\n{item.stem.strip()}\n\n{item.ask}\n{options}"


def _refresh_all(form: str | None = None) -> None:
    for view in list(_views):
        if form in (None, view.form):
            view.refresh()


def _shown(make: Callable[[], View]) -> None:
    """Display a view; if it fails, say so in plain words and log the reason."""
    try:
        view = make()
        _views.add(view)
        display(view)
    except Exception:
        _keep_log()
        _log.exception("a view could not be shown")
        if strict():
            raise
        message = words()["start"]["part_failed"].format(log=paths.home() / "upm.log")
        display({"text/plain": message}, raw=True)


def _keep_log() -> None:
    """Write what goes wrong to a file, since a learner sees no traceback."""
    logger = logging.getLogger("upm")
    if not logger.handlers:
        paths.home().mkdir(parents=True, exist_ok=True)
        logger.addHandler(logging.FileHandler(paths.home() / "upm.log", encoding="utf-8"))
