"""The few calls that notebooks make: `open`, `exercise`, `test`, `capstone`, `progress`."""

import logging
import tomllib
from collections.abc import Callable
from functools import cache
from itertools import chain
from typing import Any

from IPython.display import display

from upm import paths
from upm.content import Item
from upm.kinds import load_bank
from upm.learning.records import Records
from upm.learning.series import Part
from upm.learning.session import Session, State
from upm.widgets import View
from upm.widgets.view import strict

_log = logging.getLogger(__name__)

# Each reload of the page shows all views anew and leaves the old ones behind. The newest two of
# each stay alive, since a second window may show the same notebook.
WINDOWS = 2
_views: dict[str, list[View]] = {}


def open(notebook: str | None = None) -> None:
    """Begin a notebook: show who is learning, and where in the course this one lies."""
    _show("learner", lambda: _learner(notebook))


def exercise(id: str) -> None:
    """Show the exercise with this id, as the learner left it."""
    _show(f"exercise {id}", lambda: _exercise(id))


def test(time: str) -> None:
    """Show the test, `before` or `after` the course."""
    _show(f"test {time}", lambda: _series("before" if time == "before" else "after"))


def capstone() -> None:
    """Show the case that ends the course."""
    _show("capstone", lambda: _series("capstone"))


def progress(pillar: str) -> None:
    """Show how far the learner is in a pillar."""
    _show(f"progress {pillar}", lambda: _progress(pillar))


@cache
def words() -> dict[str, Any]:
    """The words around the exercises."""
    return tomllib.loads((paths.DATA / "interface.toml").read_text(encoding="utf-8"))


@cache
def _log_to_file() -> None:
    """Keep a log, since a learner sees no traceback."""
    handler: logging.Handler
    try:
        paths.home().mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(paths.log(), "a", "utf-8")
    except OSError:  # the learner's card says that nothing can be written here
        handler = logging.NullHandler()
    logging.getLogger("upm").addHandler(handler)


@cache
def _session() -> Session:
    """The session of this kernel."""
    _log_to_file()
    session = Session(load_bank(paths.DATA), Records(paths.records()))
    session.open()
    return session


def _learner(notebook: str | None) -> View:
    session = _session()
    session.open()  # again: in another notebook, somebody else may have begun since

    def choose(message: Any) -> State:
        state = session.choose(str(message["name"]))
        _refresh("exercise", "series", "progress")
        return state

    content = {"notebook": notebook}
    return _view("learner", content, session.learner_state, choose, words()["start"]["static"])


def _exercise(id: str) -> View:
    session = _session()
    item = session.bank.item(id)
    home = session.bank.home_of[id]

    def receive(message: Any) -> State:
        state = session.receive(id, message)
        if message.get("do") != "look":  # a dial that is moved waits for nothing else
            _refresh("learner", "progress")
        return state

    content = item.public() | _place(home)
    return _view("exercise", content, lambda: session.exercise_state(id), receive, as_text(item))


def _series(part: Part) -> View:
    session = _session()

    def receive(message: Any) -> State:
        state = session.receive_in_series(part, message)
        _refresh("learner", "exercise", "progress")
        return state

    title = words()["series"][part]
    return _view("series", {"part": part}, lambda: session.series_state(part), receive, title)


def _progress(pillar: str) -> View:
    session = _session()

    def state(_: Any = None) -> State:
        return session.progress_state(pillar)

    answered = words()["progress"]["answered"]
    text = "\n".join(f"{row['name']}: {answered.format(**row)}" for row in state()["practices"])
    names = {each.id: each.name for each in session.bank.framework.pillars}
    return _view("progress", {"pillar": pillar, "place": names[pillar]}, state, state, text)


def _place(home: str) -> dict[str, str]:
    """The name of the pillar or module that a practice or module is shown under, and its tone."""
    framework = _session().bank.framework
    pillar = framework.pillar_of(home)
    if pillar:
        return {"pillar": pillar.id, "place": pillar.name}
    names = {module.id: module.name for module in framework.modules}
    return {"pillar": "course", "place": names[home]}


def _view(form: str, content: Any, state: Any, receive: Any, text: str) -> View:
    return View(form, content=content, refresh=state, receive=receive, words=words(), text=text)


def as_text(item: Item) -> str:
    """An item in plain text, for places without widgets."""
    options = "\n".join(f"- {option['text']}" for option in item.public()["options"])
    return f"{item.title}\n\n{item.stem.strip()}\n\n{item.ask}\n{options}"


def _refresh(*forms: str) -> None:
    for view in chain.from_iterable(_views.values()):
        if view.form in forms:
            view.refresh()


def _keep(name: str, view: View) -> None:
    views = [*_views.get(name, []), view]
    for old in views[:-WINDOWS]:
        old.close()
    _views[name] = views[-WINDOWS:]


def _show(name: str, make: Callable[[], View]) -> None:
    """Display a view; if it fails, say so in plain words and log the reason."""
    try:
        view = make()
        display(view)
        _keep(name, view)
    except Exception:
        _log.exception("a part of a page could not be shown")
        if strict():
            raise
        message = words()["start"]["part_failed"].format(log=paths.log())
        display({"text/plain": message}, raw=True)
