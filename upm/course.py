"""The few calls that notebooks make: `open`, `exercise`, `progress`."""

import logging
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any
from weakref import WeakSet

from IPython.display import display

from upm import paths
from upm.content import Item
from upm.kinds import load_bank
from upm.learning.records import Records
from upm.learning.session import Session, State
from upm.widgets import View
from upm.widgets.view import strict

_log = logging.getLogger(__name__)
_views: "WeakSet[View]" = WeakSet()


def open() -> None:
    """Begin a notebook: show who is learning."""
    _show(_learner)


def exercise(id: str) -> None:
    """Show the exercise with this id, as the learner left it."""
    _show(lambda: _exercise(id))


def progress(pillar: str) -> None:
    """Show how far the learner is in a pillar."""
    _show(lambda: _progress(pillar))


@cache
def words() -> dict[str, Any]:
    """The words around the exercises."""
    return tomllib.loads((paths.DATA / "interface.toml").read_text(encoding="utf-8"))


@cache
def _session() -> Session:
    """The session of this kernel, with a log, since a learner sees no traceback."""
    with suppress(OSError):  # the learner's card says that nothing can be written here
        paths.home().mkdir(parents=True, exist_ok=True)
    logging.getLogger("upm").addHandler(logging.FileHandler(paths.log(), "a", "utf-8", delay=True))
    session = Session(load_bank(paths.DATA), Records(paths.records()))
    session.open()
    return session


def _learner() -> View:
    session = _session()

    def choose(message: Any) -> State:
        state = session.choose(str(message["name"]))
        _refresh("exercise", "progress")
        return state

    return _view("learner", {}, session.learner_state, choose, words()["start"]["static"])


def _exercise(id: str) -> View:
    session = _session()
    item = session.bank.item(id)
    pillar = session.bank.framework.pillar_of(session.bank.practice_of[id])

    def receive(message: Any) -> State:
        state = session.receive(id, message)
        _refresh("progress")
        return state

    content = item.public() | {"pillar": pillar.id}
    return _view("exercise", content, lambda: session.exercise_state(id), receive, as_text(item))


def _progress(pillar: str) -> View:
    session = _session()

    def state(_: Any = None) -> State:
        return session.progress_state(pillar)

    answered = words()["progress"]["answered"]
    text = "\n".join(f"{row['name']}: {answered.format(**row)}" for row in state()["practices"])
    return _view("progress", {"pillar": pillar}, state, state, text)


def _view(form: str, content: Any, state: Any, receive: Any, text: str) -> View:
    return View(form, content=content, refresh=state, receive=receive, words=words(), text=text)


def as_text(item: Item) -> str:
    """An item in plain text, for places without widgets."""
    options = "\n".join(f"- {option.text}" for option in item.options)
    return f"{item.title}\n\n{item.stem.strip()}\n\n{item.ask}\n{options}"


def _refresh(*forms: str) -> None:
    for view in list(_views):
        if view.form in forms:
            view.refresh()


def _show(make: Callable[[], View]) -> None:
    """Display a view; if it fails, say so in plain words and log the reason."""
    try:
        view = make()
        display(view)
        _views.add(view)
    except Exception:
        _log.exception("a part of a page could not be shown")
        if strict():
            raise
        message = words()["start"]["part_failed"].format(log=paths.log())
        display({"text/plain": message}, raw=True)
