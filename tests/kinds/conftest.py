"""Items of every kind, made from nothing but their keys."""

from collections.abc import Callable
from string import ascii_lowercase
from typing import Any

import pytest

from upm.content import Item
from upm.kinds import KINDS

Build = Callable[..., Item]


def _build(kind: str, *keys: Any, sensitive: str = "", **fields: Any) -> Item:
    """An item with the options a, b, c, … for `keys`; those in `sensitive` do not count."""
    options = [
        {
            "id": id,
            "text": f"Option {id}",
            "feedback": f"Reason {id}",
            "culture_sensitive": id in sensitive,
            **({"example": key} if kind == "case" else {"key": key}),
        }
        for id, key in zip(ascii_lowercase, keys, strict=False)
    ]
    if kind == "order":
        fields = {"first": "First", "last": "Last"} | fields
    return KINDS[kind].model_validate(
        {
            "id": "the-item",
            "kind": kind,
            "use": "unit",
            "title": "Title",
            "stem": "Stem",
            "ask": "Ask",
            "hints": ["Nudge one", "Nudge two"],
            "takeaway": "Lesson",
            "source": "example of a source",
            "options": options,
        }
        | fields
    )


@pytest.fixture(scope="session")
def build() -> Build:
    """Makes an item of a kind from its keys."""
    return _build
