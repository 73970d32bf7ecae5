"""What somebody learns who adds and subtracts all that is published."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from upm.survey.answers import NO_SCORE, Answers, Units
from upm.survey.leaks import NONE, Leak, combined
from upm.survey.links import MANAGER, PairMoments, Side, linked, linked_rows
from upm.survey.release import BANDS, POINTS, Layer, Release, is_next, steps
from upm.survey.sums import Whole
from upm.survey.suppression import Bools
from upm.survey.tree import Tree


class DisclosureError(RuntimeError):
    """What would be published gives somebody away."""


def in_units(answers: Answers, tree: Tree) -> Answers:
    """The same answers, where the team of each respondent is the id of its unit."""
    ids = pd.Series([*(unit.id for unit in tree.units), None], dtype="str").array
    team = ids.take(tree.places(answers.people["team"]))
    return replace(answers, people=answers.people.assign(team=team))


@dataclass(frozen=True)
class View:
    """The answers to one form, in all waves, and where each stands."""

    answers: Answers
    """In units."""
    form: str
    waves: tuple[str, ...]
    wave: Whole
    """Of each respondent, its place in `waves`."""
    nodes: Whole
    """3 x respondents: places in `Tree.groups` of the organisation, the department and the unit;
    NONE: in none."""
    units: Units
    """Respondents x scales."""
    between: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Whole, Whole], ...]
    """For each step, those who are linked and stay in their unit, before and after."""

    @classmethod
    def of(cls, answers: Answers, tree: Tree, form: str, waves: Sequence[str]) -> "View":
        """All answers to a form at these waves."""
        own = answers.of(form=form)
        own = in_units(own.where(own.people["wave"].fillna("").isin(waves).to_numpy(bool)), tree)
        place = {unit.id: at for at, unit in enumerate(tree.units)}
        unit = own.people["team"].map(place).fillna(NONE).to_numpy(np.int64)
        first = 1 + len(tree.departments)
        department = np.append(tree.parent, NONE)[unit]
        nodes = np.stack(
            [
                np.zeros_like(unit),
                np.where(department == NONE, NONE, 1 + department),
                np.where(unit == NONE, NONE, first + unit),
            ]
        )
        wave = pd.Index(waves).get_indexer(own.people["wave"].fillna(""))
        between = tuple(steps(waves)) if form != MANAGER else ()
        rows = tuple(
            linked_rows(own, Side(form, x), Side(form, y), same_team=True)[0] for x, y in between
        )
        return cls(own, form, tuple(waves), wave, nodes, own.scores(), between, rows)

    def pairs(self) -> list[PairMoments]:
        """The linked people of each step, by unit."""
        return [linked(self.answers, self.form, x, y, same_team=True) for x, y in self.between]

    def leaks_of_scale(self, release: Release, scale: str) -> list[Leak]:
        """Who is given away by the scores of a scale, in all waves."""
        instrument = self.answers.instrument
        limits, level = instrument.thresholds, instrument.scale[scale].level
        least = {"total": limits.total, "practice": limits.full}.get(level, limits.means)
        labels = self._smallest(release, scale)
        return combined(labels[None], self._scores(scale), least)

    def leaks_of_change(
        self,
        release: Release,
        scale: str,
        changed: Bools,
        within: Bools | None = None,
        before: Sequence[tuple["View", Release]] = (),
        near: bool = False,
    ) -> list[tuple[Leak, list[tuple[int, int]]]]:
        """Who is given away by them and by the changes of groups, steps x groups, together; and by
        which changes: step and group. `before`: what was published of some of the waves.

        From a wave to the next, only the difference is published: one sum, if the scores of every
        other wave are taken as negative. From the first to the last it is both means.
        """
        values, person = self._scores(scale), np.arange(len(self.wave))
        if within is not None:
            values = np.where(within, values, NONE)
        labels = self._of_change(release, scale, changed, values, person)
        for view, old in before:
            rows = np.isin(self.wave, [self.waves.index(wave) for wave in view.waves])
            shown = old.changes.get(self.form, {}).get(scale)
            some = np.zeros((len(view.between), len(old.tree.groups)), bool)
            shown = some if shown is None else shown
            alone = np.arange(len(view.wave))
            for each in view._of_change(old, scale, shown, values[rows], alone):
                labels.append(np.full(len(values), NONE))
                labels[-1][rows] = each
        numbers = 1 + max(int(each.max(initial=NONE)) for each in labels)  # of the sets of a stack
        for place, each in enumerate(labels):
            each[each != NONE] += place * numbers
        least = self.answers.instrument.thresholds.total
        found = combined(np.stack(labels), values, least, person)
        nexts = [is_next(self.waves, step) for step in self.between]
        changes = [
            [(step - 1, rest if nexts[step - 1] else rest // len(self.waves))
             for step, rest in (divmod(number, numbers)
                                for number in (leak.near if near else leak.sets))
             if 0 < step <= len(nexts)]
            for leak in found
        ]  # fmt: skip
        return [*zip(found, changes, strict=True)]

    def _of_change(
        self, release: Release, scale: str, changed: Bools, values: Whole, person: Whole
    ) -> list[Whole]:
        """The sets of scores, and of the change of each step; who is linked is made one person."""
        labels = [self._smallest(release, scale)]
        for step, shown, (before, after) in zip(self.between, changed, self.rows, strict=True):
            smallest = self._smallest_of(np.tile(shown, (len(self.waves), 1)))
            both = (values[before] != NONE) & (values[after] != NONE)
            label, rows = np.full(len(values), NONE), np.append(before[both], after[both])
            label[rows] = smallest[rows]
            if is_next(self.waves, step):
                label //= len(self.waves)  # one sum over both waves; NONE stays what it is
            labels.append(label)
            person[after] = person[before]
        return labels

    def leaks_of_item(self, release: Release, item: str, kind: str) -> list[Leak]:
        """Who is given away by the answers to an item, shown as POINTS or BANDS."""
        instrument = self.answers.instrument
        points = self.answers.points[:, instrument.item_ids.index(item)].astype(np.int64)
        limits = instrument.thresholds
        least = limits.full if kind == POINTS else limits.means
        labels = self._smallest(release, kind + item)
        return combined(labels[None], np.where(points > 0, points, NONE), least)

    def _scores(self, scale: str) -> Whole:
        score = self.units[:, [*self.answers.instrument.scale].index(scale)]
        return np.where(score == NO_SCORE, NONE, score)

    def _smallest(self, release: Release, measure: str) -> Whole:
        """Of each respondent a number for the wave and the smallest group that shows a measure."""
        layers = [release.shows(Layer(self.form, wave), measure) for wave in self.waves]
        return self._smallest_of(np.stack(layers))

    def _smallest_of(self, shown: Bools) -> Whole:
        """The same of waves x groups."""
        label = np.full(len(self.wave), NONE)
        for nodes in self.nodes:  # from the largest
            label = np.where((nodes != NONE) & shown[self.wave, nodes], nodes, label)
        return np.where(label == NONE, NONE, label * len(self.waves) + self.wave)


def apart(answers: Answers, tree: Tree, *some: Bools) -> bool:
    """Whether the mean of some respondents of the whole organisation may be shown as well.

    With the sums of units it tells of the others, or of a mixture; but of no fewer people, over
    all units, than the smallest of these groups has in each. Somebody of whom yet another mean
    is shown may be in none of them.
    """
    places = tree.places(answers.people["team"].fillna(""))
    counts = [np.bincount(places[each], minlength=len(tree.units) + 1) for each in some]
    return bool(np.min(counts, 0).sum() >= answers.instrument.thresholds.total)


def check(answers: Answers, release: Release) -> None:
    """DisclosureError: something follows from the release about too few people, or all alike."""
    found = []
    forms: dict[str, list[str]] = {}
    for layer in release.layers:
        forms.setdefault(layer.form, []).append(layer.wave)
    for form, waves in forms.items():
        view = View.of(answers, release.tree, form, [w for w in release.waves if w in waves])
        for scale in answers.instrument.scale:
            found += [(form, scale, leak) for leak in view.leaks_of_scale(release, scale)]
        for scale, changed in release.changes.get(form, {}).items():
            told = view.leaks_of_change(release, scale, changed)
            found += [(form, f"change of {scale}", leak) for leak, _ in told]
        for item in answers.instrument.item_ids:
            for kind in (POINTS, BANDS):
                leaks = view.leaks_of_item(release, item, kind)
                found += [(form, kind + item, leak) for leak in leaks]
    if found:
        form, measure, leak = found[0]
        raise DisclosureError(
            f"Nothing is published: {len(found)} sums would give somebody away, the first of them "
            f"in {measure} of the form {form}: {leak}"
        )
