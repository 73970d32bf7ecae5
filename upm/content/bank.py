"""Read all content files into one bank, or report every problem in them at once."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from upm.content.framework import Framework
from upm.content.items import Item, Use
from upm.content.problems import ContentError, Problem, field_problems

Kinds = Mapping[str, type[Item]]


@dataclass(frozen=True)
class Bank:
    """The framework and all items by id, each with the practice that it trains."""

    framework: Framework
    items: Mapping[str, Item]
    practice_of: Mapping[str, str]

    def item(self, id: str) -> Item:
        """One item. KeyError: there is none; the message names the nearest id."""
        try:
            return self.items[id]
        except KeyError:
            near = get_close_matches(id, self.items, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise KeyError(f"no item has the id {id!r}{hint}") from None

    def of(self, practice: str, *uses: Use) -> list[Item]:
        """The items of a practice in the order of its file; with `uses`, only those."""
        return [
            item
            for id, item in self.items.items()
            if self.practice_of[id] == practice and (not uses or item.use in uses)
        ]


def read_bank(folder: Path, kinds: Kinds, only: Path | None = None) -> Bank:
    """Read `framework.toml` and `items/*.toml` in `folder` (or, of the items, just file `only`).

    Raises ContentError with every problem found.
    """
    problems: list[Problem] = []
    framework = _read_framework(folder / "framework.toml", problems)
    files = [only] if only else sorted((folder / "items").glob("*.toml"))
    items: dict[str, Item] = {}
    practice_of: dict[str, str] = {}
    home: dict[str, str] = {}
    for file in files:
        raw = _read_toml(file, problems)
        if raw is None:
            continue
        practice = raw.pop("practice", None)
        if framework and practice not in [*framework.practices]:  # a list: it may be unhashable
            expected = f"one of {', '.join(framework.practices)}"
            problems.append(Problem((file.name,), "practice", practice, expected))
        for table in _tables(file, raw, problems):
            id = table.get("id")
            where = (file.name, "item without an id" if id is None else str(id))
            if isinstance(id, str) and id in home:
                expected = f"an id of its own; {home[id]} has it already"
                problems.append(Problem(where, "id", id, expected))
            elif isinstance(id, str):
                home[id] = file.name
            item = _read_item(table, kinds, where, problems)
            if item:
                items[item.id], practice_of[item.id] = item, practice
    if problems or framework is None:
        raise ContentError(problems)
    return Bank(framework, items, practice_of)


def _read_toml(file: Path, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        # Some editors on Windows put a byte order mark in front; "utf-8-sig" skips it.
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem((file.name,), "TOML", str(error), "valid TOML"))
    except UnicodeDecodeError as error:
        problems.append(Problem((file.name,), "text", error.object[error.start :][:8], "UTF-8"))
    except OSError as error:
        problems.append(Problem((str(file),), "file", error.strerror, "a readable file"))
    return None


def _read_framework(file: Path, problems: list[Problem]) -> Framework | None:
    raw = _read_toml(file, problems)
    if raw is None:
        return None
    try:
        framework = Framework.model_validate(raw)
    except ValidationError as error:
        problems += field_problems(error, Framework, raw, (file.name,))
        return None
    for (table, id), count in Counter(framework.ids()).items():
        if count > 1:
            problems.append(Problem((file.name, table), "id", id, "an id of its own"))
    return framework


def _tables(file: Path, raw: dict[str, Any], problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """The `[[items]]` of a file; anything else at its top is a problem."""
    tables = raw.pop("items", [])
    for key, value in raw.items():
        problems.append(Problem((file.name,), key, value, "practice and [[items]] only"))
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(Problem((file.name,), "items", tables, "[[items]] tables"))
        return
    yield from tables


def _read_item(
    raw: dict[str, Any], kinds: Kinds, where: tuple[str, ...], problems: list[Problem]
) -> Item | None:
    model = kinds.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
    if model is None:
        expected = f"one of {', '.join(kinds)}"
        problems.append(Problem(where, "kind", raw.get("kind"), expected))
        return None
    try:
        item = model.model_validate(raw)
    except ValidationError as error:
        problems += field_problems(error, model, raw, where)
        return None
    for flaw in item.flaws():
        place = (*where, flaw.option) if flaw.option else where
        problems.append(Problem(place, flaw.key, flaw.found, flaw.expected))
    return item
