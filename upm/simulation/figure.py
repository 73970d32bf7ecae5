"""Draw runs as a Plotly figure: one panel for each pillar, one for what they are worth together.

A figure is plain JSON: a browser draws it, and `plotly.graph_objects.Figure` accepts it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from upm.simulation.model import PILLARS, WEEKS, Levels, Run
from upm.simulation.world import Names

OUTCOME, UNDERWAY = "outcome", "underway"
PANELS = (*PILLARS, OUTCOME)
STYLES = (
    ("#2f7fd6", "solid", "circle"),
    ("#c0561a", "dash", "square"),
    ("#906c7c", "longdashdot", "diamond"),
)
"""Colour, dash and marker of the first, second and third run."""
GREY = "#7d8794"
PANEL, ABOVE, BELOW, NAME = 112, 36, 40, 17
"""Pixels of a panel, of the margins above and below all of them, of an event's name."""
GAP = 0.26
"""The part of a panel's height that its title takes."""


@dataclass(frozen=True)
class Line:
    """A run, its name, and where it began."""

    name: str
    start: Levels
    run: Run

    def levels(self, shown: str) -> tuple[list[int], list[float]]:
        """The weeks, and what stands at the end of each, in percent. Week 0 is the beginning."""
        if shown == OUTCOME:
            found = [*self.run.outcomes]
            weeks = [*range(1, len(found) + 1)]
        else:
            found = [getattr(levels, shown) for levels in (self.start, *self.run.levels)]
            weeks = [*range(len(found))]
        return weeks, [round(100 * each, 1) for each in found]


def figure(
    lines: Sequence[Line],
    panels: Sequence[str],
    weeks: int,
    events: Mapping[int, str],
    names: Names,
) -> dict[str, Any]:
    """Up to three lines in some of the PANELS, with `events` (week -> name) marked.

    With the ability of the first line stands the work that has not been seen yet.
    Of each trace, `legendgroup` is the name of its line and `meta` what it shows, which is all that
    a table of the same needs.
    """
    traces = [
        _trace(line, place, shown, number, names)
        for place, line in enumerate(lines)
        for number, panel in enumerate(panels, start=1)
        for shown in ((panel, UNDERWAY) if panel == "ability" and place == 0 else (panel,))
    ]
    height, above = 1 / len(panels), ABOVE + NAME * len(events)
    axes = {
        f"yaxis{number}": {
            "domain": [1 - number * height, 1 - (number - 1 + GAP) * height],
            "range": [0, 102],
            "tickvals": [0, 50, 100],
            "fixedrange": True,
            "gridcolor": f"{GREY}44",
            "zerolinecolor": GREY,
        }
        for number in range(1, len(panels) + 1)
    }
    titles = [
        _note(f"<b>{_title(panel, names)}</b>", 0, 1 - (number + GAP) * height, "left")
        for number, panel in enumerate(panels)
    ]
    layout = {
        "height": PANEL * len(panels) + above + BELOW,
        "margin": {"l": 52, "r": 12, "t": above, "b": BELOW},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13, "color": GREY},
        "hovermode": "x",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        "xaxis": {
            "anchor": f"y{len(panels)}",
            "range": [-0.3, weeks + 0.3],
            "dtick": WEEKS,
            "title": {"text": names.week, "standoff": 4},
            "fixedrange": True,
            "gridcolor": f"{GREY}44",
            "zeroline": False,
        },
        "shapes": [
            {
                "type": "line",
                "x0": week - 0.5,
                "x1": week - 0.5,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": GREY, "width": 1.5, "dash": "dashdot"},
            }
            for week in events
        ],
        "annotations": titles
        + [
            # One above the other, since on a phone they would overlap.
            _note(f"{name} ▾", week - 0.5, 1, "center") | {"xref": "x", "yshift": NAME * place}
            for place, (week, name) in enumerate(events.items())
        ],
    }
    return {"data": traces, "layout": layout | axes}


def _trace(line: Line, place: int, shown: str, number: int, names: Names) -> dict[str, Any]:
    colour, dash, symbol = STYLES[place]
    weeks, levels = line.levels(shown)
    hidden = shown == UNDERWAY
    return {
        "type": "scatter",
        "mode": "lines" if hidden else "lines+markers",
        "x": weeks,
        "y": levels,
        "xaxis": "x",
        "yaxis": f"y{number}",
        "name": f"{line.name}: {names.underway}" if hidden else line.name,
        "legendgroup": line.name,
        "meta": getattr(names, shown),
        "showlegend": number == 1,
        "line": {"color": colour, "dash": "dot" if hidden else dash, "width": 1.5 if hidden else 3},
        # The fewest markers draw fastest; so many stand at the end of each phase.
        "marker": {"symbol": symbol, "size": 8, "maxdisplayed": len(levels) // WEEKS + 1},
        "hovertemplate": "%{y:.0f} %",
    }


def _title(panel: str, names: Names) -> str:
    return names.ability_seen if panel == "ability" else str(getattr(names, panel))


def _note(text: str, x: float, y: float, align: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": align,
        "yanchor": "bottom",
        "showarrow": False,
    }
