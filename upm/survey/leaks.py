"""Find whom published sums give away: groups that adding and subtracting the sums isolates."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1
"""Of a value: the row has no answer. Of a label: the row is in no set."""
MOST_STEPS = 3_000
"""A search that takes longer ends with "not known to be safe"."""
MOST_CELLS = 20_000_000
"""So does one in a larger matrix."""


class Leak(NamedTuple):
    """Some people whose sum follows from the sums of published sets."""

    sets: tuple[int, ...]
    """Published sets that it takes, beside the plain sums of those in stack 0."""
    people: int | None
    """How many. None: the sets overlap in too many ways to tell."""
    alike: bool = False
    """Whether the people are enough, but all gave the same answer."""
    near: tuple[int, ...] = ()
    """All published sets that hang together with them."""


def combined(labels: Whole, values: Whole, least: int, people: Whole | None = None) -> list[Leak]:
    """Who is given away when sums are published over sets of answers.

    A combination of sums is a leak if all answers in it belong to fewer people than `least`, or
    hold the same value. Exact but for values of overlapping sets, where it takes a difference of
    groups that are alike for a leak as well.

    labels: stacks x answers, the number of the set that an answer is in, or NONE. Sets of one
    stack are apart.
    values: of each answer, what it is alike by; NONE: there is none. people: of each answer, the
    person it counts for; None: each is a person.
    """
    rows = np.flatnonzero((values != NONE) & (labels != NONE).any(0))
    labels, values = labels[:, rows], values[rows]
    persons = np.arange(len(rows)) if people is None else people[rows]
    covered = labels[0] != NONE
    blocks, names = pd.factorize(labels[0][covered])
    n, alike = counted(blocks, persons[covered], people is None), uniform(blocks, values[covered])
    found = [
        Leak((int(names[j]),), int(n[j]), bool(n[j] >= least))
        for j in np.flatnonzero((n < least) | (alike != NONE))
    ]
    if (labels[1:] != NONE).any():
        found += _overlapping(labels, values, persons, least)
    return found


def counted(labels: Whole, persons: Whole, single: bool) -> Whole:
    """Of each label from 0: the number of persons. `single`: no person has two rows."""
    if not single:
        pairs = pd.unique(labels * (int(persons.max(initial=0)) + 1) + persons)
        labels = pairs // (int(persons.max(initial=0)) + 1)
    return np.bincount(labels)


def uniform(labels: Whole, values: Whole) -> Whole:
    """Of each label from 0: the value that all its rows share, or NONE."""
    first = np.full(int(labels.max(initial=-1)) + 1, NONE)
    first[labels[::-1]] = values[::-1]
    first[labels[values != first[labels]]] = NONE
    return first


def joined(*labels: Whole) -> Whole:
    """The finest labels from 0 that are the same wherever two rows share any of `labels`."""
    rows, sizes = len(labels[0]), [int(each.max(initial=-1)) + 1 for each in labels]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) + rows
    ends = np.concatenate([each + start for each, start in zip(labels, starts, strict=True)])
    starts = np.tile(np.arange(rows), len(labels))
    graph = coo_array((np.ones(len(ends), bool), (starts, ends)), shape=(rows + sum(sizes),) * 2)
    return np.unique(connected_components(graph, directed=False)[1][:rows], return_inverse=True)[1]


def _overlapping(labels: Whole, values: Whole, persons: Whole, least: int) -> Iterator[Leak]:
    """Leaks that take sets of other stacks: a search for each part that hangs together."""
    code = np.zeros(labels.shape[1], np.int64)
    for each in labels:
        code = pd.factorize(code * (int(each.max()) + 2) + each + 1)[0]
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(int(code.max()) + 2))
    table, alike = labels[:, order[starts[:-1]]], uniform(code, values)
    fresh = int(table.max()) + 1 + np.arange(table.shape[1])
    covered = table[0] != NONE
    block = np.where(covered, table[0], fresh)
    telling = np.stack([_telling(block, each, covered) for each in table[1:]])
    ids = np.where(telling, table[1:], NONE)
    part = joined(*(pd.factorize(np.where(each == NONE, fresh, each))[0] for each in (block, *ids)))
    some = np.flatnonzero(telling.any(0))
    some = some[np.argsort(part[some], kind="stable")]
    for inside in np.split(some, np.flatnonzero(np.diff(part[some])) + 1) if len(some) else ():
        names = np.setdiff1d(ids[:, inside], NONE)
        numbers = tuple(map(int, names))
        if len(inside) * len(names) > MOST_CELLS:
            yield Leak(numbers, None, near=numbers)
            continue
        found = _Part(
            (ids[:, inside, None] == names).any(0).astype(float),
            np.where(covered[inside], block[inside], NONE),
            alike[inside],
            [persons[order[starts[j] : starts[j + 1]]] for j in inside],
            least,
        ).leak()
        if found is not None:
            yield found._replace(sets=tuple(numbers[j] for j in found.sets), near=numbers)


def _telling(block: Whole, labels: Whole, covered: Bools) -> Bools:
    """The classes whose block has several labels; elsewhere the label adds a sum of blocks only."""
    code = pd.factorize(block)[0]
    differs = labels != labels[np.unique(code, return_index=True)[1]][code]
    return np.where(covered, np.bincount(code, differs)[code] > 0, labels != NONE)


class _Part:
    """Classes of rows and the sets that cut through their blocks, which hang together.

    In a combination of sums a class of block b gets a_b + d · c, for any numbers a and c. So it is
    a leak if in each block (and with 0, where no block is) all classes but a few have the same
    d · c, though the combination is no sum of whole blocks.
    """

    def __init__(
        self, sets: Floats, block: Whole, alike: Whole, people: list[Whole], least: int
    ) -> None:
        # The last class stands for all that is in no sum: there the combination is 0.
        sets = np.concatenate([sets, np.zeros((1, sets.shape[1]))])
        self.block = np.unique(np.append(block, NONE), return_inverse=True)[1]
        self.sizes = np.array([*(len(np.unique(each)) for each in people), 10**9])
        self.alike, self.people, self.least = np.append(alike, NONE), people, least
        self.d = sets - sets[_leaders(self.block, self.sizes)]
        self.basis = _spaces(self.d)[1]
        self.random = np.random.default_rng(0).normal(size=(self.basis.shape[1], 1))

    def leak(self) -> Leak | None:
        """One of the leaks. None: there is none."""
        return self._of_few() or self._of_the_same()

    def _of_few(self) -> Leak | None:
        """Branch and bound: two classes of a block are equal, or one of them is among the few."""
        large = self.d[self.sizes >= self.least] @ self.basis  # no few people: all are equal
        nobody = np.zeros(len(self.d), bool)
        todo = [(self.basis @ _spaces(large)[0], nobody)]
        for _ in range(MOST_STEPS):
            if not todo:
                return None
            free, out = todo.pop()
            if not free.shape[1]:
                continue
            pair = self._largest_pair(free, out)
            if pair is None:
                return Leak(self._sets(free), self._count(out))
            for one in pair:
                if self._count(out | one) < self.least:
                    todo.append((free, out | one))
            gap = self.d[pair[0].argmax()] - self.d[pair[1].argmax()]
            todo.append((_without(free, gap), out))
        return Leak(tuple(range(self.d.shape[1])), None)

    def _of_the_same(self) -> Leak | None:
        """Whether some c leaves 0 everywhere but in classes that hold one and the same value."""
        if not self._equal(self.alike == NONE).shape[1]:
            return None
        for value in np.setdiff1d(self.alike, NONE):
            if (free := self._equal(self.alike != value)).shape[1]:
                return Leak(self._sets(free), self._count(self.alike == value), True)
        return None

    def _equal(self, kept: Bools) -> Floats:
        """The c for which those of the classes that share a block are equal."""
        d, block = self.d[kept], np.unique(self.block[kept], return_inverse=True)[1]
        gaps = d - d[_leaders(block, self.sizes[kept])]
        return self.basis @ _spaces(gaps @ self.basis)[0]

    def _largest_pair(self, free: Floats, out: Bools) -> list[Bools] | None:
        """Two groups of classes of one block that may differ, the smaller as large as can be."""
        value = (self.d @ (free @ self.random[: free.shape[1]]))[:, 0].round(7)
        order = np.lexsort((value, self.block))
        order = order[~out[order]]
        block, value = self.block[order], value[order]
        starts = np.flatnonzero(
            np.diff(block, prepend=-1).astype(bool) | (np.diff(value, prepend=0) != 0)
        )
        block, sizes = block[starts], np.add.reduceat(self.sizes[order], starts)
        ranked = np.lexsort((-sizes, block))
        smaller = np.where(np.diff(block[ranked]) == 0, sizes[ranked[1:]], 0)
        if not smaller.any():
            return None
        ends = np.append(starts[1:], len(order))
        pair = [np.zeros(len(out), bool), np.zeros(len(out), bool)]
        for one, j in zip(pair, ranked[smaller.argmax() :], strict=False):
            one[order[starts[j] : ends[j]]] = True
        return pair

    def _count(self, some: Bools) -> int:
        """How many people the classes hold."""
        if some[-1]:
            return int(self.sizes[-1])
        held = [self.people[j] for j in np.flatnonzero(some)]
        return len(np.unique(np.concatenate(held))) if held else 0

    def _sets(self, free: Floats) -> tuple[int, ...]:
        return tuple(int(j) for j in np.flatnonzero(np.abs(free[:, 0]) > 1e-7))


def _leaders(block: Whole, sizes: Whole) -> Whole:
    """Of each class: the largest class of its block."""
    order = np.lexsort((-sizes, block))
    return order[np.searchsorted(block[order], block)]


def _without(free: Floats, gap: Floats) -> Floats:
    """Of a space, with orthonormal columns, what the gap sends to 0: by one reflection."""
    along = gap @ free
    if along @ along < 1e-9:
        return free
    along[0] += np.copysign(np.sqrt(along @ along), along[0])
    return (free - np.outer(free @ along, 2 / (along @ along) * along))[:, 1:]


def _spaces(matrix: Floats) -> tuple[Floats, Floats]:
    """Orthonormal columns that span what the matrix sends to 0, and the rest."""
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    return vectors[:, values < 1e-9], vectors[:, values >= 1e-9]
