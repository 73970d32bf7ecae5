"""The audit: it sees what gives an answer away, what reads hard, comes twice or is unused."""

from types import SimpleNamespace
from typing import Any

import pytest

from upm import audit, paths
from upm.content import Bank, Item
from upm.kinds import KINDS, load_bank


def item(kind: str, *options: dict[str, Any], id: str = "the-item", **fields: Any) -> Item:
    """An item of options a, b, c, …"""
    made = [
        {"id": name, "text": f"Option {name}", "feedback": f"Reason {name}"} | option
        for name, option in zip("abcdef", options, strict=False)
    ]
    words = {"title": "Title", "stem": "Stem", "ask": "Ask", "takeaway": "Lesson"}
    return KINDS[kind].model_validate(
        {"id": id, "kind": kind, "use": "unit", "options": made} | words | fields
    )


def rated(*keys: int, texts: str = "") -> Item:
    return item(
        "rate", *({"key": key, "text": text} for key, text in zip(keys, texts.split(), strict=True))
    )


FIRST_IS_BEST = item("choice", {"key": 3}, {"key": 0}, {"key": 0})
LONG_IS_BEST = item("choice", {"key": 0}, {"key": 0}, {"key": 3, "text": "By far the longest one"})
POLITE_IS_BEST = item("choice", {"key": 0}, {"key": 3, "text": "Thank you"}, {"key": 0})
HONEST_IS_BEST = item("choice", {"key": 0}, {"key": 3, "text": "An honest word"}, {"key": 0})


@pytest.mark.parametrize(
    ("strategy", "given_away"),
    [
        ("the first is best", FIRST_IS_BEST),
        ("the longest is best", LONG_IS_BEST),
        ("the most polite is best", POLITE_IS_BEST),
        ("the word “honest”", HONEST_IS_BEST),
        ("always the middle", item("choice", {"key": 0}, {"key": 3}, {"key": 0})),
        ("alternating", item("choice", {"key": 0}, {"key": 0}, {"key": 3})),
    ],
)
def test_a_strategy_earns_all_where_the_item_gives_itself_away(
    strategy: str, given_away: Item
) -> None:
    earned = audit.earnings([given_away], audit.STRATEGIES[strategy])
    assert earned == {"choice one": [(1.0, 1.0)]}


def test_a_strategy_has_no_say_where_it_finds_no_hold() -> None:
    assert audit.earnings([FIRST_IS_BEST], audit.STRATEGIES["the most polite is best"]) == {}


def test_what_is_worse_than_guessing_is_below_zero_before_it_is_cut_off() -> None:
    [(net, scaled)] = audit.earnings([LONG_IS_BEST], audit.STRATEGIES["the first is best"])[
        "choice one"
    ]
    assert (net, scaled) == (pytest.approx(-0.5), 0)  # 0 of 1, where guessing earns a third


def test_every_kind_that_is_scored_can_be_answered_by_every_strategy() -> None:
    scored = [each for each in load_bank(paths.DATA).items.values() if each.scored]
    for name, strategy in audit.STRATEGIES.items():
        for each in scored:
            response = strategy(each)
            if response is not None:
                assert each.assess(response), name


def test_places_of_the_best_answer_are_counted_over_single_choices() -> None:
    assert audit.key_places([FIRST_IS_BEST, LONG_IS_BEST, rated(5, 1, texts="a b")]) == {1: 1, 3: 1}


@pytest.mark.parametrize(
    ("texts", "expected"), [("a bb ccc", 1.0), ("ccc bb a", -1.0), ("aa bb cc", 0.0)]
)
def test_length_and_key_go_together_as_their_correlation_says(texts: str, expected: float) -> None:
    assert audit.key_by_length([rated(1, 3, 5, texts=texts)]) == pytest.approx(expected)


def test_a_story_that_goes_on_counts_once() -> None:
    setting = {"profession": "joiner", "country": "Peru", "learner": "man", "manager": "woman"}
    two = [item("choice", {"key": 3}, {"key": 0}, setting=setting | {"level": "lead"})] * 2
    counted = audit.people(two)
    assert (counted["country"], counted["work"]) == ({"Peru": 1}, {"on site": 1})


def test_long_words_and_sentences_ask_for_a_higher_grade() -> None:
    plain = ["She calls him. He asks why. They agree on a day."]
    dense = [
        "Notwithstanding organisational responsibilities, interdependent considerations "
        "regarding administrative communication necessitate comprehensive justification."
    ]
    assert audit.school_grade(plain) < 5
    assert audit.school_grade(dense) > 9


def test_headings_and_list_entries_do_not_run_into_the_next_sentence() -> None:
    assert audit.school_grade(["# A day\n\n- one\n- two"]) < audit.school_grade(
        ["A day one two and so on and on until the end of the day"]
    )


def test_items_that_share_their_wording_are_near_duplicates() -> None:
    stem = "On Monday a lorry with forty boxes of glass stands at the gate of the wrong site."
    one, two = (item("choice", {"key": 3}, {"key": 0}, id=id, stem=stem) for id in ("one", "two"))
    other = item("choice", {"key": 3, "text": "Wait"}, {"key": 0, "text": "Go"}, stem="Rain fell.")
    [(share, *ids)] = audit.near_duplicates([one, two, other], 0.5)
    assert (share, ids) == (1.0, ["one", "two"])


def test_a_sentence_in_two_items_is_found_with_both() -> None:
    stem = "She has five minutes with him. "
    one = item("choice", {"key": 3}, {"key": 0}, id="one", stem=stem + "It rains.")
    two = item("choice", {"key": 3}, {"key": 0}, id="two", stem=stem + "It snows.")
    assert audit.repeated_sentences([one, two]) == {
        "She has five minutes with him.": ["one", "two"]
    }


@pytest.mark.parametrize(
    ("use", "code", "expected"),
    [
        ("unit", 'course.exercise("it")', []),
        ("unit", "", ["it (unit): shown 0 times"]),
        ("check", 'course.exercise("it")\ncourse.exercise("it")', ["it (check): shown 2 times"]),
        ("review", "", []),
        ("review", 'course.exercise("it")', ["it (review): shown 1 times"]),
    ],
)
def test_an_item_that_is_not_where_its_use_says_is_named(
    use: str, code: str, expected: list[str]
) -> None:
    bank = Bank(
        SimpleNamespace(), {"it": item("choice", {"key": 3}, {"key": 0}, id="it", use=use)}, {}
    )  # type: ignore[arg-type]
    cells = [{"cell_type": "code", "source": [code]}]
    assert audit.misplaced(bank, {"a notebook": cells}) == expected
