"""Turn Markdown of the content files into safe HTML; raw HTML in it is shown, never obeyed."""

from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable("replacements")
_BLOCKS = {"stem", "takeaway"}
_LINES = {"text", "hints", "ask"}
_AS_THEY_ARE = {"response", "figure"}
"""The learner's own words, whatever the option is called, and what Plotly reads."""


def rendered(value: Any, key: str = "") -> Any:
    """A JSON value whose Markdown texts, known by their keys, have become HTML."""
    if key in _AS_THEY_ARE:
        return value
    if isinstance(value, Mapping):
        return {name: rendered(part, name) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [rendered(part, key) for part in value]
    if isinstance(value, str) and key in _BLOCKS:
        return _MARKDOWN.render(value)
    if isinstance(value, str) and key in _LINES:
        return _MARKDOWN.renderInline(value)
    return value
