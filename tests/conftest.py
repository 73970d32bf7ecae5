"""Records of its own for every test, and a page that shows what the course displays."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets.widgets.widget import Widget
from traitlets.config import Config

from upm import course


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in place of the learner's own; not made yet."""
    folder = tmp_path_factory.mktemp("upm") / "home"
    monkeypatch.setenv("UPM_HOME", str(folder))
    return folder


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """With it no file grows beyond so many bytes: the system answers much as a full disk does."""
    resource = pytest.importorskip("resource", reason="Windows has no limit on the size of files")

    @contextmanager
    def limit(room: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit


class Shown(BaseComm):
    """The browser's end of one widget: its newest state, and what else it was told."""

    def __init__(self, **rest: Any) -> None:
        self.traits: dict[str, Any] = {}
        self.told: list[Any] = []
        super().__init__(**rest)

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **rest: Any) -> None:
        data = json.loads(json.dumps(data or {}))  # only plain JSON reaches a browser
        self.traits |= data.get("state", {})
        if data.get("method") == "custom":
            self.told.append(data["content"])

    @property
    def state(self) -> Any:
        return self.traits["state"]

    def press(self, **message: Any) -> Any:
        """Do what a learner does there. Returns the new state."""
        data = {"method": "custom", "content": message}
        self.handle_msg({"content": {"data": data}, "buffers": []})
        return self.state


class Page:
    """A notebook page: cells run on it, and widgets appear."""

    def __init__(self) -> None:
        self.comms: list[Shown] = []
        self.outputs: list[dict[str, Any]] = []  # of the cell that ran last, by MIME type
        self.printed = ""  # by the cell that ran last

    def connect(self, **rest: Any) -> Shown:
        self.comms.append(Shown(**rest))
        return self.comms[-1]

    def run(self, cell: Callable[..., object], *arguments: Any) -> Any:
        """Run a cell with one call. Returns the newest widget; None: there is none."""
        with capture_output() as captured:
            cell(*arguments)
        self.outputs = [output.data for output in captured.outputs]
        self.printed = captured.stdout + captured.stderr
        return next((one for one in reversed(self.comms) if "form" in one.traits), None)

    @staticmethod
    def restart() -> None:
        """Forget all that a kernel keeps in memory."""
        for cached in (course.words, course._session, course._log_to_file):
            cached.cache_clear()
        course._views.clear()
        Widget.close_all()
        log = logging.getLogger("upm")
        for handler in list(log.handlers):
            log.removeHandler(handler)
            handler.close()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page in front of a kernel that has just started, as learners have it."""
    monkeypatch.delenv("UPM_STRICT", raising=False)
    page = Page()
    monkeypatch.setattr(comm, "create_comm", page.connect)
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.instance(config=config)
    page.restart()
    yield page
    page.restart()
    InteractiveShell.clear_instance()
