"""Say what is wrong with a content file: where, what was found, what was expected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Flaw:
    """Something wrong inside one item that no single field shows."""

    key: str
    found: object
    expected: str
    option: str | None = None


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `where` leads from the file by ids to the table that holds `key`."""

    where: tuple[str, ...]
    key: str
    found: object
    expected: str

    def __str__(self) -> str:
        return (
            f"{' › '.join(self.where)}: {self.key} = {_shown(self.found)}; expected {self.expected}"
        )


class ContentError(ValueError):
    """The content cannot be used. `problems` holds all of them, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def field_problems(
    error: ValidationError, model: type[BaseModel], raw: Mapping[str, Any], where: tuple[str, ...]
) -> Iterator[Problem]:
    """Pydantic's findings about one table `raw`, with ids in place of list positions."""
    for detail in error.errors(include_url=False):
        *tables, key = detail["loc"] or ("",)
        if isinstance(key, int):  # an entry of a plain list: name the list
            key = f"{tables.pop()}[{key}]"
        names, known = _follow(tables, model, raw)
        yield Problem((*where, *names), str(key), _found(detail), _expected(detail, known))


def _follow(
    tables: Sequence[str | int], model: type[BaseModel], raw: Any
) -> tuple[list[str], list[str]]:
    """The ids on the way to the innermost table, and the keys that table may have."""
    names: list[str] = []
    known = list(model.model_fields)
    schema = model.model_json_schema()
    node: Any = schema
    for step in tables:
        raw = raw[step]
        if isinstance(step, int):
            names.append(str(raw.get("id", f"number {step + 1}")) if isinstance(raw, dict) else "")
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step, {})
            if not isinstance(raw, list):
                names.append(step)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
            known = list(node.get("properties", {}))
    return [name for name in names if name], known


def _found(detail: ErrorDetails) -> object:
    return None if detail["type"] == "missing" else detail["input"]


def _expected(detail: ErrorDetails, known: list[str]) -> str:
    if detail["type"] == "missing":
        return "a value: this key is required"
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        near = get_close_matches(key, known, n=1)
        return f"no such key; did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
    if detail["type"] == "string_pattern_mismatch":
        return "small letters, digits and single hyphens, like missed-deadline"
    message = detail["msg"]
    for start in ("Input should be ", "Value error, "):
        message = message.removeprefix(start)
    return message


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
