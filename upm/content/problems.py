"""Say what is wrong with a content file: where, what was found, what was expected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

# What a key should have held, in an author's words; pydantic's own speak of Python.
_EXPECTED = {
    "missing": "a value: this key is required",
    "string_type": "text in quotation marks",
    "string_too_short": "some text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "model_type": "a table",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
}


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
        if _is_echo(detail):
            continue
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
            node = next((each for each in node.get("anyOf", ()) if "$ref" in each), node)
            if not isinstance(raw, list):
                names.append(step)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
            known = list(node.get("properties", {}))
    return [name for name in names if name], known


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether a list is too short only because entries with problems of their own do not count."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _found(detail: ErrorDetails) -> object:
    return None if detail["type"] == "missing" else detail["input"]


def _expected(detail: ErrorDetails, known: list[str]) -> str:
    if detail["type"] in _EXPECTED:
        return _EXPECTED[detail["type"]].format_map(detail.get("ctx", {}))
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        near = get_close_matches(key, known, n=1)
        return f"no such key; did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
    if detail["type"] == "string_pattern_mismatch":
        pattern = detail["ctx"]["pattern"]
        slug = "small letters, digits and single hyphens, like missed-deadline"
        return slug if pattern == SLUG else f"text that fits {pattern}"
    message = detail["msg"]
    for start in ("Input should be ", "Value error, "):
        message = message.removeprefix(start)
    return message


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
