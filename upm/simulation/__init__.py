"""A toy model of the dynamic balance: try a plan in it, and see how far the best one goes."""

from upm.simulation.figure import PANELS, Line, figure
from upm.simulation.model import PILLARS, WEEKS, Levels, Run
from upm.simulation.world import (
    EVEN,
    POINTS,
    Optimum,
    PlanError,
    World,
    as_efforts,
    read_model,
    read_plan,
    read_world,
    write_optima,
)

__all__ = [
    "EVEN",
    "PANELS",
    "PILLARS",
    "POINTS",
    "WEEKS",
    "Levels",
    "Line",
    "Optimum",
    "PlanError",
    "Run",
    "World",
    "as_efforts",
    "figure",
    "read_model",
    "read_plan",
    "read_world",
    "write_optima",
]
