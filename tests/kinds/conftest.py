"""Items of every kind, made from nothing but their keys."""

from collections.abc import Callable
from string import ascii_lowercase
from typing import Any

import pytest

from upm.content import Item, Wording
from upm.kinds import KINDS

Build = Callable[..., Item]

# How a key of each kind is written; where it is not here, it stands alone.
KEYS: dict[str, Callable[..., dict[str, Any]]] = {
    "case": lambda key: {"example": key},
    "plan": lambda key: {"needs": key, "ask_again": f"Asked {key}", "feedback": ""},
    "write": lambda key: dict(zip(("id", "text", "tags"), key, strict=True)),
    "dialogue": lambda key: dict(zip(("at", "to", "key"), key, strict=True)),
    "estimate": lambda key: (
        {"key": key}
        if isinstance(key, bool)
        else dict(zip(("low", "key", "high"), key, strict=True))
    ),
}


def _fields(kind: str, keys: tuple[Any, ...], fields: dict[str, Any]) -> dict[str, Any]:
    """What else the kind needs; `fields` come before what is made up here."""
    if kind == "order":
        return {"first": "First", "last": "Last"} | fields
    if kind == "sort":
        bins = fields.pop("bins", sorted(set(keys)))
        return {"bins": [{"id": id, "text": f"Bin {id}"} for id in bins]} | fields
    if kind == "dialogue":
        repairs = fields.pop("repair", "")
        ids = fields.pop("nodes", list(dict.fromkeys(id for key in keys for id in key[:2])))
        nodes = [
            {"id": id, "text": f"Node {id}", "mood": "open", "repair": id in repairs} for id in ids
        ]
        return {"partner": "Partner", "nodes": nodes} | fields
    if kind == "write":
        return {"genre": "status_update"} | fields
    if kind == "estimate":
        return {"give": "chance" if isinstance(keys[0], bool) else "range"} | fields
    return fields


def _build(
    kind: str, *keys: Any, sensitive: str = "", wording: Wording | None = None, **fields: Any
) -> Item:
    """An item with the options a, b, c, … for `keys`; those in `sensitive` do not count.

    A dialogue's key is (at, to, key), and `repair` holds the nodes of repair; the key of a range
    is (low, key, high); that of a plan is what the field needs; that of a message is its level,
    its words and its tags.
    """
    written = KEYS.get(kind, lambda key: {"key": key})
    options = [
        {
            "id": id,
            "text": f"Option {id}",
            "feedback": f"Reason {id}",
            "culture_sensitive": id in sensitive,
        }
        | written(key)
        for id, key in zip(ascii_lowercase, keys, strict=False)
    ]
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
        | _fields(kind, keys, fields),
        context=wording,
    )


@pytest.fixture(scope="session")
def build() -> Build:
    """Makes an item of a kind from its keys."""
    return _build
