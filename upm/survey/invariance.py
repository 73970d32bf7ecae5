"""Measurement invariance: whether waves or forms can be compared, as one ladder of models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from upm.survey.factors import fit_of, inadmissible
from upm.survey.fiml import Rule, Sample, UnfitError
from upm.survey.model import Fitted, Group, Structure, fitted
from upm.survey.moments import Moments
from upm.survey.result import NotDefined, Result

STEPS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
"""What is the same in all groups."""


@dataclass(frozen=True, eq=False)
class Ladder(Result):
    """Four models of the same groups, each with more in common than the one before."""

    steps: pd.DataFrame
    """A row for each step: the fields of `Fit`; `chi_square_change`, `df_change`, `p_change` (the
    likelihood-ratio test) and `cfi_change` against the step before, empty in the first row; and
    `inadmissible`, in words."""
    means: pd.DataFrame
    """`group`, `factor`, `mean`, `se`: how far each later group is from the first, in standard
    deviations of the first, under scalar invariance."""

    def tidy(self) -> pd.DataFrame:
        """The steps."""
        return self.steps


def ladder(
    groups: Mapping[str, Moments],
    factors: Mapping[str, Sequence[str]],
    missing: Rule = "full information",
) -> Ladder | NotDefined:
    """The ladder of invariance over two groups or more: configural, metric, scalar, strict.

    Loadings are equal from metric on, intercepts from scalar on (then later groups' factor means
    are free), residual variances in strict. Estimation and missing data as in `cfa`, with means
    always. Source: lavaan's `group.equal`. NotDefined: a group or a step cannot be fitted.
    """
    if len(groups) < 2:
        return NotDefined("measurement invariance", "There are fewer than two groups.")
    made, found, at = [], {}, "the model"
    try:
        structure = Structure(factors)
        for name, moments in groups.items():
            at = name
            made.append(Group.of(Sample.of(moments, structure.items, missing)))
        for step, equal in STEPS.items():
            at = step
            found[step] = fitted(structure, made, means=True, equal=equal)
    except UnfitError as reason:
        return NotDefined("measurement invariance", f"{at}: {reason}.")
    return Ladder(_steps(found), _means(found["scalar"], list(groups)))


def _steps(found: Mapping[str, Fitted]) -> pd.DataFrame:
    rows = pd.concat([fit_of(each).tidy() for each in found.values()], ignore_index=True)
    change = rows[["chi_square", "df", "cfi"]].astype(float).diff().add_suffix("_change")
    change["p_change"] = special.chdtrc(change["df_change"], change["chi_square_change"])
    words = ["; ".join(inadmissible(each)) for each in found.values()]
    return pd.concat([pd.Series([*found], name="step"), rows, change], axis=1).assign(
        inadmissible=words
    )


def _means(found: Fitted, groups: Sequence[str]) -> pd.DataFrame:
    structure = found.system.structure
    at = found.system.index[1:, structure.block["means"]].ravel()
    m = len(structure.factors)
    return pd.DataFrame(
        {
            "group": np.repeat(groups[1:], m),
            "factor": np.tile(structure.factors, len(groups) - 1),
            "mean": found.x[at],
            "se": np.sqrt(found.variance[at, at]),
        }
    )
