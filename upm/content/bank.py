"""Read all content files into one bank, or report every problem in them at once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from upm.content.framework import Framework
from upm.content.items import Item, Use
from upm.content.problems import ContentError, Problem, field_problems
from upm.content.tables import read_table, read_toml
from upm.content.wording import Wording, read_wording

Kinds = Mapping[str, type[Item]]

FOLDERS = ("items", "dialogues", "test", "capstone")


@dataclass(frozen=True)
class Bank:
    """The framework and all items by id, each with the practice or module that it belongs to."""

    framework: Framework
    items: Mapping[str, Item]
    home_of: Mapping[str, str]

    def item(self, id: str) -> Item:
        """One item. KeyError: there is none; the message names the nearest id."""
        try:
            return self.items[id]
        except KeyError:
            near = get_close_matches(id, self.items, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise KeyError(f"no item has the id {id!r}{hint}") from None

    def of(self, home: str, *uses: Use) -> list[Item]:
        """The items of a practice or module in the order of its files; with `uses`, only those."""
        return [
            item
            for id, item in self.items.items()
            if self.home_of[id] == home and (not uses or item.use in uses)
        ]

    def series(self, use: Use) -> dict[str, list[Item]]:
        """The forms of the test, or the cases of the capstone: name -> items in teaching order."""
        found: dict[str, list[Item]] = {}
        for home in self.framework.homes:
            for item in self.of(home, use):
                found.setdefault(item.series or "", []).append(item)
        return dict(sorted(found.items()))


def read_bank(
    folder: Path,
    kinds: Kinds,
    only: Path | None = None,
    read_context: Callable[[Path, list[Problem]], Wording] = read_wording,
) -> Bank:
    """Read `framework.toml` and all items in `folder` (or, of the items, just file `only`).

    `read_context` reads what items need beside their own tables. Raises ContentError with every
    problem found.
    """
    problems: list[Problem] = []
    framework = _read_framework(folder / "framework.toml", problems)
    context = read_context(folder, problems)
    files = [only] if only else [file for name in FOLDERS for file in _files(folder / name)]
    items: dict[str, Item] = {}
    home_of: dict[str, str] = {}
    file_of: dict[str, str] = {}
    for file in files:
        raw = read_toml(file, problems)
        if raw is None:
            continue
        header = "module" if "module" in raw else "practice"
        home = raw.pop(header, None)
        if framework and home not in _homes(framework, header):
            expected = f"one of {', '.join(_homes(framework, header))}"
            problems.append(Problem((file.name,), header, home, expected))
        for table in _tables(file, raw, problems):
            id = table.get("id")
            where = (file.name, "item without an id" if id is None else str(id))
            if isinstance(id, str) and id in file_of:
                expected = f"an id of its own; {file_of[id]} has it already"
                problems.append(Problem(where, "id", id, expected))
            elif isinstance(id, str):
                file_of[id] = file.name
            item = _read_item(table, kinds, where, context, problems)
            if item:
                items[item.id], home_of[item.id] = item, home
    if problems or framework is None:
        raise ContentError(problems)
    return Bank(framework, items, home_of)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _homes(framework: Framework, header: str) -> list[str]:
    """What a file may say after `practice` or `module`; a list, as what it says may be anything."""
    if header == "practice":
        return [*framework.practices]
    return [module.id for module in framework.modules]


def _read_framework(file: Path, problems: list[Problem]) -> Framework | None:
    framework = read_table(file, Framework, problems)
    if framework is None:
        return None
    for (table, id), count in Counter(framework.ids()).items():
        if count > 1:
            problems.append(Problem((file.name, table), "id", id, "an id of its own"))
    return framework


def _tables(file: Path, raw: dict[str, Any], problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """The `[[items]]` of a file; anything else at its top is a problem."""
    tables = raw.pop("items", [])
    for key, value in raw.items():
        problems.append(Problem((file.name,), key, value, "practice or module, and [[items]]"))
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(Problem((file.name,), "items", tables, "[[items]] tables"))
        return
    yield from tables


def _read_item(
    raw: dict[str, Any],
    kinds: Kinds,
    where: tuple[str, ...],
    context: Wording,
    problems: list[Problem],
) -> Item | None:
    model = kinds.get(raw["kind"]) if isinstance(raw.get("kind"), str) else None
    if model is None:
        expected = f"one of {', '.join(kinds)}"
        problems.append(Problem(where, "kind", raw.get("kind"), expected))
        return None
    try:
        item = model.model_validate(raw, context=context)
    except ValidationError as error:
        problems += field_problems(error, model, raw, where)
        return None
    for flaw in item.flaws():
        place = (*where, flaw.option) if flaw.option else where
        problems.append(Problem(place, flaw.key, flaw.found, flaw.expected))
    return item
