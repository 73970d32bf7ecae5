"""The view of one exercise, of the learner's card, or of progress: a single flat widget."""

import logging
import os
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import anywidget
from IPython.display import display
from traitlets import Dict, Unicode

from upm.widgets.markup import rendered

_STATIC = Path(__file__).parent / "static"
_log = logging.getLogger(__name__)

State = dict[str, Any]
Receive = Callable[[Mapping[str, Any]], State]


def strict() -> bool:
    """Whether a failure is raised, as in tests, after it has been shown and logged."""
    return bool(os.environ.get("UPM_STRICT"))


class View(anywidget.AnyWidget):
    """Shows `content` and `state` in the browser and passes on what the learner does there.

    `form` names the browser half, one of static/views/*.js. `state` is replaced by what `receive`
    answers; `text` stands for the view where there is no widget front end.
    """

    # Stock Jupyter loads one script a widget, so the parts become one here; no build step.
    _esm = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (*sorted((_STATIC / "views").glob("*.js")), _STATIC / "view.js")
    )
    _css = (_STATIC / "upm.css").read_text(encoding="utf-8")

    form = Unicode().tag(sync=True)
    content = Dict().tag(sync=True)
    state = Dict().tag(sync=True)
    words = Dict().tag(sync=True)

    def __init__(
        self,
        form: str,
        *,
        content: Mapping[str, Any],
        refresh: Callable[[], State],
        receive: Receive,
        words: Mapping[str, Any],
        text: str,
    ) -> None:
        super().__init__(
            form=form, content=rendered(content), state=rendered(refresh()), words=dict(words)
        )
        self._refresh = refresh
        self._receive = receive
        self._text = text
        self.on_msg(self._answer)

    def refresh(self) -> None:
        """Show the newest state."""
        self.state = rendered(self._refresh())

    def _answer(self, _widget: "View", message: Mapping[str, Any], _buffers: object) -> None:
        try:
            state = self._receive(message)
        except Exception:
            _log.exception("%s could not %s", self, message.get("do"))
            self.send({"failed": True})
            if strict():
                raise
        else:
            self.state = rendered(state)
            self.send({"done": True})

    def __repr__(self) -> str:
        return f"<{self.form}: {self._text.splitlines()[0]}>"

    def _ipython_display_(self) -> None:
        # The style sheet hides the text where widgets work; elsewhere it is what one reads.
        html = f'<div class="upm-static"><pre>{escape(self._text)}</pre></div>'
        display({"text/html": html, "text/plain": self._text}, raw=True)
        bundle = self._repr_mimebundle_()
        if bundle:
            display(bundle[0], metadata=bundle[1], raw=True)
