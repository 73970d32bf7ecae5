"""The kinds of items. A new kind is one class here, one view, one authoring example."""

from pathlib import Path

from upm.content import Bank, Item, read_bank
from upm.kinds.allocate import Allocate
from upm.kinds.case import Case
from upm.kinds.choice import Choice
from upm.kinds.dialogue import Dialogue
from upm.kinds.estimate import Estimate
from upm.kinds.explore import Explore
from upm.kinds.in_world import read_context
from upm.kinds.mark import Mark
from upm.kinds.order import Order
from upm.kinds.plan import Plan
from upm.kinds.predict import Predict
from upm.kinds.rate import Rate
from upm.kinds.simulate import Simulate
from upm.kinds.sort import Sort
from upm.kinds.write import Write

KINDS: dict[str, type[Item]] = {
    "choice": Choice,
    "rate": Rate,
    "order": Order,
    "mark": Mark,
    "sort": Sort,
    "dialogue": Dialogue,
    "estimate": Estimate,
    "allocate": Allocate,
    "plan": Plan,
    "case": Case,
    "write": Write,
    "simulate": Simulate,
    "predict": Predict,
    "explore": Explore,
}


def load_bank(folder: Path, only: Path | None = None) -> Bank:
    """The bank in `folder`, all kinds known. Raises ContentError with every problem."""
    return read_bank(folder, KINDS, only, read_context)
