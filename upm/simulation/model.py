"""The balance model: how four pillars grow, fade and lean on each other, week by week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, NamedTuple

from pydantic import Field

from upm.content.framework import Model

PILLARS = ("trust", "goals", "ability", "relationships")
WEEKS = 4
"""In a phase, the span that effort is planned for."""
LAST_COUNTS = 4
"""For how many weeks more the outcome of the last one counts."""
MOST_UNDERWAY = 1.2

Share = Annotated[float, Field(ge=0, le=1)]
Effort = Sequence[float]
"""Four shares of one's effort, for the pillars in their order; they make 1."""


class Levels(NamedTuple):
    """Where things stand, 0 to 1; `underway` is work done that the manager has not seen yet."""

    trust: Share
    goals: Share
    ability: Share
    relationships: Share
    underway: Share


class PerPillar(Model):
    """One number for each pillar."""

    trust: Share
    goals: Share
    ability: Share
    relationships: Share


class Gates(Model):
    """The level of a pillar from which it no longer holds back those that need it."""

    trust: Annotated[float, Field(gt=0)]
    goals: Annotated[float, Field(gt=0)]
    ability: Annotated[float, Field(gt=0)]


class Parameters(Model):
    """The numbers of the model; `model.toml` says what each of them means."""

    growth: PerPillar
    decay: PerPillar
    gate: Gates
    steepness: Annotated[float, Field(ge=0)]
    ajar: Share
    returns: Annotated[float, Field(gt=0)]
    dose: Annotated[float, Field(gt=0, le=1)]
    neglect: Annotated[float, Field(ge=0)]
    visible: Share
    trust_from_results: Share
    trust_from_sharing: Share
    buffer: Share
    ingratiation: Annotated[float, Field(ge=0)]
    courting_free: Share
    courting_backed: Annotated[float, Field(ge=0)]
    openness: Annotated[float, Field(ge=0)]
    substitution: Annotated[float, Field(le=1)]


class Event(Model):
    """What an event does to the levels: each becomes base + keep × level."""

    keep: Levels
    base: Levels = Levels(0, 0, 0, 0, 0)
    buffered: bool = False
    """Whether a good relationship keeps more of the trust."""


@dataclass(frozen=True)
class Run:
    """What a plan led to: the levels and the outcome, 0 to 1, after each week."""

    levels: tuple[Levels, ...]
    outcomes: tuple[float, ...]

    @property
    def total(self) -> float:
        """The sum of the outcomes, in which the last week counts for four more."""
        return sum(self.outcomes) + LAST_COUNTS * self.outcomes[-1]

    @property
    def value(self) -> float:
        """The mean outcome, 0 to 1, weighted in the same way."""
        return self.total / (len(self.outcomes) + LAST_COUNTS)


def play(
    start: Levels,
    plan: Sequence[Effort],
    events: Mapping[int, Event],
    p: Parameters,
    first_week: int = 1,
) -> Run:
    """Live through a plan of one effort a phase. `events` hit before the step of their week."""
    levels, found = start, []
    for week, effort in enumerate((e for e in plan for _ in range(WEEKS)), start=first_week):
        if week in events:
            levels = strike(levels, events[week], p)
        levels = step(levels, effort, p)
        found.append(levels)
    return Run(tuple(found), tuple(outcome(each, p) for each in found))


def strike(now: Levels, event: Event, p: Parameters) -> Levels:
    """The levels right after an event."""
    trust, *rest = event.keep
    if event.buffered:
        trust = 1 - (1 - trust) * (1 - p.buffer * now.relationships)
    pairs = zip(event.base, (trust, *rest), now, strict=True)
    return Levels(*(base + keep * level for base, keep, level in pairs))


def step(now: Levels, effort: Effort, p: Parameters) -> Levels:
    """The levels a week later."""
    trust, goals, ability, relationships, underway = now
    for_trust, for_goals, for_ability, for_relationships = (e**p.returns for e in effort)
    lost_trust, lost_goals, lost_ability, lost_relationships = (
        1 + p.neglect * max(0.0, 1 - e / p.dose) for e in effort
    )
    by_trust = _gate(trust, p.gate.trust, p)
    by_goals = _gate(goals, p.gate.goals, p)
    by_ability = _gate(ability, p.gate.ability, p)
    earned = min(trust, ability)
    courting = max(0.0, effort[3] - (p.courting_free + p.courting_backed * earned))
    seen = p.visible * underway * (1 - ability)
    grow, fade = p.growth, p.decay
    return Levels(
        _clip(
            trust
            + p.openness * grow.trust * for_trust * (1 - trust)
            + p.trust_from_results * seen * (1 - trust)
            + p.trust_from_sharing * for_relationships * earned * (1 - trust)
            - fade.trust * lost_trust * trust
            - p.ingratiation * courting * trust
        ),
        _clip(
            goals
            + grow.goals * for_goals * by_trust * (1 - goals)
            - fade.goals * lost_goals * goals
        ),
        _clip(ability + seen - fade.ability * lost_ability * ability),
        _clip(
            relationships
            + p.openness
            * grow.relationships
            * for_relationships
            * by_trust
            * by_ability
            * (1 - relationships)
            - fade.relationships * lost_relationships * relationships
        ),
        _clip(
            (1 - p.visible) * underway
            + grow.ability * for_ability * by_goals * (0.5 + 0.5 * by_trust),
            MOST_UNDERWAY,
        ),
    )


def outcome(now: Levels, p: Parameters) -> float:
    """What the four are worth together, 0 to 1: their power mean, which the weakest limits."""
    four = now[:4]
    power = p.substitution
    if power <= 0 and min(four) < 1e-9:  # whose powers may be too large
        return 0.0
    if abs(power) < 1e-9:
        return prod(four) ** (1 / len(four))
    return (sum(level**power for level in four) / len(four)) ** (1 / power)


def _gate(level: float, open_from: float, p: Parameters) -> float:
    return p.ajar + (1 - p.ajar) * min(1.0, level / open_from) ** p.steepness


def _clip(level: float, most: float = 1.0) -> float:
    return min(most, max(0.0, level))
