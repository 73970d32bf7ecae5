"""What holds for all kinds: fair scores, honest baselines, and no key before the answer."""

import json
from collections.abc import Callable
from itertools import permutations, product
from statistics import mean
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from upm import paths
from upm.content import Item, Score
from upm.kinds import KINDS, load_bank

Build = Callable[..., Item]

HALVES = [point / 2 for point in range(2, 11)]
BANK = load_bank(paths.DATA)
SHIPPED = list(BANK.items.values())

# How to make a key of each kind, with its further fields.
FORMS: dict[str, tuple[str, st.SearchStrategy[list[Any]], dict[str, str]]] = {
    "choice one": ("choice", st.lists(st.integers(0, 3), min_size=2, max_size=6), {}),
    "choice several": (
        "choice",
        st.lists(st.sampled_from([0, 3]), min_size=2, max_size=6),
        {"select": "several"},
    ),
    "rate": ("rate", st.lists(st.sampled_from(HALVES), min_size=2, max_size=4), {}),
    "order": ("order", st.lists(st.integers(1, 5), min_size=3, max_size=5), {}),
    "mark": ("mark", st.lists(st.booleans(), min_size=3, max_size=7), {}),
}
each_form = pytest.mark.parametrize("form", FORMS)


def draw_item(data: st.DataObject, build: Build, form: str) -> Item:
    """An item without flaws; at most one of its options is culture-sensitive."""
    kind, keys, fields = FORMS[form]
    sensitive = data.draw(st.sampled_from(["", "a"]))
    item = build(kind, *data.draw(keys), sensitive=sensitive, **fields)
    assume(not list(item.flaws()))
    return item


def draw_response(data: st.DataObject, item: Item) -> Any:
    ids = [option.id for option in item.options]
    if item.kind == "rate":
        return data.draw(st.dictionaries(st.sampled_from(ids), st.integers(1, 5)))
    if item.kind == "order":
        return data.draw(st.permutations(ids))
    most = 1 if getattr(item, "select", None) == "one" else len(ids)
    return data.draw(st.lists(st.sampled_from(ids), unique=True, max_size=most))


def responses(item: Item) -> list[Any]:
    """All responses that say something about every option that counts, once each."""
    ids = [option.id for option in item.scorable]
    rest = [option.id for option in item.options if option.id not in ids]
    if item.kind == "rate":
        values = product(range(1, 6), repeat=len(ids))
        return [dict(zip(ids, each, strict=True)) for each in values]
    if item.kind == "order":
        return [[*each, *rest] for each in permutations(ids)]
    if getattr(item, "select", None) == "one":
        return [[id] for id in ids]
    ticks = product((False, True), repeat=len(ids))
    return [[id for id, tick in zip(ids, each, strict=True) if tick] for each in ticks]


def perfect(item: Item) -> Any:
    keys = {option.id: option.key for option in item.scorable}
    if item.kind == "rate":
        return {id: round(key) for id, key in keys.items()}
    if item.kind == "order":
        return sorted((option.id for option in item.options), key=lambda card: keys.get(card, 0))
    full = True if item.kind == "mark" else 3
    best = [id for id, key in keys.items() if key == full]
    return best[:1] if getattr(item, "select", None) == "one" else best


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
    assessment = item.assess(draw_response(data, item))
    assert sorted(each.text for each in assessment.feedback) == [
        option.feedback for option in item.options
    ]
    if assessment.score:
        assert 0 <= assessment.score.raw <= 1
        assert 0 <= assessment.score.baseline < 1
        assert 0 <= assessment.score.scaled <= 1


@each_form
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_perfect_response_earns_1(build: Build, form: str, data: st.DataObject) -> None:
    item = draw_item(data, build, form)
    assert score(item, perfect(item)).scaled == 1


@each_form
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_baseline_is_what_guessing_or_a_blind_answer_earns(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    guessing = mean(score(item, response).raw for response in responses(item))
    ids = [option.id for option in item.options]
    if form == "choice one":
        blind = 0.0
    elif form == "order":
        blind = score(item, ids).raw
    elif form == "rate":
        blind = score(item, dict.fromkeys(ids, 3)).raw
        assert guessing <= blind + 1e-12
    else:
        blind = score(item, ids).raw
    assert score(item, perfect(item)).baseline == pytest.approx(max(guessing, blind))


@each_form
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_blind_answers_earn_nothing(build: Build, form: str, data: st.DataObject) -> None:
    item = draw_item(data, build, form)
    ids = [option.id for option in item.options]
    if form == "rate":
        blind: list[Any] = [{}, *(dict.fromkeys(ids, rating) for rating in range(1, 6))]
    elif form == "order":
        blind = [ids]
    else:
        blind = [[]] if form == "choice one" else [[], ids]
    assert [score(item, response).scaled for response in blind] == [0] * len(blind)


@pytest.mark.parametrize("form", ["choice several", "rate", "mark"])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_order_of_a_response_does_not_matter(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    response = draw_response(data, item)
    mixed = data.draw(st.permutations(list(response)))
    other = {id: response[id] for id in mixed} if isinstance(response, dict) else mixed
    assert item.assess(other) == item.assess(response)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "order"])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_order_of_the_options_does_not_matter(
    build: Build, form: str, data: st.DataObject
) -> None:
    item = draw_item(data, build, form)
    options = [option.model_dump() for option in data.draw(st.permutations(item.options))]
    other = type(item).model_validate(item.model_dump() | {"options": options})
    response = draw_response(data, item)
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


@pytest.mark.parametrize("item", SHIPPED, ids=lambda item: item.id)
def test_a_learner_sees_no_key_feedback_hint_or_lesson_beforehand(item: Item) -> None:
    public = item.public()
    assert public["hints"] == len(item.hints)
    shown = {"id", "text", "example"} if item.kind == "case" else {"id", "text"}
    assert all(set(option) == shown for option in public["options"])
    told = json.dumps(public, ensure_ascii=False)
    hidden = [item.takeaway, *item.hints, *(option.feedback for option in item.options)]
    assert [text for text in hidden if text and json.dumps(text, ensure_ascii=False) in told] == []


@pytest.mark.parametrize(
    ("kind", "keys", "more"),
    [
        ("choice", [3, 0], {"select"}),
        ("rate", [5, 1], {"points"}),
        ("order", [2, 1, 3], {"first", "last"}),
        ("mark", [True, False, True], {"lines"}),
        ("case", ["An example"], {"longest"}),
    ],
)
def test_only_what_a_view_needs_is_public(
    build: Build, kind: str, keys: list[Any], more: set[str]
) -> None:
    public = build(kind, *keys, sensitive="a").public()
    assert set(public) == {"id", "kind", "title", "stem", "ask", "hints", "options"} | more
    told = json.dumps(public)
    assert [
        word for word in ("Reason", "Nudge", "Lesson", "source", "sensitive") if word in told
    ] == []


def test_every_kind_is_tested_here() -> None:
    assert {kind for kind, _, _ in FORMS.values()} | {"case"} == set(KINDS)
