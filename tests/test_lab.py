"""JupyterLab around the course: a free port, and notebooks saved without dead widgets."""

import copy
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from upm import lab


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_is_free_when_nobody_listens() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        server.listen()
        assert not lab.is_free(port)
    assert lab.is_free(port)


def test_the_first_free_port_is_found(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "FIRST_PORT", taken)
    monkeypatch.setattr(lab, "PORTS", 3)
    assert lab.free_port() in range(taken + 1, taken + 3)
    monkeypatch.setattr(lab, "PORTS", 1)
    assert lab.free_port() == 0


OUTPUT = {"output_type": "stream", "name": "stdout", "text": "42"}


def notebook(**metadata: Any) -> dict[str, Any]:
    def code(*tags: str) -> dict[str, Any]:
        extra = {"tags": [*tags]} if tags else {}
        return {
            "cell_type": "code",
            "metadata": extra,
            "execution_count": 7,
            "outputs": [OUTPUT],
            "source": "42",
        }

    cells = [code(), {"cell_type": "markdown", "metadata": {}, "source": "Read."}]
    cells += [code("other"), code("nbval-check-output")]
    return {"type": "notebook", "content": {"metadata": metadata, "cells": cells}}


def test_outputs_are_left_out_but_for_those_that_are_compared() -> None:
    model, before = notebook(upm={"notebook": "01"}), notebook()["content"]["cells"]
    lab.leave_as_found(model, path="01.ipynb", contents_manager=None)
    first, text, second, compared = model["content"]["cells"]
    for cell in (first, second):
        assert (cell["outputs"], cell["execution_count"], cell["source"]) == ([], None, "42")
    assert [text, compared] == [before[1], before[3]]


def test_what_the_kernel_says_about_itself_is_not_saved() -> None:
    model = notebook(upm={"notebook": "01"}, language_info={"name": "python", "version": "3.13"})
    lab.leave_as_found(model)
    assert model["content"]["metadata"]["language_info"] == {"name": "python"}


@pytest.mark.parametrize(
    "model",
    [
        notebook(),
        notebook(kernelspec={"name": "python3"}),
        {"type": "file", "content": "upm"},
        {"type": "directory", "content": None},
    ],
)
def test_other_notebooks_and_files_are_saved_as_they_are(model: Any) -> None:
    before = copy.deepcopy(model)
    lab.leave_as_found(model, path="other")
    assert model == before
