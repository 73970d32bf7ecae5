"""Figures: Plotly accepts them, they say what they show, and their lines can be told apart."""

import json
from collections.abc import Sequence
from itertools import combinations
from math import dist
from typing import Any

import pytest
from plotly.graph_objects import Figure

from upm import paths
from upm.simulation import PANELS, Line, as_efforts, figure, read_world
from upm.simulation.figure import STYLES

WORLD = read_world(paths.DATA / "simulation", [])
START = WORLD.beginning("year")[0]
EVENTS = {10: "goal changes", 16: "promise missed"}
PLANS = {
    "Your plan": "1117 1171 1414 1432 5131 1414",
    "Best plan": "5500 1171 1414 1432 5131 1414",
    "Heads down": "1171 1171 1171 1171 1171 1171",
}


def line(name: str, phases: int = 6) -> Line:
    plan = [tuple(map(int, phase)) for phase in PLANS[name].split()][:phases]
    return Line(name, START, WORLD.play("year", as_efforts(plan)))


LINES = [line(name) for name in PLANS]
DRAWN = [
    pytest.param(LINES[:1], PANELS, id="one line"),
    pytest.param(LINES[:2], PANELS, id="two lines"),
    pytest.param(LINES, PANELS, id="three lines"),
    pytest.param(LINES, ("ability", "outcome"), id="some panels"),
    pytest.param(LINES, ("trust",), id="one panel"),
    pytest.param([line("Your plan", 3), LINES[1]], PANELS, id="a run that goes on"),
    pytest.param([line("Your plan", 0)], PANELS, id="a run that has not begun"),
]
each_drawn = pytest.mark.parametrize(("lines", "panels"), DRAWN)


def draw(lines: Sequence[Line], panels: Sequence[str] = PANELS) -> dict[str, Any]:
    return figure(lines, panels, 24, EVENTS, WORLD.names)


# ── What is drawn ───────────────────────────────────────────────────────────────────────────────


@each_drawn
def test_plotly_accepts_a_figure_which_is_plain_json(
    lines: list[Line], panels: tuple[str, ...]
) -> None:
    drawn = draw(lines, panels)
    assert json.loads(json.dumps(drawn, allow_nan=False)) == drawn
    assert len(Figure(drawn).data) == len(drawn["data"])
    axes = {f"yaxis{trace['yaxis'].removeprefix('y')}" for trace in drawn["data"]}
    assert axes == {key for key in drawn["layout"] if key.startswith("yaxis")}


@each_drawn
def test_each_trace_says_whose_it_is_and_what_it_shows(
    lines: list[Line], panels: tuple[str, ...]
) -> None:
    traces = draw(lines, panels)["data"]
    told = {(trace["legendgroup"], trace["meta"]): trace for trace in traces}
    assert len(told) == len(traces)
    names = {getattr(WORLD.names, panel): panel for panel in panels}
    if "ability" in panels:
        assert (lines[0].name, "Not seen yet") in told
        names["Not seen yet"] = "underway"
    for (name, meta), trace in told.items():
        [of] = [each for each in lines if each.name == name]
        shown = dict(zip(trace["x"], trace["y"], strict=True))
        if meta == "All four together":
            worth = of.run.outcomes
        else:
            worth = [getattr(each, names[meta]) for each in of.run.levels]
            assert shown.pop(0) == pytest.approx(100 * getattr(of.start, names[meta]))
        assert shown == {
            week: pytest.approx(100 * each, abs=0.05) for week, each in enumerate(worth, start=1)
        }


def test_a_trace_shows_levels_in_percent_from_the_beginning_on() -> None:
    trust, *_, outcome = draw(LINES[:1])["data"]
    assert (trust["meta"], trust["x"]) == ("Trust", [*range(25)])
    assert (trust["y"][0], trust["y"][4]) == (25, pytest.approx(16, abs=0.5))
    # Before the first week nothing has come of it yet.
    assert (outcome["meta"], outcome["x"]) == ("All four together", [*range(1, 25)])


def test_each_panel_has_its_title_and_each_event_its_line_and_name() -> None:
    layout = draw(LINES)["layout"]
    titles = ["Trust", "Goals", "Ability · dots: done, not seen yet", "Relationships"]
    assert [note["text"] for note in layout["annotations"]] == [
        *(f"<b>{title}</b>" for title in [*titles, "All four together"]),
        "goal changes ▾",
        "promise missed ▾",
    ]
    # In the middle of the week in which it happens, which ends at its number.
    assert [(shape["x0"], shape["x1"]) for shape in layout["shapes"]] == [(9.5, 9.5), (15.5, 15.5)]
    assert [note["x"] for note in layout["annotations"] if note["xref"] == "x"] == [9.5, 15.5]


def test_panels_fill_the_figure_one_below_the_other() -> None:
    layout = draw(LINES)["layout"]
    domains = [layout[f"yaxis{number}"]["domain"] for number in range(1, len(PANELS) + 1)]
    edges = [edge for low, high in domains for edge in (high, low)]
    assert edges == sorted(edges, reverse=True)
    assert edges[0] < 1
    assert edges[-1] == pytest.approx(0, abs=1e-9)


# ── Telling lines apart ─────────────────────────────────────────────────────────────────────────

WHITE, BLACK = "#ffffff", "#111111"
# For linear RGB, at full severity: Machado, Oliveira and Fernandes, 2009.
SEEN_WITH = {
    "no deficiency": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ = (
    (0.412456, 0.357576, 0.180438),
    (0.212673, 0.715152, 0.072175),
    (0.019334, 0.119192, 0.950304),
)
Triple = tuple[float, ...]


def linear(colour: str) -> Triple:
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)


def times(matrix: Sequence[Sequence[float]], triple: Triple) -> Triple:
    return tuple(sum(a * b for a, b in zip(row, triple, strict=True)) for row in matrix)


def lab(rgb: Triple) -> Triple:
    """CIE L*a*b* of linear RGB, under D65."""
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in (
            max(0, part) / white
            for part, white in zip(times(TO_XYZ, rgb), (0.95047, 1, 1.08883), strict=True)
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    dark, light = sorted(times(TO_XYZ, linear(each))[1] for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_colours_are_measured_as_elsewhere() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21, abs=0.01)
    assert contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.01)
    assert lab(linear(WHITE)) == pytest.approx((100, 0, 0), abs=0.02)
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)


def test_every_line_has_a_colour_a_dash_and_a_marker_of_its_own() -> None:
    traces = draw(LINES, ("trust",))["data"]
    assert all(trace["mode"] == "lines+markers" for trace in traces)
    for of in (
        [trace["line"]["color"] for trace in traces],
        [trace["line"]["dash"] for trace in traces],
        [trace["marker"]["symbol"] for trace in traces],
    ):
        assert len({*of}) == len(traces) == 3


@pytest.mark.parametrize("deficiency", SEEN_WITH)
def test_colours_stay_apart_however_one_sees_them(deficiency: str) -> None:
    seen = [
        lab(tuple(min(1, max(0, part)) for part in times(SEEN_WITH[deficiency], linear(colour))))
        for colour, *_ in STYLES
    ]
    assert min(dist(one, other) for one, other in combinations(seen, 2)) >= 15


@pytest.mark.parametrize("ground", [WHITE, BLACK])
def test_lines_stand_out_from_a_light_and_a_dark_page(ground: str) -> None:
    assert min(contrast(colour, ground) for colour, *_ in STYLES) >= 3
