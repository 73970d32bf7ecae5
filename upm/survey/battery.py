"""All statistics of a survey at once: of everybody, without the careless, and of each group."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from upm.survey.answers import NO_SCORE, Answers
from upm.survey.disclosure import plan
from upm.survey.exposure import View, apart, check, in_units
from upm.survey.findings import Found, of_forms, of_groups, of_wave, of_waves
from upm.survey.groups import group_tables
from upm.survey.links import (
    MANAGER,
    MEMBER,
    Side,
    linked,
    linked_rows,
    member_manager,
    paired_rows,
)  # fmt: skip
from upm.survey.moments import Moments, accumulate
from upm.survey.release import POINTS, Layer, Release, steps
from upm.survey.result import NotDefined, Result, Table, recorded
from upm.survey.screening import screen
from upm.survey.sums import Whole
from upm.survey.suppression import Bools

EVERYBODY, CAREFUL = "everybody", "without the careless"
SAME = "The rule leaves nobody out, so that it is the same as with everybody."
FEW = "The rule leaves out {n}; beside the results with everybody, these would tell of so few."
TOO_FEW = "Fewer than {n} answered."
TELLS = "With what else is shown, it would tell of a group that is too small."


class Finding(NamedTuple):
    """One statistic of the organisation as a whole."""

    sample: str
    """EVERYBODY, or CAREFUL: without those whom the rule of the instrument leaves out."""
    form: str
    """A form, or two that are compared."""
    wave: str
    """A wave, or those that are compared."""
    statistic: str
    subject: str
    """The scale or model; "": all items."""
    result: Result


@dataclass(frozen=True)
class Analysis:
    """What a survey says, and nothing that disclosure control withholds."""

    respondents: int
    release: Release
    screening: pd.DataFrame
    """By `form`: each `flag`, its `n` and `share` of respondents. No row: there is no rule."""
    findings: tuple[Finding, ...]
    groups: Mapping[str, pd.DataFrame]
    """See `group_tables`."""

    def record(self) -> dict[str, Any]:
        """All of it for JSON: numbers with all digits, null where there is none."""
        instrument = self.release.instrument
        return {
            "instrument": {"id": instrument.id, "version": instrument.version},
            "respondents": self.respondents,
            "waves": [*self.release.waves],
            "screening": recorded(self.screening),
            "findings": [
                {**each._asdict(), "result": recorded(each.result)} for each in self.findings
            ],
            "groups": {name: recorded(table) for name, table in self.groups.items()},
        }

    def lines(self) -> Iterator[str]:
        """The findings and the groups as tables, for a terminal."""
        waves = len(self.release.waves)
        yield f"{self.respondents:,} respondents, {waves} wave{'' if waves == 1 else 's'}."
        yield from _table("Careless answers", self.screening)
        yield from _table("Groups", self.groups["groups"])
        blocks: dict[tuple[str, ...], list[pd.DataFrame]] = {}
        for sample, form, wave, statistic, subject, result in self.findings:
            missing = " (not defined)" if isinstance(result, NotDefined) else ""
            title = ", ".join(filter(None, (statistic + missing, form, wave, sample)))
            table = result.tidy()
            if subject and "scale" not in table:
                table.insert(0, "subject", subject)
            blocks.setdefault((title, *map(str, table.columns)), []).append(table)
        for (title, *_), tables in blocks.items():
            yield from _table(title, pd.concat(tables, ignore_index=True))
        yield ""
        yield "The means, items, agreement and changes of each group: with --json."


def _table(title: str, table: pd.DataFrame) -> Iterator[str]:
    if len(table):
        yield ""
        yield title
        text = table.to_string(index=False, float_format="{:.3f}".format, na_rep="-")
        yield from text.splitlines()


def analyse(answers: Answers, before: Sequence[Release] = ()) -> Analysis:
    """All statistics of the answers of an organisation, as far as they may be shown.

    `before`: what was published earlier from answers to the same instrument. DisclosureError: what
    would be shown gives somebody away, which must not happen.
    """
    with threadpool_limits(limits=1):  # for small matrices, several threads would mostly wait
        return _analysed(answers, before)


def _analysed(answers: Answers, before: Sequence[Release]) -> Analysis:
    moments, waves = accumulate(answers), in_order(answers)
    release = plan(answers, moments, waves, before)
    check(answers, release)
    screening, careless = _screened(answers, moments)
    forms = {layer.form: None for layer in release.layers}
    views = [
        View.of(answers, release.tree, form, [w for w in waves if (form, w) in release.layers])
        for form in forms if form in release.changes
    ]  # fmt: skip
    findings = [*_of_everybody(answers, moments, release)]
    if len(screening):
        findings += _of_careful(answers, moments, careless, release)
    groups = group_tables(moments, release, views)
    return Analysis(len(answers), release, screening, tuple(findings), groups)


def in_order(answers: Answers) -> list[str]:
    """The waves, by the middle of the times at which they were answered, if these are known."""
    people = answers.people[["wave", "submitted"]].assign(wave=answers.people["wave"].fillna(""))
    middle = people.groupby("wave")["submitted"].median()
    names = sorted(middle.index)
    return names if middle.isna().any() else sorted(names, key=lambda name: middle[name])


def _screened(answers: Answers, moments: Moments) -> tuple[pd.DataFrame, Bools]:
    """What was seen of careless answers, form by form, and whom the rule leaves out."""
    careless, tables = np.zeros(len(answers), bool), []
    for form in moments.levels("form"):
        own = (answers.people["form"].fillna("") == form).to_numpy(bool)
        rule = answers.instrument.screening
        if rule is None:
            continue
        found = screen(answers.where(own), moments.of(form).covariance(rule.order))
        if found is not None:
            careless[own] = found.excluded
            tables.append(found.tidy().assign(form=form))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(), careless


def _of_everybody(answers: Answers, moments: Moments, release: Release) -> Iterator[Finding]:
    least = release.instrument.thresholds.full
    shown: dict[str, dict[str, Moments]] = {}
    for layer in release.layers:
        if not _open(release, layer):
            none = NotDefined("all statistics", TOO_FEW.format(n=least))
            yield Finding(EVERYBODY, *layer, "all statistics", "", none)
            continue
        own = shown.setdefault(layer.form, {})[layer.wave] = moments.of(*layer)
        for found in _hiding(of_wave(own, layer.form), release, layer):
            yield Finding(EVERYBODY, layer.form, layer.wave, *found)
    for form, waves in shown.items():
        ordered = {wave: waves[wave] for wave in release.waves if wave in waves}
        if len(ordered) > 1:
            for found in of_groups(ordered, form):
                yield Finding(EVERYBODY, form, ", ".join(ordered), *found)
        yield from _of_steps(answers, ordered, release, form)
    if MEMBER in shown and MANAGER in shown:
        yield from _of_forms(answers, shown[MEMBER], shown[MANAGER], release)


def _open(release: Release, layer: Layer) -> bool:
    """Whether the organisation is large enough, and shows something."""
    enough = release.rows[layer][0] >= release.instrument.thresholds.full
    return bool(enough and any(shows[0] for shows in release.layers[layer].values()))


def _partly(release: Release, layer: Layer, scale: str) -> bool:
    """Whether a few gave but a part of what a scale is the mean of: it would tell of them."""
    place = [*release.instrument.scale].index(scale)
    few = int(release.sums[layer]["partly"][:, place].sum())
    return 0 < few < release.instrument.thresholds.total


def _hiding(found: Found, release: Release, layer: Layer) -> Found:
    """Without items that are withheld, or would tell of a few beside the mean of their scale."""
    instrument = release.instrument
    scales = [s for s in instrument.level("pillar", "outcome") if _partly(release, layer, s)]
    hidden = {item for scale in scales for item in instrument.items_of(scale)}
    hidden |= {i for i in instrument.item_ids if not release.shows(layer, POINTS + i)[0]}
    for statistic, subject, result in found:
        if statistic == "items":
            table = result.tidy()
            yield statistic, subject, Table(table[~table["item"].isin(hidden)])
        else:
            yield statistic, subject, result


def _of_steps(
    answers: Answers, moments: Mapping[str, Moments], release: Release, form: str
) -> Iterator[Finding]:
    """Change between waves, of people who are linked and stay in their unit, and of all."""
    some, totals = in_units(answers, release.tree), release.instrument.level("total")
    between = steps([wave for wave in release.waves if Layer(form, wave) in release.layers])
    for place, step in enumerate(between if form in release.changes else ()):
        if not {*step} <= {*moments}:
            continue
        pairs = linked(some, form, *step, same_team=True)
        others = [other for other in between if other != step]
        before, after = step
        rows, _ = linked_rows(some, Side(form, before), Side(form, after), same_team=True)
        layers = [(form, wave) for wave in step]
        told = _told(answers, release, layers, rows, _rows(some, form, others))
        shown = {s for s, changed in release.changes[form].items() if changed[place, 0]}
        joined = pairs.cells.arrays["scores"][..., 0].sum(0)
        n = dict(zip(release.instrument.scale, joined, strict=True))
        few = any(0 < n[part] - n[s] < release.instrument.thresholds.total
                  for s in totals for part in release.instrument.scale[s].of)  # fmt: skip
        hidden = {s for s in totals for w in step if _partly(release, Layer(form, w), s)}
        for statistic, subject, result in of_waves(moments[before], moments[after], pairs, form):
            is_linked = statistic != "change, not linked"
            safe = not is_linked or (subject in shown and not told[subject])
            if subject in totals:
                safe &= subject not in hidden and not (is_linked and few)
            if not safe and statistic == "detectable change of one person":
                continue
            none = NotDefined(statistic, TELLS)
            yield Finding(
                EVERYBODY, form, " to ".join(step), statistic, subject, result if safe else none
            )


def _told(
    answers: Answers, release: Release, layers: Sequence[tuple[str, str]], rows: Sequence[Whole],
    others: Bools,
) -> dict[str, bool]:  # fmt: skip
    """Scale -> whether the means of people who are joined, over two layers, tell of too few.

    `rows`: of each pair the answers in both layers; `others`: answers that are joined otherwise.
    Managers' answers are shown as a whole only, so that there the number of the rest decides.
    """
    scored, found = answers.scores() != NO_SCORE, {}
    there = [_where(answers, *layer) for layer in layers]
    least = release.instrument.thresholds.total
    for place, scale in enumerate(release.instrument.scale):
        score = scored[:, place]
        both = score[rows[0]] & score[rows[1]]
        joined = [np.isin(np.arange(len(score)), side[both]) for side in rows]
        alone = [layer & score & ~own for layer, own in zip(there, joined, strict=True)]
        n = [int(each.sum()) for each in alone]
        rest = [each & ~others for each, (form, _) in zip(alone, layers, strict=True)
                if form != MANAGER]  # fmt: skip
        mixed = apart(answers, release.tree, joined[0] & ~others, *rest)
        none = n[0] == 0 or (n[1] == 0 and len(rest) == len(layers))
        found[scale] = any(0 < each < least for each in n) or not (none or mixed)
    return found


def _of_forms(
    answers: Answers,
    members: Mapping[str, Moments],
    managers: Mapping[str, Moments],
    release: Release,
) -> Iterator[Finding]:
    """How far managers see what members see, if there are enough pairs and managers."""
    some, limits = in_units(answers, release.tree), release.instrument.thresholds
    waves = [wave for wave in release.waves if Layer(MEMBER, wave) in release.layers]
    form = f"{MEMBER}, {MANAGER}"
    for wave in waves:
        if wave not in members or wave not in managers:
            continue
        for found in of_groups({MEMBER: members[wave], MANAGER: managers[wave]}, MANAGER):
            yield Finding(EVERYBODY, form, wave, *found)
        pairs, (rows, _) = member_manager(answers, wave), paired_rows(answers, wave)
        n, known = len(rows[0]), pairs.cells.index.get_level_values("manager").nunique()
        if n < limits.pairs or known < limits.managers:
            reason = f"There are {n} pairs and {known} managers; needed: {limits.pairs} and "
            none = NotDefined("gap", f"{reason}{limits.managers}.")
            yield Finding(EVERYBODY, form, wave, "gap", "", none)
            continue
        layers, others = [(MEMBER, wave), (MANAGER, wave)], _rows(some, MEMBER, steps(waves))
        told = _told(answers, release, layers, rows, others)
        for statistic, subject, result in of_forms(members[wave], managers[wave], pairs):
            none = NotDefined(statistic, TELLS)
            yield Finding(
                EVERYBODY, form, wave, statistic, subject, none if told[subject] else result
            )


def _where(answers: Answers, form: str, wave: str) -> Bools:
    people = answers.people[["form", "wave"]].fillna("")
    return ((people["form"] == form) & (people["wave"] == wave)).to_numpy(bool)


def _rows(answers: Answers, form: str, between: Sequence[tuple[str, str]]) -> Bools:
    """Who is linked by some of these steps."""
    found = np.zeros(len(answers), bool)
    for before, after in between:
        sides, _ = linked_rows(answers, Side(form, before), Side(form, after), same_team=True)
        found[sides[0]] = found[sides[1]] = True
    return found


def _of_careful(
    answers: Answers, moments: Moments, careless: Bools, release: Release
) -> Iterator[Finding]:
    """The same without the careless, where this does not single them out."""
    limits = release.instrument.thresholds
    rest: Moments | None = None
    for layer in release.layers:
        own = _where(answers, *layer)
        out = int((own & careless).sum())
        reason = SAME if not out else FEW.format(n=out) if out < limits.full else ""
        if own.sum() - out < limits.full:
            reason = TOO_FEW.format(n=limits.full)
        if reason or not _open(release, layer):
            none = NotDefined("all statistics", reason or TOO_FEW.format(n=limits.full))
            yield Finding(CAREFUL, *layer, "all statistics", "", none)
            continue
        rest = accumulate(answers.where(~careless)) if rest is None else rest
        for statistic, subject, result in of_wave(rest.of(*layer), layer.form):
            if statistic != "items":  # they would tell how the careless answered each
                yield Finding(CAREFUL, *layer, statistic, subject, result)
