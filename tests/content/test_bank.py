"""The bank finds items, their practices and modules, and names the nearest when there is none."""

from pathlib import Path

import pytest

from upm.content import Bank
from upm.content.items import Use
from upm.kinds import load_bank


@pytest.fixture
def bank(data: Path) -> Bank:
    return load_bank(data)


def test_an_item_is_found_by_its_id(bank: Bank) -> None:
    assert bank.item("missed-deadline").title == "Late"


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("mised-deadline", "no item has the id 'mised-deadline'; did you mean 'missed-deadline'?"),
        ("zzz", "no item has the id 'zzz'"),
    ],
)
def test_a_wrong_id_is_told_the_nearest(bank: Bank, id: str, message: str) -> None:
    with pytest.raises(KeyError) as caught:
        bank.item(id)
    assert caught.value.args == (message,)


@pytest.mark.parametrize(
    ("practice", "uses", "ids"),
    [
        ("transparency", [], ["missed-deadline", "whom-to-tell"]),
        ("transparency", ["check"], ["whom-to-tell"]),
        ("transparency", ["check", "unit"], ["missed-deadline", "whom-to-tell"]),
        ("transparency", ["review"], []),
        ("listening", [], []),
    ],
)
def test_the_items_of_a_practice_come_in_the_order_of_its_file(
    bank: Bank, practice: str, uses: list[Use], ids: list[str]
) -> None:
    assert [item.id for item in bank.of(practice, *uses)] == ids


def test_items_belong_to_practices_in_teaching_order_and_then_to_modules(bank: Bank) -> None:
    practices = ["transparency", "listening", "expectations"]
    assert list(bank.framework.practices) == practices
    assert bank.framework.homes == [*practices, "balance"]


@pytest.mark.parametrize(
    ("home", "pillar", "notebook"),
    [
        ("transparency", "trust", "01_build_trust"),
        ("listening", "trust", "01_build_trust"),
        ("expectations", "goals", "02_clarify_goals"),
        ("balance", None, "05_keep_the_balance"),
    ],
)
def test_a_practice_has_a_pillar_and_a_module_none(
    bank: Bank, home: str, pillar: str | None, notebook: str
) -> None:
    found = bank.framework.pillar_of(home)
    assert (found and found.id) == pillar
    assert bank.framework.notebook_of(home) == notebook
    assert notebook in bank.framework.notebooks


def test_what_is_neither_practice_nor_module_has_no_notebook(bank: Bank) -> None:
    assert bank.framework.pillar_of("nobody") is None
    with pytest.raises(KeyError, match="nobody"):
        bank.framework.notebook_of("nobody")


def a_file(home: str, *items: tuple[str, str, str]) -> str:
    """A file of cases for the learner's own words, each by its id, use and series."""
    return f"{home}\n" + "".join(
        f'[[items]]\nid = "{id}"\nkind = "case"\nuse = "{use}"\n'
        + (f'series = "{series}"\n' if series else "")
        + 'title = "T"\nstem = "S"\nask = "A"\ntakeaway = "W"\n'
        + 'options = [{ id = "own", text = "O", example = "E" }]\n'
        for id, use, series in items
    )


@pytest.fixture
def full(data: Path) -> Bank:
    """A bank with items in every folder, read in an order that is not the one of teaching."""
    files = {
        "items/balance.toml": a_file('module = "balance"', ("quiet", "unit", "")),
        "dialogues/listening.toml": a_file('practice = "listening"', ("talk", "unit", "")),
        "test/a.toml": a_file('module = "balance"', ("b2", "test", "b"), ("a3", "test", "a")),
        "test/b.toml": a_file('practice = "expectations"', ("a2", "test", "a")),
        "test/c.toml": a_file(
            'practice = "transparency"', ("b1", "test", "b"), ("a1", "test", "a")
        ),
        "capstone/half-a-year.toml": a_file('module = "balance"', ("end", "capstone", "harbour")),
        "notes/z.toml": "not = 'an item'",
    }
    for name, text in files.items():
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")
    return load_bank(data)


def test_items_are_read_from_their_four_folders(full: Bank) -> None:
    assert full.home_of == {
        "quiet": "balance",
        "missed-deadline": "transparency",
        "whom-to-tell": "transparency",
        "talk": "listening",
        "b2": "balance",
        "a3": "balance",
        "a2": "expectations",
        "b1": "transparency",
        "a1": "transparency",
        "end": "balance",
    }
    assert list(full.items) == list(full.home_of)


def test_the_items_of_a_practice_may_come_from_several_folders(full: Bank) -> None:
    assert [item.id for item in full.of("balance")] == ["quiet", "b2", "a3", "end"]
    assert [item.id for item in full.of("balance", "test", "capstone")] == ["b2", "a3", "end"]


@pytest.mark.parametrize(
    ("use", "series"),
    [
        ("test", {"a": ["a1", "a2", "a3"], "b": ["b1", "b2"]}),
        ("capstone", {"harbour": ["end"]}),
        ("review", {}),
    ],
)
def test_the_items_of_a_series_come_in_teaching_order(
    full: Bank, use: Use, series: dict[str, list[str]]
) -> None:
    found = full.series(use)
    assert {name: [item.id for item in items] for name, items in found.items()} == series
    assert list(found) == sorted(found)


def test_what_was_read_cannot_be_changed(bank: Bank) -> None:
    with pytest.raises(ValueError, match="frozen"):
        bank.item("missed-deadline").title = "Early"
