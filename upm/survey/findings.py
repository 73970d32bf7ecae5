"""Every statistic of an organisation as a whole: of one wave, of two, and of two forms."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from upm.survey.agreement import Agreement, agreement
from upm.survey.change import Change, detectable_change, linked_change, unlinked_change
from upm.survey.drivers import drivers
from upm.survey.factors import FactorModel, cfa
from upm.survey.invariance import ladder
from upm.survey.items import item_statistics
from upm.survey.links import PairMoments, surfaced
from upm.survey.moments import Moments, modelled
from upm.survey.pairs import Gap, gap, gap_band
from upm.survey.reliability import Method, Reliability, Rule, Statistic, reliability
from upm.survey.result import NotDefined, Result, Table
from upm.survey.surface import response_surface
from upm.survey.variance import METHODS, icc

Found = Iterator[tuple[str, str, Result]]
"""What it is, the scale or model it is of ("": all items), and the result."""

RELIABILITIES: Sequence[tuple[Statistic, Rule, Method]] = (
    ("alpha", "pairwise", "jackknife"),
    ("alpha", "pairwise", "feldt"),
    ("alpha", "pairwise", "bonett"),
    ("alpha", "pairwise", "duhachek"),
    ("alpha", "complete", "bonett"),
    ("standardised alpha", "pairwise", "jackknife"),
    ("omega, model-implied variance", "pairwise", "jackknife"),
    ("omega, observed variance", "pairwise", "jackknife"),
)
Factors = Mapping[str, Sequence[str]]
MAIN = ("pillar", "total", "outcome")


def asked(moments: Moments, form: str, *levels: str) -> list[str]:
    """The scales of these levels of which a form asks every item, if somebody has the score."""
    instrument = moments.instrument
    scored = moments.cells.arrays["scores"][..., 0].sum(0)
    known = {scale for scale, some in zip(instrument.scale, scored, strict=True) if some}
    return [
        scale
        for scale in instrument.level(*levels)
        if scale in known
        and all(form in instrument.item[item].text for item in instrument.items_of(scale))
    ]


def pillars_of(moments: Moments, form: str) -> dict[str, tuple[str, ...]]:
    """Pillar -> its items: the model of the structure that an instrument claims."""
    return {scale: moments.instrument.items_of(scale) for scale in asked(moments, form, "pillar")}


def of_wave(moments: Moments, form: str) -> Found:
    """What one form shows at one wave."""
    instrument = moments.instrument
    yield "items", "", item_statistics(moments)
    for scale in asked(moments, form, *MAIN):
        items = instrument.items_of(scale)
        for statistic, missing, interval in RELIABILITIES:
            known = missing == "pairwise" or {*items} <= {*modelled(instrument)}
            if known and (len(items) > 2 or not statistic.startswith("omega")):
                found = reliability(moments, scale, statistic, missing, interval)
                yield "reliability", scale, found
        yield from _of_teams(moments, scale)
    pillars = pillars_of(moments, form)
    everything = [item for items in pillars.values() for item in items]
    models: Mapping[str, Factors] = {"pillars": pillars, "general": {"general": everything}}
    for name, factors in models.items():
        if len(everything) < 3 or (name == "pillars" and len(pillars) < 2):
            continue
        model = cfa(moments, factors)
        yield "factor model", name, model
        if isinstance(model, FactorModel):
            yield "fit of the factor model", name, model.fit
    if instrument.driver_of in asked(moments, form, *MAIN):
        yield "drivers", str(instrument.driver_of), drivers(moments)


def _of_teams(moments: Moments, scale: str) -> Found:
    """Whether teams differ, and are of one mind."""
    teams, least = len(moments.teams(scale)), moments.instrument.thresholds.full
    if teams < least:
        reason = f"There are {teams} teams; with fewer than {least} it would tell of each of them."
        yield "teams", scale, NotDefined("ICC and agreement", reason)
        return
    for method in METHODS:
        yield "ICC", scale, icc(moments, scale, method)
    if moments.instrument.scale[scale].items:
        found = agreement(moments, scale)
        each = Table(found.summary()) if isinstance(found, Agreement) else found
        yield "agreement within teams", scale, each


def of_waves(before: Moments, after: Moments, pairs: PairMoments, form: str) -> Found:
    """What changed from one wave to another, of all, and of people who are linked."""
    instrument = before.instrument
    for scale in asked(after, form, *MAIN):
        yield "change, not linked", scale, unlinked_change(before, after, scale)
        change = linked_change(pairs, scale)
        yield "change, linked", scale, change
        sd = float(np.sqrt(before.covariance([scale]).matrix[0, 0]))
        measured = [change.retest] if isinstance(change, Change) and change.retest else []
        for retest in (None, *measured):
            found = detectable_change(instrument.scale[scale], sd, retest)
            yield "detectable change of one person", scale, found


def of_forms(member: Moments, manager: Moments, pairs: PairMoments) -> Found:
    """How far managers see what members see, at one wave."""
    instrument = member.instrument
    both = {*asked(member, pairs.x.form, *MAIN)} & {*asked(manager, pairs.y.form, *MAIN)}
    for scale in (scale for scale in instrument.level(*MAIN) if scale in both):
        found = gap(pairs, scale)
        yield "gap, manager minus member", scale, found
        if isinstance(found, Gap):
            sds = found.sd_member, found.sd_manager
            alphas = [reliability(each, scale, interval="bonett") for each in (member, manager)]
            known = [each.value for each in alphas if isinstance(each, Reliability)]
            band = instrument.scale[scale]
            yield "band of one pair's gap", scale, gap_band(band, sds)
            if len(known) == len(alphas):
                yield "band of one pair's gap", scale, gap_band(band, sds, (known[0], known[1]))
    for scale in surfaced(instrument):
        yield "response surface", scale, response_surface(pairs, scale)


def of_groups(groups: Mapping[str, Moments], form: str) -> Found:
    """Whether groups, as waves or forms, can be compared at all."""
    pillars = pillars_of(next(iter(groups.values())), form)
    if sum(map(len, pillars.values())) > 2:
        yield "invariance", "pillars", ladder(groups, pillars)
