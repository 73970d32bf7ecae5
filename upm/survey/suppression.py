"""Hide what is too small, and as much besides as keeps others from working it out."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from upm.survey.sums import Whole
from upm.survey.tree import Tree

Bools = NDArray[np.bool_]

LARGE = 10_000
"""Among more people than this nobody is afraid that all are alike, and products could overflow."""


class Measure(NamedTuple):
    """Statistics of which a group shows all or none, because they tell one another."""

    parts: tuple[str, ...]
    """What they are of: scales, or items."""
    least: int
    """So many people it takes."""
    sums: Whole
    """Units + 1 x parts x slots: of each part how many gave each answer; or n, sum and sum of
    squares. There may be more parts than names: they are told too. The last row is of people in
    no unit."""
    counted: bool
    """Whether the slots count answers."""
    required: int
    """So many parts need people for the group to be shown; of the rest there may be nobody."""
    rests_on: str = ""
    """A part of a measure that this one would tell, so that it is shown only with that one."""
    told_by: str = ""
    """A part of a measure that tells this one, so that it is shown at least with that one."""


def shown(
    tree: Tree, measures: Sequence[Measure], size: Whole, growth: Sequence[Whole] = ()
) -> dict[str, Bools]:
    """Part -> which of the groups of a tree, in their order, show it.

    Every sum that follows from those shown is of `least` people or more, who did not all answer
    the same. `size` is that of each unit: where something has to be hidden in addition, it is of
    the smallest unit or department. Measures that others name have to stand before them.
    `growth`: by unit and of people in none, how many there are more than were published before;
    a few of them would be given away as well.
    """
    grown = np.stack([np.zeros(len(size) + 1, np.int64), *growth], 1)
    everybody = np.ones(len(tree.groups), bool)
    found = {"": everybody}
    for measure in measures:
        sums = tree.of_groups(measure.sums)
        there = (_n(measure, sums)[:, : measure.required] > 0).all(1)
        start = there & ~_unsafe(measure, sums, tree.of_groups(grown)) & found[measure.rests_on]
        told = found[measure.told_by] if measure.told_by else ~everybody
        kept = _complement(tree, measure, grown, start | told, told, size)
        found |= dict.fromkeys(measure.parts, kept)
    del found[""]
    return found


def _n(measure: Measure, sums: Whole) -> Whole:
    """Groups x parts: how many people."""
    return sums.sum(-1) if measure.counted else sums[..., 0]


def _unsafe(measure: Measure, sums: Whole, growth: Whole) -> Bools:
    """Whether groups are too few people, or all alike, or a few more than before."""
    n = _n(measure, sums)
    if measure.counted:
        alike = (sums > 0).sum(-1) == 1
    else:
        few = np.where((n < LARGE)[..., None], sums, 0)
        alike = few[..., 0] * few[..., 2] == few[..., 1] ** 2
    bad = (n > 0) & ((n < measure.least) | ((n < LARGE) & alike))
    grown = (growth != 0) & (abs(growth) < measure.least)
    return np.asarray(bad.any(1) | grown.any(1))


def _complement(
    tree: Tree, measure: Measure, growth: Whole, start: Bools, told: Bools, size: Whole
) -> Bools:
    """Hides groups until no remainder, of a group without those within it, is unsafe."""
    first = 1 + len(tree.departments)
    shown, free = start.copy(), ~told
    size = tree.of_groups(np.append(size, 0))
    while True:
        rest = np.append(~shown[first:], True)  # of units; and people in none
        sums, more = measure.sums * rest[:, None, None], growth * rest[:, None]
        bad = shown[1:first] & _unsafe(measure, *(tree.of_groups(a)[1:first] for a in (sums, more)))
        within = shown[first:] & free[first:]
        above = np.append(shown[1:first], False)[tree.parent]  # of a unit in no department, False
        smallest: list[int] = []
        for place in np.flatnonzero(bad):
            smallest += _smallest(within & (tree.parent == place), size[first:], first)
        loose = np.append(~above, True)
        whole = [array[loose].sum(0, keepdims=True) for array in (sums, more)]
        if not smallest and shown[0] and _unsafe(measure, whole[0], whole[1])[0]:
            some = np.concatenate([shown[1:first] & free[1:first], within & ~above])
            smallest = _smallest(some, size[1:], 1)
        if not smallest:
            return shown
        shown[smallest] = False


def _smallest(some: Bools, size: Whole, first: int) -> list[int]:
    """The place, counted from `first`, of the smallest of some. Empty: there is none."""
    places = np.flatnonzero(some)
    return [first + int(places[size[places].argmin()])] if len(places) else []
