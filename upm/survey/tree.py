"""The groups that are published: teams, pools of small ones, departments, the organisation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from upm.survey.answers import Answers
from upm.survey.links import MANAGER
from upm.survey.moments import Moments
from upm.survey.sums import Sums, Whole

ORGANISATION = "organisation"
NO_TEAM = ""
Counts = tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """A group of people that results are published for."""

    id: str
    kind: str
    """organisation, department, team, or pool: teams too small to stand alone."""
    name: str
    teams: tuple[str, ...]
    department: str = ""
    """Of a team or pool; "": it belongs to none."""


@dataclass(frozen=True)
class Tree:
    """The organisation, its departments, and their units: teams and pools.

    A team is in one unit, in every wave and form. People without a team are in no unit, and count
    in the organisation only. A team that is named with two departments belongs to neither.
    """

    departments: tuple[Group, ...]
    units: tuple[Group, ...]

    @cached_property
    def organisation(self) -> Group:
        """The root, of all teams."""
        teams = tuple(team for unit in self.units for team in unit.teams)
        return Group(ORGANISATION, ORGANISATION, "The organisation", teams)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All of them: first the organisation, then departments, then units."""
        return (self.organisation, *self.departments, *self.units)

    @cached_property
    def unit_of(self) -> Mapping[str, int]:
        """Team -> place of its unit."""
        return {team: place for place, unit in enumerate(self.units) for team in unit.teams}

    @cached_property
    def parent(self) -> Whole:
        """Of each unit the place of its department, or -1."""
        place = {group.name: at for at, group in enumerate(self.departments)}
        return np.array([place.get(unit.department, -1) for unit in self.units], np.int64)

    @cached_property
    def members(self) -> csr_array:
        """Departments x units: 1 where the unit is in the department."""
        inside = np.flatnonzero(self.parent >= 0)
        shape = (len(self.departments), len(self.units))
        return csr_array((np.ones(len(inside), np.int64), (self.parent[inside], inside)), shape)

    def of_units(self, cells: Sums) -> dict[str, Whole]:
        """The sums of cells by unit, in one wave and form; a last row is of people in none."""
        teams = cells.index.get_level_values("team")
        shape = (len(self.units) + 1, len(teams))
        place = (np.ones(len(teams), np.int64), (self.places(teams), np.arange(len(teams))))
        into = csr_array(place, shape)
        return {
            name: (into @ array.reshape(len(array), -1)).reshape(-1, *array.shape[1:])
            for name, array in cells.arrays.items()
        }

    def of_groups(self, sums: Whole) -> Whole:
        """The sums of all groups, from those of units and, in a last row, of people in none."""
        flat = sums.reshape(len(sums), -1)
        whole = [flat.sum(0, keepdims=True), self.members @ flat[:-1], flat[:-1]]
        return np.concatenate(whole).reshape(-1, *sums.shape[1:])

    def places(self, teams: Sequence[str]) -> Whole:
        """Of each team the place of its unit; one more than the last for who is in none."""
        codes, names = pd.factorize(pd.Index(teams))
        none = len(self.units)
        return np.array([*(self.unit_of.get(name, none) for name in names), none])[codes]


def tree_of(answers: Answers, moments: Moments, before: Sequence[Tree] = ()) -> Tree:
    """The units of these answers.

    A team with fewer respondents at some wave than `thresholds.total` (of those waves that it
    answered at all) is pooled with the next ones of its department, in the order of their names,
    until the pool is large enough; what is left over joins the smallest unit. Units of trees that
    were published `before` are never taken apart.
    """
    department = _departments(answers)
    counts = _counts(moments)
    least = answers.instrument.thresholds.total
    kept = {team: unit.teams for tree in before for unit in tree.units for team in unit.teams}
    atoms: dict[str, dict[tuple[str, ...], Counts]] = {}
    for team, count in counts.items():
        atom = tuple(each for each in kept.get(team, (team,)) if each in counts)
        own = atoms.setdefault(department.get(atom[0], ""), {})
        own[atom] = _sum(own[atom], count) if atom in own else count
    units = []
    for name, inside in atoms.items():
        for teams in _pooled(inside, least):
            kind = "team" if len(teams) == 1 else "pool"
            units.append(Group(f"{kind} {teams[0]}", kind, " + ".join(teams), teams, name))
    units.sort(key=lambda unit: unit.id)
    inside_of: dict[str, list[str]] = {name: [] for name in sorted(atoms) if name}
    for unit in units:
        inside_of.get(unit.department, []).extend(unit.teams)
    departments = [
        Group(f"department {name}", "department", name, tuple(teams))
        for name, teams in inside_of.items()
    ]
    return Tree(tuple(departments), tuple(units))


def _departments(answers: Answers) -> dict[str, str]:
    """Team -> the one department that it is named with."""
    pairs = answers.people[["team", "department"]].dropna().drop_duplicates()
    once = pairs[~pairs["team"].duplicated(keep=False)]
    return dict(zip(once["team"].astype(str), once["department"].astype(str), strict=True))


def _counts(moments: Moments) -> dict[str, Counts]:
    """Team -> respondents by form and wave; managers, who rate many, are not counted."""
    rows = pd.Series(moments.cells.arrays["rows"], moments.cells.index)
    rows = rows.where(rows.index.get_level_values("form") != MANAGER, 0)
    table = rows.unstack(["form", "wave"], fill_value=0).sort_index()
    found = dict(zip(table.index.astype(str), map(tuple, table.to_numpy().tolist()), strict=True))
    found.pop(NO_TEAM, None)
    return found


def _pooled(atoms: Mapping[tuple[str, ...], Counts], least: int) -> Iterator[tuple[str, ...]]:
    """The atoms as they are, or joined until none is too small. Of a small department, one."""

    def small(count: Counts) -> bool:
        return any(0 < n < least for n in count)

    done: list[tuple[tuple[str, ...], Counts]] = []
    pool: tuple[str, ...] = ()
    size: Counts = ()
    for teams, count in atoms.items():
        if not small(count):
            done.append((teams, count))
            continue
        pool, size = pool + teams, _sum(size, count) if pool else count
        if not small(size):
            done.append((pool, size))
            pool = ()
    done.sort(key=lambda unit: max(unit[1]))
    while pool and done and small(size):
        others, count = done.pop(0)
        pool, size = pool + others, _sum(size, count)
    yield from (tuple(sorted(unit)) for unit in (*(teams for teams, _ in done), pool) if unit)


def _sum(one: Counts, other: Counts) -> Counts:
    return tuple(map(add, one, other))
