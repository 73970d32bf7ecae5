"""The kinds of items. A new kind is one class here, one view, one authoring example."""

from pathlib import Path
from typing import Any

from upm.content import Bank, Item, read_bank
from upm.kinds.case import Case
from upm.kinds.choice import Choice
from upm.kinds.mark import Mark
from upm.kinds.order import Order
from upm.kinds.rate import Rate

KINDS: dict[str, type[Item]] = {
    "choice": Choice,
    "rate": Rate,
    "order": Order,
    "mark": Mark,
    "case": Case,
}


def load_bank(folder: Path, only: Path | None = None) -> Bank:
    """The bank in `folder`, all kinds known. Raises ContentError with every problem."""
    return read_bank(folder, KINDS, only)


def item_schema() -> dict[str, Any]:
    """A JSON Schema of an item file, for editors that complete and check while authors type."""
    definitions: dict[str, Any] = {}
    for model in KINDS.values():
        schema = model.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {}) | {model.__name__: schema}
    any_item = {
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in KINDS.values()],
        "discriminator": {"propertyName": "kind"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Items of one practice",
        "type": "object",
        "additionalProperties": False,
        "required": ["practice", "items"],
        "properties": {
            "practice": {"type": "string", "description": "The practice that all items here train"},
            "items": {"type": "array", "items": any_item},
        },
        "$defs": definitions,
    }
