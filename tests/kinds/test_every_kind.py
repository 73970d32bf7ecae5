"""What holds for all kinds: fair scores, honest baselines, and no key before the answer."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, cycle, pairwise, permutations, product
from math import ceil, floor
from statistics import mean
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from upm import paths
from upm.content import Item, Score
from upm.kinds import KINDS, load_bank
from upm.kinds.in_world import read_context

Build = Callable[..., Item]

HALVES = [point / 2 for point in range(2, 11)]
GUIDE = (paths.DATA / "README.md").read_text(encoding="utf-8").split("## Surveys")[0]
EXAMPLES = tomllib.loads("\n".join(re.findall(r"^```toml\n(.*?)^```", GUIDE, re.M | re.S)))["items"]
CONTEXT = read_context(paths.DATA, [])
SHIPPED = [
    *load_bank(paths.DATA).items.values(),
    *(KINDS[example["kind"]].model_validate(example, context=CONTEXT) for example in EXAMPLES),
]

EVEN = {2: [5, 5], 3: [4, 3, 3], 4: [3, 3, 2, 2]}
CHANCES = (0, 10, 30, 50, 70, 90, 100)
BINS = "xyz"


@dataclass(frozen=True)
class Form:
    """How a kind is keyed and answered in the tests below."""

    kind: str
    keys: st.SearchStrategy[list[Any]]
    fields: dict[str, Any]
    respond: Callable[[Item], st.SearchStrategy[Any]]
    """Any response."""
    every: Callable[[Item], list[Any]]
    """All responses that say something about every option that counts, once each."""
    perfect: Callable[[Item], Any]
    unread: Callable[[Item], list[Any]]
    """The best that can be answered without reading; guessing aside."""
    empty: Any = None
    """A response with nothing in it. None: it would be refused, or is as the item was found."""


def ids(item: Item) -> list[str]:
    return [option.id for option in item.options]


def keys(item: Item) -> dict[str, Any]:
    return {option.id: option.key for option in item.scorable}


# ── A value for each option: rate, sort, estimate ───────────────────────────────────────────────


def a_value(values: st.SearchStrategy[Any]) -> Callable[[Item], st.SearchStrategy[Any]]:
    return lambda item: st.dictionaries(st.sampled_from(ids(item)), values)


def every_value(values: Iterable[Any]) -> Callable[[Item], list[Any]]:
    return lambda item: [
        dict(zip(keys(item), each, strict=True))
        for each in product(values, repeat=len(item.scorable))
    ]


def same_value(values: Iterable[Any]) -> Callable[[Item], list[Any]]:
    return lambda item: [dict.fromkeys(ids(item), value) for value in values]


def quantity(low: int, high: int, percent: int) -> tuple[float, float, float]:
    return low, low + (high - low) * percent / 100, high


QUANTITIES = st.builds(
    lambda span, percent: quantity(*span, percent),
    st.sampled_from([(0, 100), (-50, 150), (1700, 1920)]),
    st.integers(1, 99),
)


def same_share(*shares: tuple[int, int]) -> Callable[[Item], list[Any]]:
    return lambda item: [
        {o.id: [quantity(o.low, o.high, end)[1] for end in ends] for o in item.scorable}
        for ends in shares
    ]


# ── Some of the options: choice, mark ───────────────────────────────────────────────────────────


def some(most: int | None = None) -> Callable[[Item], st.SearchStrategy[Any]]:
    return lambda item: st.lists(st.sampled_from(ids(item)), unique=True, max_size=most)


def every_set(item: Item) -> list[Any]:
    ticks = product((False, True), repeat=len(item.scorable))
    return [[id for id, tick in zip(keys(item), each, strict=True) if tick] for each in ticks]


def full(key: Any) -> Callable[[Item], list[str]]:
    return lambda item: [id for id, own in keys(item).items() if own == key]


# ── The options in an order: order ──────────────────────────────────────────────────────────────


def every_order(item: Item) -> list[Any]:
    rest = [id for id in ids(item) if id not in keys(item)]
    return [[*each, *rest] for each in permutations(keys(item))]


def right_order(item: Item) -> list[str]:
    return sorted(ids(item), key=lambda card: keys(item).get(card, 0))


# ── A way through the options: dialogue ─────────────────────────────────────────────────────────


@st.composite
def talks(draw: st.DrawFn) -> list[tuple[str, str, int]]:
    """Two or three nodes on the best way; what is not best goes on, ends it or needs a repair."""
    nodes = "smn"[: draw(st.integers(2, 3))]
    found = []
    for node, to, repair in zip(nodes, nodes[1:] + "x", "pqr", strict=False):
        leads = st.sampled_from([to, "y", repair])
        other = st.tuples(st.just(node), leads, st.integers(0, 2))
        others = draw(st.lists(other, min_size=1, max_size=2))
        found += [(node, to, 3), *others]
        if any(lead == repair for _, lead, _ in others):
            found += [(repair, to, 3), (repair, draw(st.sampled_from([to, "y"])), 1)]
    return found


def ways(item: Any, at: str = "s", chance: float = 1) -> list[tuple[list[str], float]]:
    """Every way through a talk, with how likely it is if at each node anything may be said."""
    here = [option for option in item.options if option.at == at]
    if not here:
        return [([], chance)]
    return [
        ([option.id, *rest], likely)
        for option in here
        for rest, likely in ways(item, option.to, chance / len(here))
    ]


def every_way(item: Item) -> list[Any]:
    return [way for way, _ in ways(item)]


def best_way(item: Item) -> list[str]:
    return next(way for way in every_way(item) if all(keys(item)[id] == 3 for id in way))


# ── Points for each option: allocate ────────────────────────────────────────────────────────────


@st.composite
def splits(draw: st.DrawFn) -> list[float]:
    """Ten points in halves, three or more from an equal split."""
    parts = draw(st.integers(2, 4))
    bars = sorted(draw(st.lists(st.integers(0, 20), min_size=parts - 1, max_size=parts - 1)))
    found = [(right - left) / 2 for left, right in pairwise((0, *bars, 20))]
    assume(sum(abs(key - 10 / parts) for key in found) >= 3)
    return found


def spread(item: Item, points: Iterable[int]) -> dict[str, Any]:
    return {"points": dict(zip(ids(item), points, strict=True))}


def every_split(item: Item) -> list[Any]:
    points = product(range(11), repeat=len(item.options))
    return [spread(item, each) for each in points if sum(each) == 10]


def whole_points(item: Item) -> Any:
    """The key in whole points: of two halves, one goes up and one down."""
    nearer = cycle((ceil, floor))
    return spread(item, [next(nearer)(key) if key % 1 else int(key) for key in keys(item).values()])


FORMS = {
    "choice one": Form(
        "choice",
        st.lists(st.integers(0, 3), min_size=2, max_size=6),
        {"select": "one"},
        some(most=1),
        lambda item: [[id] for id in keys(item)],
        lambda item: full(3)(item)[:1],
        lambda item: [],
        empty=[],
    ),
    "choice several": Form(
        "choice",
        st.lists(st.sampled_from([0, 3]), min_size=2, max_size=6),
        {"select": "several"},
        some(),
        every_set,
        full(3),
        lambda item: [ids(item)],
        empty=[],
    ),
    "rate": Form(
        "rate",
        st.lists(st.sampled_from(HALVES), min_size=2, max_size=4),
        {},
        a_value(st.integers(1, 5)),
        every_value(range(1, 6)),
        lambda item: {id: round(key) for id, key in keys(item).items()},
        same_value([3]),
        empty={},
    ),
    "order": Form(
        "order",
        st.lists(st.integers(1, 5), min_size=3, max_size=5),
        {},
        lambda item: st.permutations(ids(item)),
        every_order,
        right_order,
        lambda item: [ids(item)],
    ),
    "mark": Form(
        "mark",
        st.lists(st.booleans(), min_size=3, max_size=7),
        {},
        some(),
        every_set,
        full(True),
        lambda item: [ids(item)],
        empty=[],
    ),
    "sort": Form(
        "sort",
        st.lists(st.sampled_from(BINS), min_size=3, max_size=5),
        {"bins": BINS},
        a_value(st.sampled_from(BINS)),
        every_value(BINS),
        keys,
        same_value(BINS),
        empty={},
    ),
    "dialogue": Form(
        "dialogue",
        talks(),
        {"repair": "pqr"},
        lambda item: st.sampled_from(every_way(item)),
        every_way,
        best_way,
        lambda item: [],
        empty=[],
    ),
    "estimate ranges": Form(
        "estimate",
        st.lists(QUANTITIES, min_size=4, max_size=5),
        {},
        a_value(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2).map(sorted)),
        lambda item: [],  # there is no end of them
        lambda item: {id: [key, key] for id, key in keys(item).items()},
        same_share((0, 100), (0, 50), (10, 90), (25, 75), (45, 55)),
        empty={},
    ),
    "estimate chances": Form(
        "estimate",
        st.lists(st.booleans(), min_size=4, max_size=6),
        {},
        a_value(st.sampled_from(CHANCES)),
        lambda item: [],  # a guess is the same chance for all, which has a test of its own
        lambda item: {id: 100 if key else 0 for id, key in keys(item).items()},
        same_value(CHANCES),
        empty={},
    ),
    "allocate": Form(
        "allocate",
        splits(),
        {},
        lambda item: st.sampled_from(every_split(item)),
        every_split,
        whole_points,
        lambda item: [spread(item, each) for each in {*permutations(EVEN[len(item.options)])}],
    ),
}
UNSCORED = {"plan", "case", "write", "predict", "explore"}
# Its score is that of a plan in the model, and has tests of its own.
PLAYED = {"simulate"}
each_form = pytest.mark.parametrize("form", FORMS)


def but(*forms: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("form", [form for form in FORMS if form not in forms])


def draw_item(data: st.DataObject, build: Build, form: str) -> Item:
    """An item without flaws; at most one of its options is culture-sensitive."""
    it = FORMS[form]
    can_depend = it.kind not in ("dialogue", "allocate")
    sensitive = data.draw(st.sampled_from(["", "a"])) if can_depend else ""
    item = build(it.kind, *data.draw(it.keys), sensitive=sensitive, **it.fields)
    assume(not list(item.flaws()))
    return item


def score(item: Item, response: Any) -> Score:
    found = item.assess(response).score
    assert found
    return found


@each_form
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_response_is_scored_between_0_and_1(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    response = data.draw(FORMS[form].respond(item))
    assessment = item.assess(response)
    told = {each.option: each.text for each in assessment.feedback}
    reasons = {option.id: option.feedback for option in item.options}
    assert told.items() <= reasons.items()
    assert set(told) >= (set(response) if form == "dialogue" else set(reasons))
    if assessment.score:
        assert 0 <= assessment.score.raw <= 1
        assert 0 <= assessment.score.baseline < 1
        assert 0 <= assessment.score.scaled <= 1


@each_form
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_perfect_response_earns_1(build: Build, form: str, data: st.DataObject) -> None:
    item = draw_item(data, build, form)
    assert score(item, FORMS[form].perfect(item)).scaled == 1


@but("dialogue", "estimate ranges", "estimate chances")
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_baseline_is_what_guessing_or_a_blind_answer_earns(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    guessing = mean(score(item, response).raw for response in FORMS[form].every(item))
    blind = max((score(item, response).raw for response in FORMS[form].unread(item)), default=0)
    if form == "rate":
        assert guessing <= blind + 1e-12
    assert score(item, FORMS[form].perfect(item)).baseline == pytest.approx(max(guessing, blind))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_baseline_of_a_talk_is_what_saying_anything_at_each_node_earns(
    build: Build, data: st.DataObject
) -> None:
    item = draw_item(data, build, "dialogue")
    guessing = sum(chance * score(item, way).raw for way, chance in ways(item))
    assert score(item, best_way(item)).baseline == pytest.approx(guessing)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_baseline_of_ranges_is_the_best_share_of_the_spans(
    build: Build, data: st.DataObject
) -> None:
    item = draw_item(data, build, "estimate ranges")
    true = [(o.key - o.low) / (o.high - o.low) for o in item.scorable]
    marks = [mark / 20 for mark in range(21)]
    raws = [
        1 - (stop - start + 10 * mean(max(start - each, each - stop, 0) for each in true))
        for start, stop in combinations(marks, 2)
    ]
    assert score(item, {}).baseline == pytest.approx(max(raws))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_baseline_of_chances_is_the_best_chance_for_all(
    build: Build, data: st.DataObject
) -> None:
    item = draw_item(data, build, "estimate chances")
    true = [float(option.key) for option in item.scorable]
    # Any chance, not just the seven to choose from.
    raws = [1 - mean((step / 1000 - each) ** 2 for each in true) for step in range(1001)]
    assert score(item, {}).baseline == pytest.approx(max(raws), abs=1e-6)


@each_form
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_blind_answers_earn_nothing(build: Build, form: str, data: st.DataObject) -> None:
    item = draw_item(data, build, form)
    blind = FORMS[form].unread(item)
    if form == "rate":
        blind = same_value(range(1, 6))(item)
    if FORMS[form].empty is not None:
        blind.append(FORMS[form].empty)
    assert [score(item, response).scaled for response in blind] == [0] * len(blind)


@but("choice one", "order", "dialogue", "allocate")
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_order_of_a_response_does_not_matter(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    response = data.draw(FORMS[form].respond(item))
    mixed = data.draw(st.permutations(list(response)))
    other = {id: response[id] for id in mixed} if isinstance(response, dict) else mixed
    assert item.assess(other) == item.assess(response)


@but("order", "allocate")
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_order_of_the_options_does_not_matter(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    options = [option.model_dump() for option in data.draw(st.permutations(item.options))]
    other = type(item).model_validate(item.model_dump() | {"options": options})
    response = data.draw(FORMS[form].respond(item))
    scores = [each.assess(response).score for each in (item, other)]
    assert len({score and (score.scaled, score.outcome) for score in scores}) == 1


@pytest.mark.parametrize(
    ("raw", "baseline", "attempted", "scaled", "outcome"),
    [
        (0.70, 0.0, True, 0.70, "correct"),
        (0.85, 0.5, True, 0.70, "correct"),  # .35 / .5
        (0.699999999, 0.0, True, 0.699999999, "partly"),
        (0.35, 0.0, True, 0.35, "partly"),
        (0.349999999, 0.0, True, 0.349999999, "not yet"),
        (0.4, 0.5, True, 0.0, "not yet"),
        (1.0, 0.5, False, 0.0, "not attempted"),
    ],
)
def test_outcomes_begin_at_their_thresholds(
    raw: float, baseline: float, attempted: bool, scaled: float, outcome: str
) -> None:
    score = Score(raw, baseline, attempted)
    assert (score.scaled, score.outcome) == (scaled, outcome)


# What an option shows of itself before the answer, beside its id and its text.
SHOWN = {
    "case": {"example"},
    "plan": {"needs", "example"},
    "dialogue": {"at", "to"},
    "estimate": {"unit", "low", "high"},
    "explore": {"plan", "dials"},
}


@pytest.mark.parametrize("item", SHIPPED, ids=lambda item: item.id)
def test_a_learner_sees_no_key_feedback_hint_or_lesson_beforehand(item: Item) -> None:
    public = item.public()
    assert public["hints"] == len(item.hints)
    shown = {"id", "text"} | SHOWN.get(item.kind, set())
    assert all(set(option) == shown for option in public["options"])
    told = json.dumps(public, ensure_ascii=False)
    reasons = [option.feedback for option in item.options]
    questions = [getattr(option, "ask_again", "") for option in item.options]
    hidden = [item.takeaway, *item.hints, *reasons, *questions]
    assert [text for text in hidden if text and json.dumps(text, ensure_ascii=False) in told] == []


@pytest.mark.parametrize(
    ("kind", "keys", "more"),
    [
        ("choice", [3, 0], {"select"}),
        ("rate", [5, 1], {"points"}),
        ("order", [2, 1, 3], {"first", "last"}),
        ("mark", [True, False, True], {"lines"}),
        ("sort", ["x", "x", "y"], {"bins"}),
        ("dialogue", [("s", "x", 3), ("s", "y", 0)], {"partner", "nodes"}),
        ("estimate", [(0, 1, 2)] * 4, {"give", "chances"}),
        ("estimate", [True, False, True, False], {"give", "chances"}),
        ("allocate", [7, 3], {"points", "reason", "longest"}),
        ("plan", ["cue", "act"], {"longest", "days"}),
        ("case", ["An example"], {"longest"}),
    ],
)
def test_only_what_a_view_needs_is_public(
    build: Build, kind: str, keys: list[Any], more: set[str]
) -> None:
    public = build(kind, *keys, sensitive="a").public()
    assert set(public) == {"id", "kind", "title", "stem", "ask", "hints", "options"} | more
    told = json.dumps(public)
    secret = ("Reason", "Nudge", "Lesson", "Asked", "source", "sensitive", "key", "repair")
    assert [word for word in secret if word in told] == []


def test_every_kind_is_tested_here() -> None:
    assert {form.kind for form in FORMS.values()} | UNSCORED | PLAYED == set(KINDS)
