"""What may be shown of whom: enough people, and nothing that gives away too few of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from upm.survey.answers import Answers
from upm.survey.exposure import View
from upm.survey.instrument import Instrument
from upm.survey.leaks import NONE
from upm.survey.links import MANAGER, PairMoments
from upm.survey.moments import Moments, accumulate
from upm.survey.release import BANDS, POINTS, Layer, Release, is_next
from upm.survey.sums import Whole
from upm.survey.suppression import Bools, Measure, shown
from upm.survey.tree import Tree, tree_of

MOST_ROUNDS = 50
PATIENCE = 5
"""After so many rounds, ever more changes are taken away at a time."""


def plan(
    answers: Answers,
    moments: Moments | None = None,
    waves: Sequence[str] | None = None,
    before: Sequence[Release] = (),
) -> Release:
    """What may be shown of all these answers together, after all that was published `before`.

    Thresholds are those of the instrument. People are counted anew for each statistic: those who
    have the score, or gave a point. A group that is large enough is hidden all the same, in one
    statistic, where it would give away a smaller one; and so is one in which all are alike.
    Managers, who speak of others, are shown as one whole. `waves` in the order of time; None: in
    that of their names. `moments` are those of the answers, if they are at hand.
    """
    moments = accumulate(answers) if moments is None else moments
    tree = tree_of(answers, moments, [each.tree for each in before])
    rows, layers, held = {}, {}, {}
    for layer in _layers(moments):
        held[layer] = sums = tree.of_units(moments.of(*layer).cells)
        rows[layer] = tree.of_groups(sums["rows"])
        known = [each for each in before if layer in each.layers]
        growth = [_growth(tree, sums, each, layer) for each in known]
        measures = [
            each._replace(before=[_told(tree, old, layer, each.parts) for old in known])
            for each in _measures(moments.instrument, sums, growth)
        ]
        if layer.form == MANAGER:
            layers[layer] = _as_a_whole(answers.of(form=MANAGER, wave=layer.wave), measures, tree)
        else:
            layers[layer] = shown(tree, measures, sums["rows"][:-1])
    waves = tuple(moments.levels("wave") if waves is None else waves)
    release = Release(answers.instrument, tree, waves, rows, layers, {}, held)
    changes = {}
    for form in {layer.form: None for layer in layers if layer.form != MANAGER}:
        view = View.of(answers, tree, form, _waves(release, form))
        changes[form] = _changes(answers, view, release, before)
    return replace(release, changes=changes)


def _layers(moments: Moments) -> list[Layer]:
    found = moments.cells.index.droplevel("team").unique()
    return [Layer(*each) for each in sorted(found)]


def _measures(
    instrument: Instrument, sums: Mapping[str, Whole], growth: Sequence[Mapping[str, Whole]]
) -> Iterator[Measure]:
    """What is published of one form and wave, what others rest on first."""
    limits, scales = instrument.thresholds, [*instrument.scale]
    both = {
        name: np.stack([sums[name], *(each[name] for each in growth)], 1)
        for name in ("scores", "histograms")
    }

    def scores(names: Sequence[str], least: int, rests_on: str = "") -> Iterator[Measure]:
        given = [name for name in names if sums["scores"][:, scales.index(name), 0].any()]
        if given:
            part = _parts(both["scores"], [scales.index(name) for name in given])
            yield Measure(tuple(given), least, part, False, len(given), rests_on)

    asked: list[str] = []
    for name in instrument.level("total"):
        for measure in scores([name], limits.total):
            asked.append(name)
            yield measure
    pillars = instrument.level("pillar")
    known = asked[0] if asked and {*instrument.scale[asked[0]].of} == {*pillars} else ""
    together = [pillars] if known else [[pillar] for pillar in pillars]
    for names in (*together, *([name] for name in instrument.level("outcome"))):
        for measure in scores(names, limits.means, known if names is pillars else ""):
            asked += measure.parts
            yield measure
    items = {scale: instrument.items_of(scale) for scale in asked if scale in scales}
    for pillar in (pillar for pillar in pillars if pillar in asked):
        practices = [
            practice for practice in instrument.level("practice")
            if {*instrument.items_of(practice)} <= {*items[pillar]}
        ]  # fmt: skip
        yield from scores(practices, limits.full, pillar)
    yield from _of_items(instrument, both["histograms"], asked)


def _of_items(instrument: Instrument, histograms: Whole, asked: Sequence[str]) -> Iterator[Measure]:
    """All points of the items of a scale, which tell its mean; then each item in three bands.

    `histograms`: units + 1 x now and growth x items x slots.
    """
    places = {item: place for place, item in enumerate(instrument.item_ids)}
    given = {item for item, place in places.items() if histograms[:, 0, place, 1:].any()}
    blocks = [
        (instrument.items_of(scale), scale)
        for scale in asked if instrument.scale[scale].level in ("pillar", "outcome")
    ]  # fmt: skip
    scaled = {item for items, _ in blocks for item in items}
    blocks += [((item,), "") for item in instrument.item_ids if item not in scaled]
    for items, scale in blocks:
        some = [item for item in items if item in given]
        if some:
            counts = _parts(histograms, [places[item] for item in some])[..., 1:]
            names = tuple(POINTS + item for item in some)
            least = instrument.thresholds.full
            yield Measure(names, least, counts, True, len(some), scale)
    for item in instrument.item_ids:
        if item in given:
            points = instrument.points_of(item)
            in_bands = histograms[:, :, places[item], 1 : points + 1] @ bands(points)
            least = instrument.thresholds.means
            yield Measure((BANDS + item,), least, in_bands, True, 1, told_by=POINTS + item)


def bands(points: int) -> Whole:
    """Points x 3: which are low, in the middle (the one or two that are), and high."""
    off = np.arange(1, points + 1) - (points + 1) / 2
    middle = (abs(off) < 1) & (points > 2)
    return np.stack([(off < 0) & ~middle, middle, (off > 0) & ~middle], 1).astype(np.int64)


def _as_a_whole(answers: Answers, measures: Sequence[Measure], tree: Tree) -> dict[str, Bools]:
    """What managers say, in ratings of so many members, by so many managers."""
    limits = answers.instrument.thresholds
    people = answers.people
    managers = people["manager"].fillna(people["team"]).nunique()
    alone = replace(tree, departments=(), units=())
    merged = [each._replace(sums=each.sums.sum(0)[None], rests_on="", told_by="",
                            least=max(each.least, limits.pairs)) for each in measures]  # fmt: skip
    merged = [each._replace(before=[old[:1] for old in each.before]) for each in merged]
    found = shown(alone, merged, np.zeros(0, np.int64))
    nobody = np.zeros(len(tree.groups) - 1, bool)
    enough = managers >= limits.managers
    return {part: np.append(show & enough, nobody) for part, show in found.items()}


def _parts(sums: Whole, places: Sequence[int]) -> Whole:
    """Of units + 1 x now and growth x parts x slots, some parts: first now, then how they grew."""
    return sums[:, :, places].reshape(len(sums), -1, sums.shape[-1])


def _growth(
    tree: Tree, sums: Mapping[str, Whole], before: Release, layer: Layer
) -> dict[str, Whole]:
    """By unit, how much larger sums are than in an earlier release of the same layer."""
    places = [tree.unit_of.get(unit.teams[0], -1) for unit in before.tree.units]
    found = {}
    for name, old in before.sums[layer].items():
        found[name] = sums[name].copy()
        np.subtract.at(found[name], [*places, -1], old)
    return found


def _told(tree: Tree, before: Release, layer: Layer, parts: Sequence[str]) -> Bools:
    """Which groups all of whose parts were shown before: no others of the same layer ever are."""
    shown = np.all([before.shows(layer, part) for part in parts], 0)
    return _again(tree, before.tree, shown | (before.rows[layer] == 0))


def _again(tree: Tree, before: Tree, shown: Bools) -> Bools:
    """Which groups are made up of those of an earlier tree that are shown, and of new teams."""
    units, departments = shown[1 + len(before.departments) :], before.departments
    of = {frozenset(each.teams): shown[place] for place, each in enumerate(departments, 1)}
    found = [shown[0]]
    for group in tree.groups[1:]:
        known = frozenset(group.teams) & {*before.unit_of}
        if group.kind == "department":
            found.append(not known or of.get(known, False))
        else:
            found.append(all(units[before.unit_of[team]] for team in known))
    return np.array(found, bool)


# ── Change ──────────────────────────────────────────────────────────────────────────────────────


def _changes(
    answers: Answers, view: View, release: Release, before: Sequence[Release]
) -> dict[str, Bools]:
    """Which groups show the change of scales: units too, or only departments, or only the whole.

    In each wave the people who are linked have to be enough, and those who are not, or nobody; and
    nothing may follow from both waves and all changes together. The first choice holds for which
    this is true. Nothing is shown once there are late answers, whose change `before` would tell.
    """
    tree, instrument, limits = release.tree, release.instrument, release.instrument.thresholds
    known = [each for each in before if any(form == view.form for form, _ in each.layers)]
    old = [
        (View.of(answers, each.tree, view.form, _waves(each, view.form)), each) for each in known
    ]
    settled = not any(
        sums.any() for each in known for layer in {*each.layers} & {*release.layers}
        if layer.form == view.form
        for sums in _growth(tree, release.sums[layer], each, layer).values()
    )  # fmt: skip
    between = zip(view.between, view.pairs(), strict=True)
    told = [
        _Step(by_unit(tree, pairs),
              [release.sums[Layer(view.form, wave)]["scores"] for wave in step],
              is_next(view.waves, step))
        for step, pairs in between
    ]  # fmt: skip
    if not told:
        return {}
    totals, pillars = instrument.level("total"), [*instrument.level("pillar")]
    blocks = [([scale], limits.total) for scale in totals]
    blocks += [(pillars, limits.means)] if pillars else []
    blocks += [([scale], limits.means) for scale in instrument.level("outcome")]
    found: dict[str, Bools] = {}
    for scales, least in blocks:
        places = [[*instrument.scale].index(scale) for scale in scales]
        if not any(step.linked[:, places, 0].any() for step in told):
            continue  # nobody is asked
        start = np.stack([step.shown(tree, places, limits.total, least) for step in told])
        for total in {*totals} & {*found} if scales is pillars else ():
            start &= found[total]  # which the pillars tell
        start &= settled
        size = np.stack([tree.of_groups(step.linked[:, places, 0].max(1)) for step in told])
        found |= dict.fromkeys(scales, _narrowed(view, release, scales, start, size, old))
    return found


def _waves(release: Release, form: str) -> list[str]:
    return [wave for wave in release.waves if Layer(form, wave) in release.layers]


class _Step(NamedTuple):
    """The people who are linked from one wave to another."""

    linked: Whole
    """Units + 1 x scales x n, Σx, Σy, Σxx, Σyy and Σxy."""
    layers: Sequence[Whole]
    """Of both waves, units + 1 x scales x n, sum and sum of squares of all who answered."""
    next: bool

    def shown(self, tree: Tree, places: Sequence[int], unlinked: int, least: int) -> Bools:
        """Which groups show the change of scales, as far as no other step matters."""
        parts = [part[:, place] for part in self._told() for place in places]
        measure = Measure(("change",), unlinked, np.stack(parts, 1), False, len(places))
        n = self.linked[:, places, 0]
        some = shown(tree, [measure], n[:-1].max(1))["change"]
        return np.asarray(some & (tree.of_groups(n) >= least).all(1))

    def _told(self) -> list[Whole]:
        """n, sum and sum of squares of the change; and of those who are not linked.

        Of the next wave only the difference is published, which tells of all who are not linked
        together. Else both means are: then those who are not are told in each wave.
        """
        n, x, y, xx, yy, xy = np.moveaxis(self.linked, -1, 0)
        change = np.stack([n, y - x, xx + yy - 2 * xy], -1)
        before, after = np.stack([n, x, xx], -1), np.stack([n, y, yy], -1)
        if self.next:
            alone = self.layers[0][..., 0] + self.layers[1][..., 0] - 2 * n
            return [change, np.stack([alone, 0 * n, alone], -1)]  # such squares: nobody is alike
        return [change, before, after, self.layers[0] - before, self.layers[1] - after]


def _narrowed(
    view: View,
    release: Release,
    scales: Sequence[str],
    start: Bools,
    size: Whole,
    before: Sequence[tuple[View, Release]],
) -> Bools:
    """Changes, steps x groups, are taken away until none of any of the scales tells too much."""
    tree, some = release.tree, start.copy()
    first = 1 + len(tree.departments)
    above = np.concatenate([np.full(first, NONE), 1 + tree.parent])
    within = None
    for number in range(MOST_ROUNDS):
        # A part that hangs together tells one leak at a time; it may hold hundreds.
        most, near = 2 ** max(0, number - PATIENCE), number > PATIENCE
        leaks = [
            told
            for scale in scales
            for _, told in view.leaks_of_change(release, scale, some, within, before, near)
        ]
        if not leaks:
            return some
        touched: set[int] = set()
        for told in leaks:
            own = [(step, group) for step, group in told if group >= first]
            own += [
                (step, int(unit)) for step, group in told for unit in np.flatnonzero(above == group)
            ]  # of a department, the units
            own = [each for each in own if some[each]] or [each for each in told if some[each]]
            for step, group in sorted(own, key=lambda each: size[each])[:most]:
                some[step, group] = False
                inside = above[group] > 0 and some[step, above[group]]
                touched.add(int(above[group]) if inside else NONE)
        # Where the department shows its change still, nothing is told outside of it.
        within = None if NONE in touched else np.isin(view.nodes[1], [*touched])
    return np.zeros_like(some)


def by_unit(tree: Tree, pairs: PairMoments) -> Whole:
    """Units + 1 x scales x n, Σx, Σy, Σxx, Σyy and Σxy."""
    place = {unit.id: at for at, unit in enumerate(tree.units)}
    into = np.zeros((len(tree.units) + 1, *pairs.cells.arrays["scores"].shape[1:]), np.int64)
    at = [place.get(id, -1) for id in pairs.cells.index.get_level_values("team")]
    np.add.at(into, at, pairs.cells.arrays["scores"])
    return into
