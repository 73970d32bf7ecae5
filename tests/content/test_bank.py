"""The bank finds items, practices and pillars, and names the nearest when there is none."""

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


def test_a_practice_knows_its_pillar(bank: Bank) -> None:
    assert list(bank.framework.practices) == ["transparency", "listening", "expectations"]
    assert bank.framework.pillar_of("listening").id == "trust"
    assert bank.framework.pillar_of("expectations").id == "goals"
    with pytest.raises(KeyError, match="nobody"):
        bank.framework.pillar_of("nobody")


def test_what_was_read_cannot_be_changed(bank: Bank) -> None:
    with pytest.raises(ValueError, match="frozen"):
        bank.item("missed-deadline").title = "Early"
