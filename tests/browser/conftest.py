"""A real JupyterLab on the course and a real Chromium in front of it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.learner import NOTEBOOK, wait_for_page
from upm import paths
from upm.content import Bank, Item
from upm.kinds import load_bank

expect.set_options(timeout=15_000)  # two browsers may share the machine
TOKEN = "course-test"  # noqa: S105 - of a server that lives for one test run
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge", "msedge")
NO_BROWSER = (
    "no Chromium, Chrome or Edge found; install one (on Debian: apt install chromium), or set "
    "UPM_BROWSER to its place, and run again: python3 start.py test tests/browser"
)
# What Jupyter says when a page that was loaded before has left its widgets in the kernel.
HARMLESS = ("Comm not found for comm id", "[anywidget] Failed to initialize model")
# Jupyter and a browser refuse to run as root, as in many containers, unless told to.
SANDBOX = [] if os.name == "nt" or os.geteuid() else ["--no-sandbox"]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    folder: Path

    def page_of(self, notebook: str = NOTEBOOK) -> str:
        """The address of a notebook, alone on its page."""
        return f"{self.url}/doc/tree/{notebook}.ipynb?token={TOKEN}"

    def ask(self, path: str, method: str = "GET", body: object = None) -> object:
        """What the server's API answers."""
        request = Request(f"{self.url}{path}", method=method)  # noqa: S310 - our own server
        request.add_header("Authorization", f"token {TOKEN}")
        data = None if body is None else json.dumps(body).encode()
        with urlopen(request, data) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None


@pytest.fixture(scope="session")
def bank() -> Bank:
    return load_bank(paths.DATA)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with start_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@contextmanager
def start_lab(root: Path) -> Iterator[Lab]:
    """The course as `upm course` opens it, with all its files below `root`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = root / "config"
    config.mkdir()
    allowed = {"ServerApp": {"allow_root": True}, "IdentityProvider": {"token": TOKEN}}
    (config / "jupyter_server_config.json").write_text(json.dumps(allowed))
    environment = os.environ | {
        "UPM_HOME": str(root / "home"),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
    }
    environment.pop("UPM_STRICT", None)
    folder, log = root / "course", root / "lab.log"
    command = [sys.executable, "-m", "upm", "course", str(folder), "--no-browser"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, stdout=output, stderr=output
        )
    running = Lab(f"http://127.0.0.1:{port}", folder)
    try:
        _wait_until_up(running, server, log)
        yield running
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_up(running: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            running.ask("/api")
        except OSError:
            assert server.poll() is None, log.read_text("utf-8", "replace")
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"JupyterLab did not answer: {log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with open_browser() as chromium:
        yield chromium


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A Chromium without windows, or a skipped test that says how to get one."""
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        found = os.environ.get("UPM_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
        program = found or (str(own) if own.exists() else None)
        if program is None:
            pytest.skip(NO_BROWSER)
        options = [*SANDBOX, "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        yield chromium
        chromium.close()


Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def page(stay: Visit) -> Page:
    """The notebook, open all through a module; each test is another learner there."""
    return stay()


@pytest.fixture(scope="module")
def workbench(stay: Visit, lab: Lab, bank: Bank) -> Page:
    """A page with one exercise of each kind, from all over the course, and the test before it."""
    cells = ["from upm import course\n\ncourse.open()", 'course.test("before")']
    cells += [f'course.exercise("{item.id}")' for item in one_of_each(bank)]
    notebook = json.loads((lab.folder / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    notebook["metadata"]["upm"]["notebook"] = "workbench"
    made = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][: len(cells)]
    for cell, code in zip(made, cells, strict=True):
        cell["source"] = code
    notebook["cells"] = made
    (lab.folder / "workbench.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    page = stay("workbench", ready=False)
    last = page.locator(f'[data-item="{one_of_each(bank)[-1].id}"]')
    last.wait_for(state="attached", timeout=60_000)
    return page


def one_of_each(bank: Bank) -> list[Item]:
    """The first item of each kind that the first pillar's notebook does not show."""
    met = {
        item.kind
        for practice in bank.framework.pillars[0].practices
        for item in bank.of(practice.id, "unit", "check")
    }
    found: dict[object, Item] = {}
    for item in bank.items.values():
        if item.kind not in met and item.use != "test":
            found.setdefault((item.kind, getattr(item, "give", None)), item)
    return [*found.values()]


@pytest.fixture
def visit(lab: Lab, browser: Browser) -> Iterator[Visit]:
    """Open a notebook in a window of its own, for one test.

    All windows of a notebook share its kernel, so each that stays open slows the next one.
    """
    with _windows(lab, browser) as open_notebook:
        yield open_notebook


@pytest.fixture(scope="module")
def stay(lab: Lab, browser: Browser) -> Iterator[Visit]:
    """The same for a window that stays open all through a module."""
    with _windows(lab, browser) as open_notebook:
        yield open_notebook


@contextmanager
def _windows(lab: Lab, browser: Browser) -> Iterator[Visit]:
    """A way to open windows; the console of each must stay free of errors."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    def open_notebook(
        notebook: str = NOTEBOOK, ready: bool = True, at: Lab = lab, **options: object
    ) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(at.page_of(notebook))
        if ready:
            wait_for_page(page)
        return page

    yield open_notebook
    for context in contexts:
        context.close()
    assert [error for error in errors if not any(text in error for text in HARMLESS)] == []
