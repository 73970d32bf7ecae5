"""`upm schema`: editors are told the same that the reader checks."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from upm import paths
from upm.cli import main
from upm.kinds import item_schema

FILES = sorted((paths.DATA / "items").glob("*.toml"))
VALIDATOR = Draft202012Validator(item_schema())


def one_item(kind: str) -> dict[str, Any]:
    """The first shipped item of a kind, in a file of its own."""
    for file in FILES:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for item in content["items"]:
            if item["kind"] == kind:
                return content | {"items": [item]}
    raise LookupError(kind)


each_kind = pytest.mark.parametrize("kind", ["choice", "rate", "order", "mark", "case"])


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
