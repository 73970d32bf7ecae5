"""A course of two pillars, small enough to work out by hand."""

from typing import Any

import pytest

from upm.content import Bank, Framework, Item
from upm.kinds import KINDS


def _pillar(id: str, notebook: str, *practices: str) -> dict[str, Any]:
    rows = [{"id": each, "name": each.title(), "objectives": ["Do it."]} for each in practices]
    return {"id": id, "name": id, "role": "a part", "notebook": notebook, "practices": rows}


def make_item(id: str, kind: str, use: str, keys: dict[str, Any], **fields: Any) -> Item:
    name = "example" if kind == "case" else "key"
    texts = {
        "title": id.title(),
        "stem": f"The story of {id}.",
        "ask": "What now?",
        "takeaway": f"The lesson of {id}.",
    }
    options = [
        {"id": option, "text": f"Do {option}.", "feedback": f"Why {option}.", name: key}
        for option, key in keys.items()
    ]
    table = {"id": id, "kind": kind, "use": use, "options": options}
    return KINDS[kind].model_validate(table | texts | fields)


@pytest.fixture
def bank() -> Bank:
    """Items `pick` (3 of 3 credits for a, 2 for b), `tell`, `later`; `sort`, `own`."""
    framework = {
        "pillars": [
            _pillar("trust", "01_trust", "listening", "honesty"),
            _pillar("goals", "02_goals", "clarity"),
        ],
        "facts": [],
    }
    hints = ["Who waits?", "What changes on Friday?"]
    items = {
        "listening": [
            make_item("pick", "choice", "unit", {"a": 3, "b": 2, "c": 0}, hints=hints),
            make_item("tell", "rate", "check", {"a": 5.0, "b": 1.0}),
            make_item("later", "choice", "review", {"a": 3, "b": 0}),
        ],
        "clarity": [
            make_item(
                "sort", "order", "unit", {"a": 2, "b": 1, "c": 3}, first="First", last="Last"
            ),
            make_item("own", "case", "check", {"text": "A meeting."}),
        ],
    }
    return Bank(
        Framework.model_validate(framework),
        {item.id: item for each in items.values() for item in each},
        {item.id: practice for practice, each in items.items() for item in each},
    )
