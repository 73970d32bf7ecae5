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
    before: Sequence[Bools] = ()
    """Groups that may show it at all, because of what was published before."""


def shown(tree: Tree, measures: Sequence[Measure], size: Whole) -> dict[str, Bools]:
    """Part -> which of the groups of a tree, in their order, show it.

    Every sum that follows from those shown is of `least` people or more, who did not all answer
    the same. `size` is that of each unit: where something has to be hidden in addition, it is of
    the smallest unit or department. Measures that others name have to stand before them.
    """
    everybody = np.ones(len(tree.groups), bool)
    found = {"": everybody}
    for measure in measures:
        sums = tree.of_groups(measure.sums)
        there = (_n(measure, sums)[:, : measure.required] > 0).all(1)
        start = np.all(
            [there, ~_unsafe(measure, sums), found[measure.rests_on], *measure.before], 0
        )
        told = found[measure.told_by] if measure.told_by else ~everybody
        kept = _complement(tree, measure, start | told, told, size)
        found |= dict.fromkeys(measure.parts, kept)
    del found[""]
    return found


def _n(measure: Measure, sums: Whole) -> Whole:
    """Groups x parts: how many people."""
    return sums.sum(-1) if measure.counted else sums[..., 0]


def _unsafe(measure: Measure, sums: Whole) -> Bools:
    """Whether groups are too few people, or all alike. Of fewer than before, n is below 0."""
    n = abs(_n(measure, sums))
    if measure.counted:
        alike = (sums != 0).sum(-1) == 1
    else:
        few = np.where((n < LARGE)[..., None], sums, 0)
        alike = few[..., 0] * few[..., 2] == few[..., 1] ** 2
    bad = (sums != 0).any(-1) & ((n < measure.least) | ((n < LARGE) & alike))
    return np.asarray(bad.any(1))


def _complement(tree: Tree, measure: Measure, start: Bools, told: Bools, size: Whole) -> Bools:
    """Hides groups until no remainder, of a group without those within it, is unsafe."""
    first = 1 + len(tree.departments)
    shown, free = start.copy(), ~told
    size = tree.of_groups(np.append(size, 0))
    while True:
        rest = np.append(~shown[first:], True)  # of units; and people in none
        sums = measure.sums * rest[:, None, None]
        bad = shown[1:first] & _unsafe(measure, tree.of_groups(sums)[1:first])
        within = shown[first:] & free[first:]
        above = np.append(shown[1:first], False)[tree.parent]  # of a unit in no department, False
        hide = _smallest_of_each(
            within & np.append(bad, False)[tree.parent], tree.parent, size[first:]
        )
        hide += first
        loose = np.append(~above, True)
        outside = sums[loose].sum(0, keepdims=True)
        if not len(hide) and shown[0] and _unsafe(measure, outside)[0]:
            some = np.concatenate([shown[1:first] & free[1:first], within & ~above])
            hide = 1 + _smallest_of_each(some, np.zeros(len(some), np.int64), size[1:])
        if not len(hide):
            return shown
        shown[hide] = False


def _smallest_of_each(some: Bools, parent: Whole, size: Whole) -> Whole:
    """The places of those of some that are the smallest of their parent, one of each."""
    places = np.flatnonzero(some)
    places = places[np.lexsort((places, size[places], parent[places]))]
    return places[np.diff(parent[places], prepend=-2) != 0]
