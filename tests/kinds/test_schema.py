"""`upm schema`: editors are told the same that the reader checks."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from upm import paths
from upm.cli import main
from upm.content.bank import FOLDERS
from upm.kinds.schema import item_schema

FILES = [file for folder in FOLDERS for file in sorted((paths.DATA / folder).glob("*.toml"))]
VALIDATOR = Draft202012Validator(item_schema())


GUIDE = (paths.DATA / "README.md").read_text(encoding="utf-8").split("## Surveys")[0]
EXAMPLES = "\n".join(re.findall(r"^```toml\n(.*?)^```", GUIDE, re.M | re.S))


def one_item(kind: str) -> dict[str, Any]:
    """The authors' first example of a kind, in a file of its own."""
    content = tomllib.loads(EXAMPLES)
    return content | {"items": [next(item for item in content["items"] if item["kind"] == kind)]}


KINDS = ["choice", "rate", "order", "mark", "sort", "dialogue", "estimate", "allocate", "plan"]
each_kind = pytest.mark.parametrize(
    "kind", [*KINDS, "case", "write", "simulate", "predict", "explore"]
)


def test_the_command_prints_a_valid_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == item_schema()
    Draft202012Validator.check_schema(printed)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_of_the_course_fits(file: Path) -> None:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []


@each_kind
@pytest.mark.parametrize("place", ["file", "item", "option"])
def test_an_unknown_key_does_not_fit(kind: str, place: str) -> None:
    content = one_item(kind)
    assert VALIDATOR.is_valid(content)
    (item,) = content["items"]
    {"file": content, "item": item, "option": item["options"][0]}[place]["colour"] = "red"
    assert not VALIDATOR.is_valid(content)


@each_kind
@pytest.mark.parametrize(
    "key", ["id", "kind", "use", "title", "stem", "ask", "takeaway", "options"]
)
def test_a_missing_key_does_not_fit(kind: str, key: str) -> None:
    content = one_item(kind)
    del content["items"][0][key]
    assert not VALIDATOR.is_valid(content)


@pytest.mark.parametrize(
    ("kind", "table", "key"),
    [("sort", "bins", "text"), ("dialogue", "nodes", "mood"), ("predict", "trials", "name")],
)
def test_the_tables_of_a_kind_are_checked_too(kind: str, table: str, key: str) -> None:
    content = one_item(kind)
    (item,) = content["items"]
    assert VALIDATOR.is_valid(content)
    value = item[table][0].pop(key)
    assert not VALIDATOR.is_valid(content)
    item[table][0] |= {key: value, "colour": "red"}
    assert not VALIDATOR.is_valid(content)


def test_an_item_may_name_its_series() -> None:
    content = one_item("choice")
    content["items"][0] |= {"use": "test", "series": "form-a"}
    assert VALIDATOR.is_valid(content)
    content["items"][0]["series"] = "Form A"
    assert not VALIDATOR.is_valid(content)


@pytest.mark.parametrize("header", ["practice", "module"])
def test_a_file_names_the_practice_or_the_module_that_it_belongs_to(header: str) -> None:
    content = one_item("choice")
    content[header] = content.pop("practice")
    assert VALIDATOR.is_valid(content)


def test_a_field_is_described_by_the_docstring_below_it() -> None:
    choice = item_schema()["$defs"]["Choice"]["properties"]
    assert choice["use"]["description"].startswith("Where it serves.")  # of what all kinds share
    dialogue = item_schema()["$defs"]["DialogueOption"]["properties"]
    assert dialogue["to"]["description"] == "The node that answers it."  # of its own
