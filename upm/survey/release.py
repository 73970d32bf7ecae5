"""What is shown: which groups show which statistic, in each form and wave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from upm.survey.instrument import Instrument
from upm.survey.links import MANAGER
from upm.survey.sums import Whole
from upm.survey.suppression import Bools
from upm.survey.tree import ORGANISATION, Tree

POINTS, BANDS = "points of ", "bands of "
FEW = "Fewer than {} answered."
HIDDEN = "Hidden, so that nothing can be worked out about a smaller group."
SOME_HIDDEN = "Some of it is hidden: too few, or all alike, or it would tell of a smaller group."


class Layer(NamedTuple):
    """The answers of one form at one wave."""

    form: str
    wave: str


@dataclass(frozen=True)
class Release:
    """What is shown, of all forms and waves together."""

    instrument: Instrument
    tree: Tree
    waves: tuple[str, ...]
    """In the order of time."""
    rows: Mapping[Layer, Whole]
    """How many answered, of each of `tree.groups`."""
    layers: Mapping[Layer, Mapping[str, Bools]]
    """Scale, or POINTS or BANDS and an item -> which of `tree.groups` show it."""
    changes: Mapping[str, Mapping[str, Bools]]
    """Form -> scale -> steps x groups: which show its change, of people who are linked and were in
    the same unit before."""
    sums: Mapping[Layer, Mapping[str, Whole]]
    """Those of `Tree.of_units`, for what is published later. As confidential as the answers."""

    def shows(self, layer: Layer, measure: str) -> Bools:
        """Which groups show a measure: none if it was not asked."""
        return self.layers[layer].get(measure, np.zeros(len(self.tree.groups), bool))

    def table(self) -> pd.DataFrame:
        """A row for each form, wave and group that answered: `form`, `wave`, `group`, `kind`,
        `name`, `department`, `n` (missing: too few), which of `total`, `means` (of pillars) and
        `points` (of items) it shows, and the `reason` why not all, "" if it does."""
        return pd.concat([self._of_layer(layer) for layer in self.rows], ignore_index=True)

    def _of_layer(self, layer: Layer) -> pd.DataFrame:
        limits, instrument = self.instrument.thresholds, self.instrument
        rows = self.rows[layer]
        frame = pd.DataFrame(
            [(g.id, g.kind, g.name, g.department) for g in self.tree.groups],
            columns=["group", "kind", "name", "department"],
        )
        items = [name for name in self.layers[layer] if name.startswith(POINTS)]
        of = {
            "total": (limits.total, instrument.level("total")),
            "means": (limits.means, instrument.level("pillar")),
            "points": (limits.full, items),
        }
        frame.insert(0, "form", layer.form)
        frame.insert(1, "wave", layer.wave)
        frame["n"] = pd.array(np.where(rows < limits.total, -1, rows), "Int64")
        frame["n"] = frame["n"].mask(frame["n"] < 0)
        reason = np.full(len(rows), "", object)
        for column, (least, measures) in of.items():
            shown_of = [self.shows(layer, measure) for measure in measures]
            frame[column] = np.any(shown_of, 0) if shown_of else False
            part = np.all(shown_of, 0) if shown_of else True
            why = np.where(rows < least, FEW.format(least), HIDDEN)
            why = np.where(frame[column], np.where(part, "", SOME_HIDDEN), why)
            reason = np.where((reason == "") & bool(shown_of), why, reason)
        kept = rows > 0
        if layer.form == MANAGER:  # shown as one whole
            kept &= frame["kind"] == ORGANISATION
        return frame.assign(reason=reason)[kept]


def steps(waves: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of waves between which there is change: each with the next, the first with the
    last."""
    found = [*pairwise(waves)]
    return [*found, (waves[0], waves[-1])] if len(waves) > 2 else found


def is_next(waves: Sequence[str], step: tuple[str, str]) -> bool:
    """Whether the second wave of a step follows the first."""
    return step in [*pairwise(waves)]
