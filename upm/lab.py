"""Open JupyterLab on the course, in its calmest face."""

import socket
from pathlib import Path
from typing import Any

FIRST_PORT, PORTS = 8888, 50


def run_lab(folder: Path, notebook: str, browser: bool, port: int | None) -> None:
    """Serve `folder` and open `notebook` of it; returns when the learner stops the server."""
    # Slow to import: only who opens the course waits for it.
    from jupyterlab.labapp import LabApp  # noqa: PLC0415

    arguments = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/doc/tree/{notebook}.ipynb",
        f"--ServerApp.port={port or free_port()}",
        "--ServerApp.port_retries=0",
        "--ContentsManager.pre_save_hook=upm.lab.leave_as_found",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--log-level=WARN",
    ]
    LabApp.launch_instance([*arguments, *([] if browser else ["--no-browser"])])


def free_port() -> int:
    """The first free port from 8888 on; 0, any port, if fifty in a row are taken."""
    return next((port for port in range(FIRST_PORT, FIRST_PORT + PORTS) if is_free(port)), 0)


def is_free(port: int) -> bool:
    """Whether a server on this computer could listen at `port`."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def leave_as_found(model: dict[str, Any], **_: Any) -> None:
    """Before a course notebook is saved: drop what running it has added.

    Stored outputs would show dead widgets later, and an untouched notebook can be brought up to
    date by a newer course.
    """
    notebook = model["content"] if model["type"] == "notebook" else {}
    if "upm" not in notebook.get("metadata", {}):
        return
    notebook["metadata"]["language_info"] = {"name": "python"}
    for cell in notebook["cells"]:
        compared = "nbval-check-output" in cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and not compared:
            cell["outputs"] = []
            cell["execution_count"] = None
