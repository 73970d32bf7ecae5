"""A JSON Schema of an item file, for editors that complete and check while authors type."""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from textwrap import dedent
from typing import Any

from upm.content.framework import Model
from upm.kinds import KINDS


def item_schema() -> dict[str, Any]:
    """The schema; a field is described by the docstring that stands below it."""
    definitions: dict[str, Any] = {}
    for model in KINDS.values():
        schema = model.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {}) | {model.__name__: schema}
    for table in _models(Model):
        properties = definitions.get(table.__name__, {}).get("properties", {})
        for field, note in _notes(table):
            if field in properties:
                properties[field]["description"] = note
    any_item = {
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in KINDS.values()],
        "discriminator": {"propertyName": "kind"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Items of one practice",
        "type": "object",
        "additionalProperties": False,
        "required": ["items"],
        "oneOf": [{"required": ["practice"]}, {"required": ["module"]}],
        "properties": {
            "practice": {"type": "string", "description": "The practice that all items here train"},
            "module": {"type": "string", "description": "The part that all items here belong to"},
            "items": {"type": "array", "items": any_item},
        },
        "$defs": definitions,
    }


def _models(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        yield each
        yield from _models(each)


def _notes(model: type[Model]) -> Iterator[tuple[str, str]]:
    """Each field with the docstring below it, those of the parents first.

    pydantic can read these itself, but does so whenever a model is imported, which costs a page a
    sixth of a second.
    """
    for parent in reversed(model.__mro__):
        if not issubclass(parent, Model):
            continue
        (tree,) = ast.parse(dedent(inspect.getsource(parent))).body
        for field, note in pairwise(getattr(tree, "body", [])):
            match field, note:
                case ast.AnnAssign(ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                    yield name, inspect.cleandoc(text)
